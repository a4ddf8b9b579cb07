"""Projects with known defects get the points that a person wrote down for them, check by check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.scaffold import README
from fullcycle.people.assess.assess import assess
from fullcycle.people.assess.repository import read_repository
from fullcycle.people.report.records import Records, read_records
from tests.people.assess.made import (
    BUNDLE,
    commit,
    every,
    hypotheses,
    put,
    put_runs,
    ready,
    run,
    write,
    write_lock,
)
from tests.people.assess.made import with_stage as changed

EXPECTED: dict[str, dict[str, str]] = YAML(typ="safe").load(Path(__file__).with_name("seeded.yaml"))
PRETENDED = """\
on: [push]
jobs:
  train:
    steps:
      - name: fullcycle run
        run: |
          # fullcycle run
          echo "fullcycle run"
          fullcycle run || true
      - run: fullcycle run
        continue-on-error: true
  off:
    if: false
    steps:
      - run: fullcycle run && fullcycle monitor && fullcycle ci smoke
"""


def again(root: Path, records: Records) -> None:
    """An honest run that found otherwise."""
    shutil.rmtree(root / "evidence")
    run(root, records)
    commit(root, "Run again")


def edit(root: Path, stage: str, **values: Any) -> None:
    path = root / "evidence" / f"{stage}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def parity_edited(root: Path) -> None:
    edit(root, "prepare", golden_rows=500)


def contract_changed(root: Path) -> None:
    put(root, "contract.yaml", "version: 1\ntask: binary\ncolumns: {tenure: {type: categorical}}\n")
    commit(root, "Change the contract")


def empty_words(root: Path) -> None:
    put(root, "notes/explore.md", "# Conclusions\n\n## Of the analysis\n\n" + "yes " * 100)
    put(root, "README.md", README.format(name="churn", target="Churn", task="binary", source="telco.csv"))
    commit(root, "Say nothing")


def pretended_ci(root: Path) -> None:
    put(root, ".github/workflows/train.yml", PRETENDED)
    put(root, "Jenkinsfile", "pipeline { /* sh 'fullcycle run' */ }\n// sh 'fullcycle run'\n")
    commit(root, "Pretend")
    put(root, ".github/workflows/other.yml", "on: push\njobs: {a: {steps: [{run: fullcycle run}]}}\n")


def hypothesis_changed(root: Path) -> None:
    told = hypotheses()
    late = told.model_copy(update={"claims": every(told.claims, changed="after_result")})
    again(root, replace(ready(), hypotheses=late))


def hypothesis_unrecorded(root: Path) -> None:
    put(root, "evidence/hypotheses.jsonl", "")
    commit(root, "Forget")


def leak_left(root: Path) -> None:
    suspect = LeakSuspect(column="tenure", kind="value", strength=0.99)
    records = changed(ready(), "explore", suspects=(suspect,))
    assert records.verify
    *others, gate = records.verify.gates
    closed = (*others, gate.model_copy(update={"passed": False}))
    again(root, changed(records, "verify", passed=False, gates=closed))


def no_search(root: Path) -> None:
    records = ready()
    assert records.experiment
    assert records.prepare
    variants, candidates = records.prepare.variants, records.experiment.candidates
    bare = tuple(
        each.model_copy(update={"score": each.score.model_copy(update={"low": None})}) for each in candidates
    )
    records = changed(records, "experiment", trials=records.experiment.trials[:1], candidates=bare)
    again(root, changed(records, "prepare", variants=variants[:1]))
    put_runs(root / "mlflow.db", 0)


def another_bundle(root: Path) -> None:
    records = ready()
    assert records.automation
    old = every(records.automation.smoke, bundle="0ld")
    records = changed(changed(records, "automation", smoke=old), "monitor", bundle="0ld")
    for evidence in (records.automation, records.monitor):
        assert evidence
        write_evidence(root / "evidence", evidence)
    shutil.rmtree(root / "deploy" / BUNDLE)


def verdict_forged(root: Path) -> None:
    records = ready()
    assert records.verify
    edit(root, "verify", gates=[gate.model_dump(mode="json") for gate in records.verify.gates[:1]])
    write_lock(root)


DEFECTS: dict[str, Callable[[Path], None]] = {
    "nothing_wrong": lambda _: None,
    "parity_edited_by_hand": parity_edited,
    "contract_changed_and_not_run": contract_changed,
    "empty_words": empty_words,
    "pretended_ci": pretended_ci,
    "no_git": lambda root: shutil.rmtree(root / ".git"),
    "hypothesis_changed_after_its_result": hypothesis_changed,
    "hypothesis_without_a_record": hypothesis_unrecorded,
    "leak_left_undecided": leak_left,
    "one_model_and_no_search": no_search,
    "another_bundle": another_bundle,
    "verdict_forged_with_its_record": verdict_forged,
}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("seeded") / "healthy"
    write(root, ready())
    return root


@pytest.mark.parametrize("defect", EXPECTED)
def test_a_project_with_a_defect_gets_the_points_that_were_written_down_for_it(
    defect: str, healthy: Path, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    shutil.copytree(healthy, root)
    DEFECTS[defect](root)
    result = assess(read_records(root / "evidence"), read_repository(root))
    sections = result["ml_test_score"]["sections"]
    found = {each["id"]: points_of(each["checks"]) for each in result["criteria"]}
    found["ml_test_score"] = points_of(sections)
    assert found == {name: str(points) for name, points in EXPECTED[defect].items()}
    del found["ml_test_score"]
    assert result["points"] == sum(float(points) for each in found.values() for points in each.split())
    assert result["ml_test_score"]["score"] == min(each["points"] for each in sections)


def points_of(items: list[dict[str, Any]]) -> str:
    return " ".join(f"{each['points']:g}" for each in items)


def test_there_are_at_least_ten_defects() -> None:
    assert set(DEFECTS) == set(EXPECTED)
    assert len(DEFECTS) > 10
