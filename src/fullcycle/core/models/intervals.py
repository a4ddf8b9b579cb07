"""Prediction intervals of regression by conformal inference on out-of-fold residuals.

Each judged row was answered by a model that had not seen it, so its residual is what a new row's will be like
(cross-conformal prediction: Vovk 2015; Barber, Candès, Ramdas and Tibshirani 2021 bound its coverage). The
bounds are quantiles of those residuals, each with the correction for a finite sample, so that they may lie
asymmetrically. Of a positive target with a long tail, ratios are compared and not differences: an expensive
house is missed by more.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin

Floats = NDArray[np.float64]


class IntervalRegressor(RegressorMixin, BaseEstimator):
    """A fitted regressor with bounds: each is `scale * max(answer, floor) + shift`.

    Already fitted: scales and shifts are learned from out-of-fold predictions, never from these rows.
    """

    def __init__(
        self,
        fitted: Any,
        scales: tuple[float, float] = (1.0, 1.0),
        shifts: tuple[float, float] = (0.0, 0.0),
        floor: float = -np.inf,
    ) -> None:
        self.fitted, self.scales, self.shifts, self.floor = fitted, scales, shifts, floor

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: Any) -> Self:
        return self

    def predict(self, X: pd.DataFrame) -> Floats:
        return np.asarray(self.fitted.predict(X), dtype=np.float64)

    def predict_interval(self, X: pd.DataFrame) -> Floats:
        """Lower and upper bounds, of shape (n, 2)."""
        answer = np.maximum(self.predict(X).reshape(-1, 1), self.floor)
        return np.asarray(answer * np.asarray(self.scales) + np.asarray(self.shifts))


def with_intervals(fitted: Any, answers: Floats, truth: Floats, confidence: float, *, ratios: bool) -> Any:
    """The regressor with bounds that hold `confidence` of new rows.

    `answers` are out of fold and `truth` beside them, (n,). `ratios` compares 1 + answer, as log1p does.
    Raises ValueError where there are too few rows for the claim: `rows_needed(confidence)`.
    """
    if ratios:
        residuals = np.log1p(truth) - np.log1p(np.maximum(answers, 0.0))
        low, high = np.exp(conformal_bounds(residuals, confidence))
        return IntervalRegressor(fitted, (low, high), (low - 1, high - 1), 0.0)
    low, high = conformal_bounds(truth - answers, confidence)
    return IntervalRegressor(fitted, (1.0, 1.0), (low, high))


def conformal_bounds(residuals: Floats, confidence: float) -> tuple[float, float]:
    """The residuals between which a new one falls with at least `confidence`, half of the rest on each side.

    >>> conformal_bounds(np.arange(1.0, 100.0), 0.9)
    (5.0, 95.0)
    """
    ordered = np.sort(residuals)
    place = int(np.floor((len(ordered) + 1) * (1 - confidence) / 2 + 1e-9))
    if place < 1:
        raise ValueError(f"{len(ordered)} residuals, {rows_needed(confidence)} needed")
    return float(ordered[place - 1]), float(ordered[-place])


def rows_needed(confidence: float) -> int:
    """Judged rows without which no interval of this confidence can be claimed.

    >>> rows_needed(0.9), rows_needed(0.99)
    (19, 199)
    """
    return int(np.ceil(2 / (1 - confidence) - 1e-9)) - 1
