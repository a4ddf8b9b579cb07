"""Collect takes a snapshot that replaces the old one only when the source keeps the contract."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from tests.cycle.conftest import contract_of

from fullcycle.core.engines.tables import ROW, connect, read_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.evidence import CollectEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.cycle.collect.stage import run

COLUMNS = {"id": "text identifier", "age": "numeric", "plan": "categorical", "churn": "categorical target"}
CONTRACT = contract_of(COLUMNS, ["no", "yes"])
SOURCE = "id;age;plan;churn\n" + "".join(
    f"{i:03};{i},5;basic;{'yes' if i % 3 else 'no'}\n" for i in range(30)
)


def test_the_snapshot_is_the_source_as_text_with_rows_numbered(make_project: Any) -> None:
    project = make_project(SOURCE, CONTRACT)
    evidence = run(project)
    rows = connect().to_pyarrow(read_parquet(project.paths.raw)).to_pylist()
    assert rows[1] == {"id": "001", "age": "1,5", "plan": "basic", "churn": "yes", ROW: 1}
    assert [row[ROW] for row in rows] == list(range(30))
    assert (evidence.rows, evidence.separator, evidence.decimal, evidence.encoding) == (30, ";", ",", "utf-8")
    assert evidence.source_sha256 == hashlib.sha256(SOURCE.encode()).hexdigest()
    assert read_evidence(project.paths.evidence, CollectEvidence) == evidence


def test_two_snapshots_of_one_source_are_equal_bytes(make_project: Any) -> None:
    project = make_project(SOURCE, CONTRACT)
    run(project)
    first = project.paths.raw.read_bytes()
    run(project)
    assert project.paths.raw.read_bytes() == first


def test_a_required_column_that_is_absent_is_an_error_and_leaves_the_old_snapshot(make_project: Any) -> None:
    project = make_project(SOURCE, CONTRACT)
    run(project)
    before = project.paths.raw.read_bytes()
    (project.root / "source.csv").write_text(SOURCE.replace("plan", "Plan_", 1))
    with pytest.raises(UserError) as caught:
        run(project)
    assert caught.value.where == "source.csv"
    assert caught.value.found == "no column 'plan'"
    assert "'Plan_'" in caught.value.hint
    assert project.paths.raw.read_bytes() == before
    assert [path.name for path in project.paths.data.iterdir()] == ["raw.parquet"]


def test_cells_out_of_type_and_unexpected_values_are_counted(make_project: Any) -> None:
    contract = contract_of(COLUMNS, ["no", "yes"], plan={"allowed": ("basic",)}, age={"decimal": ","})
    project = make_project(SOURCE.replace("001;1,5;basic", "001;old;gold"), contract)
    found = {f.code: f for f in run(project).findings}
    assert found["FC102"].columns == ("age",)
    assert found["FC102"].facts | {"kind": ""} == {
        "rows": 1,
        "examples": ["old"],
        "type": "numeric",
        "kind": "",
    }
    assert (found["FC207"].columns, found["FC207"].facts["examples"]) == (("plan",), ["gold"])


def test_values_of_personal_columns_are_never_shown(make_project: Any) -> None:
    contract = contract_of(COLUMNS, ["no", "yes"], plan={"allowed": ("basic",), "personal": True})
    project = make_project(SOURCE.replace("001;1,5;basic", "001;1,5;Mrs Smith"), contract)
    run(project)
    assert "Smith" not in (project.paths.evidence / "collect.json").read_text()


def test_a_strict_column_refuses_the_source(make_project: Any) -> None:
    contract = contract_of(COLUMNS, ["no", "yes"], plan={"allowed": ("basic",), "strict": True})
    project = make_project(SOURCE.replace("001;1,5;basic", "001;1,5;gold"), contract)
    with pytest.raises(UserError) as caught:
        run(project)
    assert caught.value.where == "source.csv, column plan"
    assert "'gold'" in caught.value.found
    assert "plan.allowed" in caught.value.hint
    assert not project.paths.raw.exists()


def test_flights_keep_their_types(make_project: Any, tests_data: Path) -> None:
    contract = contract_of({"late": "boolean target", "arr_delay": "numeric"}, ["false", "true"])
    project = make_project(tests_data / "nyc_flights.parquet", contract)
    evidence = run(project)
    assert evidence.rows == 336_776
    assert {c.name: c.physical_type for c in evidence.columns}["time_hour"].startswith("timestamp")
    assert str(read_parquet(project.paths.raw).schema()["dep_time"]) == "int32"
