"""A project whose champion is known and whose table hides one thing, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.cycle.experiment.conftest import write_cleaned

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence
from fullcycle.core.evidence.explore import ExploreEvidence, LeakSuspect
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.project import Project
from fullcycle.core.project.proposal_settings import ProposalSettings
from fullcycle.core.project.settings import ExperimentSettings

FILE = """# mine
name: churn
data: {source: x.csv}  # as it came
"""
TREES = {
    "n_estimators": 40,
    "learning_rate": 0.15,
    "num_leaves": 6,
    "min_child_samples": 20,
    "reg_lambda": 3.0,
    "colsample_bytree": 1.0,
    "subsample": 1.0,
    "log_target": False,
    "min_frequency": 5,
    "encoder": "one_hot",
    "max_categories": 60,
}
KINDS = {
    "f": ColumnType.numeric,
    "O": ColumnType.categorical,
    "M": ColumnType.datetime,
    "b": ColumnType.boolean,
}

MakeProject = Callable[..., Project]


def contract_for(table: pd.DataFrame, task: Task = Task.regression, **roles: Role) -> Contract:
    classes = None if task is Task.regression else tuple(sorted(table["y"].unique()))
    columns = [
        Column(name=name, type=KINDS[table[name].dtype.kind], role=roles.get(name, Role.feature))
        for name in table
        if name not in ("_row", "y")
    ]
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    return Contract(
        task=task, classes=classes, columns=(*columns, Column(name="y", type=kind, role=Role.target))
    )


def project_for(
    root: Path,
    table: pd.DataFrame,
    *,
    task: Task = Task.regression,
    metric: str = "r2",
    suspects: Sequence[LeakSuspect] = (),
    roles: dict[str, Role] | None = None,
    **asked: Any,
) -> Project:
    """`table` has the target `y`. The champion is a small LightGBM, so that a test takes seconds."""
    table = table.assign(_row=np.arange(len(table)))
    contract = contract_for(table, task, **(roles or {}))
    proposals = ProposalSettings(**{"repeats": 2, "tested": 4, "time_budget_s": 1e6, **asked})
    experiment = ExperimentSettings(models=["lightgbm"], folds=4)
    project = write_cleaned(root, table, contract, experiment=experiment, proposals=proposals)
    champion = Candidate(
        model="lightgbm",
        parameters=TREES
        if task is Task.regression
        else {k: v for k, v in TREES.items() if k != "log_target"},
        trial=0,
        score=Interval(value=0.5),
        fold_scores=(),
        metrics={},
    )
    evidence = ExperimentEvidence(
        metric=metric,
        higher_is_better=metric != "log_loss",
        folds=4,
        fold_kind="random",
        rows=len(table),
        trials=(),
        candidates=(champion,),
        baseline=0.0,
        champion="lightgbm",
        ended_by="trials",
        time_budget_s=1.0,
    )
    write_evidence(project.paths.evidence, evidence)
    explored = ExploreEvidence(rows=len(table), target="y", columns=(), suspects=tuple(suspects))
    write_evidence(project.paths.evidence, explored)
    project.paths.settings.write_text(FILE, encoding="utf-8")
    return project


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """A function of a table and of what differs."""

    def make(table: pd.DataFrame, name: str = "project", **differs: Any) -> Project:
        return project_for(tmp_path / name, table, **differs)

    return make
