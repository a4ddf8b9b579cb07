"""A person's own estimator by import path: `models: ["mypackage.module:build"]`.

`build(task, seed)` returns an unfitted estimator with scikit-learn's interface; `task` is "binary",
"multiclass" or "regression". It is given the columns of the linear model: numbers clipped, filled and scaled,
a column for each category, nothing missing.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from fullcycle.core.contract.model import Contract
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.kinds.base import (
    CandidateKind,
    Parameters,
    SearchContext,
    linear_categories,
    linear_columns,
    log_target,
    suggest_shared,
)

IMPORT_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
HINT = "write `def build(task, seed)` that returns an unfitted scikit-learn estimator"


def is_import_path(name: str) -> bool:
    """
    >>> is_import_path("mypackage.module:build"), is_import_path("lightgbm")
    (True, False)
    """
    return IMPORT_PATH.fullmatch(name) is not None


class OwnKind(CandidateKind):
    """One configuration, the person's; what may vary is the logarithm of a skewed target."""

    columns_name = "linear"

    def __init__(self, path: str) -> None:
        self.name = path

    def portfolio(self, context: SearchContext) -> list[Parameters]:
        return [{**log_target(context), **linear_categories(context)}]

    def suggest(self, trial: Any, context: SearchContext) -> Parameters:
        shared = suggest_shared(trial, context)
        shared.pop("balanced", None)
        return {**self.default(context), **shared}

    def columns(
        self, parameters: Mapping[str, Scalar], contract: Contract, policies: Sequence[ColumnPolicy]
    ) -> Pipeline:
        return linear_columns(parameters, contract, policies)

    def model(self, parameters: Mapping[str, Scalar], contract: Contract, seed: int) -> Any:
        made = _builder(self.name)(contract.task.value, seed)
        ask = "predict" if contract.task.value == "regression" else "predict_proba"
        if not all(hasattr(made, name) for name in ("fit", "get_params", ask)):
            raise _error(self.name, f"a {type(made).__name__} without fit, get_params or {ask}")
        return made


def _builder(path: str) -> Callable[[str, int], Any]:
    """The function behind an import path; a module beside `fullcycle.yaml` is found too."""
    module, _, name = path.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        found = getattr(importlib.import_module(module), name, None)
    except Exception as error:
        told = (str(error).splitlines() or [type(error).__name__])[0]
        raise _error(path, f"a module that can't be imported ({told})") from error
    if not callable(found):
        raise _error(path, f"no function {name} in {module}")
    return found  # type: ignore[no-any-return]


def _error(path: str, found: str) -> UserError:
    return UserError(
        where=f"fullcycle.yaml, key experiment.models, {path}",
        found=found,
        expected="an import path package.module:build that Python finds from the project's folder",
        hint=HINT,
    )
