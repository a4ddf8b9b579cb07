"""Boosted trees that find how many they should be on a part of the rows they learn from.

The part is drawn from the training rows of a fold, never from those that judge it, and as folds are: rows of
a group stay together, and with a time the latest rows are held. The model is then fitted on all training rows
with the number of trees that was found.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

Keyed = NDArray[Any] | None
Positions = NDArray[np.int64]

HELD_SHARE = 0.15
PATIENCE = 30  # trees without a better loss on the held rows
FEWEST_ROWS = 100  # of training; with fewer, 15 held rows would decide


class _EarlyStopped(BaseEstimator):
    """`booster` is a regressor or classifier of LightGBM, XGBoost or CatBoost with `n_estimators`."""

    def __init__(self, booster: Any, trees_at_most: int = 1000, seed: int = 0) -> None:
        self.booster, self.trees_at_most, self.seed = booster, trees_at_most, seed

    def fit(self, X: Any, y: Any, groups: Keyed = None, times: Keyed = None) -> Self:
        """`groups` are codes and `times` numbers, one for each row."""
        self.trees_ = self._trees(np.asarray(X), np.asarray(y), groups, times)
        self.fitted_ = clone(self.booster).set_params(n_estimators=self.trees_).fit(X, y)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        return np.asarray(self.fitted_.predict(X))

    def _trees(self, X: NDArray[Any], y: NDArray[Any], groups: Keyed, times: Keyed) -> int:
        classes = y if isinstance(self, ClassifierMixin) else None
        learn, held = held_apart(len(y), classes, groups, times, self.seed)
        if classes is not None:
            held = held[np.isin(y[held], y[learn])]
        if not len(held) or (classes is not None and len(np.unique(y[learn])) < 2):
            return int(self.booster.get_params()["n_estimators"])
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


def held_apart(
    rows: int, classes: NDArray[Any] | None, groups: Keyed, times: Keyed, seed: int
) -> tuple[Positions, Positions]:
    """Positions of rows to learn from and of rows that stop; none of these where too few could be held.

    Of a time the latest rows are held, those of one moment together; of groups whole ones; of classes shares.
    """
    everything = np.arange(rows)
    if rows < FEWEST_ROWS:
        return everything, everything[:0]
    if times is not None:
        latest = times >= np.sort(times)[int(rows * (1 - HELD_SHARE))]
        known = latest if groups is None else latest | np.isin(groups, groups[latest])
        return (everything[~known], everything[latest]) if not known.all() else (everything, everything[:0])
    if groups is not None:
        if len(np.unique(groups)) < 2:
            return everything, everything[:0]
        drawn = GroupShuffleSplit(n_splits=1, test_size=HELD_SHARE, random_state=seed)
        learn, held = next(drawn.split(everything, groups=groups))
        return learn, held
    stratify = classes if classes is not None and _enough_of_each(classes) else None
    learn, held = train_test_split(everything, test_size=HELD_SHARE, random_state=seed, stratify=stratify)
    return learn, held


def stopping_params(part: Any, groups: Keyed, times: Keyed) -> dict[str, NDArray[Any]]:
    """What the `fit` of a candidate takes beside its rows, by where in it trees stop by themselves."""
    keys = {name: each for name, each in (("groups", groups), ("times", times)) if each is not None}
    if isinstance(part, Pipeline):
        name, last = part.steps[-1]
        return {f"{name}__{key}": each for key, each in stopping_params(last, groups, times).items()}
    if isinstance(part, TransformedTargetRegressor):
        return stopping_params(part.regressor, groups, times)
    return keys if isinstance(part, _EarlyStopped) or hasattr(part, "members") else {}


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
