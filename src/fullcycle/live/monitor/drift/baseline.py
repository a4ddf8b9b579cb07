"""What a bundle's reference says of a column, ready to be compared with counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.reference import QUANTILES, ColumnReference, Shape

PERCENT = 1 / (QUANTILES - 1)
BINS_AT_MOST = 10  # of the chi-squared test of numbers, each with a tenth of the reference or more
CATEGORIES_AT_MOST = 50  # of a test: the rarer ones are pooled


@dataclass(frozen=True)
class NumberBaseline:
    """`shares` (k,) are the reference's cumulative shares at `edges` (k,), off by `tolerance` at most;
    `cuts` are the places of edges between the bins of the chi-squared test, none where a bundle of before
    version 3 does not say how many rows have a repeated value."""

    rows: int
    edges: tuple[float, ...]
    shares: NDArray[np.float64]
    tolerance: float
    cuts: tuple[int, ...]
    spread: float

    def binned(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Counts by edge (the last is what lies above), as bins of the chi-squared test."""
        sums = np.cumsum(counts)
        ends = [*(int(sums[cut]) for cut in self.cuts), int(sums[-1])]
        return np.diff([0, *ends]).astype(np.int64)

    @property
    def bins(self) -> NDArray[np.int64]:
        """The reference in these bins."""
        ends = [*(self.shares[cut] for cut in self.cuts), 1.0]
        return np.asarray(np.round(np.diff([0.0, *ends]) * self.rows), dtype=np.int64)


def number_baseline(shape: Shape, rows: int) -> NumberBaseline:
    """Of a distribution of `rows` values."""
    quantiles = np.array(shape.quantiles)
    edges = np.unique(quantiles)
    # Of equal quantiles the last says how many rows are at most that value, but for one percent.
    places = np.searchsorted(quantiles, edges, side="right") - 1
    exact = len(shape.at_most) == QUANTILES and rows > 0
    shares = np.array(shape.at_most)[places] / rows if exact else places.astype(np.float64) * PERCENT
    spread = float(np.interp(0.95, np.linspace(0, 1, QUANTILES), quantiles)) - float(
        np.interp(0.05, np.linspace(0, 1, QUANTILES), quantiles)
    )
    return NumberBaseline(
        rows=rows,
        edges=tuple(edges.tolist()),
        shares=shares,
        tolerance=0.0 if exact else PERCENT if len(edges) < QUANTILES else 1 / max(rows, 1),
        cuts=_cuts(shares) if exact or len(edges) == QUANTILES else (),
        spread=spread,
    )


def _cuts(shares: NDArray[np.float64]) -> tuple[int, ...]:
    """Places of edges that part the reference into bins of about equal size."""
    cuts, before = [], 0.0
    for place, share in enumerate(shares[:-1]):
        if share - before >= 1 / BINS_AT_MOST - 1e-9 and 1 - share >= PERCENT:
            cuts.append(place)
            before = float(share)
    return tuple(cuts)


@dataclass(frozen=True)
class TextBaseline:
    """`counts` (k + 1,) are rows by category, the last of all others."""

    rows: int
    categories: tuple[str, ...]
    counts: NDArray[np.int64]


def text_baseline(column: ColumnReference) -> TextBaseline:
    """Of the most frequent categories."""
    listed = list((column.categories or {}).items())
    shown, rest = listed[:CATEGORIES_AT_MOST], listed[CATEGORIES_AT_MOST:]
    others = column.other + sum(count for _, count in rest)
    counts = np.array([*(count for _, count in shown), others], dtype=np.int64)
    return TextBaseline(int(counts.sum()), tuple(name for name, _ in shown), counts)
