"""How each kind of variant is fitted: functions from rows to a pipeline, and to the contract that it needs.

Everything that a recipe learns (which columns, which components, what the teacher says) it learns from the
rows it is given, so the same recipe serves inside the folds and on all rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.evidence.prepare import VariantKind
from fullcycle.core.models.candidates import CANDIDATES, build_candidate, search_context
from fullcycle.core.models.keys import NO_KEYS, Keys
from fullcycle.cycle.prepare.variants.columns import strongest_columns
from fullcycle.cycle.prepare.variants.plan import Variant

VARIANCE_KEPT = 0.95  # of the prepared columns, by principal components
STUDENT: dict[str, Scalar] = {
    "early_stopping": False,
    "n_estimators": 100,
    "num_leaves": 8,
    "learning_rate": 0.1,
    "reg_lambda": 1.0,
}


@dataclass(frozen=True)
class Setting:
    """What every recipe needs beside the rows."""

    contract: Contract
    policies: Sequence[ColumnPolicy]
    seed: int
    keys: Keys = NO_KEYS

    def fit(self, candidate: Any, frame: pd.DataFrame, target: pd.Series[Any]) -> Any:
        """The candidate fitted on these rows; what it holds back of them respects groups and time."""
        return candidate.fit(frame, target.to_numpy(), **self.keys.fit_params(candidate, frame.index))


@dataclass(frozen=True)
class Fitted:
    """A fitted pipeline; `contract` has only the columns that it sees."""

    pipeline: Any
    contract: Contract


Recipe = Callable[[Variant, Setting, pd.DataFrame, "pd.Series[Any]"], Fitted]


def fit_variant(variant: Variant, setting: Setting, frame: pd.DataFrame, target: pd.Series[Any]) -> Fitted:
    """The variant learned from these rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unseen categories and weak penalties: scores say what they cost
        return RECIPES[variant.kind](variant, setting, frame, target)


def _as_searched(variant: Variant, setting: Setting, frame: pd.DataFrame, target: pd.Series[Any]) -> Fitted:
    candidate = _candidate(variant, setting, setting.contract)
    return Fitted(setting.fit(candidate, frame, target), setting.contract)


def _fewer_columns(variant: Variant, setting: Setting, frame: pd.DataFrame, target: pd.Series[Any]) -> Fitted:
    kept = strongest_columns(setting.contract, frame, target, setting.seed)
    contract = setting.contract.selected(kept)
    candidate = _candidate(variant, setting, contract)
    return Fitted(setting.fit(candidate, frame, target), contract)


def _principal_components(
    variant: Variant, setting: Setting, frame: pd.DataFrame, target: pd.Series[Any]
) -> Fitted:
    candidate = _candidate(variant, setting, setting.contract)
    wrapped = isinstance(candidate, TransformedTargetRegressor)
    pipeline = candidate.regressor if wrapped else candidate
    *columns, model = pipeline.steps
    reduced = Pipeline([*columns, ("components", PCA(VARIANCE_KEPT, svd_solver="full")), model])
    candidate = candidate.set_params(regressor=reduced) if wrapped else reduced
    return Fitted(setting.fit(candidate, frame, target), setting.contract)


def _distilled(variant: Variant, setting: Setting, frame: pd.DataFrame, target: pd.Series[Any]) -> Fitted:
    """A small LightGBM that learns what the champion says of these rows (Hinton, Vinyals and Dean 2015)."""
    contract = setting.contract
    teacher = _as_searched(variant, setting, frame, target).pipeline
    parameters = {
        **CANDIDATES["lightgbm"].default(search_context(contract, len(frame), _codes(target, contract))),
        **STUDENT,
        "log_target": False,
    }
    student = build_candidate("lightgbm", parameters, contract, setting.policies, setting.seed)
    if contract.task is Task.regression:
        return Fitted(student.fit(frame, teacher.predict(frame)), contract)
    return Fitted(_fit_soft(student, frame, teacher), contract)


def _fit_soft(student: Any, frame: pd.DataFrame, teacher: Any) -> Any:
    """Each row once for each class, weighted by the teacher's probability: cross-entropy with soft labels."""
    chances = np.asarray(teacher.predict_proba(frame), dtype=np.float64)
    classes = np.asarray(teacher.classes_)
    places = np.tile(np.arange(len(frame)), len(classes))
    labels = np.repeat(classes, len(frame))
    return student.fit(frame.iloc[places], labels, model__sample_weight=chances.T.ravel())


def _candidate(variant: Variant, setting: Setting, contract: Contract) -> Any:
    seen = {column.name for column in contract.modelled}
    policies = [policy for policy in setting.policies if policy.column in seen]
    return build_candidate(variant.model, variant.parameters, contract, policies, setting.seed)


def _codes(target: pd.Series[Any], contract: Contract) -> Any:
    return target.to_numpy() if contract.task is Task.regression else pd.factorize(target)[0]


RECIPES: dict[VariantKind, Recipe] = {
    "champion": _as_searched,
    "candidate": _as_searched,
    "one_standard_error": _as_searched,
    "fewer_columns": _fewer_columns,
    "principal_components": _principal_components,
    "distilled": _distilled,
}
