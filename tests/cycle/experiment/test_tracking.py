"""Runs reach MLflow's store in the project, by one process that leaves nothing behind."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence, Trial
from fullcycle.core.tracking import absolute_uri
from fullcycle.cycle.experiment.runs import logged_runs
from fullcycle.cycle.experiment.tracking import LoggedRun, Tracker
from fullcycle.cycle.experiment.tracking_worker import main, user_name

PARENT = LoggedRun("experiment", {"champion": "ensemble", "seed": 0}, {"roc_auc": 0.85}, {"data_sha256": "d"})
CHILD = LoggedRun(
    "linear 0", {"model": "linear", "C": 0.3}, {"roc_auc": 0.84, "roc_auc_fold": (0.83, 0.85), "r2": None}, {}
)


def test_a_search_is_one_parent_run_with_a_child_for_each_trial(tmp_path: Path) -> None:
    with Tracker(tmp_path, "sqlite:///mlflow.db", "churn") as tracker:
        assert tracker.log(PARENT, [CHILD]) == {"uri": "sqlite:///mlflow.db", "experiment": "churn"}
    assert tracker._worker.returncode == 0
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.get_experiment_by_name("churn")
    assert experiment.artifact_location == (tmp_path / "mlruns").as_uri()
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    parent, child = runs["experiment"], runs["linear 0"]
    assert parent.data.params == {"champion": "ensemble", "seed": "0"}
    assert parent.data.metrics == {"roc_auc": 0.85}
    assert parent.data.tags["data_sha256"] == "d"
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.info.status == parent.info.status == "FINISHED"
    history = client.get_metric_history(child.info.run_id, "roc_auc_fold")
    assert [(each.step, each.value) for each in history] == [(0, 0.83), (1, 0.85)]
    assert "r2" not in child.data.metrics


def test_a_second_search_goes_into_the_same_experiment(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    for _ in range(2):
        answer = io.StringIO()
        main([uri, "churn", ""], io.StringIO(json.dumps([vars(PARENT)])), answer)
        told = json.loads(answer.getvalue())
        assert told["failure"] is None
        assert len(told["runs"]) == 1
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("churn")
    assert len(client.search_runs([experiment.experiment_id])) == 2


def test_a_search_that_failed_logs_nothing_and_leaves_no_process(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Tracker(tmp_path, "sqlite:///mlflow.db", "churn") as tracker:
        raise ZeroDivisionError
    assert tracker._worker.poll() is not None


def test_a_worker_whose_parent_is_gone_writes_nothing_and_ends(tmp_path: Path) -> None:
    answer, gone = io.StringIO(), []
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    main([uri, "churn", ""], io.StringIO(""), answer, gone=lambda: gone.append(True))
    assert answer.getvalue() == ""
    assert gone == [True]


def test_a_worker_ends_at_once_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    # The child prints the worker's number and is killed; what tells the worker is its input, which closes.
    command = (
        "import pathlib, signal, sys, os\n"
        "from fullcycle.cycle.experiment.tracking import Tracker\n"
        f"tracker = Tracker(pathlib.Path({str(tmp_path)!r}), 'sqlite:///mlflow.db', 'churn').__enter__()\n"
        "print(tracker._worker.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    worker = int(done.stdout)
    psutil.wait_procs([psutil.Process(worker)] if psutil.pid_exists(worker) else [], timeout=20)
    assert not psutil.pid_exists(worker) or psutil.Process(worker).status() == "zombie"


@pytest.mark.parametrize(
    "uri", ["sqlite:///file/mlflow.db", pytest.param("nonsense://x", marks=pytest.mark.nightly)]
)
def test_a_store_that_cant_be_written_is_an_error_that_names_the_setting(tmp_path: Path, uri: str) -> None:
    (tmp_path / "file").write_text("where MLflow wants a folder")
    with Tracker(tmp_path, uri, "churn") as tracker, pytest.raises(UserError) as caught:
        tracker.log(PARENT, [])
    assert caught.value.where == "fullcycle.yaml, key tracking.uri"
    assert caught.value.found.startswith(uri)
    assert "experiment.lock.json" in caught.value.hint


def test_a_worker_that_dies_is_an_error_too(tmp_path: Path) -> None:
    with Tracker(tmp_path, "sqlite:///mlflow.db", "churn") as tracker:
        tracker._worker.kill()
        tracker._worker.wait()
        with pytest.raises(UserError, match="ended with -9"):
            tracker.log(PARENT, [])


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sqlite:///mlflow.db", "sqlite:////work/churn/mlflow.db"),
        ("sqlite:////var/mlflow.db", "sqlite:////var/mlflow.db"),
        ("https://mlflow.example.org", "https://mlflow.example.org"),
        ("mlruns", "file:///work/churn/mlruns"),
    ],
)
def test_a_relative_store_lies_in_the_project(uri: str, expected: str) -> None:
    assert absolute_uri(Path("/work/churn"), uri) == expected


def test_the_parent_imports_no_mlflow() -> None:
    command = "import sys, fullcycle.cycle.experiment.stage; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0


def test_a_number_without_a_name_is_a_user_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("uid")))
    assert user_name().isdigit()


def test_runs_carry_parameters_fold_scores_data_and_commit() -> None:
    candidate = Candidate(
        model="ensemble",
        parameters={"weight.linear": 0.4},
        trial=1,
        score=Interval(value=0.85),
        fold_scores=(0.8, 0.9),
        metrics={"roc_auc": 0.85, "log_loss": None},
    )
    evidence = ExperimentEvidence(
        metric="roc_auc",
        higher_is_better=True,
        folds=2,
        fold_kind="stratified",
        rows=10,
        trials=(Trial(number=0, model="linear", parameters={"C": 1.0}, scores=(0.7, 0.8), score=0.75),),
        candidates=(candidate,),
        baseline=0.5,
        champion="ensemble",
        ended_by="trials",
        time_budget_s=40,
    )
    parent, (trial, ensemble) = logged_runs(evidence, seed=3, data="d", commit="abcdef123", dirty=True)
    assert parent.name == "experiment abcdef1"
    assert parent.parameters["seed"] == 3
    assert parent.parameters["weight.linear"] == 0.4
    assert parent.metrics["roc_auc_fold"] == (0.8, 0.9)
    assert (trial.name, trial.parameters, trial.metrics["roc_auc_fold"]) == (
        "linear 0",
        {"model": "linear", "C": 1.0},
        (0.7, 0.8),
    )
    assert ensemble.name == "ensemble"
    for run in (parent, trial, ensemble):
        assert run.tags["data_sha256"] == "d"
        assert run.tags["mlflow.source.git.commit"] == "abcdef123"
        assert run.tags["dirty"] == "true"
    bare, _ = logged_runs(evidence, seed=3, data="d", commit=None, dirty=None)
    assert bare.name == "experiment"
    assert "mlflow.source.git.commit" not in bare.tags


@pytest.mark.nightly
def test_runs_reach_weights_and_biases_behind_the_same_calls_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    with Tracker(tmp_path, "wandb:churn", "another") as tracker:
        assert tracker.log(PARENT, [CHILD]) == {"uri": "wandb:churn", "experiment": "another"}
    assert tracker._worker.returncode == 0
    kept = {path: path.read_bytes() for path in (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")}
    assert len(kept) == 2
    parent, child = sorted(kept.values(), key=lambda content: b"linear 0" in content)
    assert b"champion" in parent
    assert b"roc_auc_fold" in child
    parent_id = next(path.stem.removeprefix("run-") for path, content in kept.items() if content is parent)
    assert parent_id.encode() in child  # the group that both belong to


def test_a_store_whose_library_is_absent_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fullcycle.core.sources.extras.find_spec", lambda _: None)
    answer = io.StringIO()
    main(["wandb:churn", "x", ""], io.StringIO("[]"), answer)
    assert "pip install 'fullcycle[wandb]'" in json.loads(answer.getvalue())["failure"]
