"""A contract of a few columns, and a project made by hand that no stage had to run for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.core.bundle import conftest as by_hand

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.yaml_file import write_contract
from fullcycle.core.engines.tables import ROW
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.core.project.settings_yaml import settings_to_yaml

MakeContract = Callable[..., Contract]
MakeProject = Callable[..., Project]
EXPERIMENT = ExperimentEvidence(
    metric="roc_auc",
    higher_is_better=True,
    folds=5,
    fold_kind="stratified",
    rows=500,
    trials=(),
    candidates=(),
    baseline=0.5,
    champion="linear",
    ended_by="trials",
    time_budget_s=1.0,
)


def contract_of(*, task: Task = Task.binary, personal_key: bool = False) -> Contract:
    classes = None if task is Task.regression else ("no", "yes")
    return Contract(
        task=task,
        classes=classes,
        columns=(
            Column(name="id", type=ColumnType.categorical, role=Role.identifier, personal=personal_key),
            Column(name="age", type=ColumnType.numeric),
            Column(name="phone", type=ColumnType.categorical, personal=True),
            Column(name="label", type=ColumnType.categorical),
            Column(
                name="bought",
                type=ColumnType.categorical if classes else ColumnType.numeric,
                role=Role.target,
                allowed=classes,
            ),
        ),
    )


@pytest.fixture
def make_contract() -> MakeContract:
    return contract_of


@pytest.fixture
def contract() -> Contract:
    return contract_of()


@pytest.fixture
def make_project(tmp_path: Path, make_bundle: Callable[..., Path]) -> MakeProject:
    """A project of the bundle by hand, whose tables and out-of-fold answers are made here: no stage runs."""

    def make(task: Task = Task.binary, *, personal_key: bool = False, unlabelled: int = 0) -> Project:
        contract = by_hand.make_contract(task)
        key = contract.columns[0].model_copy(update={"personal": personal_key})
        contract = contract.model_copy(update={"columns": (key, *contract.columns[1:])})
        make_bundle(tmp_path, task)
        write_contract(tmp_path / "contract.yaml", contract)
        settings = Settings(name="people", data=DataSettings(source="people.csv"))
        (tmp_path / "fullcycle.yaml").write_text(settings_to_yaml(settings), encoding="utf-8")
        write_tables(Project(tmp_path), contract, unlabelled)
        return Project(tmp_path)

    return make


def write_tables(project: Project, contract: Contract, unlabelled: int) -> None:
    """Raw rows as texts, training rows with labels, and answers that are the graph's own."""
    columns = by_hand.training_columns()
    answers = by_hand.pipeline(columns, contract.task)
    rows = len(answers)
    classes = contract.classes
    labels = (
        [classes[int(one >= 0.5)] for one in answers[:, 1]] if classes else [f"{one:.3f}" for one in answers]
    )
    raw = {
        ROW: pa.array(range(rows), pa.int64()),
        "id": [f"k{at}" for at in range(rows)],
        "age": texts(columns["age"]),
        "income": texts(columns["income"]),
        "plan": list(columns["plan"]),
        "active": [None if value != value else str(bool(value)).lower() for value in columns["active"]],  # noqa: PLR0124
        "since": ["2020-01-01"] * rows,
        "e-mail": [f"person{at}@example.org" for at in range(rows)],
        "left": [None if at >= rows - unlabelled else labels[at] for at in range(rows)],
    }
    project.paths.data.mkdir(exist_ok=True)
    pq.write_table(pa.table(raw), project.paths.raw)
    kept = rows - unlabelled
    target = labels if classes else [float(label) for label in labels]
    pq.write_table(pa.table({ROW: raw[ROW], "left": target}).slice(0, kept), project.paths.train)
    shares = {f"p_{code}": answers[:, code] for code in range(2)} if classes else {"prediction": answers}
    pq.write_table(pa.table({ROW: raw[ROW], "fold": [0] * rows, **shares}).slice(0, kept), project.paths.oof)
    write_evidence(project.paths.evidence, EXPERIMENT)


def texts(values: Any) -> list[str | None]:
    return [None if value != value else str(value) for value in values]  # noqa: PLR0124
