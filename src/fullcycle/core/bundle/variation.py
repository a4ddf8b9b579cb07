"""How far periods of the training rows lie apart: what monitoring takes for natural variation.

Rows of one day are alike, so the shares of a day vary as those of a cluster do, with variance
p (1 - p) (1/n + rho) instead of p (1 - p) / n (Kish 1965; Rao and Scott 1981). rho is estimated by moments,
once for each length of period, and kept as one number for each column: aggregates, never rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import DATETIME_MISSING, as_moments
from fullcycle.core.bundle.model import Piece

PERIODS_S = (3600, 86_400, 7 * 86_400, 30 * 86_400)
PERIODS_AT_LEAST, PERIODS_AT_MOST = 8, 2_000
ROWS_AT_LEAST = 20  # of a period
BINS = 10
CATEGORIES = 20
MICROSECONDS = 1_000_000
MIDDLE = (0.05, 0.95)  # beyond, a cumulative share says little about any variance

Places = NDArray[np.int64]  # of each row: its bin, -1 where it is missing


class Rho(Piece):
    """Of one column: `order` of cumulative shares, `mix` of shares by bin, `missing` of the missing rate;
    None where nothing varies."""

    order: float | None = None
    mix: float | None = None
    missing: float | None = None


class Periods(Piece):
    """Training rows cut into `number` periods of `seconds`, of `rows` rows on average (harmonic mean)."""

    seconds: int
    number: int
    rows: float
    columns: dict[str, Rho] = {}
    scores: dict[str, Rho] = {}


@dataclass(frozen=True)
class Cut:
    """Rows by period: `of` (N,) is each row's period, -1 where it belongs to none."""

    seconds: int
    of: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def rows(self) -> float:
        """The harmonic mean of the sizes."""
        return round(float(len(self.sizes) / np.sum(1 / self.sizes)), 3)


def cuts_of(times: Any) -> Iterator[Cut]:
    """Each length of period into which rows with these moments fall well."""
    moments = as_moments(times)
    known = moments != DATETIME_MISSING
    for seconds in PERIODS_S:
        numbers = np.where(known, moments // (seconds * MICROSECONDS), -1)
        periods, places, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
        kept = (sizes >= ROWS_AT_LEAST) & (periods != -1)
        if PERIODS_AT_LEAST <= kept.sum() <= PERIODS_AT_MOST:
            renumbered = np.where(kept, np.cumsum(kept) - 1, -1)
            yield Cut(seconds, renumbered[places], sizes[kept])


def binned_numbers(numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> Places:
    """Places in about ten bins of equal rows."""
    present = numbers[~missing]
    if not len(present):
        return np.full(len(numbers), -1, dtype=np.int64)
    inner = np.unique(np.quantile(present, np.arange(1, BINS) / BINS))
    return np.where(missing, -1, np.searchsorted(inner, numbers, side="left")).astype(np.int64)


def binned_texts(texts: NDArray[np.object_], listed: Mapping[str, int]) -> Places:
    """Places among the most frequent categories, one more for the others."""
    known = {text: at for at, text in enumerate(list(listed)[:CATEGORIES])}
    places = (-1 if text == "" else known.get(text, len(known)) for text in texts.tolist())
    return np.fromiter(places, dtype=np.int64, count=len(texts))


def rho_of(places: Places, cut: Cut, *, ordered: bool) -> Rho:
    """The three of a column, each with its standard error under no variation added: what can't be told from
    nothing is taken for as much as it may be."""
    inside = cut.of >= 0
    periods, shown = cut.of[inside], places[inside]
    bins = int(shown.max(initial=-1)) + 1
    counts = np.zeros((len(cut.sizes), bins + 1))
    np.add.at(counts, (periods, shown + 1), 1)
    gaps, present = counts[:, :1], counts[:, 1:]
    filled = present[present.sum(axis=1) >= ROWS_AT_LEAST]
    missing = rho(np.hstack([gaps, present.sum(axis=1, keepdims=True)]))
    if len(filled) < PERIODS_AT_LEAST or bins < 2:
        return Rho(missing=missing)
    return Rho(order=_order(filled) if ordered else None, mix=rho(filled), missing=missing)


def rho(counts: NDArray[np.float64]) -> float | None:
    """Of counts by period and bin, shape (periods, bins): mean squared deviations of shares in units of p,
    less what sampling gives. None where fewer than two bins have rows."""
    sizes = counts.sum(axis=1, keepdims=True)
    usual = counts.sum(axis=0) / counts.sum()
    counts, usual = counts[:, usual > 0], usual[usual > 0]
    periods, bins = counts.shape
    if bins < 2 or periods < 2:
        return None
    deviations = np.sum((counts / sizes - usual) ** 2 / usual, axis=1) * periods / (periods - 1)
    sampling = float(np.mean(1 / sizes))
    found = float(np.mean(deviations)) / (bins - 1) - sampling
    return float(max(found, 0.0) + sampling * sqrt(2 / ((periods - 1) * (bins - 1))))


def _order(counts: NDArray[np.float64]) -> float | None:
    """The largest rho of a cumulative share in the middle of the distribution."""
    below = np.cumsum(counts, axis=1)[:, :-1]
    usual = below.sum(axis=0) / counts.sum()
    middle = (usual >= MIDDLE[0]) & (usual <= MIDDLE[1])
    size = counts.sum(axis=1)
    found = [rho(np.column_stack([below[:, at], size - below[:, at]])) for at in np.flatnonzero(middle)]
    return max((each for each in found if each is not None), default=None)
