"""Wrong labels rank first, whatever the order of rows, and clean ones are no suspects."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.live.label.confident import class_thresholds, confident_joint, doubt_labels, doubt_numbers


def sure_answers(classes: int, rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """True classes, and answers that give each 0.9."""
    truth = np.random.default_rng(seed).integers(0, classes, rows)
    answers = np.full((rows, classes), 0.1 / (classes - 1))
    answers[np.arange(rows), truth] = 0.9
    return truth, answers


@given(st.integers(2, 5), st.integers(0, 1000))
def test_flipped_labels_are_exactly_the_suspects_where_answers_are_sure(classes: int, seed: int) -> None:
    truth, answers = sure_answers(classes, 200, seed)
    flipped = np.random.default_rng(seed).choice(200, 10, replace=False)
    labels = truth.copy()
    labels[flipped] = (labels[flipped] + 1) % classes
    doubt = doubt_labels(labels, answers)
    assert set(doubt.ranked[:10]) == set(flipped) == set(np.flatnonzero(doubt.suspect))
    assert (doubt.likely[flipped] == truth[flipped]).all()


def test_labels_that_agree_with_the_answers_leave_no_suspect() -> None:
    truth, answers = sure_answers(3, 100)
    assert not doubt_labels(truth, answers).suspect.any()
    assert (confident_joint(truth, answers) == np.diag(np.bincount(truth))).all()


def test_a_class_that_no_row_has_and_one_as_likely_as_the_given_make_no_suspect() -> None:
    answers = np.array([[0.2, 0.2, 0.6]] * 4)
    assert class_thresholds(np.array([0, 0, 1, 1]), answers)[2] == np.inf
    assert not doubt_labels(np.array([0, 0, 1, 1]), answers).suspect.any()


@given(st.permutations(range(30)))
def test_the_order_of_rows_does_not_change_a_score(order: list[int]) -> None:
    truth, answers = sure_answers(2, 30)
    labels = truth.copy()
    labels[3] = 1 - labels[3]
    one, other = doubt_labels(labels, answers), doubt_labels(labels[order], answers[order])
    assert (one.score[order] == other.score).all()
    assert (one.suspect[order] == other.suspect).all()


def test_a_number_is_judged_by_the_errors_of_rows_predicted_alike() -> None:
    random = np.random.default_rng(0)
    predicted = np.linspace(1, 1000, 1000)
    given_ = predicted * (1 + random.normal(0, 0.01, 1000))
    given_[50] += 20  # little beside the errors at 1000, much beside those at 50
    doubt = doubt_numbers(given_, predicted)
    assert doubt.ranked[0] == 50
    assert doubt.suspect[50]
    assert doubt.suspect.mean() < 0.02


def test_numbers_that_are_all_predicted_exactly_are_no_suspects() -> None:
    predicted = np.arange(100.0)
    assert not doubt_numbers(predicted.copy(), predicted).suspect.any()
