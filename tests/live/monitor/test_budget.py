"""The alarm budget: the promise in words, what a look may spend, and that an unchanged process keeps it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from scipy.stats import binom
from tests.live.monitor.simulated import Process, Reference

from fullcycle.core.project.monitor_settings import SECONDS, MonitorLimits, MonitorSettings, Promise, Window
from fullcycle.live.monitor.budget import SHARES, Budget, budget_of
from fullcycle.live.monitor.drift.columns import judge_columns
from fullcycle.live.monitor.drift.noise import Noise

DAILY = Budget(Promise(), 86_400).alpha("columns")


@pytest.mark.parametrize(
    ("words", "count", "per"),
    [
        ("at most 1 a quarter", 1, "quarter"),
        ("At most one false alarm per month", 1, "month"),
        ("2 a year", 2, "year"),
        ("0.5 each week", 0.5, "week"),
    ],
)
def test_a_promise_is_read_from_words(words: str, count: float, per: str) -> None:
    promise = Promise.model_validate(words)
    assert (promise.count, promise.per) == (count, per)
    assert promise == Promise.model_validate({"count": count, "per": per})


@pytest.mark.parametrize("words", ["never", "1 a fortnight", "at most a quarter", ""])
def test_words_that_promise_nothing_say_how_to_say_it(words: str) -> None:
    with pytest.raises(ValidationError, match="at most 1 a quarter"):
        Promise.model_validate(words)


@pytest.mark.parametrize(
    ("words", "told"),
    [("1 day", "1 day"), ("week", "1 week"), ("6 hours", "6 hours"), ("5000 rows", "5000 rows")],
)
def test_a_window_is_read_from_words(words: str, told: str) -> None:
    assert str(Window.model_validate(words)) == told


def test_all_looks_of_a_period_spend_what_was_promised() -> None:
    for window in ("1 hour", "1 day", "1 week"):
        settings = MonitorSettings.model_validate({"window": window})
        looks = SECONDS["quarter"] / settings.look_s
        assert budget_of(settings).alpha_per_look * looks <= 1 + 1e-9
    assert sum(SHARES.values()) == pytest.approx(1)


def rings(rows: int, sims: int, days: int, spread: float = 0.1, **process: float) -> tuple[int, int]:
    found = looks = 0
    for seed in range(sims):
        unchanged = Process(seed, rows, spread=spread, **process)  # type: ignore[arg-type]
        reference = Reference.of([unchanged.day() for _ in range(90)])
        for _ in range(days):
            looks += 1
            found += any(c.drifted for c in reference.judge(unchanged.day(), DAILY, MonitorLimits()))
    return found, looks


def allowed(looks: int) -> int:
    return int(binom.ppf(0.99, looks, DAILY))


@pytest.mark.parametrize("rows", [100, 10_000_000])
def test_an_unchanged_process_rings_no_more_than_promised(rows: int) -> None:
    found, looks = rings(rows, sims=1, days=60)
    assert found <= allowed(looks)


@pytest.mark.nightly
@pytest.mark.parametrize("rows", [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.2])
def test_two_years_of_an_unchanged_process_ring_no_more_than_promised(rows: int, spread: float) -> None:
    found, looks = rings(rows, sims=6, days=120, spread=spread)
    assert found <= allowed(looks)


def verdicts(shift: float, noise: Noise | None = None) -> list[bool]:
    """Whether columns that moved by `shift` standard deviations ring, from 1,000 rows to 10 million."""
    found = []
    for rows in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        process = Process(0, rows, columns=1, spread=0.0, season=0.0)
        reference = Reference.of([process.day() for _ in range(30)])
        if noise is not None:
            reference.noise = [noise]
        counted = process._counts(0, shift)
        found.append(any(c.drifted for c in reference.judge([counted], DAILY, MonitorLimits())))
    return found


def test_the_verdict_does_not_jump_with_the_number_of_rows() -> None:
    assert verdicts(0.05) == [False] * 5  # of no matter, however surely it is there
    assert verdicts(0.5) == [True] * 5
    assert verdicts(0.5, Noise()) == [True] * 5  # nothing known of the variation
    assert verdicts(0.2, Noise()) == [False] * 5  # below what is assumed


def test_nothing_to_judge_is_no_verdict() -> None:
    assert judge_columns([], MonitorLimits(), DAILY) == ()
