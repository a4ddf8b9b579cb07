"""Metrics equal scikit-learn's, with weights as repeated rows; intervals and baselines mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from fullcycle.core.contract.model import Task
from fullcycle.core.metrics import (
    METRICS,
    Answer,
    answer_for,
    baseline_scores,
    bootstrap_difference,
    bootstrap_interval,
    labels_of,
    metrics_of,
    scores_of,
)

SKLEARN = {
    "roc_auc": lambda y, p, w: reference.roc_auc_score(y, p[:, 1], sample_weight=w),
    "average_precision": lambda y, p, w: reference.average_precision_score(y, p[:, 1], sample_weight=w),
    "log_loss": lambda y, p, w: reference.log_loss(y, p, sample_weight=w, labels=[0, 1]),
    "accuracy": lambda y, p, w: reference.accuracy_score(y, p[:, 1] >= 0.5, sample_weight=w),
    "f1_macro": lambda y, p, w: reference.f1_score(y, p[:, 1] >= 0.5, sample_weight=w, average="macro"),
    "r2": lambda y, v, w: reference.r2_score(y, v, sample_weight=w),
    "rmse": lambda y, v, w: reference.root_mean_squared_error(y, v, sample_weight=w),
    "mae": lambda y, v, w: reference.mean_absolute_error(y, v, sample_weight=w),
}

# Few distinct scores, so that ties are the rule.
binary_rows = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.3, 0.5, 0.5000001, 0.9]), st.integers(0, 3)),
    min_size=2,
    max_size=40,
)


@pytest.mark.parametrize("name", [metric.name for metric in metrics_of(Task.binary)])
@given(rows=binary_rows)
@settings(max_examples=60, deadline=None)
def test_a_metric_of_two_classes_is_scikit_learns_for_any_weights(
    name: str, rows: list[tuple[int, float, int]]
) -> None:
    y, positive, weights = (np.array(column) for column in zip(*rows, strict=True))
    if len(set(y[weights > 0])) < 2:
        return  # an AUC of one class is undefined; that case has a test of its own
    probabilities = np.column_stack([1 - positive, positive])
    metric = METRICS[name]
    found = metric.statistic(y, answer_for(metric, probabilities))(weights.astype(float))
    assert found == pytest.approx(SKLEARN[name](y, probabilities, weights), abs=1e-12)


@pytest.mark.parametrize("name", [metric.name for metric in metrics_of(Task.regression)])
@given(
    rows=st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 3)), min_size=2, max_size=40
    )
)
@settings(max_examples=60, deadline=None)
def test_a_metric_of_numbers_is_scikit_learns_for_any_weights(
    name: str, rows: list[tuple[float, float, int]]
) -> None:
    y, values, weights = (np.array(column) for column in zip(*rows, strict=True))
    if np.ptp(y[weights > 0]) < 1 if (weights > 0).any() else True:
        return
    found = METRICS[name].statistic(y, values)(weights.astype(float))
    assert found == pytest.approx(SKLEARN[name](y, values, weights), rel=1e-6, abs=1e-9)


def test_metrics_of_three_classes_are_means_of_each_class_against_the_rest() -> None:
    random = np.random.default_rng(0)
    y = random.integers(0, 3, 300)
    probabilities = random.dirichlet([1, 1, 1], 300) * 0.5 + np.eye(3)[y] * 0.5
    found = scores_of(Task.multiclass, y, probabilities)
    assert found["roc_auc"] == pytest.approx(reference.roc_auc_score(y, probabilities, multi_class="ovr"))
    assert found["f1_macro"] == pytest.approx(
        reference.f1_score(y, probabilities.argmax(axis=1), average="macro")
    )
    assert found["average_precision"] == pytest.approx(
        np.mean([reference.average_precision_score(y == code, probabilities[:, code]) for code in range(3)])
    )
    assert found["log_loss"] == pytest.approx(reference.log_loss(y, probabilities))


def test_an_auc_of_one_class_is_undefined_and_its_interval_is_empty() -> None:
    y, probabilities = np.zeros(5, dtype=np.int64), np.full((5, 2), 0.5)
    interval = bootstrap_interval(METRICS["roc_auc"], y, probabilities, resamples=20)
    assert (interval.value, interval.low, interval.high) == (None, None, None)


def test_r2_of_a_constant_target_is_undefined() -> None:
    for constant in (1.0, 0.1, 0.0, 1e9 / 3):  # equal numbers and their mean may differ in the last bit
        assert np.isnan(METRICS["r2"].function(np.full(7, constant), np.arange(7.0)))


def test_a_probability_of_zero_for_what_happened_costs_much_but_not_everything() -> None:
    loss = METRICS["log_loss"].function(np.array([1, 1]), np.array([[1.0, 0.0], [0.5, 0.5]]))
    assert 10 < loss < 20


def test_of_two_classes_the_threshold_itself_counts_as_the_last_class() -> None:
    assert labels_of(np.array([[0.7, 0.3], [0.70001, 0.29999]]), threshold=0.3).tolist() == [1, 0]
    assert labels_of(np.array([[0.2, 0.5, 0.3]])).tolist() == [1]


def _scored(rows: int, seed: int) -> tuple[Answer, Answer]:
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, rows)
    positive = 1 / (1 + np.exp(-(y + random.normal(0, 1, rows))))
    return y, np.column_stack([1 - positive, positive])


def test_a_95_interval_covers_the_truth_about_95_times_in_100() -> None:
    # Two normals one standard deviation apart: the AUC is Phi(1 / sqrt 2) = 0.7602. Of 200 draws at 95%, a
    # right interval covers fewer than 178 less than once in a thousand times.
    truth, covered = 0.76025, 0
    for seed in range(200):
        interval = bootstrap_interval(METRICS["roc_auc"], *_scored(200, seed), resamples=200, seed=seed)
        covered += (interval.low or 0) <= truth <= (interval.high or 0)
    assert covered >= 178


def test_an_interval_is_the_same_again_and_another_with_another_seed() -> None:
    y, answer = _scored(300, 1)
    first, again, other = (
        bootstrap_interval(METRICS["roc_auc"], y, answer, resamples=50, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again
    assert first.low != other.low


def test_a_wider_confidence_gives_a_wider_interval() -> None:
    y, answer = _scored(300, 1)
    narrow, wide = (
        bootstrap_interval(METRICS["accuracy"], y, labels_of(answer), resamples=200, confidence=confidence)
        for confidence in (0.5, 0.99)
    )
    assert (wide.low or 0) < (narrow.low or 0) < (narrow.high or 0) < (wide.high or 0)


def test_the_difference_of_an_answer_from_itself_is_exactly_none() -> None:
    y, answer = _scored(200, 2)
    interval = bootstrap_difference(METRICS["roc_auc"], y, answer, answer, resamples=50)
    assert (interval.value, interval.low, interval.high) == (0, 0, 0)


def test_answers_are_compared_on_the_same_resamples() -> None:
    # Answers with independent noise would differ by chance; a shifted copy ranks rows alike and never does.
    y, answer = _scored(200, 3)
    lower = np.column_stack([1 - answer[:, 1] / 2, answer[:, 1] / 2])
    interval = bootstrap_difference(METRICS["roc_auc"], y, answer, lower, resamples=50)
    assert interval.low == interval.high == pytest.approx(0, abs=1e-12)


def test_the_trivial_baseline_answers_class_shares_and_the_most_frequent_class() -> None:
    train, test = np.array([0, 0, 0, 1]), np.array([0, 1])
    found = baseline_scores(Task.binary, train, test)
    assert found["roc_auc"] == 0.5
    assert found["average_precision"] == 0.5
    assert found["accuracy"] == 0.5
    assert found["log_loss"] == pytest.approx(-(np.log(0.75) + np.log(0.25)) / 2)


def test_the_trivial_baseline_of_numbers_is_the_mean_and_for_mae_the_median() -> None:
    train, test = np.array([0.0, 0.0, 9.0]), np.array([0.0, 6.0])
    found = baseline_scores(Task.regression, train, test)
    assert found["r2"] == 0.0
    assert found["mae"] == 3.0
    assert found["rmse"] == 3.0


def test_a_better_score_is_lower_for_a_loss_and_never_nan() -> None:
    assert METRICS["roc_auc"].better(0.8, 0.7)
    assert METRICS["log_loss"].better(0.3, 0.4)
    assert METRICS["r2"].better(-5.0, float("nan"))
    assert not METRICS["r2"].better(float("nan"), -5.0)
    assert not METRICS["rmse"].better(1.0, 1.0)
