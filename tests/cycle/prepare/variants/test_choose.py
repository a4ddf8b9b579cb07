"""The budget decides which variant is deployed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.prepare import VariantFacts, VariantSpeed
from fullcycle.core.project.settings import PrepareSettings
from fullcycle.cycle.prepare.variants.choose import choose, with_front


def variant(loss: float, size: int, p99_us: float = 100.0, p50_us: float = 50.0) -> VariantFacts:
    return VariantFacts(
        kind="candidate",
        model="linear",
        parameters={},
        columns=3,
        score=Interval(value=0.8 - loss),
        loss=Interval(value=loss),
        bytes=size,
        speed=VariantSpeed(
            single_row_p50_us=p50_us, single_row_p99_us=p99_us, start_ms=1.0, batch_rows_per_s=1.0
        ),
    )


CHAMPION, BETTER, SMALL = variant(0.0, 90_000, 400.0), variant(-0.001, 80_000, 300.0), variant(0.004, 8_000)
ALL = [CHAMPION, BETTER, SMALL]


@pytest.mark.parametrize(
    ("budget", "place", "reason"),
    [
        ({}, 0, "no_budget"),
        ({"latency_p99_ms": 0.5}, 0, "champion_in_budget"),
        ({"latency_p99_ms": 0.35}, 1, "best_in_budget"),
        ({"size_mb": 0.01}, 2, "best_in_budget"),
        ({"quality_loss_at_most": 0.0}, 1, "smallest_within_loss"),
        ({"quality_loss_at_most": 0.004}, 2, "smallest_within_loss"),
        ({"quality_loss_at_most": 0.001, "size_mb": 0.01}, 2, "best_in_budget"),
        ({"latency_p99_ms": 0.01}, 2, "nothing_in_budget"),
        ({"size_mb": 0.001, "quality_loss_at_most": 1.0}, 2, "nothing_in_budget"),
    ],
)
def test_the_budget_decides_and_says_why(budget: dict[str, float], place: int, reason: str) -> None:
    chosen = choose(ALL, PrepareSettings(**budget))
    assert (chosen.place, chosen.reason) == (place, reason)


def test_without_a_search_better_than_its_budget_the_champion_stays() -> None:
    """A loss that nothing but the champion keeps takes the champion, not something worse."""
    worse = [CHAMPION, variant(0.1, 10)]
    assert choose(worse, PrepareSettings(quality_loss_at_most=0.01)).place == 0


points = st.tuples(st.floats(-0.1, 0.1), st.integers(1, 5), st.floats(1, 5).map(round))


@given(st.lists(points, min_size=1, max_size=8))
def test_who_is_on_the_front_is_beaten_by_nobody_and_who_is_not_by_somebody(
    drawn: list[tuple[float, int, int]],
) -> None:
    found = with_front([variant(loss, size, p50_us=float(speed)) for loss, size, speed in drawn])

    def beats(a: tuple[float, int, int], b: tuple[float, int, int]) -> bool:
        return a != b and a[0] <= b[0] and a[1] <= b[1] and a[2] <= b[2]

    for own, each in zip(drawn, found, strict=True):
        assert each.speed.on_front == (not any(beats(other, own) for other in drawn))
    assert any(each.speed.on_front for each in found)
