from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fullcycle.core.models.resampled import FloatArray, corrected_resampled_t, holm

FOLDS, REPEATS, ROWS, SIMULATIONS = 5, 8, 60, 200

differences = st.lists(
    st.floats(-1, 1, allow_subnormal=False).map(lambda x: round(x, 6)), min_size=2, max_size=20
).map(np.array)


@given(differences, st.floats(0.05, 0.5))
def test_it_is_students_t_with_the_variance_of_overlapping_training_sets(
    found: FloatArray, test_share: float
) -> None:
    plain = stats.ttest_1samp(found, 0) if np.ptp(found) > 0 else None
    corrected = corrected_resampled_t(found, test_share)
    assert corrected.df == len(found) - 1
    if plain is None:
        assert corrected.p_value == (0 if found[0] else 1)
        return
    widened = math.sqrt(1 + len(found) * test_share / (1 - test_share))
    expected = 2 * stats.t.sf(abs(plain.statistic) / widened, len(found) - 1)
    assert corrected.p_value == pytest.approx(expected, rel=1e-6, abs=1e-12)


@given(differences, st.floats(0.05, 0.5))
def test_the_interval_leaves_zero_out_exactly_where_the_test_rejects(found: FloatArray, share: float) -> None:
    corrected = corrected_resampled_t(found, share)
    low, high = corrected.interval(0.95)
    if abs(corrected.p_value - 0.05) > 1e-6 and corrected.standard_error > 0:
        assert (low > 0 or high < 0) == (corrected.p_value < 0.05)
    assert low <= corrected.mean <= high


@given(differences)
def test_one_sided_claims_of_both_directions_add_up_to_one(found: FloatArray) -> None:
    above, below = (corrected_resampled_t(sign * found, 0.2).p_greater for sign in (1, -1))
    assert above + below == pytest.approx(1)


def test_two_equally_useless_columns_are_seldom_told_apart() -> None:
    """Where the plain t test over the same folds calls one of them better far too often."""
    random = np.random.default_rng(5)
    found = [_compared(random) for _ in range(SIMULATIONS)]
    corrected = sum(corrected_resampled_t(each, 1 / FOLDS).p_value < 0.05 for each in found)
    plain = sum(stats.ttest_1samp(each, 0).pvalue < 0.05 for each in found)
    assert corrected <= stats.binom.ppf(0.995, SIMULATIONS, 0.05)
    assert plain > 2 * stats.binom.ppf(0.995, SIMULATIONS, 0.05)


def _compared(random: np.random.Generator) -> FloatArray:
    """Squared errors of a line through one useless column, less those of another, by fold."""
    y, first, second = random.normal(size=(3, ROWS))
    found = []
    for _ in range(REPEATS):
        for valid in np.array_split(random.permutation(ROWS), FOLDS):
            train = np.setdiff1d(np.arange(ROWS), valid)
            errors = [
                (y[valid] - np.polyval(np.polyfit(x[train], y[train], 1), x[valid])) ** 2
                for x in (first, second)
            ]
            found.append(float(np.mean(errors[0] - errors[1])))
    return np.array(found)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_of_rows_lies_between_0_and_1(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        corrected_resampled_t(np.array([0.1, 0.2]), share)


@pytest.mark.parametrize("found", [[0.1], [], [0.1, math.nan], [[0.1, 0.2]]])
def test_it_takes_two_finite_differences_or_more(found: list[float]) -> None:
    with pytest.raises(ValueError, match="two or more finite"):
        corrected_resampled_t(np.array(found), 0.2)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="a share"):
        corrected_resampled_t(np.array([0.1, 0.2]), 0.2).interval(confidence)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_never_lowers_a_p_value(found: list[float]) -> None:
    adjusted = holm(found)
    assert all(raw <= corrected <= 1 for raw, corrected in zip(found, adjusted, strict=True))
    order = np.argsort(found, kind="stable")
    assert list(np.array(adjusted)[order]) == sorted(adjusted)
    if found:
        assert min(adjusted) == min(1, len(found) * min(found))
