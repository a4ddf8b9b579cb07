"""One person's rows leave sources, data, cache, lookups and log; the record of it names nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.automate.past import git, past_project

from fullcycle.automate.forget import forget_in_tables
from fullcycle.cli.main import main
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.project import Project
from fullcycle.live.log.compact import compact
from fullcycle.live.log.files import now_us
from fullcycle.live.log.personal import hashed, project_salt
from fullcycle.live.log.read import open_log
from fullcycle.live.log.record import answered, encode

WHO = "Анна-17"
RECORDS = (
    "customer;note;age\n",
    "Bob-1;plain;40\n",
    f'{WHO};"two\nlines; and a ""quote""";50\n',
    'Eve-3;"a\nb";60\n',
    f"{WHO};again;51\n",
)
SOURCE = "".join(RECORDS)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = past_project(tmp_path / "people")
    root = project.root
    with project.paths.settings.open("a") as settings:
        settings.write("lookups:\n  towns: {source: towns.parquet, key: customer}\n")
    (root / "people.csv").write_bytes(b"\xef\xbb\xbf" + SOURCE.replace("\n", "\r\n").encode())
    pq.write_table(pa.table({"customer": [WHO, "Bob-1"], "town": ["A", "B"]}), root / "towns.parquet")
    (root / "data").mkdir()
    numbered = {"customer": ["Bob-1", WHO, "Eve-3", WHO], "_row": [0, 1, 2, 3]}
    pq.write_table(pa.table(numbered), root / "data/raw.parquet")
    pq.write_table(pa.table({"_row": [0, 1], "age": [40.0, 50.0]}), root / "data/train.parquet")
    pq.write_table(pa.table({"_row": [2, 3], "age": [60.0, 51.0]}), root / "data/test.parquet")
    return Project(root)


def logged(folder: Path, salt: bytes) -> None:
    """Two days: one compacted, one not; the person's column is hashed in the older and plain in the newer.
    In both, one line holds the answers to the person and to another one."""
    folder.mkdir(exist_ok=True)
    for day, stored in (("2026-01-01", hashed(WHO, salt)), ("2026-01-02", WHO)):
        people, moment = (stored, "Bob-1"), now_us()
        said = [
            [day, row, "champion", "v", 1.0, {"customer": who}, {"prediction": "no"}]
            for row, who in enumerate(people)
        ]
        lines = [answered(said, moment)]
        for row in range(len(people)):
            known = {"request_id": day, "row": row, "outcome": "yes"}
            lines.append(encode({"kind": "feedback", "time": moment, **known}))
        (folder / f"{day}_host-1_1.jsonl").write_bytes(b"".join(lines))
        if day == "2026-01-01":
            compact(folder, LogSettings())


def test_looking_changes_nothing(project: Project) -> None:
    before = (project.root / "people.csv").read_bytes()
    found = forget_in_tables(project, "customer", WHO, really=False)
    assert {each.name: each.rows for each in found.tables} == {
        "people.csv": 2,
        "towns.parquet": 1,
        "data/raw.parquet": 2,
        "data/train.parquet": 1,
        "data/test.parquet": 1,
    }
    assert (project.root / "people.csv").read_bytes() == before


def test_the_person_is_gone_everywhere_and_others_are_as_they_were(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    log = project.paths.predictions
    log.mkdir()
    salt = project_salt(log)
    logged(log, salt)
    assert main(["-C", str(project.root), "gc", "--person", f"customer={WHO}", "--yes", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["removed"], told["log"]["records"]) == (True, 4)
    kept = 'customer;note;age\nBob-1;plain;40\nEve-3;"a\nb";60\n'
    assert (project.root / "people.csv").read_bytes() == b"\xef\xbb\xbf" + kept.replace("\n", "\r\n").encode()
    assert pq.read_table(project.root / "towns.parquet")["customer"].to_pylist() == ["Bob-1"]
    for name, rows in {"raw": [0, 2], "train": [0], "test": [2]}.items():
        assert pq.read_table(project.root / f"data/{name}.parquet")["_row"].to_pylist() == rows
    with open_log(log) as opened:
        left = opened.rows("SELECT inputs, outcome FROM predictions ORDER BY time")
    assert [(json.loads(each["inputs"])["customer"], each["outcome"]) for each in left] == [
        ("Bob-1", "yes")
    ] * 2
    whole = b"".join(
        path.read_bytes() for path in project.root.rglob("*") if path.is_file() and ".git" not in path.parts
    )
    assert WHO.encode() not in whole

    again = [
        json.loads(line) for line in (project.paths.evidence / "forgotten.jsonl").read_text().splitlines()
    ]
    assert [line["state"] for line in again] == ["begun", "done"]
    assert again[1]["hash"] == hashed(f"customer={WHO}", salt)
    assert again[1]["log"] == 4


def test_older_versions_in_the_cache_go_too_and_what_is_out_of_reach_is_named(project: Project) -> None:
    from fullcycle.automate.repository import open_dvc

    graph = project.root / "dvc.yaml"
    graph.write_text(
        "stages:\n  collect:\n    cmd: 'true'\n    outs:\n    - data/raw.parquet\n    - data/train.parquet\n"
    )
    with open_dvc(project) as repo:
        repo.commit(force=True)
    git(project.root, "add", "-A")
    git(project.root, "commit", "-qm", "Run")
    (project.root / ".dvc/config.local").write_text("['remote \"shelf\"']\n    url = /nowhere\n")
    project.paths.evidence.mkdir()
    (project.paths.evidence / "clean.json").write_text(f'{{"examples": ["{WHO}"]}}')
    found = forget_in_tables(project, "customer", WHO, really=True)
    assert len(found.cached) == 2
    assert not any((project.root / name).exists() for name in found.cached)
    assert set(found.elsewhere) == {
        "git's history of people.csv",
        "git's history of towns.parquet",
        "DVC's remote shelf",
        "evidence/clean.json, which names the value until the next run",
    }


@pytest.mark.parametrize("person", ["customer", "=17", "customer="])
def test_a_person_is_a_key_and_a_value(
    project: Project, person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-C", str(project.root), "gc", "--person", person]) == 2
    assert "KEY=VALUE" in capsys.readouterr().err


def test_someone_who_is_nowhere_is_said_to_be(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(project.root), "gc", "--person", "customer=Nobody"]) == 0
    assert "nothing with that customer" in capsys.readouterr().out
