"""Whether a challenger goes back, goes on or waits: a function of what was counted.

Five signals are looked at: failed answers, latency, odd answers (far from the champion's on the same row),
the distribution of answers, and losses where outcomes are known. It goes back as soon as one is shown to be
beyond its limit, and on when the first three are shown to be within. All bounds together are wrong with the
probability `false_alarms` at most, however often it is looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, Literal

from fullcycle.core.project.route_settings import CanarySettings
from fullcycle.live.routes.bounds import Bounds, against, bounds, difference, mean_difference
from fullcycle.live.routes.counts import LATENCY_EDGES, Counts

Action = Literal["back", "on", "wait"]
Name = Literal["errors", "latency", "odd", "distribution", "quality"]
SIGNALS = 5
WITHIN = 0.95  # the share of answers whose time is bounded
# A challenger that is asked seldom finds cold caches: less than this is nobody's concern.
LATENCY_FLOOR_MS = 1.0


@dataclass(frozen=True)
class Signal:
    """What is known of one limit: the quantity lies within `bounds`, and more than `limit` is too much."""

    name: Name
    bounds: Bounds
    limit: float

    @property
    def broken(self) -> bool:
        """Shown to be beyond the limit."""
        return against(self.bounds, self.limit) == "broken"

    @property
    def holds(self) -> bool:
        """Shown to be within the limit."""
        return against(self.bounds, self.limit) == "holds"


@dataclass(frozen=True)
class Decision:
    """`signal` names the broken limit of a way back, or what is waited for."""

    action: Action
    signal: str
    facts: dict[str, Any]


def decide(
    champion: Counts, challenger: Counts, settings: CanarySettings, *, ordered: bool, held_minutes: float
) -> Decision:
    """Look at the counts since the present share began. `ordered` as in Bins."""
    signals = [*_signals(champion, challenger, settings, signal_alpha(settings), ordered=ordered)]
    facts = _facts(champion, challenger, signals)
    for signal in signals:
        if signal.broken:
            return Decision("back", signal.name, facts)
    for waits, what in _waits(challenger, settings, signals, held_minutes):
        if waits:
            return Decision("wait", what, facts)
    return Decision("on", "", facts)


def signal_alpha(settings: CanarySettings) -> float:
    """Of one signal at one share: an error of any bound in any step is a false alarm at most once, so
    Bonferroni over both. `fullcycle abtest analyse` judges quality at the same."""
    return settings.false_alarms / (SIGNALS * len(settings.shares))


def _signals(
    champion: Counts, challenger: Counts, settings: CanarySettings, alpha: float, *, ordered: bool
) -> Iterator[Signal]:
    limits = settings.limits
    ours, theirs = challenger, champion
    errors = mean_difference((ours.errors, ours.answers), (theirs.errors, theirs.answers), alpha=alpha)
    yield Signal("errors", errors, limits.errors)
    slow = _slower(champion, challenger, settings, alpha)
    yield Signal("latency", slow, 1 - WITHIN)
    yield Signal("odd", bounds(challenger.odd, challenger.compared, alpha), limits.odd)
    moved = _moved(challenger.champion_said, challenger.said, alpha, ordered=ordered)
    yield Signal("distribution", moved, limits.distribution)
    losses = mean_difference((ours.loss, ours.outcomes), (theirs.loss, theirs.outcomes), alpha=alpha)
    yield Signal("quality", losses, limits.quality)


def _waits(
    challenger: Counts, settings: CanarySettings, signals: Sequence[Signal], held_minutes: float
) -> Iterator[tuple[bool, str]]:
    yield held_minutes < settings.minutes, "minutes"
    yield challenger.answers < settings.answers, "answers"
    yield challenger.outcomes < settings.outcomes, "outcomes"
    for signal in signals:
        yield _must_hold(signal, settings) and not signal.holds, signal.name


def _must_hold(signal: Signal, settings: CanarySettings) -> bool:
    """Outcomes may never come, so quality is only waited for where some are asked for. To show that two
    distributions are alike takes ten times the rows that single answers beside each other do."""
    return signal.name != "distribution" and (signal.name != "quality" or settings.outcomes > 0)


def _slower(champion: Counts, challenger: Counts, settings: CanarySettings, alpha: float) -> Bounds:
    """The share of the challenger's answers that take longer than they may."""
    limit = settings.limits.latency_ms
    if limit is None:
        usual = _time_of_most(champion.latencies, alpha / 2)
        if usual is None:
            return Bounds(0.0, 1.0)
        limit = max(usual * settings.limits.slower, usual + LATENCY_FLOOR_MS)
    within = sum(
        count for edge, count in zip(LATENCY_EDGES, challenger.latencies, strict=False) if edge <= limit
    )
    asked = sum(challenger.latencies)
    return bounds(asked - within, asked, alpha / 2)


def _time_of_most(latencies: Sequence[int], alpha: float) -> float | None:
    """A time within which at least 95 of 100 answers come; None where too few were seen to say so."""
    asked, each = sum(latencies), alpha / len(LATENCY_EDGES)
    for edge, within in zip(LATENCY_EDGES, accumulate(latencies), strict=False):
        if within >= WITHIN * asked and bounds(within, asked, each).low >= WITHIN:
            return edge
    return None


def _moved(theirs: Sequence[int], ours: Sequence[int], alpha: float, *, ordered: bool) -> Bounds:
    """The largest difference of shares: of answers up to an edge (Kolmogorov and Smirnov), or of a class."""
    bins = max(len(theirs), len(ours))
    if bins < 2:
        return Bounds(0.0, 0.0 if bins else 1.0)
    parts = [_parts(counts, bins, ordered=ordered) for counts in (ours, theirs)]
    each = alpha / (2 * len(parts[0]))
    low, high = 0.0, 0.0
    for mine, other in zip(*parts, strict=True):
        apart = difference(bounds(mine, sum(ours), each), bounds(other, sum(theirs), each))
        low = max(low, apart.low, -apart.high)
        high = max(high, apart.high, -apart.low)
    return Bounds(low, high)


def _parts(counts: Sequence[int], bins: int, *, ordered: bool) -> list[int]:
    padded = [*counts, *[0] * (bins - len(counts))]
    return [*accumulate(padded)][:-1] if ordered else padded


def _facts(champion: Counts, challenger: Counts, signals: Sequence[Signal]) -> dict[str, Any]:
    return {
        "answers": {"champion": champion.answers, "challenger": challenger.answers},
        "errors": {"champion": champion.errors, "challenger": challenger.errors},
        "outcomes": {"champion": champion.outcomes, "challenger": challenger.outcomes},
        "signals": [
            {**asdict(signal), "bounds": [round(bound, 4) for bound in signal.bounds]} for signal in signals
        ],
    }
