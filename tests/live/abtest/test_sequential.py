"""Intervals of every look: their formula, their order, and what they cost beside one look."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks.abtest import MEAN, left_out, revenues
from hypothesis import given, settings
from hypothesis import strategies as st

from fullcycle.live.abtest.sequential import half_width, p_values, tightness
from fullcycle.live.abtest.several import adjusted, levels


def published(units: float, deviation: float, alpha: float, rho: float) -> float:
    """Equation 4 of Waudby-Smith et al. (2024), as printed."""
    inside = 2 * (units * rho**2 + 1) / (units**2 * rho**2) * math.log(math.sqrt(units * rho**2 + 1) / alpha)
    return deviation * math.sqrt(inside)


@given(st.floats(200, 1e6), st.floats(0.1, 100), st.floats(0.001, 0.2), st.floats(1_000, 1e5))
def test_the_width_is_the_published_one(
    units: float, deviation: float, alpha: float, tightest: float
) -> None:
    rho = math.sqrt(tightness(alpha) / tightest)
    found = half_width(np.array(deviation**2 / units), np.array(units), alpha, tightest)
    assert float(found) == pytest.approx(published(units, deviation, alpha, rho), rel=1e-9)


@given(st.floats(0.001, 0.2), st.floats(0.05, 20))
def test_no_other_rho_is_tighter_at_the_planned_units(alpha: float, other: float) -> None:
    units, rho = 5_000.0, math.sqrt(tightness(alpha) / 5_000.0)
    assert published(units, 1.0, alpha, rho) <= published(units, 1.0, alpha, rho * math.sqrt(other)) + 1e-12


@given(st.floats(-1, 1), st.floats(0.01, 1), st.floats(200, 1e5), st.floats(0.005, 0.2))
def test_an_interval_leaves_0_out_exactly_where_its_p_value_is_below_alpha(
    value: float, error: float, units: float, alpha: float
) -> None:
    half = float(half_width(np.array(error**2), np.array(units), alpha))
    p_value = float(p_values(np.array(value), np.array(error**2), np.array(units), alpha))
    if abs(abs(value) - half) > 1e-9:
        assert (abs(value) > half) == (p_value < alpha)


def test_looking_every_day_is_safe_with_them_and_not_without() -> None:
    always, naive = left_out(lambda random, size: revenues(random, size, 28 * 100), MEAN, 0.0, 200)
    assert always <= 20  # 10 are allowed; 20 happen by chance once in five hundred
    assert naive >= 25


@settings(max_examples=25)
@given(
    st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=6), st.sampled_from(["holm", "bonferroni", "dunnett"])
)
def test_an_adjusted_p_value_is_below_alpha_exactly_where_its_level_is_reached(
    p_values_of: list[float], correction: str
) -> None:
    shared = [np.full(len(p_values_of), 0.5)]
    alpha = 0.05
    [level] = levels(correction, [p_values_of], shared, alpha)  # type: ignore[arg-type]
    [whole] = adjusted(correction, [p_values_of], shared)  # type: ignore[arg-type]
    for p_value, each, adjusted_p in zip(p_values_of, level, whole, strict=True):
        if abs(p_value - each) > 1e-6 and abs(adjusted_p - alpha) > 1e-6:
            assert (p_value < each) == (adjusted_p < alpha)
        assert adjusted_p >= p_value - 1e-12
