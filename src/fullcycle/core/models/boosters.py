"""XGBoost and CatBoost as scikit-learn parts that take class names, stop early, and import late."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from fullcycle.core.sources.extras import import_extra

EXTRAS = {"xgboost": "XGBoost", "catboost": "CatBoost"}


def library(name: str) -> Any:
    """The library of an extra, or MissingExtra with the command that installs it."""
    return import_extra(name, name, f"model {name}: {EXTRAS[name]}")


class _Booster(BaseEstimator):
    """`options` are the library's own, without the number of trees, which early stopping changes."""

    def __init__(self, options: dict[str, Any], n_estimators: int = 100) -> None:
        self.options, self.n_estimators = options, n_estimators

    def fit(self, X: Any, y: Any) -> Self:
        self.fitted_ = self._made().fit(np.asarray(X), self._coded(y, learn=True))
        return self

    def stop(self, learn: tuple[Any, Any], held: tuple[Any, Any], patience: int) -> int:
        """The number of trees at which the loss on `held` is lowest."""
        codes = self._coded(learn[1], learn=True), self._coded(held[1])
        return self._stop(self._made(), (learn[0], codes[0]), (held[0], codes[1]), patience)

    def predict(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        return np.asarray(self.fitted_.predict(np.asarray(X)), dtype=np.float64)

    def _coded(self, y: Any, learn: bool = False) -> NDArray[Any]:
        return np.asarray(y)

    def _made(self) -> Any:
        raise NotImplementedError

    def _stop(self, made: Any, learn: tuple[Any, Any], held: tuple[Any, Any], patience: int) -> int:
        raise NotImplementedError


class _Classifier(ClassifierMixin):
    """Class names outside, 0 to k - 1 inside: XGBoost takes nothing else."""

    classes_: NDArray[Any]
    fitted_: Any

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        return np.asarray(self.fitted_.predict_proba(np.asarray(X)), dtype=np.float64)

    def predict(self, X: Any) -> NDArray[Any]:
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def _coded(self, y: Any, learn: bool = False) -> NDArray[Any]:
        if learn:
            self.classes_ = np.unique(np.asarray(y))
        return np.searchsorted(self.classes_, np.asarray(y))


class _XGBoost(_Booster):
    def _stop(self, made: Any, learn: tuple[Any, Any], held: tuple[Any, Any], patience: int) -> int:
        made.set_params(early_stopping_rounds=patience).fit(*learn, eval_set=[held], verbose=False)
        return int(made.best_iteration) + 1


class XGBoostRegressor(RegressorMixin, _XGBoost):
    """xgboost.XGBRegressor."""

    def _made(self) -> Any:
        return library("xgboost").XGBRegressor(n_estimators=self.n_estimators, **self.options)


class XGBoostClassifier(_Classifier, _XGBoost):
    """xgboost.XGBClassifier."""

    def _made(self) -> Any:
        return library("xgboost").XGBClassifier(n_estimators=self.n_estimators, **self.options)


class _CatBoost(_Booster):
    def _stop(self, made: Any, learn: tuple[Any, Any], held: tuple[Any, Any], patience: int) -> int:
        made.fit(*learn, eval_set=held, early_stopping_rounds=patience, use_best_model=False)
        return int(made.get_best_iteration()) + 1


class CatBoostRegressor(RegressorMixin, _CatBoost):
    """catboost.CatBoostRegressor."""

    def _made(self) -> Any:
        return library("catboost").CatBoostRegressor(iterations=self.n_estimators, **self.options)


class CatBoostClassifier(_Classifier, _CatBoost):
    """catboost.CatBoostClassifier."""

    def _made(self) -> Any:
        return library("catboost").CatBoostClassifier(iterations=self.n_estimators, **self.options)
