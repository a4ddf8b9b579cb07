"""Whether the deployed form answers clearly later than the linear model, and is not better for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.prepare import VariantFacts
from fullcycle.core.metrics import Metric
from fullcycle.cycle.prepare.variants.choose import CHAMPION
from fullcycle.cycle.prepare.variants.compare import Measured, loss_against

SIMPLE = "linear"
CLEARLY = 1.5  # times the median of single rows; two measurements of one graph differ by up to a fifth


def slower_than_simple(
    measured: Sequence[Measured], facts: Sequence[VariantFacts], place: int, metric: Metric, seed: int
) -> Iterator[Finding]:
    """A finding where the linear model may lose nothing against the form at `place` on the same rows
    (paired interval), and the median row is answered in less than two thirds of the time."""
    taken = facts[place]
    simple = next(
        (at for at, each in enumerate(facts) if (each.kind, each.model) == ("candidate", SIMPLE)), None
    )
    if simple is None or taken.model == SIMPLE:
        return
    own_us, simple_us = (facts[at].speed.single_row_p50_us for at in (place, simple))
    if own_us < CLEARLY * simple_us:
        return
    loss = facts[simple].loss
    if place != CHAMPION:  # `loss` is against the champion
        loss = loss_against(measured[simple].out_of_fold, measured[place].out_of_fold, metric, seed)
    if loss.low is None or loss.low <= 0:
        yield finding(
            Code.slower_than_simple,
            Severity.warning,
            variant=taken.kind,
            model=taken.model,
            simple=SIMPLE,
            metric=metric.name,
            loss=loss.value,
            low=loss.low,
            high=loss.high,
            p50_us=own_us,
            simple_p50_us=simple_us,
        )
