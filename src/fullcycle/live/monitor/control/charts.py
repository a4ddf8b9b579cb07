"""Three charts of the same scores: Shewhart for a jump, EWMA and CUSUM for what creeps.

Shewhart (1931) looks at each window alone; the moving average of Roberts (1959) and the cumulative sums of
Page (1954) remember, and find a shift of one standard deviation in some ten windows instead of forty-four.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.live.monitor.control.rules import NELSON, broken
from fullcycle.live.monitor.control.run_length import cusum_limit, ewma_limit, shewhart_limit

Floats = NDArray[np.float64]
Kind = Literal["shewhart", "ewma", "cusum"]
Side = Literal["above", "below"]

CHARTS = 3
WEIGHT = 0.2  # of the newest window in the moving average
ALLOWANCE = 0.5  # half of the shift that the sums are tuned to, in standard deviations


@dataclass(frozen=True)
class Limits:
    """In standard deviations of the scores; of the moving average in its own."""

    shewhart: float
    ewma: float
    cusum: float
    weight: float = WEIGHT
    allowance: float = ALLOWANCE


@dataclass(frozen=True)
class Signal:
    """A chart that rang at window `at`, on this side; `since` is the window at which the change seems to
    have begun: where the sum or average last left the centre."""

    chart: Kind
    at: int
    side: Side
    since: int


@dataclass(frozen=True)
class Chart:
    """What can be drawn, each of shape (n_windows,), and what rang. `patterns` are run rules that were
    complete at a window: they explain, and don't ring."""

    scores: Floats
    ewma: Floats
    ewma_limit: Floats
    cusum_above: Floats
    cusum_below: Floats
    limits: Limits
    signals: tuple[Signal, ...]
    patterns: dict[str, list[int]]

    @property
    def ringing(self) -> bool:
        """Whether the last window rang on any chart."""
        return any(signal.at == len(self.scores) - 1 for signal in self.signals)


def limits_for(run_length: float) -> Limits:
    """Limits of three charts that together ring once in `run_length` windows at most while nothing changes.

    By Bonferroni each gets a third of the alarms, so the real run length is longer: they ring together.
    """
    each = run_length * CHARTS
    return Limits(shewhart_limit(each), ewma_limit(each, WEIGHT), cusum_limit(each, ALLOWANCE))


def chart(scores: Floats, limits: Limits) -> Chart:
    """All three over standard normal scores; a NaN, where no score is, leaves them as they were."""
    average, bound = _moving_average(scores, limits)
    above, below = _sums(scores, limits.allowance), _sums(-scores, limits.allowance)
    signals = [
        *_jumps(scores, limits.shewhart),
        *_crossings("ewma", average, bound, ~np.isnan(scores)),
        *_over("above", above, limits.cusum, ~np.isnan(scores)),
        *_over("below", below, limits.cusum, ~np.isnan(scores)),
    ]
    return Chart(
        scores=scores,
        ewma=average,
        ewma_limit=bound,
        cusum_above=above,
        cusum_below=below,
        limits=limits,
        signals=tuple(sorted(signals, key=lambda signal: (signal.at, signal.chart))),
        patterns=broken(scores, NELSON),
    )


def _moving_average(scores: Floats, limits: Limits) -> tuple[Floats, Floats]:
    """The average and its limit, which is narrower while few windows are in it (Montgomery, eq. 9.25)."""
    weight, seen, last = limits.weight, 0, 0.0
    average, bound = np.empty(len(scores)), np.empty(len(scores))
    for at, score in enumerate(scores):
        if not np.isnan(score):
            seen, last = seen + 1, weight * score + (1 - weight) * last
        spread = weight / (2 - weight) * (1 - (1 - weight) ** (2 * seen))
        average[at], bound[at] = last, limits.ewma * np.sqrt(spread)
    return average, bound


def _sums(scores: Floats, allowance: float) -> Floats:
    sums, last = np.empty(len(scores)), 0.0
    for at, score in enumerate(scores):
        last = last if np.isnan(score) else max(0.0, last + score - allowance)
        sums[at] = last
    return sums


def _jumps(scores: Floats, limit: float) -> Iterator[Signal]:
    for at in np.flatnonzero(np.abs(scores) > limit):
        yield Signal("shewhart", int(at), _side(scores[at]), int(at))


def _crossings(kind: Kind, statistic: Floats, bound: Floats, scored: NDArray[np.bool_]) -> Iterator[Signal]:
    for at in np.flatnonzero((np.abs(statistic) > bound) & scored):
        same = np.sign(statistic[: at + 1]) == np.sign(statistic[at])
        yield Signal(kind, int(at), _side(statistic[at]), _run_begins(same))


def _over(side: Side, sums: Floats, limit: float, scored: NDArray[np.bool_]) -> Iterator[Signal]:
    for at in np.flatnonzero((sums > limit) & scored):
        yield Signal("cusum", int(at), side, _run_begins(sums[: at + 1] > 0))


def _run_begins(holds: NDArray[np.bool_]) -> int:
    """Where the last unbroken run of truths begins."""
    breaks = np.flatnonzero(~holds)
    return int(breaks[-1]) + 1 if len(breaks) else 0


def _side(value: float) -> Side:
    return "above" if value > 0 else "below"
