"""Whether and how the champion's probabilities are stretched, learned from out-of-fold predictions only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.prepare import Calibration
from fullcycle.core.models.estimators import calibrate

SLOPES = (0.05, 20.0)  # outside, a calibration would say more about the folds than about the model
CHANCE_FLOOR = 1e-15


@dataclass(frozen=True)
class Stretch:
    """The log-odds times `slope` plus `shift`; for more than two classes `shift` is 0."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        return calibrate(probabilities, self.slope, self.shift)


UNCHANGED = Stretch()


def learn_calibration(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], folds: NDArray[np.int64]
) -> tuple[Stretch, Calibration]:
    """The stretch, if it lowers log loss on folds that it was not learned on; otherwise none.

    `probabilities` are out of fold, of shape (n, k); `labels` (positions of classes) and `folds` have shape
    (n,).
    """
    before = log_loss(probabilities, labels)
    after = _cross_fitted_loss(probabilities, labels, folds)
    if after is None or after >= before:
        return UNCHANGED, Calibration(method="none", log_loss_before=before, log_loss_after=after)
    found = fit_stretch(probabilities, labels)
    return found, Calibration(method="sigmoid", log_loss_before=before, log_loss_after=after)


def fit_stretch(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> Stretch:
    """The stretch of least log loss (Platt 1999; temperature scaling by Guo et al. 2017 for k > 2)."""
    from scipy.optimize import minimize

    binary = probabilities.shape[1] == 2

    def loss(parameters: NDArray[np.float64]) -> float:
        stretch = Stretch(float(np.exp(parameters[0])), float(parameters[1]) if binary else 0.0)
        return log_loss(stretch(probabilities), labels)

    bounds = [tuple(np.log(SLOPES)), (-20.0, 20.0)] if binary else [tuple(np.log(SLOPES))]
    best = minimize(loss, np.zeros(len(bounds)), method="L-BFGS-B", bounds=bounds)
    return Stretch(float(np.exp(best.x[0])), float(best.x[1]) if binary else 0.0)


def log_loss(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Mean negative logarithm of the probability of what happened."""
    happened = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(happened, CHANCE_FLOOR)).mean())


def _cross_fitted_loss(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], folds: NDArray[np.int64]
) -> float | None:
    """Log loss where each fold is stretched by what the others taught; None with fewer than two folds."""
    numbers = np.unique(folds)
    if len(numbers) < 2:
        return None
    stretched = np.empty_like(probabilities)
    for number in numbers:
        held = folds == number
        stretched[held] = fit_stretch(probabilities[~held], labels[~held])(probabilities[held])
    return log_loss(stretched, labels)
