"""A project as clean leaves it: a training table, a contract, clean's evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.evidence.clean import CleanEvidence, SplitFacts, TargetFacts
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, ExperimentSettings, Settings

CLASSES = {Task.binary: ("no", "yes"), Task.multiclass: ("a", "b", "c"), Task.regression: None}

MakeCleaned = Callable[..., Project]


def contract_of(task: Task, *extra: Column) -> Contract:
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    return Contract(
        task=task,
        classes=CLASSES[task],
        columns=(
            Column(name="age", type=ColumnType.numeric, range=(0.0, 99.0)),
            Column(name="plan", type=ColumnType.categorical, allowed=("basic", "gold")),
            *extra,
            Column(name="target", type=kind, role=Role.target),
        ),
    )


def table_of(task: Task, rows: int = 240, seed: int = 0, noise: float = 0.5) -> pd.DataFrame:
    """Rows numbered from 100 in steps of 2; age (not monotonic) and plan explain the target."""
    random = np.random.default_rng(seed)
    age, plan = random.uniform(0, 99, rows), random.choice(["basic", "gold"], rows)
    score = np.abs(age - 50) / 20 + (plan == "gold") + random.normal(0, noise, rows)
    names = CLASSES[task]
    target = score if names is None else pd.qcut(score, len(names), labels=names).astype(str)
    age = np.where(random.random(rows) < 0.1, np.nan, age)
    plan = np.where(random.random(rows) < 0.1, None, plan)
    return pd.DataFrame({"_row": np.arange(rows) * 2 + 100, "age": age, "plan": plan, "target": target})


def write_cleaned(root: Path, table: pd.DataFrame, contract: Contract, **sections: Any) -> Project:
    (root / "data").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), root / "data" / "train.parquet")
    evidence = CleanEvidence(
        rows_in=len(table),
        rows_out=len(table),
        decisions=(),
        policies=(),
        split=SplitFacts(kind="random", train_rows=len(table), test_rows=0, seed=0),
        target=TargetFacts(column="target"),
    )
    write_evidence(root / "evidence", evidence)
    project = Project(root)
    settings = Settings(name="churn", data=DataSettings(source="x.csv"), **sections)
    project.__dict__.update(contract=contract, settings=settings)
    return project


@pytest.fixture
def make_cleaned(tmp_path: Path) -> MakeCleaned:
    """A function of task, table and settings of the search: small, and four trials unless said otherwise."""

    def make(
        task: Task = Task.binary,
        table: pd.DataFrame | None = None,
        *,
        contract: Contract | None = None,
        name: str = "project",
        sections: dict[str, Any] | None = None,
        **search: Any,
    ) -> Project:
        experiment = ExperimentSettings(**{"trials": 4, "folds": 3, **search})
        table = table_of(task) if table is None else table
        return write_cleaned(
            tmp_path / name, table, contract or contract_of(task), experiment=experiment, **(sections or {})
        )

    return make


class SilentTracker:
    """Stands for MLflow where a test is about something else: keeps what it was told."""

    told: list[Any]

    def __init__(self, *_: object) -> None:
        SilentTracker.told = []

    def __enter__(self) -> SilentTracker:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def log(self, parent: Any, children: Any) -> dict[str, str]:
        SilentTracker.told = [parent, *children]
        return {"uri": "silent", "experiment": "silent"}


@pytest.fixture
def no_tracking(monkeypatch: pytest.MonkeyPatch) -> type[SilentTracker]:
    """A stage without MLflow, which takes seconds to import."""
    monkeypatch.setattr("fullcycle.cycle.experiment.stage.Tracker", SilentTracker)
    return SilentTracker
