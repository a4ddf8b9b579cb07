"""How far a column moved, by cells: the Jensen-Shannon distance without what chance alone gives.

It is 0 for equal distributions and 1 where they share nothing, is defined where a cell is empty, and no other
column can be further from its reference than the one whose values decide which rows come (data processing
inequality): so the column that a fault is about is not outdone by those that go with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fullcycle.live.monitor.cause.cells import Cells

Floats = NDArray[np.float64]

ROWS_OF_A_CELL = 5  # at least: chi-squared's rule of thumb (Cochran 1954)


@dataclass(frozen=True)
class Distance:
    """Between 0 and 1; `p` is the chance of such a distance where nothing changed (chi-squared)."""

    value: float
    p: float


def distance(cells: Cells, rows_before: int, rows_now: int) -> Distance:
    """The mean of its square under chance is taken off. Cells with fewer than five rows are one cell.

    >>> half = np.array([0.5, 0.5])
    >>> round(distance(Cells(half, np.array([1.0, 0.0]), 0.001, ("a", "b")), 10**6, 10**6).value, 3)
    0.558
    """
    from scipy.stats import chi2

    before, now = _pooled(cells, rows_now)
    divergence = jensen_shannon(before, now)
    freedom, per_row = max(int(np.count_nonzero(before + now)) - 1, 1), 1 / rows_before + 1 / rows_now
    value = np.sqrt(max(divergence - freedom / 8 * per_row, 0.0) / np.log(2))
    return Distance(float(value), float(chi2.sf(8 * divergence / per_row, freedom)))


def _pooled(cells: Cells, rows: int) -> tuple[Floats, Floats]:
    rare = (cells.before + cells.now) / 2 * rows < ROWS_OF_A_CELL
    before, now = (np.append(each[~rare], each[rare].sum()) for each in (cells.before, cells.now))
    return before, now


def jensen_shannon(first: Floats, second: Floats) -> float:
    """The divergence, in nats: at most log 2."""
    middle = (first + second) / 2
    return float((_relative_entropy(first, middle) + _relative_entropy(second, middle)) / 2)


def _relative_entropy(shares: Floats, others: Floats) -> float:
    there = shares > 0
    return float((shares[there] * np.log(shares[there] / others[there])).sum())
