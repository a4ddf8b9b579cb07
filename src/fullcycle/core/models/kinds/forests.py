"""Extra trees and random forests, behind an imputer with indicators (DECISIONS 22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.pipeline import Pipeline

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.kinds.base import (
    CandidateKind,
    Parameters,
    SearchContext,
    balanced,
    class_weight,
    log_target,
    number,
    suggest_shared,
    whole,
)
from fullcycle.core.models.kinds.boosted import tree_categories, tree_columns

TREES = 60  # each is paid for in size: a hundred are little better


class ForestKind(CandidateKind):
    """Many deep trees on the same columns, averaged; a forest's errors differ from boosting's."""

    columns_name = "filled trees"

    def __init__(self, name: str, classifier: type, regressor: type) -> None:
        self.name, self.classifier, self.regressor = name, classifier, regressor

    def portfolio(self, context: SearchContext) -> list[Parameters]:
        regression = context.task is Task.regression
        deep: Parameters = {
            "n_estimators": TREES,
            "min_samples_leaf": 2 if regression else int(np.clip(context.rows // 250, 2, 20)),
            "max_features": 0.4 if regression else 0.3,
            **log_target(context),
            **balanced(context),
            **tree_categories(context),
        }
        return [deep, {**deep, "min_samples_leaf": 1, "max_features": 0.2}]

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        parameters = self.default(context)
        parameters |= {
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 30, log=True),
            "max_features": trial.suggest_float("max_features", 0.1, 1.0, log=True),
        }
        return {**parameters, **suggest_shared(trial, context)}

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        return tree_columns(parameters, contract, policies, without_gaps=True)

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        kind: Any = self.regressor if contract.task is Task.regression else self.classifier
        forest = kind(
            n_estimators=whole(parameters, "n_estimators"),
            min_samples_leaf=whole(parameters, "min_samples_leaf"),
            max_features=number(parameters, "max_features"),
            random_state=seed,
            n_jobs=1,
        )
        if contract.task is not Task.regression:
            forest.set_params(class_weight=class_weight(parameters))
        return forest

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """More trees of smaller leaves."""
        return number(parameters, "n_estimators") / number(parameters, "min_samples_leaf")

    def work(self, parameters: Mapping[str, Scalar]) -> float:
        return whole(parameters, "n_estimators") * number(parameters, "max_features")


def extra_trees() -> ForestKind:
    return ForestKind("extra_trees", ExtraTreesClassifier, ExtraTreesRegressor)


def random_forest() -> ForestKind:
    return ForestKind("random_forest", RandomForestClassifier, RandomForestRegressor)
