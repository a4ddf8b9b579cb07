"""`run --frozen` names each thing that differs from the recorded run, with the command that mends it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.automate.past import commit, past_project

from fullcycle.automate.frozen import differences, refuse_differences, refuse_other_bundle
from fullcycle.automate.graph import write_graph
from fullcycle.cli.main import main
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.dvc_lock import md5_of
from fullcycle.core.project.environment import record_environment
from fullcycle.core.project.project import Project

LOCK = """schema: '2.0'
stages:
  collect:
    cmd: fullcycle collect
    deps:
    - {{path: people.csv, hash: md5, md5: {people}}}
    params:
      fullcycle.yaml:
        name: people
        seed: 0
        data: {{source: people.csv}}
    outs:
    - {{path: data/raw.parquet, md5: 0123}}
  clean:
    cmd: fullcycle clean
    deps:
    - {{path: data/raw.parquet, hash: md5, md5: 0123}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """As a clean clone is: recorded, committed, and nothing that stages make is there."""
    project = past_project(tmp_path / "people")
    (project.root / "dvc.yaml").unlink()
    with project.paths.settings.open("a") as settings:
        settings.write("seed: 0\n")
    (project.root / "people.csv").write_text("age\n52\n")
    (project.root / "dvc.lock").write_text(LOCK.format(people=md5_of(project.root / "people.csv")))
    write_graph(project)
    record_environment(project)
    commit(project.root, "Run")
    return Project(project.root)


def test_a_clean_clone_of_a_recorded_run_differs_in_nothing(project: Project) -> None:
    found = differences(project)
    assert found == []
    refuse_differences(found)


def test_each_difference_is_named_with_both_sides_and_the_way_out(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    changed(project, {"numpy": "1.26.1", "hardware.machine": "arm64", "gone": "2.0"})
    project.paths.settings.write_text(project.paths.settings.read_text().replace("seed: 0", "seed: 5"))
    (project.root / "people.csv").write_text("age\n53\n")
    with pytest.raises(CheckFailed) as caught:
        refuse_differences(differences(Project(project.root)))
    told = str(caught.value)
    for line in (
        "recorded 1.26.1",
        "gone: found none, recorded 2.0",
        "threads.OMP_NUM_THREADS: found 7, recorded none",
        "recorded arm64",
        "fullcycle.yaml, key seed: found 5, recorded 0",
        "people.csv: found md5",
        "people.csv: found a change that is not committed",
    ):
        assert line in told
    for command in (
        "pip install numpy==1.26.1 gone==2.0",
        "unset OMP_NUM_THREADS",
        "git checkout fullcycle.yaml",
    ):
        assert command in caught.value.hint


def test_another_processor_of_the_same_kind_is_told_and_refused_by_nobody(project: Project) -> None:
    changed(project, {"hardware.processor": "Another CPU @ 1 GHz", "hardware.cpus": "999"})
    found = differences(project)
    assert [(each.name, each.expected) for each in found] == [
        ("hardware.processor", "Another CPU @ 1 GHz"),
        ("hardware.cpus", "999"),
    ]
    refuse_differences(found)


def test_a_source_that_is_gone_and_stages_of_another_fullcycle_are_named(project: Project) -> None:
    (project.root / "people.csv").unlink()
    graph = project.root / "dvc.yaml"
    graph.write_text(graph.read_text().replace("cmd: fullcycle clean", "cmd: fullcycle tidy"))
    found = {each.name: each for each in differences(project)}
    assert found["people.csv"].found in ("no such file", "a change that is not committed")
    assert found["dvc.yaml"].cure in ("`fullcycle migrate`", "`git diff dvc.yaml`")
    assert "tidy" in graph.read_text()  # looking changes nothing


def test_nothing_recorded_is_no_run_to_repeat(project: Project) -> None:
    (project.root / "dvc.lock").unlink()
    with pytest.raises(UserError, match="no run to be repeated"):
        differences(project)


def test_another_bundle_than_the_recorded_one_is_refused() -> None:
    refuse_other_bundle(None, "b")
    refuse_other_bundle("a", "a")
    with pytest.raises(CheckFailed, match="found bundle b"):
        refuse_other_bundle("a", "b")


def changed(project: Project, names: dict[str, str]) -> None:
    path = project.paths.evidence / "environment.json"
    plain = json.loads(path.read_text())
    plain["environment"].update(names)
    path.write_text(json.dumps(plain))


def test_frozen_and_a_budget_exclude_each_other(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(project.root), "run", "--frozen", "--budget"]) == 2
    assert "one of them" in capsys.readouterr().err
