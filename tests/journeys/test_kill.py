"""`kill -9` at any moment of a run costs time and nothing else."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.journeys.commands import fullcycle, result_of
from tests.journeys.conftest import SECONDS, copy_of
from tests.journeys.warm import FULLCYCLE

LEAVES_WITHIN_S = 30


@pytest.mark.parametrize(
    "moments", [pytest.param(1, id="one"), pytest.param(10, id="ten", marks=pytest.mark.nightly)]
)
def test_a_run_that_was_killed_at_random_moments_ends_as_if_it_had_not(
    moments: int, fresh_project: Path, finished_project: Path, tmp_path: Path
) -> None:
    seconds = float((finished_project.parent / SECONDS).read_text(encoding="utf-8"))
    chance = random.Random(20)
    for number in range(moments):
        project = copy_of(fresh_project, tmp_path / f"killed-{number}")
        kill_a_run(project, after_s=chance.uniform(0.05, 0.95) * seconds)
        fullcycle("-C", project, "run")
        assert result_of(project) == result_of(finished_project)
        assert not list(project.rglob(".*.part"))


def kill_a_run(project: Path, *, after_s: float) -> None:
    """Start a run, kill it after a while, and wait until every process below it is gone."""
    run = subprocess.Popen([FULLCYCLE, "-C", str(project), "run"], stderr=subprocess.DEVNULL)
    try:
        run.wait(timeout=after_s)
    except subprocess.TimeoutExpired:
        below = psutil.Process(run.pid).children(recursive=True)
        run.kill()
        run.wait(timeout=LEAVES_WITHIN_S)
        assert psutil.wait_procs(below, timeout=LEAVES_WITHIN_S)[1] == []


@pytest.mark.parametrize("torn", [pytest.param("", marks=pytest.mark.nightly), '{"data/raw'])
def test_a_table_of_locks_that_was_killed_while_it_was_written_stops_nobody(
    torn: str, fresh_project: Path, tmp_path: Path
) -> None:
    """DVC writes it in place, and a full disk or a kill leaves it as it then was."""
    project = copy_of(fresh_project, tmp_path / "torn")
    locks = project / ".dvc" / "tmp" / "rwlock"
    locks.parent.mkdir(parents=True, exist_ok=True)
    locks.write_text(torn, encoding="utf-8")
    fullcycle("-C", project, "run", "collect")
    assert json.loads(locks.read_text(encoding="utf-8")) == {}
