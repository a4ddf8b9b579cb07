"""A project made of a table and a contract in a few words, for the stages that work on tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, Settings

MakeProject = Callable[..., Project]


def contract_of(
    columns: dict[str, str], classes: Sequence[str] | None = None, **extra: dict[str, Any]
) -> Contract:
    """`{"age": "numeric", "id": "text identifier"}`; `extra` are more fields of a column, by its name.

    The target is the column of role target; no classes means regression, two are binary.
    """
    built = []
    for name, words in columns.items():
        kind, _, role = words.partition(" ")
        more = {"formats": ("iso",)} if kind == "datetime" else {}
        built.append(
            Column(
                name=name,
                type=ColumnType(kind),
                role=Role(role or "feature"),
                **{**more, **extra.get(name, {})},
            )
        )
    task = Task.regression if classes is None else Task.binary if len(classes) == 2 else Task.multiclass
    return Contract(task=task, classes=None if classes is None else tuple(classes), columns=tuple(built))


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """A function of source content (or a path), contract and sections of settings."""

    def make(source: str | Path, contract: Contract, *, name: str = "project", **sections: Any) -> Project:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        if isinstance(source, str):
            (root / "source.csv").write_text(source, encoding="utf-8")
        data = DataSettings(source="source.csv" if isinstance(source, str) else str(source))
        project = Project(root)
        project.__dict__.update(contract=contract, settings=Settings(name=name, data=data, **sections))
        return project

    return make


@pytest.fixture(scope="session")
def tests_data() -> Path:
    """Where copies of real tables lie."""
    return Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def telco() -> Path:
    """The demo's table, as the package ships it."""
    import fullcycle

    return Path(fullcycle.__file__).parent / "data" / "telco_churn.csv"
