"""The points that the verify report draws, beside what other libraries compute."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import auc, confusion_matrix, roc_auc_score

from fullcycle.cycle.verify.judge import (
    calibration_bins,
    confusion_counts,
    residual_histogram,
    roc_points,
    sample_points,
    wilson_interval,
)

# Two cores are shared with the rest of the suite: slowness says nothing about these properties.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RANDOM = np.random.default_rng(0)
answers = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]) | st.floats(0, 1)), min_size=2
)


@PATIENT
@given(answers)
def test_the_curve_encloses_the_area_that_scikit_learn_finds(rows: list[tuple[bool, float]]) -> None:
    positive, probability = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    points = roc_points(positive, probability)
    if positive.all() or not positive.any():
        assert points == ()
        return
    x, y = np.array(points).T
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)
    assert (np.diff(x) >= 0).all()
    assert (np.diff(y) >= 0).all()
    assert auc(x, y) == pytest.approx(roc_auc_score(positive, probability))


def test_a_long_curve_is_thinned_and_keeps_its_area() -> None:
    probability = RANDOM.random(20_000)
    positive = RANDOM.random(20_000) < probability
    x, y = np.array(roc_points(positive, probability)).T
    assert len(x) == 200
    assert auc(x, y) == pytest.approx(roc_auc_score(positive, probability), abs=1e-3)


def test_bins_hold_every_row_once_and_say_what_happened() -> None:
    probability = RANDOM.random(1000)
    happened = RANDOM.random(1000) < probability
    bins = calibration_bins(happened, probability)
    assert [each.rows for each in bins] == [100] * 10
    assert sum(each.rows * each.observed for each in bins) == pytest.approx(happened.sum())
    assert sum(each.rows * each.predicted for each in bins) == pytest.approx(probability.sum())
    assert [each.predicted for each in bins] == sorted(each.predicted for each in bins)
    assert all(each.low <= each.observed <= each.high for each in bins)


@pytest.mark.parametrize("probability", [[0.3] * 50, [0.0] * 25 + [1.0] * 25, [0.7]])
def test_equal_probabilities_share_a_bin(probability: list[float]) -> None:
    bins = calibration_bins(np.zeros(len(probability), dtype=bool), np.array(probability))
    assert len(bins) == len(set(probability))
    assert sum(each.rows for each in bins) == len(probability)


@PATIENT
@given(st.integers(1, 500).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
def test_wilsons_bounds_are_where_the_normal_test_turns(counts: tuple[int, int]) -> None:
    successes, rows = counts
    low, high = wilson_interval(successes, rows)
    assert 0 <= low <= successes / rows <= high <= 1
    z = NormalDist().inv_cdf(0.975)
    for bound in (low, high):
        if 0 < bound < 1:
            spread = np.sqrt(bound * (1 - bound) / rows)
            assert abs(successes / rows - bound) / spread == pytest.approx(z, rel=1e-6)


def test_no_rows_leave_a_share_unknown() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_confusion_counts_every_class_of_the_contract() -> None:
    truth, said = np.array(["a", "b", "b", "a"]), np.array(["a", "a", "b", "a"])
    counts = confusion_counts(truth, said, ("a", "b", "never"))
    matrix = confusion_matrix(truth, said, labels=["a", "b", "never"])
    assert [[counts[true][label] for label in counts] for true in counts] == matrix.tolist()


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        (RANDOM.normal(size=1000), RANDOM.normal(size=1000)),
        (np.append(RANDOM.normal(size=999), 1e12), np.zeros(1000)),
        (np.full(10, 5.0), np.full(10, 5.0)),
        (np.array([1.0]), np.array([2.0])),
    ],
)
def test_every_residual_is_in_the_histogram(truth: Any, said: Any) -> None:
    histogram = residual_histogram(truth, said)
    assert sum(histogram.counts) == len(truth)
    assert (np.diff(histogram.edges) > 0).all()
    assert histogram.edges[-1] < 1e6 or len(truth) < 1000, "one extreme does not flatten the picture"


def test_a_sample_is_pairs_of_predicted_and_actual_and_the_same_for_a_seed() -> None:
    truth, said = np.arange(2000.0), np.arange(2000.0) + 0.5
    points = sample_points(truth, said, seed=1)
    assert len(points) == 500 == len(set(points))
    assert all(predicted - actual == 0.5 for predicted, actual in points)
    assert points == sample_points(truth, said, seed=1) != sample_points(truth, said, seed=2)
    assert len(sample_points(truth[:10], said[:10], seed=1)) == 10
