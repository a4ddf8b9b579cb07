"""Charts ring as often as published, and as seldom as they promise."""

from __future__ import annotations

import numpy as np
import pytest

from fullcycle.live.monitor.control import Limits, chart, limits_for, standardise
from fullcycle.live.monitor.control.rules import NELSON, WESTERN_ELECTRIC, broken
from fullcycle.live.monitor.control.run_length import (
    cusum_limit,
    cusum_run_length,
    ewma_limit,
    ewma_run_length,
    shewhart_limit,
    shewhart_run_length,
)
from fullcycle.live.monitor.control.scores import FAR, rate_errors


# Montgomery, Introduction to Statistical Quality Control, tables 9.3 and 9.11.
@pytest.mark.parametrize(
    ("limit", "shift", "published"), [(4, 0, 168), (5, 0, 465), (4, 1, 8.38), (5, 1, 10.4), (5, 2, 4.01)]
)
def test_cumulative_sums_run_as_long_as_published(limit: float, shift: float, published: float) -> None:
    assert cusum_run_length(limit, 0.5, shift) == pytest.approx(published, rel=0.01)


@pytest.mark.parametrize(
    ("weight", "limit", "shift", "published"),
    [
        (0.1, 2.814, 0, 500),
        (0.2, 2.962, 0, 500),
        (0.4, 3.054, 0, 500),
        (0.1, 2.814, 1, 10.3),
        (0.4, 3.054, 1, 14.3),
    ],
)
def test_moving_averages_run_as_long_as_published(
    weight: float, limit: float, shift: float, published: float
) -> None:
    assert ewma_run_length(limit, weight, shift) == pytest.approx(published, rel=0.02)


def test_three_sigma_run_as_long_as_published() -> None:
    assert shewhart_run_length(3) == pytest.approx(370.4, abs=0.1)
    assert shewhart_run_length(3, 1) == pytest.approx(43.9, abs=0.1)


def test_a_limit_gives_the_run_length_that_it_was_asked_for() -> None:
    assert shewhart_run_length(shewhart_limit(200)) == pytest.approx(200)
    assert cusum_run_length(cusum_limit(200, 0.5), 0.5) == pytest.approx(200)
    assert ewma_run_length(ewma_limit(200, 0.2), 0.2) == pytest.approx(200)


def first_rings(values: np.ndarray, limits: Limits, **known: object) -> list[int]:
    """The first window that rings of each row of values; the last one where none does."""
    found = []
    for row in values:
        signals = chart(standardise(row, **known), limits).signals  # type: ignore[arg-type]
        found.append(signals[0].at + 1 if signals else len(row))
    return found


def test_western_electric_rules_ring_every_ninety_two_windows() -> None:
    random, lengths = np.random.default_rng(1), []
    scores = random.normal(size=120_000)
    at, ends = 0, sorted({end for ends in broken(scores, WESTERN_ELECTRIC).values() for end in ends})
    for _ in range(600):  # a run begins anew after each ring, and knows nothing of what was before it
        fresh = broken(scores[at : at + 2000], WESTERN_ELECTRIC)
        first = min(end for ends in fresh.values() for end in ends[:1])
        lengths.append(first + 1)
        at += first + 1
    assert ends
    assert np.mean(lengths) == pytest.approx(91.75, rel=0.15)  # four standard errors


@pytest.mark.parametrize(
    ("scores", "rule"),
    [
        ([3.1], "beyond_three"),
        ([0.5] * 9, "nine_on_a_side"),
        ([-1.2, -0.8, -0.3, 0.2, 0.4, 0.9], "six_trending"),
        ([0.5, -0.5] * 7, "fourteen_alternating"),
        ([2.1, 0.0, 2.1], "two_of_three_beyond_two"),
        ([-1.1, -1.1, 0.3, -1.1, -1.1], "four_of_five_beyond_one"),
        ([0.5, -0.4, 0.3] * 5, "fifteen_within_one"),
        ([1.1, -1.2, 1.3, 1.1, -1.2, -1.3, 1.1, 1.2], "eight_beyond_one"),
    ],
)
def test_each_pattern_of_nelson_is_seen_when_it_is_complete(scores: list[float], rule: str) -> None:
    assert broken(np.array(scores), NELSON)[rule] == [len(scores) - 1]
    assert broken(np.array(scores[:-1]), NELSON)[rule] == []


def test_scores_are_standard_normal_from_the_beginning_whatever_the_season() -> None:
    random = np.random.default_rng(2)
    week = np.array([0, 5, 3, -2, 8, 30, 40])
    days = np.arange(42) % 7
    runs = [standardise(100 + week[days] + random.normal(0, 4, 42), phases=days.tolist()) for _ in range(400)]
    scores = np.array(runs)[:, 14:]
    assert not np.isnan(scores).any()
    assert abs(scores.mean()) < 0.04
    assert scores.std() == pytest.approx(1, abs=0.03)
    assert (np.abs(scores) > 3).mean() < 0.005


def test_a_season_that_is_not_taken_out_hides_a_jump() -> None:
    days = np.arange(56) % 7
    values = np.where(days >= 5, 40.0, 0.0) + np.random.default_rng(3).normal(0, 1, 56)
    values[50] += 8
    assert standardise(values, phases=days.tolist())[50] > 4
    assert standardise(values)[50] < 2


def test_three_charts_together_keep_the_promised_run_length() -> None:
    random = np.random.default_rng(4)
    limits, promised = limits_for(100), 100
    lengths = first_rings(random.normal(7, 2, (100, 500)), limits)
    assert np.mean(lengths) > promised  # Bonferroni: longer, but not for ever
    assert np.mean(lengths) < 3 * promised


def test_memory_finds_a_small_shift_earlier_than_three_sigma() -> None:
    random, limits = np.random.default_rng(5), limits_for(300)
    late = {"shewhart": [], "cusum": []}
    for _ in range(60):
        values = random.normal(size=160)
        values[100:] += 1
        signals = chart(standardise(values, learn=100), limits).signals
        for kind, found in late.items():
            found.append(next((s.at for s in signals if s.chart == kind and s.at >= 100), 160) - 100)
    assert np.mean(late["cusum"]) < np.mean(late["shewhart"]) / 1.5


def test_a_cumulative_sum_says_since_when() -> None:
    values = np.random.default_rng(6).normal(size=80)
    values[60:] += 3
    [first, *_] = [
        s for s in chart(standardise(values, learn=60), limits_for(1000)).signals if s.chart == "cusum"
    ]
    assert 57 <= first.since <= 60 < first.at + 1


def test_windows_of_many_rows_weigh_more_and_sampling_error_is_never_an_alarm() -> None:
    random = np.random.default_rng(7)
    rows = np.tile([50, 5000], 60)
    events = random.binomial(rows, 0.1)
    scores = standardise(events / rows, rate_errors(events.tolist(), rows.tolist()))
    assert np.nanstd(scores[::2]) == pytest.approx(1, abs=0.25)
    assert np.nanstd(scores[1::2]) == pytest.approx(1, abs=0.25)


def test_a_rate_that_was_always_zero_rings_when_errors_come() -> None:
    events, rows = [0] * 20 + [40], [1000] * 21
    scores = standardise(np.array(events) / 1000, rate_errors(events, rows))
    assert np.nanmax(np.abs(scores[:-1])) == 0
    assert scores[-1] > 4


def test_a_constant_that_changes_is_far_out_and_an_empty_window_is_passed_over() -> None:
    scores = standardise([5.0, 5.0, 5.0, float("nan"), 5.0, 5.0, 6.0])
    assert np.isnan(scores[3])
    assert scores[5] == 0
    assert scores[6] == FAR
    assert chart(scores, limits_for(100)).ringing


def test_a_window_of_equal_values_has_a_score_all_the_same() -> None:
    random = np.random.default_rng(8)
    values, errors = random.normal(10, 1, 30), np.full(30, 1.0)
    values[29], errors[29] = 30.0, 0.0
    assert standardise(values, errors)[29] > 4


def test_windows_that_are_all_constant_ring_at_the_first_other_constant() -> None:
    scores = standardise([1.0] * 12 + [4.0], [0.0] * 13)
    assert scores[-1] == FAR
    assert np.nanmax(np.abs(scores[:-1])) == 0
