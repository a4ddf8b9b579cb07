"""What init says about a contract."""

from __future__ import annotations

from pathlib import Path

from fullcycle.automate.init import Initialized
from fullcycle.cli.init import describe, next_steps
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.evidence.base import Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.core.sources.source import Facts

FEATURES = tuple(Column(name=f"f{place}", type=ColumnType.numeric) for place in range(3))
OTHERS = (
    Column(name="id", type=ColumnType.categorical, role=Role.identifier),
    Column(name="notes", type=ColumnType.text),
    Column(name="when", type=ColumnType.datetime, role=Role.time),
)


def made(contract: Contract, **more: object) -> Initialized:
    project = Project(Path("/somewhere/churn"))
    project.__dict__["contract"] = contract
    project.__dict__["settings"] = Settings(name="churn", data=DataSettings(source="churn.csv"))
    facts = Facts(sha256="", bytes=1, format="csv", rows=1200, columns=())
    return Initialized(project=project, facts=facts, **{"findings": (), "committed": True, **more})  # type: ignore[arg-type]


def contract(target: Column, task: Task, classes: tuple[str, ...] | None = None) -> Contract:
    return Contract(task=task, classes=classes, columns=(*FEATURES, *OTHERS, target))


CLASS = Column(name="y", type=ColumnType.categorical, role=Role.target, missing=("?",))
NUMBER = Column(name="y", type=ColumnType.numeric, role=Role.target)


def test_roles_types_and_missing_tokens_are_told() -> None:
    lines = list(describe(made(contract(CLASS, Task.binary, ("No", "Yes")))))
    assert lines[0] == "churn: 1,200 rows, 0 columns in churn.csv"
    assert lines[2:] == [
        "  predicts   y: Yes against No (binary)",
        "  from       3 columns: 3 numeric",
        "  identifier id",
        "  text       notes",
        "  time       when",
        "  missing    '?' in y",
    ]


def test_a_number_and_many_classes_are_told() -> None:
    assert "  predicts   y: a number (regression)" in describe(made(contract(NUMBER, Task.regression)))
    many = tuple("abcdefghijkl")
    told = list(describe(made(contract(CLASS, Task.multiclass, many))))
    assert "  predicts   y: one of a, b, c, d, e, f, g, h and 4 more (multiclass)" in told


def test_findings_come_before_what_to_type() -> None:
    suspect = finding(Code.constant_column, Severity.warning, "f1")
    lines = list(next_steps(made(contract(NUMBER, Task.regression), findings=(suspect,)), Path("a b")))
    assert lines[1] == "Please look at:"
    assert lines[2].startswith("  ! FC106")
    assert lines[-1] == "  fullcycle -C 'a b' run"


def test_in_a_repository_of_a_person_the_commit_is_theirs() -> None:
    lines = list(next_steps(made(contract(NUMBER, Task.regression), committed=False), Path("churn")))
    assert any(line.startswith("  git -C churn add .") for line in lines)
