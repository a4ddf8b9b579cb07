"""Natural variation: how far two windows of an unchanged process lie apart, beyond what sampling does.

Rows of one window are alike: they share a day, a season, a campaign. Shares by bin then vary as those of
clusters do, with variance p (1 - p) (1/n + rho) instead of p (1 - p) / n (Kish 1965; Rao and Scott 1981).
With rho > 0 a test stops getting surer as n grows: nothing below natural variation is ever significant.

rho is what periods of the training rows had (`core/bundle/variation.py`), or past windows in which the column
did not ring; the larger of both, where there are both. Where there is neither it is assumed, generously.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.reference import Reference
from fullcycle.core.bundle.variation import Periods, Rho, rho
from fullcycle.core.evidence.monitor import ColumnDrift, Variation, WindowFacts

# Nobody knows, so it is assumed: shares of a half move by 2.5 percentage points (one standard deviation) from
# one window to the next. At a chance of 1 in 2,000 that hides what is below a distance of 0.1, at any size.
ASSUMED = 0.0025
WINDOWS_AT_LEAST = 14  # two weeks of days
ALIKE = 4  # neighbouring periods go together: a quarter of them counts for how well variation is known
RARE = 1e-4  # about the chance that a column may have at one look


@dataclass(frozen=True)
class Noise:
    """`order`, `mix` and `missing` are rho of the cumulative shares, of shares by bin, and of the missing
    rate, each estimated with `df` degrees of freedom (infinite where it was assumed). `tolerance` is how far
    the reference's own shares may be off."""

    order: float = ASSUMED
    mix: float = ASSUMED
    missing: float = ASSUMED
    df: float = inf
    source: Variation = "assumed"
    tolerance: float = 0.0


@dataclass(frozen=True)
class Size:
    """Of the windows that are judged: how long, where they have a length, and how many rows."""

    seconds: float | None
    rows: float


Key = tuple[bool, str]  # whether it is a score, and its name: a class may be called as a column is


def noise_of_periods(reference: Reference, size: Size) -> dict[Key, Noise]:
    """By column or score. Windows vary less than shorter periods do, so each of these is on the safe side,
    and the one that is known best is taken for each column."""
    levels = []
    for level, shorter in _fitting(reference.periods, size):
        found = {(False, name): each for name, each in level.columns.items()}
        found |= {(True, name): each for name, each in level.scores.items()}
        levels.append({key: _noise(each, (level.number - 1) / ALIKE, shorter) for key, each in found.items()})
    return {key: min((each[key] for each in levels), key=_reach) for key in (levels[0] if levels else ())}


def _reach(noise: Noise) -> float:
    """How far a window of very many rows may lie without ringing, in units that all columns share."""
    from scipy.stats import t

    return sqrt(max(noise.mix, noise.order)) * float(t.isf(RARE, noise.df))


def _fitting(levels: Sequence[Periods], size: Size) -> list[tuple[Periods, float]]:
    """Periods no longer than a window; or else the shortest, and how many windows it holds: shorter windows
    vary more, by so much at most where neighbours go together."""

    def ratio(level: Periods) -> float:
        return level.seconds / size.seconds if size.seconds is not None else level.rows / max(size.rows, 1.0)

    within = [(level, 1.0) for level in levels if ratio(level) <= 1]
    if within or not levels:
        return within
    shortest = min(levels, key=lambda each: each.seconds)
    return [(shortest, ratio(shortest))]


def _noise(found: Rho, df: float, shorter: float) -> Noise:
    def of(value: float | None) -> float:
        return 0.0 if value is None else value * shorter

    mix = of(found.mix)
    order = mix if found.order is None else of(found.order)
    return Noise(order, mix, of(found.missing), df, "blocks")


def noise_of_windows(windows: Iterable[WindowFacts]) -> dict[Key, Noise]:
    """By column or score, from past windows in which it did not ring, where there are enough of them."""
    past: dict[Key, list[ColumnDrift]] = {}
    for window in windows:
        for column in window.columns if window.judged else ():
            if column.status in ("compared", "personal") and not column.drifted:
                past.setdefault((column.part == "score", column.name), []).append(column)
    return {key: _of_past(columns) for key, columns in past.items() if len(columns) >= WINDOWS_AT_LEAST}


def _of_past(columns: Sequence[ColumnDrift]) -> Noise:
    gaps = np.array(
        [[(c.missing_rate or 0.0) * c.rows, (1 - (c.missing_rate or 0.0)) * c.rows] for c in columns]
    )
    missing = _known(rho(gaps))
    shares = _shares(columns)
    if shares is None:
        return Noise(0.0, 0.0, missing, (len(columns) - 1) / ALIKE, "windows")
    mix = _known(rho(shares))
    below = np.cumsum(shares, axis=1)[:, :-1]
    total = shares.sum(axis=1)
    usual = below.sum(axis=0) / total.sum()
    inner = np.flatnonzero((usual >= 0.05) & (usual <= 0.95))
    order = max(
        (_known(rho(np.column_stack([below[:, at], total - below[:, at]]))) for at in inner), default=mix
    )
    return Noise(order, mix, missing, (len(columns) - 1) / ALIKE, "windows")


def _shares(columns: Sequence[ColumnDrift]) -> NDArray[np.float64] | None:
    """Rows by window and bin; None where windows do not have the same bins."""
    rows = [c.current.counts if c.current is not None else c.current_shares for c in columns]
    if len({len(each) for each in rows}) != 1 or not rows[0]:
        return None
    counts = np.array(rows, dtype=np.float64)
    total = counts.sum(axis=1, keepdims=True)
    present = np.array([[c.rows * (1 - (c.missing_rate or 0.0))] for c in columns])
    kept = (total > 0).ravel() & (present > 0).ravel()
    return counts[kept] / total[kept] * present[kept] if kept.sum() >= WINDOWS_AT_LEAST else None


def _known(value: float | None) -> float:
    return value or 0.0


def natural_noise(key: Key, of_periods: Mapping[Key, Noise], of_windows: Mapping[Key, Noise]) -> Noise:
    """The larger of what is known of a column; past windows alone may be too few to beat what is assumed."""
    before, since = of_periods.get(key), of_windows.get(key)
    if before is not None and since is not None:
        return _larger(before, since)
    if since is not None and max(since.mix, since.order) <= ASSUMED:
        return min(since, Noise(), key=_reach)
    return before or since or Noise()


def _larger(one: Noise, other: Noise) -> Noise:
    first, second = (one, other) if one.mix >= other.mix else (other, one)
    return replace(
        first,
        order=max(first.order, second.order),
        missing=max(first.missing, second.missing),
        df=min(first.df, second.df),
    )
