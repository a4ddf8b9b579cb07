"""Rows changed in ways that happen, and how far the answers move: noise, missing columns, slips of unit,
categories never seen. Asked of the graph in ONNX Runtime, as in production."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import DATETIME_MISSING
from fullcycle.core.bundle.golden import UNKNOWN
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.verify import Disturbance
from fullcycle.cycle.verify.judged import Judged, flipped, movements

NOISE = 0.05  # standard deviations of a column
SLIP = 1000.0
COLUMNS_AT_LEAST = 5
CELLS_AT_MOST = 4_000_000  # asked for one kind: beyond, only the columns that matter most are looked at


def disturb(judged: Judged, by_importance: Sequence[str]) -> tuple[Disturbance, ...]:
    """Every kind, column by column; `by_importance` names columns, those first that matter most."""
    columns = _looked_at(judged, by_importance)
    found = [*_noise(judged), *_missing(judged, columns), *_slips(judged, columns), *_unseen(judged, columns)]
    return tuple(found)


def _looked_at(judged: Judged, by_importance: Sequence[str]) -> list[Column]:
    known = {column.name: column for column in judged.bundle.contract.features}
    ordered = [known[name] for name in by_importance if name in known]
    ordered += [column for name, column in known.items() if name not in set(by_importance)]
    return ordered[: max(COLUMNS_AT_LEAST, CELLS_AT_MOST // (len(judged.asked) * len(known)))]


def _noise(judged: Judged) -> Iterator[Disturbance]:
    """A twentieth of a standard deviation on every number at once; whole numbers stay whole."""
    random = np.random.default_rng(judged.seed)
    features = judged.bundle.contract.features
    numeric = [c.name for c in features if _is_measured(judged, c)]
    changed = {}
    for name in numeric:
        values = judged.feeds[name].astype(np.float64)
        known = values[np.isfinite(values)]
        noise = random.normal(size=values.shape) * (NOISE * float(known.std()) if len(known) else 0.0)
        noisy = values + (np.round(noise) if np.all(known == np.round(known)) else noise)
        changed[name] = noisy.astype(judged.feeds[name].dtype)
    if changed:
        yield _disturbance(judged, "noise", tuple(numeric), changed)


def _missing(judged: Judged, columns: Sequence[Column]) -> Iterator[Disturbance]:
    for column in columns:
        gone = np.full_like(judged.feeds[column.name], missing_mark(judged.feeds[column.name]))
        yield _disturbance(judged, "missing", (column.name,), {column.name: gone})


def missing_mark(fed: NDArray[Any]) -> Any:
    """What stands for a missing value in an input of this type (DECISIONS 18)."""
    if fed.dtype == object:
        return ""
    return DATETIME_MISSING if fed.dtype.kind == "i" else np.nan


def _slips(judged: Judged, columns: Sequence[Column]) -> Iterator[Disturbance]:
    """Metres for kilometres: each number a thousandfold, and how many rows the contract would mark."""
    for column in columns:
        if not _is_measured(judged, column):
            continue
        values = judged.feeds[column.name].astype(np.float64) * SLIP
        with np.errstate(over="ignore"):
            changed = {column.name: values.astype(judged.feeds[column.name].dtype)}
        yield _disturbance(judged, "unit", (column.name,), changed, noticed=_noticed(column, values))


def _is_measured(judged: Judged, column: Column) -> bool:
    """A number that has a unit: a column of 0 and 1 has none."""
    if column.type is not ColumnType.numeric:
        return False
    values = judged.feeds[column.name]
    return len(np.unique(values[np.isfinite(values)])) > 2


def _noticed(column: Column, values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    if column.range is None or not len(known):
        return 0.0
    return float(np.mean((known < column.range[0]) | (known > column.range[1])))


def _unseen(judged: Judged, columns: Sequence[Column]) -> Iterator[Disturbance]:
    """What a strict column rejects at the border needs no answer."""
    for column in columns:
        if column.type is ColumnType.categorical and not column.strict:
            other = np.full_like(judged.feeds[column.name], UNKNOWN)
            yield _disturbance(judged, "unseen", (column.name,), {column.name: other})


def _disturbance(
    judged: Judged,
    kind: Any,
    columns: tuple[str, ...],
    changed: dict[str, NDArray[Any]],
    noticed: float | None = None,
) -> Disturbance:
    after = judged.ask({**judged.feeds, **changed})
    return Disturbance(
        kind=kind,
        columns=columns,
        moved=float(movements(judged.usual, after).mean()),
        flipped=flipped(judged.usual, after),
        metric=judged.score(after),
        noticed=noticed,
    )
