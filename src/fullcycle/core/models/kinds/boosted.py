"""LightGBM, and the columns that all trees share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.columns import filled, preprocessing, tree_treatments
from fullcycle.core.models.kinds.base import (
    MAX_CATEGORIES,
    ONE_HOT_COLUMNS_AT_MOST,
    CandidateKind,
    Parameters,
    SearchContext,
    balanced,
    class_weight,
    log_target,
    number,
    one_hot,
    rare,
    suggest_shared,
    whole,
)
from fullcycle.core.models.stopping import EarlyStoppedClassifier, EarlyStoppedRegressor

LARGE = 10_000  # rows from which richer trees are the first choice and stop by themselves
STOPPED_TREES = 1000  # at most, where the number of trees is found by stopping


class LightGBMKind(CandidateKind):
    """Boosted trees: one thread and row-wise histograms, so that equal input gives equal trees."""

    name = "lightgbm"
    columns_name = "trees"

    def portfolio(self, context: SearchContext) -> list[Parameters]:
        regression = context.task is Task.regression
        trees = 400 if regression else 250 if context.classes <= 2 else max(60, 500 // context.classes)
        smooth: Parameters = {
            "n_estimators": trees,
            "early_stopping": False,
            "learning_rate": 0.04,
            # Measured on telco and Ames: a class needs smoother trees than a price.
            "num_leaves": 15 if regression else 5,
            "min_child_samples": int(np.clip(context.rows // 50, 3, 20)),
            "reg_lambda": 3.0 if regression else 10.0,
            "colsample_bytree": 0.5,
            "subsample": 0.8,
            **log_target(context),
            **balanced(context),
            **tree_categories(context),
        }
        rich = {**smooth, "early_stopping": True, "learning_rate": 0.08, "num_leaves": 31, "reg_lambda": 3.0}
        sparse = {**smooth, "num_leaves": 9, "colsample_bytree": 0.25, "reg_lambda": 1.0}
        return [rich, smooth, sparse] if context.rows >= LARGE else [smooth, rich, sparse]

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        parameters = self.default(context)
        trees, least = whole(parameters, "n_estimators"), whole(parameters, "min_child_samples")
        fewest = max(2, least // 4)
        parameters |= {
            "n_estimators": trial.suggest_int("n_estimators", trees // 2, 2 * trees, log=True),
            "early_stopping": trial.suggest_categorical("early_stopping", [False, True]),
            "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.12, log=True),
            "num_leaves": trial.suggest_int("num_leaves", 3, 63, log=True),
            "min_child_samples": trial.suggest_int("min_child_samples", fewest, 3 * least, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 0.3, 30.0, log=True),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.2, 0.8),
            "subsample": trial.suggest_float("subsample", 0.6, 1.0),
        }
        return {**parameters, **suggest_shared(trial, context)}

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        return tree_columns(parameters, contract, policies)

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        kind: Any = LGBMRegressor if contract.task is Task.regression else LGBMClassifier
        names = ("n_estimators", "learning_rate", "num_leaves", "min_child_samples", "reg_lambda")
        booster = kind(
            **{name: parameters[name] for name in (*names, "colsample_bytree", "subsample")},
            subsample_freq=1,
            random_state=seed,
            deterministic=True,
            force_row_wise=True,
            num_threads=1,
            verbose=-1,
        )
        if contract.task is not Task.regression:
            booster.set_params(class_weight=class_weight(parameters))
        return early_stopped(booster, parameters, contract, seed)

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """Leaves of all trees: what the graph holds and what an answer walks through."""
        return number(parameters, "n_estimators") * number(parameters, "num_leaves")

    def work(self, parameters: Mapping[str, Scalar]) -> float:
        leaves = whole(parameters, "num_leaves")
        return (
            STOPPED_TREES / 2 if parameters.get("early_stopping") else whole(parameters, "n_estimators")
        ) * (8 + leaves)


def tree_categories(context: SearchContext) -> Parameters:
    """How categories become columns of trees: codes where there would be too many columns."""
    wide = context.categories > ONE_HOT_COLUMNS_AT_MOST
    encoder = "ordinal" if wide else "one_hot"
    return {**rare(context), "encoder": encoder, "max_categories": MAX_CATEGORIES}


def tree_columns(
    parameters: Mapping[str, Scalar],
    contract: Contract,
    policies: Sequence[ColumnPolicy],
    *,
    without_gaps: bool = False,
) -> Pipeline:
    """Numbers as they are, or filled beside a column that says so; categories in columns or codes."""
    treatments = tree_treatments(contract, policies)
    if without_gaps:
        treatments = {name: filled(treatment) for name, treatment in treatments.items()}
    if parameters.get("encoder") == "ordinal":
        encoder: Any = OrdinalEncoder(
            handle_unknown="use_encoded_value",
            unknown_value=-1,
            min_frequency=parameters["min_frequency"],
            dtype=np.float32,
        )
    else:
        encoder = one_hot(parameters, np.float32)
    return preprocessing(contract, policies, treatments, encoder)


def early_stopped(booster: Any, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
    """The booster, or what finds its number of trees on a part of whatever rows it is given."""
    if not parameters.get("early_stopping"):
        return booster
    kind: Any = EarlyStoppedRegressor if contract.task is Task.regression else EarlyStoppedClassifier
    return kind(booster, trees_at_most=STOPPED_TREES, seed=seed)
