"""How the answer goes with single columns: importance on test rows, and partial dependence of a few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import DATETIME_MISSING
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.prepare import Importance
from fullcycle.core.evidence.verify import PartialDependence, PartialPoint
from fullcycle.core.models.importance import permutation_importance, rows_for, score_of
from fullcycle.cycle.verify.judged import Floats, Judged

COLUMNS = 6
ROWS = 300
QUANTILES = np.linspace(0.05, 0.95, 10)
CATEGORIES = 8
BAND = (0.1, 0.9)


def test_importance(judged: Judged) -> tuple[Importance, ...]:
    """How much the headline metric falls on test rows when a column is shuffled."""
    contract = judged.bundle.contract
    few = np.unique(np.linspace(0, len(judged.asked) - 1, rows_for(len(judged.feeds))).astype(int))
    truth = judged.truth[judged.asked[few]]
    target: NDArray[Any] = (
        truth if contract.classes is None else np.array(contract.classes, dtype=object)[truth]
    )
    score = score_of(judged.headline.name, target, contract)
    feeds = {name: values[few] for name, values in judged.feeds.items()}
    return permutation_importance(judged.bundle.session, feeds, score, judged.seed)


def partial_dependence(judged: Judged, importance: Sequence[Importance]) -> tuple[PartialDependence, ...]:
    """Of the most important columns; values of personal columns are nobody's to draw."""
    known = {column.name: column for column in judged.bundle.contract.features if not column.personal}
    chosen = [known[each.column] for each in importance if each.column in known and each.fall > 0][:COLUMNS]
    drawn = [_of_column(judged, column) for column in chosen]
    return tuple(each for each in drawn if each is not None)


def _of_column(judged: Judged, column: Column) -> PartialDependence | None:
    feeds = {name: values[:ROWS] for name, values in judged.feeds.items()}
    grid = _grid(judged.feeds[column.name].ravel(), column.type)
    if len(grid) < 2:
        return None
    answers = []
    for value in grid:
        said = judged.ask({**feeds, column.name: np.full_like(feeds[column.name], value)})
        answers.append(said.numbers()[:, None] if said.shares is None else said.shares)
    told = np.stack(answers)  # (values, rows, classes)
    at = _most_moved(told)
    classes = judged.bundle.classes
    return PartialDependence(
        column=column.name,
        of=None if classes is None else classes[at],
        kind=_kind(column.type),
        points=tuple(_point(column.type, value, told[i, :, at]) for i, value in enumerate(grid)),
    )


def _grid(values: NDArray[Any], kind: ColumnType) -> list[Any]:
    """Ten values from the 5th to the 95th percentile, or the most frequent categories."""
    if kind is ColumnType.categorical or values.dtype == object:
        names, counts = np.unique(values[values != ""].astype(str), return_counts=True)
        return [str(name) for name in names[np.argsort(-counts, kind="stable")][:CATEGORIES]]
    if kind is ColumnType.datetime:
        present = values[values != DATETIME_MISSING]
        return sorted({int(value) for value in np.quantile(present, QUANTILES)}) if len(present) else []
    finite = values[np.isfinite(values)].astype(np.float64)
    if len(distinct := np.unique(finite)) <= len(QUANTILES):
        return [float(value) for value in distinct]
    return sorted({float(value) for value in np.quantile(finite, QUANTILES, method="nearest")})


def _most_moved(told: Floats) -> int:
    """Of two classes the last; of more the one whose mean answer moves most."""
    classes = int(told.shape[2])
    if classes <= 2:
        return classes - 1
    moved: Floats = np.ptp(told.mean(axis=1), axis=0)
    return int(moved.argmax())


def _kind(kind: ColumnType) -> Literal["number", "moment", "category"]:
    if kind is ColumnType.datetime:
        return "moment"
    return "number" if kind is ColumnType.numeric else "category"


def _point(kind: ColumnType, value: Any, answers: Floats) -> PartialPoint:
    low, high = np.quantile(answers, BAND)
    named = kind not in (ColumnType.numeric, ColumnType.datetime)
    label = {1.0: "true", 0.0: "false"}.get(value, str(value)) if kind is ColumnType.boolean else str(value)
    return PartialPoint(
        label=label if named else "",
        value=None if named else float(value),
        answer=float(answers.mean()),
        low=float(low),
        high=float(high),
    )
