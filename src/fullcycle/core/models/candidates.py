"""The models that compete: a linear model, LightGBM, and the blend of the best of each.

All preprocessing is part of a candidate, so that it is learned inside the folds. A candidate is

    Pipeline([("input", ModelInput), ("columns", ColumnTransformer), ("model", estimator)])

perhaps inside TransformedTargetRegressor (log1p), perhaps two of them inside a blend. Parameters are flat and
scalar, so that evidence, MLflow and the recorded search hold them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from lightgbm import LGBMClassifier, LGBMRegressor
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from fullcycle.core.contract.model import ColumnType, Contract, Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.columns import linear_treatments, preprocessing, tree_treatments
from fullcycle.core.models.estimators import BlendClassifier, BlendRegressor

Parameters = dict[str, Scalar]

MAX_CATEGORIES = 60  # of one column; flights' AUC with 30 and with 120 differs by 0.001
ONE_HOT_COLUMNS_AT_MOST = 1500  # all categories together; beyond, trees get codes and the linear model fewer
SKEW_OF_LOG_TARGET = 1.0  # Ames' prices have 1.7; a normal sample of 100 rows stays under 0.7


@dataclass(frozen=True)
class SearchContext:
    """What a good first setting depends on, learned from the training rows that the search sees."""

    task: Task
    rows: int
    classes: int = 0
    log_target: bool = False
    categories: int = 0
    category_columns: int = 0


class CandidateKind(Protocol):
    """A model that the search can try. `default` is its first trial and must be good without a search."""

    name: str

    def default(self, context: SearchContext) -> Parameters: ...

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        """Parameters for an Optuna trial: the default with what is searched replaced."""
        ...

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        """The steps before the model, unfitted; equal for equal `columns_key(parameters)`."""
        ...

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        """The estimator after them, without the transformation of the target."""
        ...

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """How closely the model can follow its data: larger is less regular or has more parts. Compares
        settings of this model alone."""
        ...


def build_candidate(
    model: str,
    parameters: Mapping[str, Scalar],
    contract: Contract,
    policies: Sequence[ColumnPolicy] = (),
    seed: int = 0,
) -> Any:
    """The unfitted candidate with these parameters: what the search tries and prepare fits again."""
    if model == "blend":
        return _blend(parameters, contract, policies, seed)
    kind = CANDIDATES[model]
    steps = kind.columns(parameters, contract, policies).steps
    pipeline = Pipeline([*steps, ("model", kind.model(parameters, contract, seed))])
    return on_log_target(pipeline) if parameters.get("log_target") else pipeline


def on_log_target(regressor: Any) -> TransformedTargetRegressor:
    """Learn log(1 + y), answer y."""
    return TransformedTargetRegressor(regressor, func=np.log1p, inverse_func=np.expm1, check_inverse=False)


def columns_key(model: str, parameters: Mapping[str, Scalar]) -> tuple[Any, ...]:
    """Candidates with equal keys share their fitted columns on the same rows."""
    return (model, *(parameters.get(name) for name in ("encoder", "min_frequency", "max_categories")))


def search_context(contract: Contract, rows: int, target: Any) -> SearchContext:
    """`target` holds the training rows' classes or numbers."""
    categories = [column for column in contract.modelled if column.type is ColumnType.categorical]
    sizes = [len(column.allowed or ()) for column in categories]
    regression = contract.task is Task.regression
    return SearchContext(
        task=contract.task,
        rows=rows,
        classes=0 if regression else len(contract.classes or ()),
        log_target=regression and is_skewed(np.asarray(target, dtype=np.float64)),
        categories=sum(min(size, MAX_CATEGORIES) for size in sizes),
        category_columns=len(sizes),
    )


def is_skewed(target: NDArray[np.float64]) -> bool:
    """Whether a log makes a target more even: all positive, with a long tail to the right."""
    if len(target) < 3 or target.min() <= 0 or target.std() == 0:
        return False
    standard = (target - target.mean()) / target.std()
    return bool((standard**3).mean() > SKEW_OF_LOG_TARGET)


class LinearKind:
    """Logistic or ridge regression on clipped, filled and scaled numbers and one column a category."""

    name = "linear"

    def default(self, context: SearchContext) -> Parameters:
        strength: Parameters = {"alpha": 10.0} if context.task is Task.regression else {"C": 0.3}
        wide = context.categories > ONE_HOT_COLUMNS_AT_MOST
        most = max(2, ONE_HOT_COLUMNS_AT_MOST // context.category_columns) if wide else MAX_CATEGORIES
        return {**strength, **_log_target(context), **_rare(context), "max_categories": most}

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        parameters = self.default(context)
        if context.task is Task.regression:
            parameters["alpha"] = trial.suggest_float("alpha", 0.1, 1000.0, log=True)
        else:
            parameters["C"] = trial.suggest_float("C", 0.001, 30.0, log=True)
        return parameters

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        treatments = linear_treatments(contract, policies)
        return preprocessing(contract, policies, treatments, _one_hot(parameters, np.float64))

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        if contract.task is Task.regression:
            return Ridge(alpha=parameters["alpha"])
        return LogisticRegression(C=parameters["C"], max_iter=1000)

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """The inverse of the penalty's weight."""
        return _number(parameters, "C") if "C" in parameters else 1 / _number(parameters, "alpha")


class LightGBMKind:
    """Boosted trees: one thread and row-wise histograms, so that equal input gives equal trees."""

    name = "lightgbm"

    def default(self, context: SearchContext) -> Parameters:
        regression = context.task is Task.regression
        trees = 400 if regression else 250 if context.classes <= 2 else max(60, 500 // context.classes)
        wide = context.categories > ONE_HOT_COLUMNS_AT_MOST
        return {
            "n_estimators": trees,
            "learning_rate": 0.04,
            # Measured on telco and Ames: a class needs smoother trees than a price.
            "num_leaves": 15 if regression else 5,
            "min_child_samples": int(np.clip(context.rows // 50, 3, 20)),
            "reg_lambda": 3.0 if regression else 10.0,
            "colsample_bytree": 0.5,
            "subsample": 0.8,
            **_log_target(context),
            **_rare(context),
            "encoder": "ordinal" if wide else "one_hot",
            "max_categories": MAX_CATEGORIES,
        }

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        parameters = self.default(context)
        trees, least = _whole(parameters, "n_estimators"), _whole(parameters, "min_child_samples")
        fewest = max(2, least // 4)
        parameters |= {
            "n_estimators": trial.suggest_int("n_estimators", trees // 2, 2 * trees, log=True),
            "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.08, log=True),
            "num_leaves": trial.suggest_int("num_leaves", 3, 24, log=True),
            "min_child_samples": trial.suggest_int("min_child_samples", fewest, 3 * least, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 0.3, 30.0, log=True),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.2, 0.8),
            "subsample": trial.suggest_float("subsample", 0.6, 1.0),
        }
        if context.log_target:
            parameters["log_target"] = trial.suggest_categorical("log_target", [True, False])
        return parameters

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        treatments = tree_treatments(contract, policies)
        if parameters.get("encoder") == "ordinal":
            encoder: Any = OrdinalEncoder(
                handle_unknown="use_encoded_value",
                unknown_value=-1,
                min_frequency=parameters["min_frequency"],
                dtype=np.float32,
            )
        else:
            encoder = _one_hot(parameters, np.float32)
        return preprocessing(contract, policies, treatments, encoder)

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        kind: Any = LGBMRegressor if contract.task is Task.regression else LGBMClassifier
        names = ("n_estimators", "learning_rate", "num_leaves", "min_child_samples", "reg_lambda")
        return kind(
            **{name: parameters[name] for name in (*names, "colsample_bytree", "subsample")},
            subsample_freq=1,
            random_state=seed,
            deterministic=True,
            force_row_wise=True,
            num_threads=1,
            verbose=-1,
        )

    def complexity(self, parameters: Mapping[str, Scalar]) -> float:
        """Leaves of all trees: what the graph holds and what an answer walks through."""
        return _number(parameters, "n_estimators") * _number(parameters, "num_leaves")


CANDIDATES: dict[str, CandidateKind] = {kind.name: kind for kind in (LinearKind(), LightGBMKind())}


def blend_parameters(members: Mapping[str, tuple[Mapping[str, Scalar], float]]) -> Parameters:
    """The parameters of a blend: each member's under its name, and the members' weights.

    >>> blend_parameters({"linear": ({"C": 1.0}, 0.3), "lightgbm": ({"num_leaves": 7}, 0.7)})
    {'weight.linear': 0.3, 'weight.lightgbm': 0.7, 'linear.C': 1.0, 'lightgbm.num_leaves': 7}
    """
    parameters: Parameters = {f"weight.{name}": weight for name, (_, weight) in members.items()}
    for name, (own, _) in members.items():
        parameters |= {f"{name}.{key}": value for key, value in own.items()}
    return parameters


def _blend(
    parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy], seed: int
) -> BlendClassifier | BlendRegressor:
    names = [key.removeprefix("weight.") for key in parameters if key.startswith("weight.")]
    members = [
        (name, build_candidate(name, _own(parameters, name), contract, policies, seed)) for name in names
    ]
    weights = tuple(float(str(parameters[f"weight.{name}"])) for name in names)
    kind = BlendRegressor if contract.task is Task.regression else BlendClassifier
    return kind(members, weights)


def _own(parameters: Mapping[str, Scalar], member: str) -> Parameters:
    prefix = f"{member}."
    return {key.removeprefix(prefix): value for key, value in parameters.items() if key.startswith(prefix)}


def _whole(parameters: Mapping[str, Scalar], name: str) -> int:
    return int(str(parameters[name]))


def _number(parameters: Mapping[str, Scalar], name: str) -> float:
    return float(str(parameters[name]))


def _log_target(context: SearchContext) -> Parameters:
    return {"log_target": context.log_target} if context.task is Task.regression else {}


def _rare(context: SearchContext) -> Parameters:
    """Categories with fewer training rows share one column."""
    return {"min_frequency": int(np.clip(context.rows // 200, 2, 10))}


def _one_hot(parameters: Mapping[str, Scalar], dtype: Any) -> OneHotEncoder:
    """A column for each category; rare ones share one, and so does what training never saw."""
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=parameters["min_frequency"],
        max_categories=parameters["max_categories"],
        sparse_output=False,
        dtype=dtype,
    )
