"""The leak scoreboard: leaks of three kinds on every run, one of each and then all of them at night."""

from __future__ import annotations

import pytest
from benchmarks.leaks import judge, later, results, tuned

PLANTS = {plant.name: plant for plant in tuned()}
OF_EACH_KIND = (
    "closed account",
    "reason only of those who left",
    "price with something, and that",
    "numbers in the order of the price, noisy",
    "buildings of six sales",
    "months of rising prices",
    "mean by neighbourhood",
    "sorted by price, falling",
    "one test row in a hundred",
)
ON_EVERY_RUN = (
    "buildings of six sales",
    "months of rising prices",
    "one test row in a hundred",
)


def test_forty_leaks_of_nine_kinds_are_planted() -> None:
    assert len(PLANTS) == len(tuned()) >= 40
    assert len({plant.kind for plant in tuned()}) >= 8
    assert {PLANTS[name].kind for name in OF_EACH_KIND} == {plant.kind for plant in tuned()}


@pytest.mark.parametrize(
    "name",
    [
        name if name in ON_EVERY_RUN else pytest.param(name, marks=pytest.mark.nightly)
        for name in OF_EACH_KIND
    ],
)
def test_a_leak_is_named_and_its_twin_is_not(name: str) -> None:
    result = judge(PLANTS[name])
    assert result.found, result.said
    assert result.alarms == set()


@pytest.mark.nightly
@pytest.mark.parametrize("plants", [tuned(), later()], ids=["tuned", "later"])
def test_nine_leaks_in_ten_are_named_and_no_twin_is(plants: list[object]) -> None:
    judged = results(plants)  # type: ignore[arg-type]
    missed = [result.plant.name for result in judged if not result.found]
    assert len(missed) <= 0.1 * len(judged), missed
    assert [(result.plant.name, result.alarms) for result in judged if result.alarms] == []
