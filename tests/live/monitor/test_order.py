"""The test of order: its chances are what they say, natural variation included, and it sees few rows move."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import kolmogorov
from scipy.stats import binom

from fullcycle.core.evidence.monitor import DriftTest
from fullcycle.live.monitor.drift.column_tests import Curve, order_test
from fullcycle.live.monitor.drift.noise import Noise
from fullcycle.live.monitor.drift.squares import directions, squares_above

STILL = Noise(0.0, 0.0, 0.0)
REFERENCE = np.sort(np.random.default_rng(1).normal(size=5_000))
EDGES = np.quantile(REFERENCE, np.linspace(0, 1, 101))


def shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.searchsorted(np.sort(values), EDGES, side="right") / len(values)


def beside_reference(values: NDArray[np.float64], noise: Noise = STILL) -> DriftTest:
    return order_test(Curve(shares(REFERENCE), 5_000), Curve(shares(values), len(values)), noise, 0.05)


def windows(
    seed: int, number: int, rows: int = 100, moved: float = 0.0, wider: float = 1.0
) -> list[DriftTest]:
    random = np.random.default_rng(seed)
    return [beside_reference(random.normal(moved, wider, rows)) for _ in range(number)]


@pytest.mark.parametrize("weights", [[1.0], [0.5, 0.5], [0.5, 1 / 6, 1 / 12, 1 / 20], [5.0, *[0.01] * 50]])
def test_chances_of_a_sum_of_squares_are_those_of_simulation(weights: list[float]) -> None:
    drawn = np.random.default_rng(0).normal(size=(200_000, len(weights))) ** 2 @ np.array(weights)
    for share in (0.9, 0.5, 0.1, 0.01, 0.001):
        value = float(np.quantile(drawn, 1 - share))
        assert squares_above(value, np.array(weights)) == pytest.approx(share, rel=0.1, abs=3e-4)
    assert squares_above(sum(weights), np.array(weights)) == pytest.approx(
        np.mean(drawn > sum(weights)), abs=0.02
    )


def test_of_very_many_points_the_directions_are_anderson_and_darlings() -> None:
    found = directions(((np.arange(1_000) + 0.5) / 1_000).tobytes())
    assert found[:4] == pytest.approx([1 / 2, 1 / 6, 1 / 12, 1 / 20], rel=0.02)


@pytest.mark.parametrize("rows", [30, 100, 1_000])
def test_still_windows_ring_as_often_as_they_may(rows: int) -> None:
    tests = windows(seed=rows, number=1_000, rows=rows)
    for alpha in (0.1, 0.01):
        low, high = binom.ppf([0.001, 0.999], len(tests), alpha)
        assert low * 0.6 <= sum(test.p < alpha for test in tests) <= high


def test_a_shift_and_another_spread_of_few_rows_are_seen_more_often_than_by_the_largest_distance() -> None:
    for moved, wider in ((0.25, 1.0), (0.0, 1.3)):
        tests = windows(seed=5, number=300, moved=moved, wider=wider)
        ours = np.mean([test.p < 0.05 for test in tests])
        distances = np.array([test.effect for test in tests])
        theirs = np.mean(kolmogorov(distances / np.sqrt(1 / 100 + 1 / 5_000)) < 0.05)
        assert ours > theirs + 0.05


def test_where_all_shares_stray_together_chances_hold_at_any_size() -> None:
    random, spread = np.random.default_rng(3), 0.1
    # A mean that strays by s moves the share below the median by s / sqrt(2 pi), the most of all shares.
    natural = Noise(order=4 * spread**2 / (2 * np.pi), mix=0.0, missing=0.0, df=inf)
    found = [
        beside_reference(random.normal(random.normal(0, spread), 1.0, 20_000), natural) for _ in range(300)
    ]
    assert sum(test.p < 0.01 for test in found) <= binom.ppf(0.999, 300, 0.01)
    assert beside_reference(random.normal(1.0, 1.0, 20_000), natural).p < 1e-6


def test_few_values_and_rare_ones_have_chances_too() -> None:
    for ones, p in ((3, 0.1), (60, 1e-6)):
        both = Curve(np.array([0.99, 1.0]), 5_000), Curve(np.array([1 - ones / 200, 1.0]), 200)
        assert (order_test(*both, STILL, 0.05).p > p) == (ones == 3)
    assert order_test(Curve(np.array([1.0]), 10), Curve(np.array([1.0]), 10), STILL, 0.05).p == 1.0
