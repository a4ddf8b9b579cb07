"""What a kind of model owes the search, and what several kinds share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.columns import linear_treatments, preprocessing

Parameters = dict[str, Scalar]

MAX_CATEGORIES = 60  # of one column; flights' AUC with 30 and with 120 differs by 0.001
ONE_HOT_COLUMNS_AT_MOST = 1500  # all categories together; beyond, trees get codes and the linear model fewer
IMBALANCED = 0.1  # share of the rarest class under which weights of classes are worth a try


@dataclass(frozen=True)
class SearchContext:
    """What a good first setting depends on, learned from the training rows that the search sees."""

    task: Task
    rows: int
    classes: int = 0
    log_target: bool = False
    categories: int = 0
    category_columns: int = 0
    smallest_share: float = 1.0

    @property
    def imbalanced(self) -> bool:
        return self.task is not Task.regression and self.smallest_share < IMBALANCED


class CandidateKind(ABC):
    """A model that the search can try. Kinds of one `columns_name` see the same columns."""

    name: str
    columns_name: str

    @abstractmethod
    def portfolio(self, context: SearchContext) -> list[Parameters]:
        """Configurations that were good on several tables, in the order in which they are tried; the first
        must be good without a search."""

    def default(self, context: SearchContext) -> Parameters:
        """The first trial."""
        return self.portfolio(context)[0]

    @abstractmethod
    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        """Parameters for an Optuna trial: the default with what is searched replaced."""

    @abstractmethod
    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        """The steps before the model, unfitted; equal for equal `columns_key`."""

    @abstractmethod
    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        """The estimator after them, without the transformation of the target."""

    def work(self, parameters: Mapping[str, Scalar]) -> float:
        """How long a fit takes beside another of this kind, in any unit."""
        return 1.0

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """How closely the model can follow its data: larger is less regular or has more parts. Compares
        settings of this model alone."""
        return self.work(parameters)


def linear_columns(
    parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
) -> Pipeline:
    """Numbers clipped, filled and scaled, a column a category: for models that add columns up."""
    encoder = one_hot(parameters, np.float64)
    return preprocessing(contract, policies, linear_treatments(contract, policies), encoder)


def linear_categories(context: SearchContext) -> Parameters:
    """How categories become columns where each costs a weight."""
    wide = context.categories > ONE_HOT_COLUMNS_AT_MOST
    most = max(2, ONE_HOT_COLUMNS_AT_MOST // context.category_columns) if wide else MAX_CATEGORIES
    return {**rare(context), "max_categories": most}


def on_scaled_target(regressor: Any) -> TransformedTargetRegressor:
    """Learn a target of mean 0 and deviation 1, answer in its own unit."""
    return TransformedTargetRegressor(regressor, transformer=StandardScaler(), check_inverse=False)


def log_target(context: SearchContext) -> Parameters:
    return {"log_target": context.log_target} if context.task is Task.regression else {}


def rare(context: SearchContext) -> Parameters:
    """Categories with fewer training rows share one column."""
    return {"min_frequency": int(np.clip(context.rows // 200, 2, 10))}


def one_hot(parameters: Mapping[str, Scalar], dtype: Any) -> OneHotEncoder:
    """A column for each category; rare ones share one, and so does what training never saw."""
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=parameters["min_frequency"],
        max_categories=parameters["max_categories"],
        sparse_output=False,
        dtype=dtype,
    )


def balanced(context: SearchContext) -> Parameters:
    """Weights of classes are a parameter only where a class is rare."""
    return {"balanced": False} if context.imbalanced else {}


def class_weight(parameters: Mapping[str, Scalar]) -> str | None:
    return "balanced" if parameters.get("balanced") else None


def suggest_shared(trial: Any, context: SearchContext) -> Parameters:
    """What every kind may choose: the logarithm of a skewed target, weights of rare classes."""
    chosen: Parameters = {}
    if context.log_target:
        chosen["log_target"] = trial.suggest_categorical("log_target", [True, False])
    if context.imbalanced:
        chosen["balanced"] = trial.suggest_categorical("balanced", [False, True])
    return chosen


def whole(parameters: Mapping[str, Scalar], name: str) -> int:
    return int(str(parameters[name]))


def number(parameters: Mapping[str, Scalar], name: str) -> float:
    return float(str(parameters[name]))
