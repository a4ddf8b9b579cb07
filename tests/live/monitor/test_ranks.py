"""The tests of level and spread: their chances hold, natural variation included; they see few rows move."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import kolmogorov, ndtr
from scipy.stats import binom

from fullcycle.core.evidence.monitor import DriftTest
from fullcycle.live.monitor.drift.column_tests import Curve, level_test, spread_test
from fullcycle.live.monitor.drift.noise import Noise
from fullcycle.live.monitor.drift.ranks import farther, normal_scores

STILL = Noise(0.0, 0.0, 0.0)
REFERENCE = np.sort(np.random.default_rng(1).normal(size=5_000))
EDGES = np.quantile(REFERENCE, np.linspace(0, 1, 101))


def shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.searchsorted(np.sort(values), EDGES, side="right") / len(values)


TESTS = {"level": level_test, "spread": spread_test}


def beside_reference(which: str, values: NDArray[np.float64], noise: Noise = STILL) -> DriftTest:
    found = TESTS[which](Curve(shares(REFERENCE), 5_000), Curve(shares(values), len(values)), noise, 0.05)
    assert found is not None
    return found


def windows(
    which: str, seed: int, number: int, rows: int = 100, *, moved: float = 0.0, wider: float = 1.0
) -> list[DriftTest]:
    random = np.random.default_rng(seed)
    return [beside_reference(which, random.normal(moved, wider, rows)) for _ in range(number)]


@pytest.mark.parametrize("skew", [2.0, 0.5, -0.5, 0.0])
def test_chances_of_a_skewed_number_are_those_of_simulation(skew: float) -> None:
    random = np.random.default_rng(0)
    shape = 4 / skew**2 if skew else inf
    drawn = (
        (random.gamma(shape, size=200_000) - shape) / np.sqrt(shape) if skew else random.normal(size=200_000)
    )
    drawn = drawn if skew >= 0 else -drawn
    for z in (-2.0, -0.5, 1.0, 2.5, 3.5):
        side = np.mean(drawn >= z) if z > 0 else np.mean(drawn <= z)
        assert farther(z, skew) == pytest.approx(min(2 * side, 1.0), rel=0.1, abs=3e-4)


def test_scores_of_many_points_are_those_of_the_normal_distribution() -> None:
    points = (np.arange(1, 2_000) / 2_000).tobytes()
    level, spread = normal_scores(points, 1), normal_scores(points, 2)
    assert level is not None
    assert spread is not None
    assert (level.skew, spread.skew) == (pytest.approx(0, abs=1e-9), pytest.approx(np.sqrt(8), rel=0.1))
    # Where the mean strays by s, the share below the median strays by s / sqrt(2 pi), in units of 1/2.
    assert level.reach >= np.sqrt(np.pi / 2)
    assert normal_scores(np.array([0.5]).tobytes(), 2) is None


@pytest.mark.parametrize("which", TESTS)
@pytest.mark.parametrize("rows", [30, 100, 1_000])
def test_still_windows_ring_as_often_as_they_may(which: str, rows: int) -> None:
    tests = windows(which, seed=rows, number=2_000, rows=rows)
    for alpha in (0.1, 0.01, 0.001):
        low, high = binom.ppf([0.001, 0.999], len(tests), alpha)
        assert low * 0.6 <= sum(test.p < alpha for test in tests) <= high


@pytest.mark.parametrize("wider", [1.5, 0.6])
def test_more_spread_comes_by_chance_more_often_than_less_does(wider: float) -> None:
    for test in windows("spread", seed=2, number=20, rows=30, wider=wider):
        normal = 2 * ndtr(-abs(test.statistic))
        assert test.p > normal if test.statistic > 0 else test.p < normal


@pytest.mark.parametrize(("which", "moved", "wider"), [("level", 0.25, 1.0), ("spread", 0.0, 1.3)])
def test_a_shift_and_another_spread_of_few_rows_are_seen_more_often_than_by_the_largest_distance(
    which: str, moved: float, wider: float
) -> None:
    tests = windows(which, seed=5, number=300, moved=moved, wider=wider)
    ours = np.mean([test.p < 0.05 for test in tests])
    distances = np.array([test.effect for test in tests])
    theirs = np.mean(kolmogorov(distances / np.sqrt(1 / 100 + 1 / 5_000)) < 0.05)
    assert ours > theirs + 0.1


@pytest.mark.parametrize("which", TESTS)
def test_where_all_shares_stray_together_chances_hold_at_any_size(which: str) -> None:
    random, spread = np.random.default_rng(3), 0.1
    # A mean that strays by s moves the share below the median by s / sqrt(2 pi), the most of all shares; a
    # standard deviation does no more.
    natural = Noise(order=4 * spread**2 / (2 * np.pi), mix=0.0, missing=0.0, df=inf)
    found = [
        beside_reference(which, random.normal(*_astray(which, random, spread), 20_000), natural)
        for _ in range(300)
    ]
    assert sum(test.p < 0.01 for test in found) <= binom.ppf(0.999, 300, 0.01)
    far = random.normal(1.0, 1.0, 20_000) if which == "level" else random.normal(0.0, 3.0, 20_000)
    assert beside_reference(which, far, natural).p < 1e-6


def _astray(which: str, random: np.random.Generator, spread: float) -> tuple[float, float]:
    strays = float(random.normal(0, spread))
    return (strays, 1.0) if which == "level" else (0.0, float(np.exp(strays)))


@pytest.mark.parametrize("which", TESTS)
def test_few_values_and_rare_ones_have_chances_too(which: str) -> None:
    for ones, p in ((3, 0.1), (60, 1e-6)):
        both = Curve(np.array([0.99, 1.0]), 5_000), Curve(np.array([1 - ones / 200, 1.0]), 200)
        found = TESTS[which](*both, STILL, 0.05)
        assert found is not None
        assert (found.p > p) == (ones == 3)
    assert TESTS[which](Curve(np.array([1.0]), 10), Curve(np.array([1.0]), 10), STILL, 0.05) is None
