"""A project as experiment leaves it: tables, evidence and out-of-fold predictions, small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.model_selection import cross_val_predict

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.clean import CleanEvidence, SplitFacts, TargetFacts
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.models.candidates import (
    CANDIDATES,
    build_candidate,
    ensemble_parameters,
    kind_of,
    search_context,
)
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.kinds.own import is_import_path
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, PrepareSettings, Settings

ROWS = 500


@dataclass(frozen=True)
class SmallProject(Project):
    """A project whose settings and contract are given and not read."""

    given: Contract
    budget: PrepareSettings

    @cached_property
    def contract(self) -> Contract:
        return self.given

    @cached_property
    def settings(self) -> Settings:
        data = DataSettings(source="small.csv")
        return Settings(name="small", seed=5, data=data, prepare=self.budget)


def small_contract(task: Task, classes: tuple[str, ...] | None) -> Contract:
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    return Contract(
        task=task,
        classes=classes,
        columns=(
            Column(name="customer", type=ColumnType.text, role=Role.identifier),
            Column(name="age", type=ColumnType.numeric, range=(0.0, 99.0)),
            Column(name="income", type=ColumnType.numeric, range=(0.0, 1e9)),
            Column(name="member", type=ColumnType.boolean),
            Column(name="joined", type=ColumnType.datetime, formats=("iso",)),
            Column(name="plan", type=ColumnType.categorical, allowed=("basic", "gold", "premium")),
            Column(name="target", type=kind, role=Role.target),
        ),
    )


def small_table(task: Task, classes: tuple[str, ...] | None) -> pa.Table:
    """Rows numbered from 1000 in steps of 3, with gaps, and a target that age and plan explain."""
    random = np.random.default_rng(9)
    age, plan = random.uniform(18, 90, ROWS), random.choice(["basic", "gold", "premium"], ROWS)
    score = age / 20 + (plan == "gold") + random.normal(0, 0.5, ROWS)
    frame = pd.DataFrame(
        {
            "_row": np.arange(ROWS) * 3 + 1000,
            "age": np.where(random.random(ROWS) < 0.1, np.nan, age),
            "income": random.integers(0, 10**9, ROWS).astype(float),
            "member": pd.array(random.choice([True, False, None], ROWS), dtype="boolean"),
            "joined": pd.to_datetime(random.integers(10**9, 17 * 10**8, ROWS), unit="s").astype(
                "datetime64[us]"
            ),
            "plan": np.where(random.random(ROWS) < 0.1, None, plan),
        }
    )
    if task is Task.regression:
        frame["target"] = score * 100
    else:
        positions = pd.qcut(score, len(classes or ()), labels=False)
        frame["target"] = np.array(classes, dtype=object)[positions]
    return pa.Table.from_pandas(frame, preserve_index=False)


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """A project of a task whose champion is the model named, with what the stages before prepare left."""

    def make(
        task: Task = Task.binary,
        model: str = "linear",
        classes: tuple[str, ...] | None = None,
        budget: PrepareSettings | None = None,
    ) -> Project:
        names = {Task.binary: ("no", "yes"), Task.multiclass: ("a", "b", "c"), Task.regression: None}
        chosen = classes or names[task]
        budget = budget or PrepareSettings(variants=False)
        project = SmallProject(tmp_path, small_contract(task, chosen), budget)
        project.paths.data.mkdir()
        pq.write_table(small_table(task, chosen), project.paths.train)
        frame, target, _, _ = read_frame(project.paths.train, project.contract)
        parameters = small_parameters(project.contract, target, model)
        write_evidence(project.paths.evidence, clean_evidence())
        write_evidence(project.paths.evidence, experiment_evidence(task, model, parameters))
        if task is not Task.regression:
            candidate = build_candidate(model, parameters, project.contract, (), 5)
            oof = cross_val_predict(candidate, frame, target.to_numpy(), cv=3, method="predict_proba")
            write_oof(project, oof, sorted(chosen or ()))
        return project

    return make


MEMBERS = ("linear", "lightgbm", "extra_trees")


def small_parameters(contract: Contract, target: pd.Series[Any], model: str) -> dict[str, Any]:
    context = search_context(contract, ROWS, target)
    if is_import_path(model):
        return dict(kind_of(model).default(context))
    single = {name: kind.default(context) for name, kind in CANDIDATES.items() if name in MEMBERS}
    single["lightgbm"] |= {"n_estimators": 40}
    if model == "ensemble":
        return ensemble_parameters({name: (own, 0.5) for name, own in single.items()})
    return single[model]


def write_oof(project: Project, oof: np.ndarray[Any, Any], sorted_classes: list[str]) -> None:
    rows = pq.read_table(project.paths.train)["_row"].to_numpy()
    classes = project.contract.classes or ()
    columns = {f"p_{place}": oof[:, sorted_classes.index(name)] for place, name in enumerate(classes)}
    table = pd.DataFrame({"_row": rows, "fold": np.arange(len(rows)) % 3, **columns})
    pq.write_table(pa.Table.from_pandas(table.iloc[::-1], preserve_index=False), project.paths.oof)


def clean_evidence() -> CleanEvidence:
    return CleanEvidence(
        rows_in=ROWS,
        rows_out=ROWS,
        decisions=(),
        policies=(),
        split=SplitFacts(kind="random", train_rows=ROWS, test_rows=0, seed=5),
        target=TargetFacts(column="target"),
    )


def experiment_evidence(task: Task, model: str, parameters: dict[str, Any]) -> ExperimentEvidence:
    metric = {Task.binary: "roc_auc", Task.multiclass: "log_loss", Task.regression: "r2"}[task]
    champion = Candidate(
        model=model, parameters=parameters, trial=0, score=Interval(value=0.5), fold_scores=(0.5,), metrics={}
    )
    return ExperimentEvidence(
        metric=metric,
        higher_is_better=metric != "log_loss",
        folds=3,
        fold_kind="random",
        rows=ROWS,
        trials=(),
        candidates=(champion,),
        baseline=0.5,
        champion=model,
        threshold=None,
        ended_by="trials",
        time_budget_s=40.0,
    )
