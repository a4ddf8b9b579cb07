"""What a column's move looks like: the fault that would explain most of it, for a person who has to find
it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.reference import ColumnReference, Shape
from fullcycle.core.evidence.causes import MoveKind
from fullcycle.live.monitor.cause.cells import Cells, Floats, percents

MISSING_MOVED = 0.02  # difference of rates that is worth a name
PART_OF_MOVE = 0.5  # a fault is named if it explains that much of all share that moved
FACTOR_AT_LEAST = 1.2
FACTOR_SPREAD = 0.1  # of the logarithm of ratios of quantiles, in natural units
NEAR = 0.25  # relative: a category came about as often as the other one is gone


@dataclass(frozen=True)
class Move:
    """As in ColumnCause."""

    kind: MoveKind
    factor: float | None = None
    before: str | None = None
    now: str | None = None


def move_of(column: ColumnReference, values: NDArray[Any], cells: Cells) -> Move:
    """The most telling name: one value, missing, a factor, a renamed or unseen category, else shares or
    shape."""
    present = values[values != ""] if column.categories is not None else values[~np.isnan(values)]
    if len(present) and (present == present[0]).all() and not _was_constant(column):
        return Move("constant", now=str(present[0]) if column.categories is not None else None)
    rates = abs(float(cells.now[-1] - cells.before[-1]))
    if rates >= MISSING_MOVED and rates >= PART_OF_MOVE * _share_moved(cells):
        return Move("missing")
    if column.categories is not None:
        return _of_categories(cells, present)
    factor = None if column.shape is None else _factor(column, column.shape, present)
    return Move("shape") if factor is None else Move("factor", factor=factor)


def _share_moved(cells: Cells) -> float:
    """Total variation: the least share of rows that changed their cell."""
    return float(np.abs(cells.now - cells.before).sum() / 2)


def _was_constant(column: ColumnReference) -> bool:
    if column.categories is not None:
        return len(column.categories) + bool(column.other) <= 1
    return column.shape is not None and column.shape.quantiles[0] == column.shape.quantiles[-1]


def _of_categories(cells: Cells, present: NDArray[Any]) -> Move:
    """`other` is the cell before the last; a name in it that comes as often as a listed one is gone."""
    came = float(cells.now[-2] - cells.before[-2])
    if came < PART_OF_MOVE * _share_moved(cells) or came <= 0:
        return Move("shares")
    listed = [name for name in cells.names[:-2] if name is not None]
    gone = cells.before[:-2] - cells.now[:-2]
    unseen, counts = np.unique(present[~np.isin(present, listed)].astype(str), return_counts=True)
    most = str(unseen[counts.argmax()])
    if len(gone) and abs(gone.max() - came) <= NEAR * came and counts.max() >= PART_OF_MOVE * counts.sum():
        return Move("renamed", before=listed[int(gone.argmax())], now=most)
    return Move("unseen", now=most)


def _factor(column: ColumnReference, shape: Shape, present: Floats) -> float | None:
    """The ratio of current to reference quantiles where it is the same for all of them, and not 1."""
    if len(present) < 10:
        return None
    levels = np.linspace(0.1, 0.9, 9)
    before, now = np.quantile(percents(column, shape), levels), np.quantile(present, levels)
    told = (before != 0) & (np.sign(before) == np.sign(now))
    if told.sum() < 3:
        return None
    ratios = np.log(now[told] / before[told])
    if ratios.std() > FACTOR_SPREAD * max(1.0, abs(ratios.mean())):
        return None
    return None if abs(ratios.mean()) < np.log(FACTOR_AT_LEAST) else float(np.exp(np.median(ratios)))
