"""Logistic regression; ridge regression or an elastic net for numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
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
    linear_categories,
    linear_columns,
    log_target,
    number,
    on_scaled_target,
)


class LinearKind(CandidateKind):
    """On clipped, filled and scaled numbers and one column a category."""

    name = "linear"
    columns_name = "linear"

    def portfolio(self, context: SearchContext) -> list[Parameters]:
        shared = {**log_target(context), **balanced(context), **linear_categories(context)}
        if context.task is not Task.regression:
            return [{"C": 0.3, **shared}, {"C": 0.03, **shared}]
        # The net's penalty is felt by a target of deviation 1, so that it means the same on every table.
        ridge: Parameters = {"penalty": "ridge", "alpha": 10.0, "l1": 0.003, **shared}
        return [ridge, {**ridge, "penalty": "elastic_net"}]

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        parameters = self.default(context)
        if context.task is Task.regression:
            parameters |= {
                "penalty": trial.suggest_categorical("penalty", ["ridge", "elastic_net"]),
                "alpha": trial.suggest_float("alpha", 0.1, 1000.0, log=True),
                "l1": trial.suggest_float("l1", 0.0003, 0.1, log=True),
            }
        else:
            parameters["C"] = trial.suggest_float("C", 0.001, 30.0, log=True)
        if context.imbalanced:
            parameters["balanced"] = trial.suggest_categorical("balanced", [False, True])
        return parameters

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        return linear_columns(parameters, contract, policies)

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        if contract.task is not Task.regression:
            return LogisticRegression(C=parameters["C"], max_iter=1000, class_weight=class_weight(parameters))
        if parameters.get("penalty") == "elastic_net":
            net = ElasticNet(alpha=number(parameters, "l1"), l1_ratio=0.5, max_iter=2000)
            return on_scaled_target(net)
        return Ridge(alpha=parameters["alpha"])

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """The inverse of the penalty's weight, on one scale for both: a net's is felt for each row."""
        if parameters.get("penalty") == "elastic_net":
            return 1 / (1000 * number(parameters, "l1"))
        return number(parameters, "C") if "C" in parameters else 1 / number(parameters, "alpha")
