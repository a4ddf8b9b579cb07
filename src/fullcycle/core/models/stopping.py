"""Boosted trees that find how many they should be on a part of the rows they learn from.

The part is drawn from the training rows of a fold, never from those that judge it; the model is then fitted
on all training rows with the number of trees that was found.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

HELD_SHARE = 0.15
PATIENCE = 30  # trees without a better loss on the held rows
FEWEST_ROWS = 100  # of training; with fewer, 15 held rows would decide


class _EarlyStopped(BaseEstimator):
    """`booster` is a regressor or classifier of LightGBM, XGBoost or CatBoost with `n_estimators`."""

    def __init__(self, booster: Any, trees_at_most: int = 1000, seed: int = 0) -> None:
        self.booster, self.trees_at_most, self.seed = booster, trees_at_most, seed

    def fit(self, X: Any, y: Any) -> Self:
        self.trees_ = self._trees(np.asarray(X), np.asarray(y))
        self.fitted_ = clone(self.booster).set_params(n_estimators=self.trees_).fit(X, y)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        return np.asarray(self.fitted_.predict(X))

    def _trees(self, X: NDArray[Any], y: NDArray[Any]) -> int:
        if len(y) < FEWEST_ROWS:
            return int(self.booster.get_params()["n_estimators"])
        classes = y if isinstance(self, ClassifierMixin) and _enough_of_each(y) else None
        learn, held = train_test_split(
            np.arange(len(y)), test_size=HELD_SHARE, random_state=self.seed, stratify=classes
        )
        if classes is None and isinstance(self, ClassifierMixin):
            held = held[np.isin(y[held], y[learn])]
        stopped = clone(self.booster).set_params(n_estimators=self.trees_at_most)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            best = stop(stopped, (X[learn], y[learn]), (X[held], y[held]))
        # More rows bear more trees: by as much as the rows are more.
        return max(10, round(best / (1 - HELD_SHARE)))


class EarlyStoppedRegressor(RegressorMixin, _EarlyStopped):
    """Stops by squared error."""


class EarlyStoppedClassifier(ClassifierMixin, _EarlyStopped):
    """Stops by log loss."""

    @property
    def classes_(self) -> NDArray[Any]:
        return np.asarray(self.fitted_.classes_)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        return np.asarray(self.fitted_.predict_proba(X), dtype=np.float64)


def stop(booster: Any, learn: tuple[Any, Any], held: tuple[Any, Any]) -> int:
    """Fit on `learn` until the loss on `held` stays up; the number of trees at its lowest."""
    library = type(booster).__module__.partition(".")[0]
    if library == "lightgbm":
        import lightgbm

        quiet = lightgbm.early_stopping(PATIENCE, verbose=False)
        booster.fit(*learn, eval_set=[held], callbacks=[quiet])
        return int(booster.best_iteration_ or booster.n_estimators)
    if hasattr(booster, "stop"):  # our own shell around another library
        return int(booster.stop(learn, held, PATIENCE))
    raise TypeError(f"no early stopping for {type(booster).__name__}")


def _enough_of_each(y: NDArray[Any]) -> bool:
    return bool(np.unique(y, return_counts=True)[1].min() >= 2)
