"""XGBoost and CatBoost: installed as extras, `pip install 'fullcycle[xgboost]'`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.boosters import (
    CatBoostClassifier,
    CatBoostRegressor,
    XGBoostClassifier,
    XGBoostRegressor,
)
from fullcycle.core.models.kinds.base import (
    CandidateKind,
    Parameters,
    SearchContext,
    log_target,
    number,
    on_scaled_target,
    whole,
)
from fullcycle.core.models.kinds.boosted import early_stopped, tree_categories, tree_columns


class BoosterKind(CandidateKind):
    """What both share: trees that stop by themselves, on the columns of all trees."""

    columns_name = "trees"

    def portfolio(self, context: SearchContext) -> list[Parameters]:
        regression = context.task is Task.regression
        smooth: Parameters = {
            "n_estimators": 300 if regression else max(60, 400 // max(2, context.classes)),
            "early_stopping": True,
            "learning_rate": 0.05,
            "depth": 5 if regression else 3,
            "reg_lambda": 5.0,
            **log_target(context),
            **tree_categories(context),
        }
        return [smooth, {**smooth, "depth": 6}]

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        parameters = self.default(context)
        trees = whole(parameters, "n_estimators")
        return {
            **parameters,
            "n_estimators": trial.suggest_int("n_estimators", trees // 2, 2 * trees, log=True),
            "early_stopping": trial.suggest_categorical("early_stopping", [True, False]),
            "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.12, log=True),
            "depth": trial.suggest_int("depth", 2, 8),
            "reg_lambda": trial.suggest_float("reg_lambda", 0.5, 30.0, log=True),
        }

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        return tree_columns(parameters, contract, policies)

    def stopped(
        self,
        kinds: tuple[type, type],
        options: dict[str, Any],
        parameters: Mapping[str, Scalar],
        contract: Contract,
        seed: int,
    ) -> Any:
        """A regressor learns a target of deviation 1: XGBoost adds float32 up from the mean, and a log price
        of 8 was off by 2e-5."""
        regression = contract.task is Task.regression
        booster: Any = kinds[0 if regression else 1](options, whole(parameters, "n_estimators"))
        made = early_stopped(booster, parameters, contract, seed)
        return on_scaled_target(made) if regression else made

    def work(self, parameters: Mapping[str, Scalar]) -> float:
        trees = 600 if parameters.get("early_stopping") else whole(parameters, "n_estimators")
        return float(trees * np.exp2(whole(parameters, "depth")))


class XGBoostKind(BoosterKind):
    """Histograms on one thread, so that equal input gives equal trees."""

    name = "xgboost"

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        options = {
            "learning_rate": number(parameters, "learning_rate"),
            "max_depth": whole(parameters, "depth"),
            "reg_lambda": number(parameters, "reg_lambda"),
            "colsample_bytree": 0.5,
            "subsample": 0.8,
            "tree_method": "hist",
            "random_state": seed,
            "n_jobs": 1,
        }
        return self.stopped((XGBoostRegressor, XGBoostClassifier), options, parameters, contract, seed)


class CatBoostKind(BoosterKind):
    """Symmetric trees on one thread."""

    name = "catboost"

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        options = {
            "learning_rate": number(parameters, "learning_rate"),
            "depth": whole(parameters, "depth"),
            "l2_leaf_reg": number(parameters, "reg_lambda"),
            "random_seed": seed,
            "thread_count": 1,
            "verbose": False,
            "allow_writing_files": False,
        }
        return self.stopped((CatBoostRegressor, CatBoostClassifier), options, parameters, contract, seed)
