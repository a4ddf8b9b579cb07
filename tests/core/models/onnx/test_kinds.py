"""Every model that the search may choose exports, proven on training rows and on rows made to be hard."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.trials import single_threaded
from fullcycle.core.models.adversarial import adversarial_frame
from fullcycle.core.models.candidates import (
    CANDIDATES,
    build_candidate,
    ensemble_parameters,
    search_context,
)
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import prove

MakeContract = Callable[..., Contract]
Target = Callable[[Task], Any]
HERE = [name for name in CANDIDATES if name not in ("xgboost", "catboost") or find_spec(name)]


def proven(made: Any, rows: pd.DataFrame, contract: Contract) -> None:
    model = serialize(export_onnx(made, contract))
    assert prove(made, model, adversarial_frame(contract, rows), contract, "adversarial").passed
    assert prove(made, model, rows, contract, "train").rows == len(rows)


def fitted(made: Any, rows: pd.DataFrame, target: Any) -> Any:
    with single_threaded(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return made.fit(rows, target)


def candidate(name: str, position: int, contract: Contract, target: Any, **changed: Any) -> Any:
    regression = contract.task is Task.regression
    codes = target if regression else np.unique(target, return_inverse=True)[1]
    context = search_context(contract, 600, codes)
    settings = CANDIDATES[name].portfolio(context)[position] | changed
    return build_candidate(name, settings, contract, (), 3)


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("name", HERE)
def test_each_kind_is_proven(
    name: str, task: Task, rows: pd.DataFrame, target: Target, contract: MakeContract
) -> None:
    made = contract(task)
    proven(fitted(candidate(name, 0, made, target(task)), rows, target(task)), rows, made)


@pytest.mark.nightly
@pytest.mark.parametrize("name", HERE)
def test_each_kind_is_proven_behind_the_logarithm_of_its_target(
    name: str, rows: pd.DataFrame, target: Target, contract: MakeContract
) -> None:
    made, prices = contract(Task.regression), np.exp(target(Task.regression) / 1000)
    proven(fitted(candidate(name, 1, made, prices, log_target=True), rows, prices), rows, made)


@pytest.mark.parametrize("task", [Task.binary, Task.regression])
def test_an_ensemble_of_many_kinds_is_one_graph_and_proven(
    task: Task, rows: pd.DataFrame, target: Target, contract: MakeContract
) -> None:
    made = contract(task)
    members = {}
    for number, name in enumerate(("linear", "lightgbm", "lightgbm", "extra_trees", "mlp")):
        context = search_context(made, 600, target(task) if task is Task.regression else [0] * 600)
        settings = CANDIDATES[name].portfolio(context)[number % 2]
        members[f"{name}/{number}"] = settings, 0.1 + 0.05 * number
    mixed = build_candidate("ensemble", ensemble_parameters(members), made, (), 3)
    assert len(fitted(mixed, rows, target(task)).members_) == 5
    proven(mixed, rows, made)
