"""Labels, the whole job: what to label, several people's answers, a new version of the data, wrong labels."""

from __future__ import annotations

import csv
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.conftest import Once
from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of
from tests.journeys.typed import typed_here

EMPTY = 60


@pytest.fixture
def half_labelled(collected: Path, tmp_path: Path) -> tuple[Path, dict[int, str]]:
    """The project after its source came again with the last rows unlabelled, and what their labels were."""
    labels = {at: row["churn"] for at, row in enumerate(read(collected.parent / "customers.csv"))}
    return copy_of(collected, tmp_path), {at: labels[at] for at in range(len(labels) - EMPTY, len(labels))}


@pytest.fixture(scope="module")
def collected(finished_project: Path, once: Once) -> Path:
    return once("half-labelled", partial(hide_labels, finished_project)) / "churn"


def hide_labels(finished_project: Path, folder: Path) -> None:
    project = copy_of(finished_project, folder)
    settings = (project / "fullcycle.yaml").read_text(encoding="utf-8")
    moved = re.sub(r"^  source: \S+", "  source: customers.csv", settings, count=1, flags=re.MULTILINE)
    (project / "fullcycle.yaml").write_text(moved, encoding="utf-8")
    rows = read(project.parent / "customers.csv")
    for row in rows[-EMPTY:]:
        row["churn"] = ""
    write(project / "customers.csv", rows)
    fullcycle("-C", project, "run", "collect")


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def labels_of(project: Path) -> list[str | None]:
    return list(pq.read_table(project / "data/raw.parquet")["churn"].to_pylist())


@pytest.mark.nightly  # by day the guide walks this way: make docs
def test_labels_of_three_people_become_a_new_version_of_the_data_and_can_be_taken_back(
    half_labelled: tuple[Path, dict[int, str]],
) -> None:
    project, hidden = half_labelled
    before = labels_of(project)
    told = json.loads(
        fullcycle("-C", project, "label", "next", "-n", "20", "--label-studio", "labels/tasks.json", "--json")
    )
    assert (told["rows"], told["candidates"]) == (20, EMPTY)
    sheet = read(project / "labels/next.csv")
    chosen = [int(row["row"]) for row in sheet]
    assert set(chosen) <= set(hidden)

    said = [
        {**row, "label": hidden[int(row["row"])], "annotator": person}
        for person in ("ann", "bob", "cy")
        for row in sheet
    ]
    for row in said[-3:]:
        row["label"] = "Yes" if row["label"] == "No" else "No"  # cy errs on three rows
    write(project / "said.csv", said)
    found = json.loads(fullcycle("-C", project, "label", "import", "said.csv", "--json"))
    assert found["imported"]["rows"] == 20
    assert found["agreement"]["alpha"]["value"] > 0.6
    assert [each["labels"] for each in found["imported"]["annotators"]] == [20, 20, 20]

    fullcycle("-C", project, "run", "collect")
    after = labels_of(project)
    assert {at: after[at] for at in chosen} == {at: hidden[at] for at in chosen}
    assert [label for at, label in enumerate(after) if at not in chosen] == [
        label for at, label in enumerate(before) if at not in chosen
    ]
    evidence = json.loads((project / "evidence/collect.json").read_text(encoding="utf-8"))
    assert (evidence["labels"]["rows"], evidence["labels"]["added"]) == (20, 20)

    told = json.loads(fullcycle("-C", project, "label", "next", "-n", "60", "--out", "more.csv", "--json"))
    assert told["rows"] == EMPTY - 20  # nobody is asked twice

    fullcycle("-C", project, "label", "import", "--undo")
    fullcycle("-C", project, "run", "collect")
    assert labels_of(project) == before


@pytest.mark.nightly  # by day the guide walks this way: make docs
def test_what_label_studio_exports_of_our_tasks_comes_back(
    half_labelled: tuple[Path, dict[int, str]],
) -> None:
    project, hidden = half_labelled
    fullcycle("-C", project, "label", "next", "-n", "5", "--label-studio", "labels/tasks.json")
    assert '<Choice value="Yes"/>' in (project / "labels/tasks.xml").read_text(encoding="utf-8")
    tasks = json.loads((project / "labels/tasks.json").read_text(encoding="utf-8"))
    for number, task in enumerate(tasks):
        [result] = task["predictions"][0]["result"]
        answer = {**result, "value": {"choices": [hidden[task["data"]["row"]]]}}
        task |= {"id": number, "annotations": [{"completed_by": 1, "result": [answer]}]}
    (project / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    fullcycle("-C", project, "label", "import", "export.json")
    rows = read(project / "labels/labels.csv")
    assert {int(row["row"]): row["churn"] for row in rows} == {
        task["data"]["row"]: hidden[task["data"]["row"]] for task in tasks
    }


@pytest.mark.nightly  # by day the guide walks this way: make docs
def test_an_audit_ranks_flipped_labels_first_and_takes_corrections(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path)
    fullcycle("-C", project, "label", "audit", "--top", "30")
    evidence = json.loads((project / "evidence/label.json").read_text(encoding="utf-8"))
    assert evidence["audit"]["method"] == "confident_learning"
    suspects = read(project / "labels/suspects.csv")
    assert len(suspects) == 30
    assert [row["score"] for row in suspects] == sorted(row["score"] for row in suspects)
    worst = suspects[0]
    write(project / "labels/suspects.csv", [{**worst, "label": worst["suggested"]}, *suspects[1:]])
    fullcycle("-C", project, "label", "import", "labels/suspects.csv")
    fullcycle("-C", project, "run", "collect")
    assert labels_of(project)[int(worst["row"])] == worst["suggested"] != worst["given"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("next",), "label import"),  # the sheet of a moment ago
        (("next", "--out", "a.csv"), "no row to label"),
        (("next", "--out", "a.csv", "--labelled", "none.csv"), "none.csv"),
        (("next", "--out", "a.csv", "--labelled", "--by", "wrong"), "margin"),
        (("import",), "no file"),
        (("import", "none.csv"), "No such file"),
        (("import", "--undo"), "nothing to undo"),
        (("import", "bad.csv"), "one of No, Yes"),
        (("import", "bad.csv", "--aggregate", "median"), "majority or dawid-skene"),
    ],
)
def test_mistakes_are_told_with_what_to_do(words: tuple[str, ...], found: str, labelled: Path) -> None:
    done = typed_here("-C", labelled, "label", *words, at=labelled)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert found in done.stderr


@pytest.fixture(scope="module")
def labelled(finished_project: Path, once: Once) -> Path:
    """A project that has a label for each row, an exported sheet and a bad one."""

    def fill(folder: Path) -> None:
        project = copy_of(finished_project, folder)
        fullcycle("-C", project, "label", "next", "--labelled", "-n", "3")
        (project / "bad.csv").write_text("row,label\n0,perhaps\n", encoding="utf-8")

    return once("labelled", fill) / "churn"


def test_before_the_first_run_each_command_says_what_to_type(fresh_project: Path, tmp_path: Path) -> None:
    project = copy_of(fresh_project, tmp_path)
    for words in (("next",), ("audit",), ("import", "said.csv")):
        (project / "said.csv").write_text("row,label\n0,Yes\n", encoding="utf-8")
        told = json.loads(fullcycle("-C", project, "label", *words, "--json", exit_code=2))
        assert "fullcycle run" in told["error"]["hint"]
