"""The scikit-learn parts of a candidate; each has an exporter in `core/models/onnx`.

A fitted candidate takes a pandas frame of the contract's feature columns as coerced: numeric float64 with
NaN, boolean object or bool with None, categorical str with None, datetime datetime64[us] with NaT. Its first
step, `ModelInput`, makes of it what the graph's inputs hold: float32 (float64 where wide), strings with "".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from fullcycle.core.models.stopping import stopping_params

FLOAT32_MAX = float(np.finfo(np.float32).max)
DATETIME_MISSING = np.iinfo(np.int64).min
DAY_US = 86_400_000_000
PROBABILITY_FLOOR = 1e-7  # the logit of a calibrated answer is taken inside these bounds


class ModelInput(TransformerMixin, BaseEstimator):
    """A coerced frame as the graph sees it: a frame with the same columns, numbers as float, strings with "".

    `numbers`, `booleans`, `datetimes`, `strings` name the columns; `wide` names numbers kept as float64.
    Finite values beyond float32 saturate; a datetime becomes float64 days since 1970 (NaN where missing).
    """

    def __init__(
        self,
        numbers: tuple[str, ...] = (),
        booleans: tuple[str, ...] = (),
        datetimes: tuple[str, ...] = (),
        strings: tuple[str, ...] = (),
        wide: tuple[str, ...] = (),
    ) -> None:
        self.numbers, self.booleans, self.datetimes = numbers, booleans, datetimes
        self.strings, self.wide = strings, wide

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        self.fitted_ = True
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        check_is_fitted(self)
        columns: dict[str, Any] = {}
        for name in self.numbers:
            values = pd.to_numeric(X[name]).to_numpy(dtype="float64", na_value=np.nan)
            columns[name] = values if name in self.wide else to_float32(values)
        for name in self.booleans:
            columns[name] = pd.to_numeric(X[name].astype("boolean").astype("Float32")).to_numpy(
                dtype="float32", na_value=np.nan
            )
        for name in self.datetimes:
            moments = pd.to_datetime(X[name]).astype("datetime64[us]")
            micros = moments.to_numpy().astype("int64")
            columns[name] = np.where(micros == DATETIME_MISSING, np.nan, micros / DAY_US)
        for name in self.strings:
            texts = X[name].astype(object)
            columns[name] = texts.where(texts.notna(), "").astype(str).astype(object)
        return pd.DataFrame(columns, index=X.index)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        return np.array([*self.numbers, *self.booleans, *self.datetimes, *self.strings], dtype=object)


def to_float32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """float64 as float32; what lies beyond its range saturates instead of turning infinite."""
    return np.clip(values, -FLOAT32_MAX, FLOAT32_MAX).astype(np.float32)


class QuantileClipper(TransformerMixin, BaseEstimator):
    """Clip each number at quantiles of the training rows (DECISIONS 23); missing stays missing."""

    def __init__(self, low: float = 0.005, high: float = 0.995) -> None:
        self.low, self.high = low, high

    def fit(self, X: Any, y: Any = None) -> Self:
        values = np.asarray(X, dtype=np.float64)
        self.n_features_in_ = values.shape[1]
        empty = np.isnan(values).all(axis=0)
        safe = np.where(empty, 0.0, values)
        self.lower_ = np.nanquantile(safe, self.low, axis=0).astype(np.float32)
        self.upper_ = np.nanquantile(safe, self.high, axis=0).astype(np.float32)
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        check_is_fitted(self)
        with np.errstate(over="ignore"):  # beyond float32 is infinite for a moment, then clipped
            return np.clip(np.asarray(X, dtype=np.float32), self.lower_, self.upper_)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        return np.asarray(input_features, dtype=object)


class BlendClassifier(ClassifierMixin, BaseEstimator):
    """Weighted mean of the probabilities of several candidates, each fitted on the same rows."""

    def __init__(self, members: list[tuple[str, Any]], weights: tuple[float, ...]) -> None:
        self.members, self.weights = members, weights

    def fit(self, X: pd.DataFrame, y: Any, groups: Any = None, times: Any = None) -> Self:
        self.members_ = [
            member.fit(X, y, **stopping_params(member, groups, times)) for _, member in self.members
        ]
        self.classes_ = self.members_[0].classes_
        return self

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        check_is_fitted(self)
        answers = [member.predict_proba(X) for member in self.members_]
        return weighted_mean(answers, self.weights)

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class BlendRegressor(RegressorMixin, BaseEstimator):
    """Weighted mean of the answers of several candidates, each fitted on the same rows."""

    def __init__(self, members: list[tuple[str, Any]], weights: tuple[float, ...]) -> None:
        self.members, self.weights = members, weights

    def fit(self, X: pd.DataFrame, y: Any, groups: Any = None, times: Any = None) -> Self:
        self.members_ = [
            member.fit(X, y, **stopping_params(member, groups, times)) for _, member in self.members
        ]
        return self

    def predict(self, X: pd.DataFrame) -> NDArray[np.float64]:
        check_is_fitted(self)
        answers = [member.predict(X) for member in self.members_]
        return weighted_mean(answers, self.weights)


def weighted_mean(answers: Sequence[Any], weights: tuple[float, ...]) -> NDArray[np.float64]:
    """The mean of answers of equal shape, in float64."""
    return np.asarray(np.average(np.asarray(answers, dtype=np.float64), axis=0, weights=weights))


class SigmoidCalibrated(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose log-odds are stretched and shifted (Platt 1999; for more than two classes
    temperature scaling, Guo et al. 2017, and `shift` is 0). Labels follow `threshold` for two classes.

    Already fitted: `slope` and `shift` are learned from out-of-fold predictions, never from these rows.
    """

    def __init__(self, fitted: Any, slope: float = 1.0, shift: float = 0.0, threshold: float = 0.5) -> None:
        self.fitted, self.slope, self.shift, self.threshold = fitted, slope, shift, threshold

    @property
    def classes_(self) -> NDArray[Any]:
        return np.asarray(self.fitted.classes_)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: Any) -> Self:
        return self

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        return calibrate(self.fitted.predict_proba(X), self.slope, self.shift)

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        probabilities = self.predict_proba(X)
        if len(self.classes_) == 2:
            said = (probabilities[:, 1] >= self.threshold).astype(int)
        else:
            said = probabilities.argmax(axis=1)
        return np.asarray(self.classes_[said])


def calibrate(probabilities: Any, slope: float, shift: float) -> NDArray[np.float64]:
    """Calibrated probabilities of shape (n, k): sigmoid of slope * logit + shift for k = 2, else softmax of
    slope * log p."""
    bounded = np.clip(np.asarray(probabilities, dtype=np.float64), PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    if bounded.shape[1] == 2:
        logit = slope * (np.log(bounded[:, 1]) - np.log1p(-bounded[:, 1])) + shift
        positive = 1.0 / (1.0 + np.exp(-logit))
        return np.column_stack([1.0 - positive, positive])
    powered = bounded**slope
    return np.asarray(powered / powered.sum(axis=1, keepdims=True))
