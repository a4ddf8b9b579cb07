"""What one sorted column tells: the same statistics as `measures` takes of many columns in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.engines.exact import exact_total, powers
from fullcycle.core.engines.measures import QUANTILES, Moments, Spread, Tails, centre_of, moments_of

Floats = NDArray[np.float64]


class Ordered:
    """The known values of a column in ascending order, and how many rows it has."""

    def __init__(self, values: Floats) -> None:
        self.rows = len(values)
        self.known = np.sort(values)[: self.rows - int(np.isnan(values).sum())]

    @cached_property
    def spread(self) -> Spread:
        """Order statistics."""
        known, rows = self.known, self.rows
        if not len(known):
            return Spread(rows, rows, 0, whole=True)
        below, upto = (int(np.searchsorted(known, 0.0, side)) for side in ("left", "right"))
        return Spread(
            rows=rows,
            missing=rows - len(known),
            distinct=1 + int(np.count_nonzero(known[1:] != known[:-1])),
            min=float(known[0]),
            max=float(known[-1]),
            quantiles={share: self.quantile(share) for share in QUANTILES},
            whole=bool((known == np.trunc(known)).all()),
            zeros=upto - below,
            negative=below,
        )

    def quantile(self, share: float) -> float:
        """Between the two values nearest to it in rank, by a straight line, as the engine's."""
        at = (len(self.known) - 1) * share
        low, high, part = float(self.known[floor(at)]), float(self.known[ceil(at)]), at - floor(at)
        if low <= 0 <= high:  # the distance of the largest floats overflows
            return low * (1 - part) + high * part
        return min(low + (high - low) * part, high)

    def moments(self, spread: Spread) -> Moments:
        """About the median of `spread` in units of its range, by exact sums."""
        centre = centre_of(spread)
        if centre is None or not len(self.known):
            return Moments()
        scaled = powers((self.known - centre[0]) / centre[1], 4)
        sums = {f"s{k}": exact_total(power) for k, power in enumerate(scaled, 1)}
        return moments_of({**sums, "n": len(self.known)}, *centre)

    def tails(self, low: float, high: float) -> Tails:
        """The last values within the fences, and how many lie beyond."""
        start = int(np.searchsorted(self.known, low, "left"))
        end = int(np.searchsorted(self.known, high, "right"))
        first, last = (float(self.known[start]), float(self.known[end - 1])) if start < end else (None, None)
        return Tails(first, last, below=start, above=len(self.known) - end)

    def histogram(self, start: float, width: float, bins: int) -> list[int]:
        """Counts in equal bins; what lies outside is counted in the first or the last."""
        with np.errstate(over="ignore"):
            places = np.clip((self.known - start) / width, 0.0, bins - 1.0).astype(np.int64)
        counts: list[int] = np.bincount(places, minlength=bins).tolist()
        return counts

    def ends(self, edges: Sequence[float]) -> tuple[Floats, Floats]:
        """The lowest and the highest value of each bin between inner `edges`; NaN where it has none."""
        cuts = np.concatenate([[0], np.searchsorted(self.known, edges, "left"), [len(self.known)]])
        filled = cuts[:-1] < cuts[1:]
        if not filled.any():
            return np.full(len(filled), np.nan), np.full(len(filled), np.nan)
        low = np.where(filled, self.known[np.minimum(cuts[:-1], len(self.known) - 1)], np.nan)
        high = np.where(filled, self.known[np.maximum(cuts[1:] - 1, 0)], np.nan)
        return low, high
