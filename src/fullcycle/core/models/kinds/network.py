"""A small neural network of scikit-learn's, on the columns of the linear model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.kinds.base import (
    CandidateKind,
    Parameters,
    SearchContext,
    linear_categories,
    linear_columns,
    log_target,
    number,
    on_scaled_target,
    whole,
)

SEEN = 150_000  # rows that training sees in all, over its epochs: a few seconds
EPOCHS = (8, 60)


class MLPKind(CandidateKind):
    """Layers of ReLU, a fixed number of epochs, a strong penalty: what a few thousand rows bear."""

    name = "mlp"
    columns_name = "linear"

    def portfolio(self, context: SearchContext) -> list[Parameters]:
        wide: Parameters = {
            "width": 64,
            "layers": 1,
            "alpha": 1.0,
            "learning_rate": 0.003,
            "epochs": int(np.clip(SEEN // context.rows, *EPOCHS)),
            **log_target(context),
            **linear_categories(context),
        }
        return [wide, {**wide, "layers": 2, "alpha": 0.1}]

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        return {
            **self.default(context),
            "width": trial.suggest_int("width", 16, 128, log=True),
            "layers": trial.suggest_int("layers", 1, 2),
            "alpha": trial.suggest_float("alpha", 0.001, 10.0, log=True),
            "learning_rate": trial.suggest_float("learning_rate", 0.0005, 0.01, log=True),
        }

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        return linear_columns(parameters, contract, policies)

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        regression = contract.task is Task.regression
        kind: Any = MLPRegressor if regression else MLPClassifier
        network = kind(
            hidden_layer_sizes=(whole(parameters, "width"),) * whole(parameters, "layers"),
            alpha=number(parameters, "alpha"),
            learning_rate_init=number(parameters, "learning_rate"),
            max_iter=whole(parameters, "epochs"),
            batch_size=128,
            n_iter_no_change=whole(parameters, "epochs"),
            random_state=seed,
        )
        return on_scaled_target(network) if regression else network

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """More units under a weaker penalty."""
        units = whole(parameters, "width") * whole(parameters, "layers")
        return units / number(parameters, "alpha")

    def work(self, parameters: Mapping[str, Scalar]) -> float:
        return whole(parameters, "epochs") * whole(parameters, "layers") * (50 + whole(parameters, "width"))
