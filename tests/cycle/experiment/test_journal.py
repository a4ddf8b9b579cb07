"""A search that was killed goes on where it was: nothing that was finished is fitted again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cycle.experiment.conftest import MakeCleaned, contract_of, table_of, write_cleaned

from fullcycle.core.contract.model import Task
from fullcycle.core.models.evaluate import Evaluator, OutOfFold
from fullcycle.cycle.experiment.journal import Journal
from fullcycle.cycle.experiment.stage import run

ROOT = Path(__file__).parents[3]
TRIALS, FOLDS, FINISHED = 8, 3, 3
SEARCH = {"trials": TRIALS, "folds": FOLDS, "batch": 2, "workers": 1, "models": ["linear", "lightgbm"]}
SEARCH |= {"learning_curve": False, "time_budget_s": 600}  # trials end it, however busy the machine
# A search that kills itself, as `kill -9` would, the moment its third trial is on disk.
KILLED = f"""
import os, signal, sys
from pathlib import Path
from fullcycle.core.contract.model import Task
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment import stage
from fullcycle.cycle.experiment.journal import Journal
from tests.cycle.experiment.conftest import SilentTracker, contract_of, table_of, write_cleaned

add, kept = Journal.add, []

def add_and_die(self, *found):
    add(self, *found)
    kept.append(found)
    if len(kept) == {FINISHED}:
        os.kill(os.getpid(), signal.SIGKILL)

Journal.add, stage.Tracker = add_and_die, SilentTracker
project = write_cleaned(
    Path(sys.argv[1]), table_of(Task.binary), contract_of(Task.binary),
    experiment=ExperimentSettings(**{SEARCH!r}),
)
stage.run(project)
"""


@pytest.mark.usefixtures("no_tracking")
def test_after_kill_9_no_finished_trial_is_fitted_again_and_the_result_is_the_same(
    make_cleaned: MakeCleaned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(make_cleaned(name="whole", **SEARCH))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed")], cwd=ROOT, check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    fits = []
    answer = Evaluator.answer

    def counted(self: Evaluator, *asked: Any) -> Any:
        fits.append(asked)
        return answer(self, *asked)

    monkeypatch.setattr(Evaluator, "answer", counted)
    project = make_cleaned(name="killed", **SEARCH)
    resumed = run(project)
    assert len(fits) == (TRIALS - FINISHED) * FOLDS
    assert resumed.trials == whole.trials
    assert resumed.candidates == whole.candidates
    assert not project.paths.journal.exists()


def found() -> OutOfFold:
    return OutOfFold(np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0]), np.array([0, 1]), 1.5)


def test_a_trial_comes_back_bit_for_bit_by_its_model_and_parameters(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "k" * 64)
    journal.add(("linear", {"C": 0.3, "balanced": None}), found())
    again = Journal(tmp_path, "k" * 64).known(("linear", {"balanced": None, "C": 0.3}))
    assert again is not None
    assert (again.answer == found().answer).all()
    assert (again.codes == found().codes).all()
    assert again.seconds == 1.5
    assert journal.known(("linear", {"C": 0.31, "balanced": None})) is None


def test_another_search_finds_nothing_and_a_torn_file_is_no_answer(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "k" * 64)
    journal.add(("linear", {}), found())
    [path] = tmp_path.rglob("*.npz")
    content = path.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert journal.known(("linear", {})) is None
    path.write_bytes(content)
    assert journal.known(("linear", {})) is not None
    assert Journal(tmp_path, "j" * 64).known(("linear", {})) is None
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.nightly
@pytest.mark.usefixtures("no_tracking")
def test_dask_gives_the_champion_of_this_machine(tmp_path: Path) -> None:
    from fullcycle.core.project.settings import ExperimentSettings

    made = []
    for engine in ("local", "dask"):
        settings = ExperimentSettings(**{**SEARCH, "workers": 2, "engine": engine})
        project = write_cleaned(
            tmp_path / engine, table_of(Task.binary), contract_of(Task.binary), experiment=settings
        )
        evidence = run(project)
        made.append(evidence)
    local, dask = made
    assert dask.champion == local.champion
    assert dask.candidates == local.candidates
    assert dask.trials == local.trials
