"""What follows from the numbers, by rule: nobody chooses what to look at afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from fullcycle.core.evidence.abtest import (
    Comparison,
    Decision,
    MetricResult,
    MismatchFacts,
    Verdict,
)
from fullcycle.core.evidence.base import Interval
from fullcycle.core.project.abtest_settings import AbTest


def gain_of(interval: Interval | None, *, lower_is_better: bool) -> tuple[float, float] | None:
    """Bounds of the improvement: an effect downwards is one where lower is better."""
    if interval is None or interval.low is None or interval.high is None:
        return None
    return (-interval.high, -interval.low) if lower_is_better else (interval.low, interval.high)


def is_early(test: AbTest, units: int) -> bool:
    """Fewer units than planned, and intervals of one look: those may not be acted on yet."""
    return not test.peeking and test.units is not None and units < test.units


def decisions(
    test: AbTest, metrics: Sequence[MetricResult], mismatch: MismatchFacts, units: int
) -> tuple[Decision, ...]:
    """One for each treatment, by the first metric and all guards."""
    first, guards = metrics[0], [metric for metric in metrics if metric.guard]
    made = []
    for at, comparison in enumerate(first.comparisons):
        verdicts = {guard.name: guard.comparisons[at].guard for guard in guards}
        broken = tuple(name for name, verdict in verdicts.items() if verdict == "broken")
        open_ = tuple(name for name, verdict in verdicts.items() if verdict == "open")
        verdict: Verdict = "mismatch" if mismatch.found else "harmed" if broken else "early"
        if verdict == "early" and not is_early(test, units):
            verdict = _verdict(first, comparison, peeking=test.peeking, guarded=not open_)
        made.append(
            Decision(
                treatment=comparison.treatment,
                verdict=verdict,
                rule="sequential" if test.peeking else "fixed",
                metric=first.name,
                broken=broken,
                open=open_,
            )
        )
    return tuple(made)


def _verdict(metric: MetricResult, comparison: Comparison, *, peeking: bool, guarded: bool) -> Verdict:
    """What the interval of the rule says; `guarded` where every guard is shown to hold."""
    rule = comparison.sequential if peeking else comparison.effect
    gain = gain_of(rule, lower_is_better=metric.lower_is_better)
    if gain is None or comparison.few:
        return "early"
    if gain[1] < 0:
        return "worse"
    if gain[0] > 0:
        return "better" if guarded else "undecided"
    return "no_effect" if metric.smallest is not None and gain[1] < metric.smallest else "undecided"
