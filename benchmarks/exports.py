"""Estimators by nasty tables: how far a graph is from the pipeline it was made of, by us and by skl2onnx.

Both sides get the same fitted estimator behind the same columns, and the same rows. Ours is a candidate with
our exporters and the proof; the plain one is what the converter's documentation shows: a ColumnTransformer
and the estimator, handed to `convert_sklearn`. `python -m benchmarks.exports --write` renews the page
docs/reference/exports.md.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

from benchmarks.figure import Figure, show
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.models.estimators import ModelInput
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import compare, open_session

ROWS = 600
TOLERANCE = 1e-5
NUMBERS, CATEGORIES = ("amount", "days"), ("plan", "city")
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "exports.md"
SAME, WRONG, REFUSED, CRASH = "equal", "WRONG", "refused", "fails"


@dataclass(frozen=True)
class Case:
    """An estimator, what stands before numbers, and the encoder of categories."""

    name: str
    model: Callable[[], Any]
    fill: bool = True
    scale: bool = True
    encoder: Callable[[], Any] = lambda: OneHotEncoder(handle_unknown="ignore", sparse_output=False)


QUIET = {"verbose": -1, "n_jobs": 1}
CASES = (
    Case("LogisticRegression", lambda: LogisticRegression(max_iter=1000)),
    Case("Ridge", Ridge),
    Case("ElasticNet", lambda: ElasticNet(alpha=0.01)),
    Case("LGBMClassifier, gaps as they are", lambda: LGBMClassifier(n_estimators=50, **QUIET), fill=False),
    Case("LGBMRegressor, gaps as they are", lambda: LGBMRegressor(n_estimators=50, **QUIET), fill=False),
    Case(
        "RandomForestClassifier behind an imputer",
        lambda: RandomForestClassifier(50, random_state=0),
        scale=False,
    ),
    Case(
        "RandomForestClassifier, gaps as they are",
        lambda: RandomForestClassifier(50, random_state=0),
        fill=False,
    ),
    Case(
        "RandomForestRegressor behind an imputer",
        lambda: RandomForestRegressor(50, random_state=0),
        scale=False,
    ),
    Case(
        "ExtraTreesClassifier behind an imputer",
        lambda: ExtraTreesClassifier(50, random_state=0),
        scale=False,
    ),
    Case("MLPClassifier", lambda: MLPClassifier((16,), max_iter=1500, random_state=0)),
    Case("HistGradientBoostingClassifier", lambda: HistGradientBoostingClassifier(max_iter=30), fill=False),
    Case(
        "CalibratedClassifierCV, isotonic",
        lambda: CalibratedClassifierCV(RandomForestClassifier(30, random_state=0), method="isotonic", cv=3),
        scale=False,
    ),
    Case(
        "CalibratedClassifierCV, sigmoid",
        lambda: CalibratedClassifierCV(LogisticRegression(max_iter=1000), method="sigmoid", cv=3),
    ),
    Case(
        "LogisticRegression on target encodings",
        lambda: LogisticRegression(max_iter=1000),
        encoder=TargetEncoder,
    ),
    Case(
        "StackingClassifier",
        lambda: StackingClassifier(
            [
                ("linear", LogisticRegression(max_iter=1000)),
                ("forest", RandomForestClassifier(20, random_state=0)),
            ]
        ),
    ),
)


def contract_of(task: Task) -> Contract:
    """Two numbers, two categories and a target."""
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    return Contract(
        task=task,
        classes=None if task is Task.regression else ("no", "yes"),
        columns=(
            *(Column(name=name, type=ColumnType.numeric, range=(0.0, 100.0)) for name in NUMBERS),
            *(Column(name=name, type=ColumnType.categorical) for name in CATEGORIES),
            Column(name="target", type=kind, role=Role.target),
        ),
    )


def training(gaps: bool) -> tuple[pd.DataFrame, pd.Series[Any], pd.Series[Any]]:
    """Rows with a target that they explain, as a class and as a number."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "amount": random.gamma(2, 20, ROWS).astype("float32").astype("float64"),
            "days": random.integers(0, 365, ROWS).astype("float64"),
            "plan": random.choice(np.array(["basic", "gold", "premium"], dtype=object), ROWS),
            "city": random.choice(np.array(["Ulm", "Омск", "São Paulo", "Paris"], dtype=object), ROWS),
        }
    )
    score = (
        frame["amount"] / 20 + frame["plan"].eq("gold") - frame["days"] / 200 + random.normal(0, 0.7, ROWS)
    )
    if gaps:
        for name in frame:
            frame.loc[random.random(ROWS) < 0.1, name] = None
    return frame, pd.Series(np.where(score > score.median(), "yes", "no"), dtype=object), score * 10


def tables() -> dict[str, pd.DataFrame]:
    """Rows to ask, by what makes them nasty."""
    frame, _, _ = training(gaps=True)
    clean, _, _ = training(gaps=False)
    unseen = clean.assign(plan="no such plan", city="Атлантида")
    huge = clean.assign(amount=np.where(np.arange(ROWS) % 2, 1e30, -1e30))
    empty = clean.assign(plan="", city="")
    return {
        "clean rows": clean,
        "gaps": frame,
        "unseen categories": unseen,
        "1e30": huge,
        "empty strings": empty,
        "one row": clean.iloc[:1],
    }


def fitted_candidate(case: Case) -> tuple[Any, Contract]:
    """The estimator behind our first step, fitted on rows with gaps."""
    frame, classes, numbers = training(gaps=True)
    model = case.model()
    task = Task.binary if is_classifier(model) else Task.regression
    steps = [("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())]
    number = Pipeline(steps if case.scale else steps[:1])
    columns = ColumnTransformer(
        [
            ("number", number if case.fill else "passthrough", list(NUMBERS)),
            ("category", case.encoder(), list(CATEGORIES)),
        ]
    )
    first = ModelInput(numbers=NUMBERS, strings=CATEGORIES)
    pipeline = Pipeline([("input", first), ("columns", columns), ("model", model)])
    return pipeline.fit(frame, classes if task is Task.binary else numbers), contract_of(task)


def ours(case: Case) -> dict[str, str]:
    """What our export does on each table."""
    fitted, contract = fitted_candidate(case)
    try:
        session = open_session(serialize(export_onnx(fitted, contract)))
    except UserError:
        return dict.fromkeys(tables(), REFUSED)
    found = {name: compare(fitted, session, rows, contract) for name, rows in tables().items()}
    if any(len(each.wrong) for each in found.values()):  # the proof would say no before there is a bundle
        return dict.fromkeys(tables(), REFUSED)
    return {name: f"{each.errors.max(initial=0.0):.0e}" for name, each in found.items()}


def plain(case: Case) -> dict[str, str]:
    """What the plain converter does on each table."""
    fitted, contract = fitted_candidate(case)
    bare = Pipeline(fitted.steps[1:])
    try:
        session = _converted(bare)
    except Exception:  # noqa: BLE001 - a converter may raise anything
        return dict.fromkeys(tables(), CRASH)
    return {name: _asked(session, fitted, rows, contract) for name, rows in tables().items()}


def _converted(bare: Pipeline) -> onnxruntime.InferenceSession:
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from skl2onnx import convert_sklearn, update_registered_converter
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )

    for kind, shapes in (
        (LGBMClassifier, calculate_linear_classifier_output_shapes),
        (LGBMRegressor, calculate_linear_regressor_output_shapes),
    ):
        options = (
            {"zipmap": [True, False, "columns"], "nocl": [True, False]} if kind is LGBMClassifier else None
        )
        update_registered_converter(kind, kind.__name__, shapes, convert_lightgbm, options=options)
    types = [(name, FloatTensorType([None, 1])) for name in NUMBERS]
    types += [(name, StringTensorType([None, 1])) for name in CATEGORIES]
    options = {id(bare.steps[-1][1]): {"zipmap": False}} if is_classifier(bare) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = convert_sklearn(
            bare, initial_types=types, options=options, target_opset={"": 17, "ai.onnx.ml": 3}
        )
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def _asked(session: Any, fitted: Any, rows: pd.DataFrame, contract: Contract) -> str:
    feeds = {name: rows[[name]].to_numpy("float32") for name in NUMBERS}
    feeds |= {name: rows[[name]].fillna("").astype(str).to_numpy(object) for name in CATEGORIES}
    try:
        answers = session.run(None, feeds)
    except Exception:  # noqa: BLE001 - a runtime may raise anything
        return CRASH
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if contract.task is Task.regression:
            expected = fitted.predict(rows)
            errors = np.abs(expected - answers[0].ravel()) / np.maximum(1.0, np.abs(expected))
        else:
            errors = np.abs(fitted.predict_proba(rows) - answers[1]).max(axis=1)
    worst = float(np.nan_to_num(errors, nan=np.inf).max())
    return f"{worst:.0e}" if worst <= TOLERANCE else f"{WRONG} {worst:.1g}"


def page() -> str:
    """The table whole, for the documentation."""
    names = list(tables())
    lines = ["| estimator | export | " + " | ".join(names) + " |", "| --- | --- |" + " --- |" * len(names)]
    for case in CASES:
        for who, found in (("ours", ours(case)), ("plain", plain(case))):
            lines.append(f"| {case.name} | {who} | " + " | ".join(found[name] for name in names) + " |")
    return HEAD + "\n".join(lines) + "\n"


HEAD = """# Estimators by nasty tables

Largest difference between a fitted pipeline and its graph in ONNX Runtime, in probabilities or relative to
the value. **ours** is what `prepare` would do: `refused` means that there is no bundle, and an error names
estimator and rows. **plain** is `skl2onnx.convert_sklearn` of the same pipeline (with onnxmltools for
LightGBM): `WRONG` is a difference above 1e-5 that nobody is told of, `fails` an error at conversion or in
the runtime.

Written by `python -m benchmarks.exports --write`.

"""


def figures(folder: Path) -> Iterator[Figure]:
    """Cells in which our export is neither equal nor refused, and what the plain one gets silently wrong;
    then the largest error of a graph that may answer, beside that of the plain one."""
    del folder
    theirs, mine = ([cell for case in CASES for cell in side(case).values()] for side in (plain, ours))
    silent = sum(WRONG in cell for cell in theirs)
    wrong = sum(WRONG in cell or cell == CRASH for cell in mine)
    yield Figure(
        "nasty tables: our export wrong in silence", wrong, 0, "cells", floor=silent, floor_name="plain"
    )
    print(f"{len(mine)} cells: {mine.count(REFUSED)} refused by us; {theirs.count(CRASH)} fail plainly")
    print(f"largest error that the plain export is silent about: {_largest(theirs):.1g}")
    yield Figure("nasty tables: our largest export error", _largest(mine), TOLERANCE, "")


def _largest(cells: Sequence[str]) -> float:
    """Of those that are numbers, with what is WRONG among them."""
    return max(float(cell.removeprefix(WRONG)) for cell in cells if cell not in (REFUSED, CRASH))


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.exit(show(figures))
