"""What answers are worth, as verify and experiment write it."""

from __future__ import annotations

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.value import PolicyValue, ValueFacts, ValuePoint

TOTALS = {"model": 35_829.0, "all": 26_972.0, "none": 0.0, "random": 13_774.0, "perfect": 47_632.0}


def valued() -> ValueFacts:
    """Two classes, a curve with its top at half of the rows."""
    return ValueFacts(
        unit="EUR",
        rows=1_404,
        threshold=0.312,
        policies=tuple(
            PolicyValue(policy=name, total=around(total), per_row=total / 1_404)  # type: ignore[arg-type]
            for name, total in TOTALS.items()
        ),
        rival="all",
        advantage=around(8_857.0),
        chosen=point(0.5),
        curve=tuple(point(step / 20) for step in range(21)),
    )


def around(value: float) -> Interval:
    return Interval(value=value, low=value - 1_500, high=value + 1_500)


def point(share: float) -> ValuePoint:
    return ValuePoint(
        share=share,
        threshold=1 - share,
        value=35_829 - 100_000 * (share - 0.5) ** 2,
        captured=share**0.4,
        lift=3 - 2 * share,
    )
