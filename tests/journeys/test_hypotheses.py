"""A claim through the real command line: fixed, decided, tracked, reported, and never quietly changed.

Beside it the money: a threshold in the bundle, and criteria of success.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import fullcycle as fc
from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of
from tests.journeys.declared import CLAIM, declare
from tests.journeys.warm import FULLCYCLE

pytestmark = pytest.mark.nightly  # by day the guide walks this way: make docs


@pytest.fixture(scope="module")
def churn(declared_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for this module alone: claims are decided and changed in it."""
    return copy_of(declared_project, tmp_path_factory.mktemp("claims"))


def test_a_claim_is_fixed_decided_tracked_reported_and_marked_when_it_changes(churn: Path) -> None:
    before = json.loads(fullcycle("-C", churn, "status", "--json"))
    assert [(each["id"], each["state"]) for each in before["hypotheses"]] == [("tenure", "undecided")]

    [decided] = json.loads(fullcycle("-C", churn, "experiment", "--hypothesis", "tenure", "--json"))
    assert decided["result"]["verdict"] == "supported"
    lines = (churn / "evidence/hypotheses.jsonl").read_text(encoding="utf-8").splitlines()
    fixed, result = map(json.loads, lines)
    assert (fixed["event"], result["event"]) == ("fixed", "decided")
    assert fixed["hash"] == result["hash"] == decided["hash"]

    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{churn}/mlflow.db")
    experiments = [each.experiment_id for each in client.search_experiments()]
    runs = client.search_runs(experiments, f"tags.hypothesis_sha256 = '{fixed['hash']}'")
    arms = {run.data.tags["arm"]: run for run in runs if "arm" in run.data.tags}
    [parent] = [run for run in runs if "arm" not in run.data.tags]
    assert set(arms) == {"control", "treatment"}
    assert all(run.data.tags["mlflow.parentRunId"] == parent.info.run_id for run in arms.values())
    assert all(run.info.start_time >= parent.info.start_time for run in arms.values())
    assert parent.data.tags["verdict"] == "supported"

    for language, word in (("en", "supported"), ("ru", "подтверждена")):
        page = (churn / f"reports/{language}/hypotheses.html").read_text(encoding="utf-8")
        assert word in page
        assert fixed["hash"][:12] in page

    declare(churn, hypotheses={"tenure": {**CLAIM, "minimum_effect": 0.2}})
    told = " ".join(fullcycle("-C", churn, "status").split())  # lines are wrapped to the window
    assert "changed after a result: tenure" in told
    fullcycle("-C", churn, "report")
    assert "FC420" in (churn / "reports/en/hypotheses.html").read_text(encoding="utf-8")
    declare(churn, hypotheses={"tenure": CLAIM})
    assert "CHANGED after a result" in fullcycle("-C", churn, "hypotheses")


def test_the_threshold_that_earns_most_is_in_the_bundle_and_criteria_are_gates(churn: Path) -> None:
    experiment = json.loads((churn / "evidence/experiment.json").read_text(encoding="utf-8"))
    verify = json.loads((churn / "evidence/verify.json").read_text(encoding="utf-8"))
    assert experiment["threshold"] is not None
    assert 0 < fc.load_bundle(churn / "bundle").threshold < 0.5  # an offer costs less than a customer
    assert {"value_at_least", "metric_at_least"} <= {gate["id"] for gate in verify["gates"]}
    page = (churn / "reports/en/index.html").read_text(encoding="utf-8")
    assert page.index('id="value"') < page.index('id="story"')
    assert "The model earns" in page


def test_a_criterion_that_is_not_met_closes_the_gate(churn: Path, tmp_path: Path) -> None:
    shutil.copytree(churn.parent, tmp_path / "copy", symlinks=True)
    project = tmp_path / "copy" / churn.name
    declare(project, success=[{"value": "per_row", "at_least": 1_000_000}])
    command = [FULLCYCLE, "-C", str(project), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "FC601" in done.stdout


def test_a_wrong_gain_points_at_the_character(churn: Path, tmp_path: Path) -> None:
    shutil.copytree(churn.parent, tmp_path / "copy", symlinks=True)
    project = tmp_path / "copy" / churn.name
    declare(project, value={"gain": {"tp": "2 * monthly_charge"}})
    command = [FULLCYCLE, "-C", str(project), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "key value.gain.tp" in done.stderr
    assert "did you mean `monthly_charges`?" in done.stderr
