"""The stage graph under DVC: what it writes, and what it makes of DVC's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fullcycle.automate.graph import STAGES, needed_for, nodes, write_graph
from fullcycle.automate.running import StageFailed, _as_told
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project

MINIMAL = "version: 1\nname: churn\ndata: {source: customers.csv}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "fullcycle.yaml").write_text(MINIMAL, encoding="utf-8")
    return Project(tmp_path)


def stages(project: Project) -> dict[str, dict[str, Any]]:
    document = YAML(typ="safe").load(project.paths.graph.read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = document["stages"]
    return found


@pytest.mark.parametrize(("status", "exit_code"), [(2, 2), (1, 1), (-9, 1), (127, 1)])
def test_a_failed_stage_is_named_and_its_exit_code_is_ours(status: int, exit_code: int) -> None:
    from dvc.stage.exceptions import StageCmdFailedError

    failure = _as_told(StageCmdFailedError("fullcycle clean", status))
    assert isinstance(failure, StageFailed)
    assert failure.where == "stage clean"
    assert failure.exit_code == exit_code


@pytest.mark.parametrize("status", [130, -2])
def test_an_interrupted_stage_is_an_interruption_and_no_failure(status: int) -> None:
    from dvc.stage.exceptions import StageCmdFailedError

    assert isinstance(_as_told(StageCmdFailedError("fullcycle clean", status)), KeyboardInterrupt)


def test_every_output_persists_so_that_an_interruption_leaves_the_previous_one(project: Project) -> None:
    write_graph(project)
    for stage in stages(project).values():
        outputs = [output for kind in ("outs", "metrics", "plots") for output in stage.get(kind, [])]
        assert outputs
        assert all(next(iter(output.values()))["persist"] for output in outputs)


def test_no_two_stages_write_the_same_and_all_that_is_read_is_written_or_given(project: Project) -> None:
    written = [path for node in nodes(project) for path in node.writes]
    assert len(set(written)) == len(written)
    given = {"contract.yaml", "customers.csv", "experiment.lock.json"}
    assert {path for node in nodes(project) for path in node.reads} - set(written) == given


def test_the_last_stage_needs_all_others_so_that_it_is_all_that_dvc_is_asked_for(project: Project) -> None:
    assert set(needed_for(project, STAGES[-1])) == set(STAGES)


def test_dvc_reads_its_files_by_the_parser_in_c() -> None:
    assert YAML(typ="safe").Parser.__module__.endswith("_ruamel_yaml")


def test_only_settings_that_stand_in_the_file_are_parameters(project: Project) -> None:
    write_graph(project)
    assert stages(project)["collect"]["params"] == [{"fullcycle.yaml": ["data"]}]
    assert "params" not in stages(project)["prepare"]
    project.paths.settings.write_text(MINIMAL + "seed: 3\n", encoding="utf-8")
    write_graph(Project(project.root))
    assert stages(project)["prepare"]["params"] == [{"fullcycle.yaml": ["seed"]}]


def test_a_budget_stands_in_the_command_of_the_search_alone_and_goes_again(project: Project) -> None:
    from fullcycle.core.project.automation_settings import TrainingBudget

    write_graph(project)
    whole = stages(project)
    write_graph(project, TrainingBudget(trials=3, time_budget_s=30))
    within = stages(project)
    assert within["experiment"]["cmd"] == "fullcycle experiment --trials 3 --seconds 30"
    assert {name: stage for name, stage in within.items() if whole[name] != stage}.keys() == {"experiment"}
    write_graph(project)
    assert stages(project) == whole


def test_a_stage_of_a_persons_own_and_their_remarks_stay(project: Project) -> None:
    own = "# ours\nstages:\n  mine:\n    cmd: echo hello\n"
    project.paths.graph.write_text(own, encoding="utf-8")
    assert write_graph(project)
    text = project.paths.graph.read_text(encoding="utf-8")
    assert text.startswith(own)
    assert set(stages(project)) == {"mine", *STAGES}
    assert not write_graph(project)
    assert project.paths.graph.read_text(encoding="utf-8") == text


def test_a_graph_that_is_no_yaml_is_told_and_left_alone(project: Project) -> None:
    project.paths.graph.write_text("stages: [", encoding="utf-8")
    with pytest.raises(UserError, match=r"dvc\.yaml"):
        write_graph(project)
    assert project.paths.graph.read_text(encoding="utf-8") == "stages: ["


def test_joined_files_and_labels_are_read_by_collect(tmp_path: Path) -> None:
    (tmp_path / "fullcycle.yaml").write_text(
        "name: x\n"
        "data:\n"
        "  source: https://example.org/flights.csv\n"
        "  labels: labels/labels.csv\n"
        "  joins:\n"
        "    - {source: planes.csv, on: {tailnum: tailnum}}\n"
        "    - {source: planes.csv, on: {other: tailnum}, prefix: other_}\n"
        "    - {source: 'https://example.org/weather.csv', on: {origin: origin}}\n"
    )
    collect = nodes(Project(tmp_path))[0]
    assert collect.reads == ("planes.csv", "labels/labels.csv", "contract.yaml")
