"""The proof that ONNX Runtime answers as the fitted pipeline does; without it there is no bundle (promise 3).

Converters are silently wrong for some estimators, so nothing is taken on trust: every row given is asked of
both. Rows that are hard on purpose come from `adversarial`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import feeds
from fullcycle.core.bundle.model import PROBABILITY_TOLERANCE, VALUE_TOLERANCE
from fullcycle.core.bundle.runtime import OnnxRuntime, Session
from fullcycle.core.contract.model import Column, ColumnType, Contract, Task
from fullcycle.core.errors import CheckFailed
from fullcycle.core.evidence.prepare import Parity

ROWS_AT_ONCE = 50_000  # bounds the memory of a proof on millions of rows
ROWS_SHOWN = 3
LIBRARIES = ("onnxruntime", "scikit-learn", "lightgbm", "skl2onnx", "onnx")

RowsOf = Literal["train", "test", "adversarial"]


@dataclass(frozen=True)
class Comparison:
    """Both answers on some rows. `errors` is in units of the tolerance's scale, shape (n,)."""

    errors: NDArray[np.float64]
    labels_differ: NDArray[np.bool_]
    pipeline: NDArray[Any]
    graph: NDArray[Any]

    @property
    def wrong(self) -> NDArray[np.intp]:
        """Positions of rows that are beyond the tolerance; an error that is NaN is beyond it too."""
        return np.flatnonzero(~(self.errors <= VALUE_TOLERANCE) | self.labels_differ)


def prove(
    fitted: Any, model_bytes: bytes, frame: pd.DataFrame, contract: Contract, rows_of: RowsOf
) -> Parity:
    """Ask every row of the pipeline and of the graph (DECISIONS 20).

    `frame` holds the contract's features as coerced. Raises CheckFailed that names estimator, rows and
    versions if probabilities differ by more than 1e-5, values by more than 1e-5 * max(1, |y|), or a label
    differs that is not within 1e-5 of its threshold.
    """
    session = open_session(model_bytes)
    largest, differ = 0.0, 0
    for start in range(0, len(frame), ROWS_AT_ONCE):
        part = frame.iloc[start : start + ROWS_AT_ONCE]
        compared = compare(fitted, session, part, contract)
        if len(compared.wrong):
            raise _refusal(fitted, part, compared, rows_of)
        largest = max(largest, float(compared.errors.max(initial=0.0)))
        differ += int(compared.labels_differ.sum())
    return Parity(
        rows_of=rows_of,
        rows=len(frame),
        largest_error=largest,
        tolerance=VALUE_TOLERANCE,
        labels_differ=differ,
        passed=True,
    )


def open_session(model_bytes: bytes) -> Session:
    """The graph in ONNX Runtime, on one thread: as a server runs it, and with equal bits in every run."""
    return OnnxRuntime().open(model_bytes, threads=1)


def graph_feeds(frame: pd.DataFrame, contract: Contract) -> dict[str, NDArray[Any]]:
    """A coerced frame as the inputs of the graph."""
    columns: dict[str, Any] = {
        column.name: _plain(column, frame[column.name]) for column in contract.features
    }
    return feeds(contract.inputs, columns)


def compare(fitted: Any, session: Session, frame: pd.DataFrame, contract: Contract) -> Comparison:
    """Both answers on all rows of a frame at once."""
    with np.errstate(all="ignore"):  # hard rows overflow on purpose, in scikit-learn's own checks too
        return _compare(fitted, session, frame, contract)


def _compare(fitted: Any, session: Session, frame: pd.DataFrame, contract: Contract) -> Comparison:
    names = [each.name for each in session.get_outputs()]
    answers = dict(zip(names, session.run(names, graph_feeds(frame, contract)), strict=True))
    if contract.task is Task.regression:
        return _compare_all_values(fitted, frame, answers)
    return _compare_classes(fitted, frame, answers, contract.classes or tuple(fitted.classes_))


def estimator_name(fitted: Any) -> str:
    """The model inside all wrappers: "LGBMClassifier", or "BlendClassifier of ... and ..."."""
    if hasattr(fitted, "members_"):
        return (
            f"{type(fitted).__name__} of {' and '.join(estimator_name(member) for member in fitted.members_)}"
        )
    for inner in ("fitted", "regressor_"):
        if hasattr(fitted, inner):
            return f"{type(fitted).__name__} of {estimator_name(getattr(fitted, inner))}"
    return estimator_name(fitted.steps[-1][1]) if hasattr(fitted, "steps") else type(fitted).__name__


def library_versions(names: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """What is installed, for messages and golden rows."""
    return {name: version(name) for name in names}


def _plain(column: Column, values: pd.Series[Any]) -> NDArray[Any]:
    """A column without pandas' own kinds of missing."""
    if column.type is ColumnType.datetime:
        return values.astype("datetime64[us]").to_numpy()
    if column.type is ColumnType.numeric:
        return pd.to_numeric(values).to_numpy(dtype="float64", na_value=np.nan)
    if column.type is ColumnType.boolean:
        return values.astype("boolean").to_numpy(dtype="float64", na_value=np.nan)
    return values.astype(object).to_numpy()


def _compare_all_values(fitted: Any, frame: pd.DataFrame, answers: dict[str, NDArray[Any]]) -> Comparison:
    """The answer, and the bounds of its interval where there is one: the worst of the three counts."""
    compared = [_compare_values(fitted.predict(frame), answers["prediction"])]
    if hasattr(fitted, "predict_interval"):
        bounds = fitted.predict_interval(frame)
        for place, name in enumerate(("prediction_low", "prediction_high")):
            compared.append(_compare_values(bounds[:, place], answers[name]))
    errors = np.max([each.errors for each in compared], axis=0)
    return replace(compared[0], errors=errors)


def _compare_values(pipeline: NDArray[Any], graph: NDArray[Any]) -> Comparison:
    expected, found = np.asarray(pipeline, dtype=np.float64).ravel(), graph.astype(np.float64).ravel()
    errors = np.abs(expected - found) / np.maximum(1.0, np.abs(expected))
    return Comparison(errors, np.zeros(len(errors), dtype=bool), expected, found)


def _compare_classes(
    fitted: Any, frame: pd.DataFrame, answers: dict[str, NDArray[Any]], classes: Sequence[str]
) -> Comparison:
    chances = np.asarray(fitted.predict_proba(frame), dtype=np.float64)
    expected = in_order_of(classes, fitted, chances)
    found = answers["probabilities"]
    errors = np.abs(expected - found).max(axis=1, initial=0.0)
    differ = np.asarray(fitted.predict(frame)).astype(str) != answers["label"].astype(str)
    return Comparison(errors, differ & ~_on_the_edge(fitted, chances), expected, found)


def in_order_of(classes: Sequence[str], fitted: Any, chances: NDArray[Any]) -> NDArray[np.float64]:
    """A classifier's probabilities in another order of classes; 0 for one that no training row had."""
    ordered = np.zeros((len(chances), len(classes)))
    ordered[:, [classes.index(str(name)) for name in fitted.classes_]] = chances
    return ordered


def _on_the_edge(fitted: Any, expected: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows whose label may tip within the tolerance."""
    if expected.shape[1] == 2:
        threshold = getattr(fitted, "threshold", 0.5)
        return np.asarray(np.abs(expected[:, 1] - threshold) <= PROBABILITY_TOLERANCE)
    ranked = np.sort(expected, axis=1)
    return np.asarray(ranked[:, -1] - ranked[:, -2] <= 2 * PROBABILITY_TOLERANCE)


def _refusal(fitted: Any, frame: pd.DataFrame, compared: Comparison, rows_of: RowsOf) -> CheckFailed:
    versions = ", ".join(f"{name} {number}" for name, number in library_versions().items())
    wrong = compared.wrong
    return CheckFailed(
        where=f"proof of {estimator_name(fitted)} on {rows_of} rows",
        found=f"{len(wrong)} of {len(frame)} rows that ONNX Runtime answers differently: "
        + "; ".join(_spelled_out(frame, compared, wrong)),
        expected="probabilities within 1e-5, values within 1e-5 of their size, equal labels",
        hint=f"this model can't be released with {versions}; choose another in experiment.models, "
        "then run `fullcycle run prepare`",
    )


def _spelled_out(frame: pd.DataFrame, compared: Comparison, wrong: NDArray[np.intp]) -> Iterator[str]:
    """The first few wrong rows with their values, rows with missing values first: the message then names
    the usual cause and not an arbitrary row."""
    missing = frame.iloc[wrong].isna().sum(axis=1).to_numpy()
    for position in wrong[np.argsort(-missing, kind="stable")][:ROWS_SHOWN]:
        values = ", ".join(f"{name}={_short(value)}" for name, value in frame.iloc[position].items())
        pipeline, graph = _short(compared.pipeline[position]), _short(compared.graph[position])
        yield f"row {frame.index[position]} is {pipeline} in the pipeline and {graph} in the graph ({values})"


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(f"{each:.6f}" for each in value) + "]"
    text = f"{value:.7g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
