"""The models that compete, by name, and how one is built from what evidence keeps of it.

All preprocessing is part of a candidate, so that it is learned inside the folds. A candidate is

    Pipeline([("input", ModelInput), ("columns", ColumnTransformer), ("model", estimator)])

perhaps inside TransformedTargetRegressor (log1p), perhaps several of them inside an ensemble. Parameters are
flat and scalar, so that evidence, MLflow and the recorded search hold them as they are. Each kind has its
file in `kinds`; a new one is a file there and a line in CANDIDATES.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from fullcycle.core.contract.model import ColumnType, Contract, Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.estimators import BlendClassifier, BlendRegressor
from fullcycle.core.models.kinds.base import MAX_CATEGORIES, CandidateKind, Parameters, SearchContext
from fullcycle.core.models.kinds.boosted import LightGBMKind
from fullcycle.core.models.kinds.extras import CatBoostKind, XGBoostKind
from fullcycle.core.models.kinds.forests import extra_trees, random_forest
from fullcycle.core.models.kinds.linear import LinearKind
from fullcycle.core.models.kinds.network import MLPKind
from fullcycle.core.models.kinds.own import OwnKind, is_import_path

SKEW_OF_LOG_TARGET = 1.0  # Ames' prices have 1.7; a normal sample of 100 rows stays under 0.7
ENSEMBLE = "ensemble"
ENSEMBLES = (ENSEMBLE, "blend")  # an older version's word, in evidence and settings that were written then
TRIAL = "/"  # lightgbm/7 is the LightGBM of trial 7

# The simplest first: of two equal ones the simpler is the champion.
CANDIDATES: dict[str, CandidateKind] = {
    kind.name: kind
    for kind in (
        LinearKind(),
        LightGBMKind(),
        extra_trees(),
        random_forest(),
        MLPKind(),
        XGBoostKind(),
        CatBoostKind(),
    )
}


def kind_of(model: str) -> CandidateKind:
    """The kind behind a model's name: `lightgbm`, `lightgbm/7`, or an import path `package.module:build`."""
    name = model.partition(TRIAL)[0]
    if name in CANDIDATES:
        return CANDIDATES[name]
    if is_import_path(name):
        return OwnKind(name)
    raise UserError(
        where="fullcycle.yaml, key experiment.models",
        found=f"{name!r}",
        expected=f"one of {', '.join(CANDIDATES)}, {ENSEMBLE}, or an import path package.module:build",
        hint="correct it, then run `fullcycle run experiment`",
    )


def build_candidate(
    model: str,
    parameters: Mapping[str, Scalar],
    contract: Contract,
    policies: Sequence[ColumnPolicy] = (),
    seed: int = 0,
) -> Any:
    """The unfitted candidate with these parameters: what the search tries and prepare fits again."""
    if model in ENSEMBLES:
        return _ensemble(parameters, contract, policies, seed)
    kind = kind_of(model)
    steps = kind.columns(parameters, contract, policies).steps
    pipeline = Pipeline([*steps, ("model", kind.model(parameters, contract, seed))])
    return on_log_target(pipeline) if parameters.get("log_target") else pipeline


def on_log_target(regressor: Any) -> TransformedTargetRegressor:
    """Learn log(1 + y), answer y."""
    return TransformedTargetRegressor(regressor, func=np.log1p, inverse_func=np.expm1, check_inverse=False)


def columns_key(model: str, parameters: Mapping[str, Scalar]) -> tuple[Any, ...]:
    """Candidates with equal keys share their fitted columns on the same rows."""
    return (
        kind_of(model).columns_name,
        *(parameters.get(name) for name in ("encoder", "min_frequency", "max_categories")),
    )


def search_context(contract: Contract, rows: int, target: Any) -> SearchContext:
    """`target` holds the training rows' classes or numbers."""
    categories = [column for column in contract.modelled if column.type is ColumnType.categorical]
    sizes = [len(column.allowed or ()) for column in categories]
    regression = contract.task is Task.regression
    shares: Any = [] if regression else np.unique(np.asarray(target), return_counts=True)[1] / max(rows, 1)
    return SearchContext(
        task=contract.task,
        rows=rows,
        classes=0 if regression else len(contract.classes or ()),
        log_target=regression and is_skewed(np.asarray(target, dtype=np.float64)),
        categories=sum(min(size, MAX_CATEGORIES) for size in sizes),
        category_columns=len(sizes),
        smallest_share=float(min(shares, default=1.0)),
    )


def is_skewed(target: NDArray[np.float64]) -> bool:
    """Whether a log makes a target more even: all positive, with a long tail to the right."""
    if len(target) < 3 or target.min() <= 0 or target.std() == 0:
        return False
    standard = (target - target.mean()) / target.std()
    return bool((standard**3).mean() > SKEW_OF_LOG_TARGET)


def ensemble_parameters(members: Mapping[str, tuple[Mapping[str, Scalar], float]]) -> Parameters:
    """The parameters of an ensemble: each member's under its name, and the members' weights.

    >>> ensemble_parameters({"linear/0": ({"C": 1.0}, 0.3), "lightgbm/4": ({"num_leaves": 7}, 0.7)})
    {'weight.linear/0': 0.3, 'weight.lightgbm/4': 0.7, 'linear/0.C': 1.0, 'lightgbm/4.num_leaves': 7}
    """
    parameters: Parameters = {f"weight.{name}": weight for name, (_, weight) in members.items()}
    for name, (own, _) in members.items():
        parameters |= {f"{name}.{key}": value for key, value in own.items()}
    return parameters


def _ensemble(
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
