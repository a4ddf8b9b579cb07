"""Fences against outliers and a scale by quantiles, learned on whatever rows a model is fitted on.

`cycle/clean` measures the same fences on all training rows, for its evidence; here they are learned again
inside each fold, and what was learned goes into the graph (`core/models/onnx/numbers`).
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from fullcycle.core.models.estimators import FLOAT32_MAX

MAD_OF_NORMAL = 1.4826  # a standard deviation, in median absolute deviations of a normal distribution
KNOTS = 33
DISTINCT_AT_LEAST = 3  # a column of fewer values has no tails, and its rare value is no outlier

Floats = NDArray[np.float64]


def fences_of(values: Floats, rule: str, factor: float) -> tuple[Floats, Floats]:
    """Lower and upper fences of each column of shape (n, k), infinite where the spread is zero.

    `iqr`: so many interquartile ranges outside the quartiles. `mad`: so many deviations around the median,
    where 1.4826 median absolute deviations are one deviation. NaN is left out.

    >>> lower, upper = fences_of(np.array([[1.0], [2.0], [3.0], [4.0], [100.0]]), "iqr", 3.0)
    >>> lower.tolist(), upper.tolist()
    ([-4.0], [10.0])
    """
    safe = np.where(np.isnan(values).all(axis=0), 0.0, values)
    if rule == "mad":
        middle = np.nanmedian(safe, axis=0)
        low = high = middle
        reach = factor * MAD_OF_NORMAL * np.nanmedian(np.abs(safe - middle), axis=0)
    else:
        low, high = np.nanquantile(safe, 0.25, axis=0), np.nanquantile(safe, 0.75, axis=0)
        reach = factor * (high - low)
    few = [len(np.unique(column[~np.isnan(column)])) < DISTINCT_AT_LEAST for column in safe.T]
    reach = np.where((reach > 0) & np.isfinite(reach) & ~np.array(few, dtype=bool), reach, np.inf)
    return low - reach, high + reach


class OutlierFences(TransformerMixin, BaseEstimator):
    """What happens to numbers outside the fences of the training rows; missing stays missing.

    `clip` puts them on the fence (float32, as the graph holds it), `null` makes them missing, and `flag`
    answers with a 0/1 column for each column instead of its values.
    """

    def __init__(
        self, action: Literal["clip", "null", "flag"] = "clip", rule: str = "iqr", factor: float = 3.0
    ) -> None:
        self.action, self.rule, self.factor = action, rule, factor

    def fit(self, X: Any, y: Any = None) -> Self:
        values = np.asarray(X, dtype=np.float64)
        self.n_features_in_ = values.shape[1]
        lower, upper = fences_of(values, self.rule, self.factor)
        as_held = _narrow if self.action == "clip" else np.asarray
        self.lower_, self.upper_ = as_held(lower), as_held(upper)
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        values = np.asarray(X)
        if self.action == "clip":
            with np.errstate(over="ignore"):  # beyond float32 is infinite for a moment, then clipped
                return np.clip(values.astype(np.float32), self.lower_, self.upper_)
        wide = values.astype(np.float64)
        outside = (wide < self.lower_) | (wide > self.upper_)
        if self.action == "flag":
            return outside.astype(np.float32)
        return np.where(outside, values.dtype.type(np.nan), values)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        return np.asarray(input_features, dtype=object)


class QuantileScaler(TransformerMixin, BaseEstimator):
    """Each number as the normal score of its quantile, by straight lines between `knots` training quantiles.

    What lies beyond the extremes of training stays at the outermost score. A column of at most two values
    (an indicator) is left as it is. Nothing may be missing: a fill comes before.
    """

    def __init__(self, knots: int = KNOTS) -> None:
        self.knots = knots

    def fit(self, X: Any, y: Any = None) -> Self:
        values = np.asarray(X, dtype=np.float64)
        self.n_features_in_ = values.shape[1]
        self.places_, self.scores_ = [], []
        for column in values.T:
            places, scores = _knots(column, self.knots)
            self.places_.append(places)
            self.scores_.append(scores)
        return self

    def transform(self, X: Any) -> Floats:
        check_is_fitted(self)
        values = np.asarray(X, dtype=np.float64)
        scaled = [
            np.interp(column, places, scores) if len(places) else column
            for column, places, scores in zip(values.T, self.places_, self.scores_, strict=True)
        ]
        return np.column_stack(scaled)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        return np.asarray(input_features, dtype=object)


def _narrow(fence: Floats) -> NDArray[np.float32]:
    return np.clip(fence, -FLOAT32_MAX, FLOAT32_MAX).astype(np.float32)


def _knots(column: Floats, number: int) -> tuple[Floats, Floats]:
    """Ascending places and their normal scores; none where the column has too few values."""
    if len(np.unique(column)) < DISTINCT_AT_LEAST:
        return np.empty(0), np.empty(0)
    levels = np.linspace(0.0, 1.0, number)
    half = 0.5 / number  # the normal score of 0 and 1 is infinite
    # Neighbours as close as this are one place: a line between them would be a cliff.
    places = np.quantile(column, levels).astype(np.float32).astype(np.float64)
    known, back = np.unique(places, return_inverse=True)
    # Where several quantiles fall on one value, the value has the middle of their levels.
    middle = np.bincount(back, levels) / np.bincount(back)
    return known, ndtri(np.clip(middle, half, 1 - half))
