"""One whole run on real data: what it repeats, what it says, and that it says the same twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import fullcycle as fc
from tests.journeys.commands import fullcycle, result_of
from tests.journeys.conftest import copy_of


def test_a_second_run_repeats_nothing(finished_project: Path, tmp_path: Path) -> None:
    project = copy_of(finished_project, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (project / "evidence").glob("*.json")}
    ran = json.loads(fullcycle("-C", project, "run", "--json"))
    assert ran["ran"] == []
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.nightly  # by day a run that was killed is compared with one that was not (test_kill.py)
def test_two_runs_of_the_same_commit_leave_the_same_bytes_metrics_and_answers(
    fresh_project: Path, finished_project: Path, small_table: Path, tmp_path: Path
) -> None:
    again = copy_of(fresh_project, tmp_path)
    fullcycle("-C", again, "run")
    assert result_of(again) == result_of(finished_project)
    rows = pd.read_csv(small_table)
    pd.testing.assert_frame_equal(
        fc.load_bundle(again / "bundle").predict(rows),
        fc.load_bundle(finished_project / "bundle").predict(rows),
    )


def test_a_changed_setting_repeats_the_stages_that_obey_it(finished_project: Path, tmp_path: Path) -> None:
    project = copy_of(finished_project, tmp_path)
    settings = project / "fullcycle.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("bootstrap: 200", "bootstrap: 300"))
    states = {
        stage["stage"]: stage["state"]
        for stage in json.loads(fullcycle("-C", project, "status", "--json"))["stages"]
    }
    assert [stage for stage, state in states.items() if state != "fresh"] == ["verify"]
    ran = json.loads(fullcycle("-C", project, "run", "--json"))
    assert ran["ran"] == ["verify"]


def test_run_stops_after_the_stage_that_was_named(fresh_project: Path, tmp_path: Path) -> None:
    project = copy_of(fresh_project, tmp_path)
    ran = json.loads(fullcycle("-C", project, "run", "explore", "--json"))
    assert ran["ran"] == ["collect", "clean", "explore"]
    assert not (project / "evidence/experiment.json").exists()


def test_plain_dvc_agrees_that_nothing_is_left_to_do(finished_project: Path) -> None:
    dvc = Path(sys.executable).with_name("dvc")
    done = subprocess.run([dvc, "status"], cwd=finished_project, capture_output=True, text=True, check=True)
    assert "up to date" in done.stdout


def test_dvc_shows_the_metrics_and_the_plot_of_the_verdict(finished_project: Path, tmp_path: Path) -> None:
    project = copy_of(finished_project, tmp_path)
    dvc = Path(sys.executable).with_name("dvc")
    shown = subprocess.run(
        [dvc, "metrics", "show", "--json"], cwd=project, capture_output=True, text=True, check=True
    )
    metrics = json.loads(shown.stdout)[""]["data"]["evidence/metrics.json"]["data"]
    verdict = json.loads((project / "evidence/verify.json").read_text(encoding="utf-8"))
    assert metrics["roc_auc"] == verdict["metrics"][0]["model"]["value"]
    subprocess.run([dvc, "plots", "show", "--out", "plots"], cwd=project, capture_output=True, check=True)
    assert "Predicted and observed" in (project / "plots/index.html").read_text(encoding="utf-8")


def test_a_failed_gate_is_recorded_and_ends_the_run_with_1(finished_project: Path, tmp_path: Path) -> None:
    project = copy_of(finished_project, tmp_path)
    settings = project / "fullcycle.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("gates: []", "") + "\ngates:\n  - metric: roc_auc\n    at_least: 0.999\n"
    )
    fullcycle("-C", project, "run", exit_code=1)
    verdict = json.loads((project / "evidence/verify.json").read_text(encoding="utf-8"))
    assert verdict["passed"] is False
    assert json.loads((project / "bundle/tests.json").read_text(encoding="utf-8"))["passed"] is False
    ran = json.loads(fullcycle("-C", project, "run", "--json", exit_code=1))
    assert (ran["ran"], ran["passed"]) == ([], False), "a verdict is recorded, not repeated"
    assert "a gate failed" in fullcycle("-C", project, "status")


def test_a_project_that_was_copied_elsewhere_has_nothing_to_repeat(
    finished_project: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished_project.parent, tmp_path / "elsewhere")
    project = tmp_path / "elsewhere" / finished_project.name
    assert json.loads(fullcycle("-C", project, "run", "--json"))["ran"] == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_reports_of_a_run_are_there_in_both_languages(finished_project: Path, language: str) -> None:
    pages = {path.stem for path in (finished_project / "reports" / language).glob("*.html")}
    assert pages >= {"index", "clean", "explore", "experiment", "prepare", "verify"}
