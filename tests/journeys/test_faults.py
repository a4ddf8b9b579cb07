"""What goes wrong around a run ends in a wait or a clear error, and breaks nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from fullcycle.core.project.lock import run_lock
from fullcycle.core.project.paths import Paths
from tests.automate.past import commit, git
from tests.journeys.commands import fullcycle, result_of
from tests.journeys.conftest import copy_of
from tests.journeys.declared import declare
from tests.journeys.warm import FULLCYCLE

ENDS_WITHIN_S = 600


def begun(project: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [FULLCYCLE, "-C", str(project), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(run: subprocess.Popen[str], text: str) -> None:
    """Read what it tells until it says so."""
    assert run.stderr is not None
    seen = []
    for line in run.stderr:
        seen.append(line)
        if text in line:
            return
    raise AssertionError("".join(seen))


def test_a_run_waits_for_the_one_at_work_and_then_does_its_own(fresh_project: Path, tmp_path: Path) -> None:
    project = copy_of(fresh_project, tmp_path / "there")
    with run_lock(Paths(project)):
        second = begun(project, "run", "collect", "--json")
        told(second, "another fullcycle works in this project; waiting")
        assert not (project / "data/raw.parquet").exists()
    out, err = second.communicate(timeout=ENDS_WITHIN_S)
    assert (second.returncode, json.loads(out)["ran"]) == (0, ["collect"]), err


@pytest.mark.nightly
def test_two_runs_at_once_leave_what_one_leaves(
    fresh_project: Path, finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(fresh_project, tmp_path / "there")
    runs = [begun(project, "run", "--json") for _ in range(2)]
    answers = [json.loads(run.communicate(timeout=ENDS_WITHIN_S)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sorted(len(each["ran"]) for each in answers) == [0, 6]
    assert result_of(project) == result_of(finished_project)


@pytest.mark.nightly
def test_a_commit_in_the_middle_of_a_run_is_no_part_of_it(finished_project: Path, tmp_path: Path) -> None:
    project = copy_of(finished_project, tmp_path / "there")
    git(project, "config", "user.name", "A Person")
    git(project, "config", "user.email", "person@example.com")
    commit(project, "Run")
    before = result_of(project)
    run = begun(project, "run", "--force")
    told(run, "experiment ...")
    declare(project, seed=7)
    commit(project, "Another seed")
    _, err = run.communicate(timeout=ENDS_WITHIN_S)
    assert run.returncode == 2
    assert "found another seed than when it began" in err
    assert "Traceback" not in err
    again = json.loads(fullcycle("-C", project, "run", "--json"))
    assert {"clean", "experiment", "prepare", "verify"} <= set(again["ran"])
    assert result_of(project) != before
    lineage = json.loads((project / "bundle/lineage.json").read_text())
    assert (lineage["seed"], lineage["commit"], lineage["dirty"]) == (
        7,
        git(project, "rev-parse", "HEAD"),
        False,
    )


@pytest.mark.nightly
def test_a_registry_that_is_lost_costs_neither_the_search_nor_what_answers(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path / "there")
    declare(project, tracking={"uri": "http://127.0.0.1:9"})  # nobody listens there
    refused = begun(project, "release")
    _, err = refused.communicate(timeout=ENDS_WITHIN_S)
    assert (refused.returncode, "tracking.uri" in err, "--no-registry" in err) == (2, True, True)
    assert not (project / "deploy/routes.json").exists()
    fullcycle("-C", project, "release", "--no-registry")

    stopped = begun(project, "run")
    _, err = stopped.communicate(timeout=ENDS_WITHIN_S)
    assert (stopped.returncode, "tracking.uri" in err, "Traceback" in err) == (2, True, False)
    assert result_of(project) == result_of(finished_project)
    declare(project, tracking={"uri": "sqlite:///mlflow.db"})
    fullcycle("-C", project, "run")
    assert result_of(project) == result_of(finished_project)
