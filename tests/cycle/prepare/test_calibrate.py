"""Calibration is learned from out-of-fold predictions, and only kept where it helps on other folds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from tests.cycle.prepare.conftest import small_contract

from fullcycle.core.contract.model import Task
from fullcycle.core.models.estimators import calibrate
from fullcycle.cycle.prepare.calibrate import UNCHANGED, Stretch, fit_stretch, learn_calibration, log_loss
from fullcycle.cycle.prepare.fit import OutOfFold, calibrate_champion, read_out_of_fold
from fullcycle.cycle.prepare.variants.recipes import Fitted

ROWS = 6000


def drawn(classes: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """True probabilities, labels drawn from them, folds."""
    random = np.random.default_rng(11)
    scores = random.normal(size=(ROWS, classes)) * 1.5
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(classes, p=row) for row in chances])
    return chances, labels, np.arange(ROWS) % 5


@pytest.mark.parametrize("classes", [2, 4])
def test_overconfident_probabilities_are_brought_back(classes: int) -> None:
    chances, labels, folds = drawn(classes)
    overconfident = calibrate(chances, 2.0, 0.0)
    stretch, facts = learn_calibration(overconfident, labels, folds)
    assert facts.method == "sigmoid"
    assert facts.log_loss_after < facts.log_loss_before - 0.02
    assert stretch.slope == pytest.approx(0.5, abs=0.05)


def test_a_shift_of_two_classes_is_undone() -> None:
    chances, labels, folds = drawn(2)
    stretch, facts = learn_calibration(calibrate(chances, 1.0, 1.0), labels, folds)
    assert facts.method == "sigmoid"
    assert stretch.shift == pytest.approx(-1.0, abs=0.1)


def test_several_classes_are_only_stretched() -> None:
    chances, labels, _ = drawn(3)
    assert fit_stretch(calibrate(chances, 2.0, 0.0), labels).shift == 0


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_that_are_right_already_stay_as_they_are(classes: int) -> None:
    chances, labels, folds = drawn(classes)
    stretch, facts = learn_calibration(chances, labels, folds)
    assert (stretch, facts.method) == (UNCHANGED, "none")
    assert facts.log_loss_before == pytest.approx(log_loss(chances, labels))


def test_without_a_second_fold_nothing_shows_that_calibration_helps() -> None:
    chances, labels, _ = drawn(2)
    stretch, facts = learn_calibration(calibrate(chances, 3.0, 0.0), labels, np.zeros(ROWS, dtype=int))
    assert (stretch, facts.method, facts.log_loss_after) == (UNCHANGED, "none", None)


def test_certain_and_wrong_predictions_give_a_finite_loss() -> None:
    chances = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5]])
    stretch, facts = learn_calibration(chances, np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    assert np.isfinite(facts.log_loss_before)
    assert np.isfinite(stretch(chances)).all()


@given(st.floats(0.06, 15), st.floats(-5, 5))
def test_a_stretch_keeps_the_order_of_rows(slope: float, shift: float) -> None:
    positive = np.linspace(1e-6, 1 - 1e-6, 200)
    stretched = Stretch(slope, shift)(np.column_stack([1 - positive, positive]))[:, 1]
    assert (np.diff(stretched) >= 0).all()


def fitted_classifier(classes: tuple[str, ...]) -> Fitted:
    rows = np.arange(20.0).reshape(-1, 1)
    model = LogisticRegression().fit(rows, [classes[at % len(classes)] for at in range(20)])
    return Fitted(model, small_contract(Task.binary, classes))


def out_of_fold(classes: tuple[str, ...], slope: float = 2.0) -> OutOfFold:
    chances, labels, folds = drawn(len(classes))
    return OutOfFold(classes, calibrate(chances, slope, 0.0), labels, folds)


def test_a_threshold_chosen_before_calibration_moves_with_it() -> None:
    classes = ("no", "yes")
    champion = calibrate_champion(fitted_classifier(classes), out_of_fold(classes), classes, 0.8)
    expected = calibrate(np.array([[0.2, 0.8]]), champion.fitted.slope, champion.fitted.shift)[0, 1]
    assert champion.threshold == champion.fitted.threshold == pytest.approx(expected)
    assert 0.5 < champion.threshold < 0.8


def test_without_a_chosen_threshold_the_likelier_class_is_said() -> None:
    classes = ("no", "yes")
    champion = calibrate_champion(fitted_classifier(classes), out_of_fold(classes), classes, None)
    assert champion.threshold == champion.fitted.threshold == 0.5


def test_a_positive_class_that_sorts_first_keeps_its_threshold() -> None:
    """scikit-learn knows ("bad", "good"); the person asks about "bad"."""
    classes = ("good", "bad")
    champion = calibrate_champion(fitted_classifier(classes), out_of_fold(classes, 1.0), classes, 0.3)
    assert champion.calibration.method == "none"
    assert champion.threshold == pytest.approx(0.3)
    assert champion.fitted.threshold == pytest.approx(0.7)
    assert list(champion.fitted.classes_) == ["bad", "good"]


def test_several_classes_have_no_threshold() -> None:
    classes = ("a", "b", "c")
    champion = calibrate_champion(fitted_classifier(classes), out_of_fold(classes), classes, None)
    assert champion.threshold is None
    assert champion.fitted.slope == pytest.approx(0.5, abs=0.05)


def test_labels_are_found_by_row_number_whatever_the_order() -> None:
    target = pd.Series(["yes", "no", "yes"], index=[10, 20, 30])
    oof = pd.DataFrame({"_row": [30, 10], "fold": [1, 0], "p_0": [0.2, 0.6], "p_1": [0.8, 0.4]})
    found = read_out_of_fold(oof, target, ("yes", "no"))
    assert found.labels.tolist() == [0, 0]
    assert found.ordered(("no", "yes")).labels.tolist() == [1, 1]
    assert found.ordered(("no", "yes")).probabilities.tolist() == [[0.8, 0.2], [0.4, 0.6]]
