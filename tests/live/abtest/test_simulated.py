"""What intervals promise, in simulated tests; `python -m benchmarks.abtest` makes ten thousand of each."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from benchmarks.abtest import EXPERIMENTS, Found

from benchmarks import abtest

FEW = 250


def missed(found: Iterable[Found]) -> list[str]:
    return [each.row() for each in found if not each.holds]


def test_intervals_of_one_look_hold_as_often_as_they_say() -> None:
    assert missed(abtest.one_look(FEW)) == []


def test_a_broken_draw_is_caught_and_a_huge_one_cries_no_wolf() -> None:
    assert missed(abtest.broken_draws(FEW)) == []


def test_what_is_planned_to_be_found_is_found() -> None:
    assert missed(abtest.planned_power(FEW)) == []


def test_cuped_saves_what_the_covariate_explains() -> None:
    kept, over_experiments = abtest.saved_by_cuped(FEW)
    assert kept == pytest.approx(1 - 0.8**2, abs=0.01)
    assert over_experiments == pytest.approx(kept, rel=0.35)


@pytest.mark.nightly
def test_intervals_of_every_look_permit_to_look_every_day() -> None:
    assert missed(abtest.every_day(FEW * 4)) == []


@pytest.mark.nightly
def test_ten_thousand_experiments_keep_every_bar() -> None:
    assert missed(abtest.everything(EXPERIMENTS)) == []
