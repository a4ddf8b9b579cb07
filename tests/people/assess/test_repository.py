"""What git and the folder tell: read without running anything, and never believed by its name alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fullcycle.core.project.git import git as asked
from fullcycle.core.project.paths import Paths
from fullcycle.people.assess.repository import read_repository
from fullcycle.people.assess.standing import doubts
from fullcycle.people.report.records import read_records
from tests.people.assess.made import BUNDLE, PROSE, commit, git, put, ready, write, write_lock


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("assess") / "healthy"
    write(root, ready())
    return root


@pytest.fixture
def project(healthy: Path, tmp_path: Path) -> Path:
    shutil.copytree(healthy, tmp_path / "project")
    return tmp_path / "project"


def doubted(root: Path) -> dict[str, str]:
    """Codes by stage."""
    paths = Paths(root)
    return {stage: seen.code for stage, seen in doubts(paths, read_records(paths.evidence)).items()}


def test_nothing_that_a_folder_names_is_started(project: Path) -> None:
    hook = project / ".git" / "hooks" / "post-index-change"
    put(project, ".git/hooks/post-index-change", "#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "gpg.program", "filter.x.clean", "diff.external"):
        git(project, "config", key, "touch ran; false")
    git(project, "config", "log.showSignature", "true")
    put(project, ".git/info/attributes", "* filter=x\n")
    put(project, "README.md", PROSE)
    assert read_repository(project).commits == 2
    assert not (project / "ran").exists()


def test_only_what_a_commit_holds_counts(project: Path) -> None:
    put(project, ".github/workflows/train.yml", "on: push\njobs: {}\n")
    put(project, "Jenkinsfile", "sh 'fullcycle score'")
    put(project, "README.md", "nothing")
    found = read_repository(project)
    assert ("fullcycle", "run") in found.ci
    assert ("fullcycle", "score") not in found.ci
    assert found.readme_words > 20
    assert found.lock_committed
    put(
        project,
        "dvc.lock",
        (project / "dvc.lock").read_text().replace("fullcycle collect", "fullcycle  collect"),
    )
    assert not read_repository(project).lock_committed


def test_a_contract_is_reviewed_by_what_it_says_not_by_remarks_or_order(project: Path) -> None:
    assert read_repository(project).contract_changed
    first = asked(project, "rev-list", "--max-parents=0", "HEAD")
    text = asked(project, "show", f"{first}:contract.yaml")
    put(project, "contract.yaml", f"# looked at\n{text}\n\n")
    commit(project, "Look at the contract")
    assert not read_repository(project).contract_changed


def test_commits_without_a_change_or_of_results_alone_are_no_history(project: Path) -> None:
    before = read_repository(project).commits
    git(project, "commit", "--allow-empty", "--message", "Nothing")
    put(project, "evidence/verify.json", "{}")
    commit(project, "Results")
    assert read_repository(project).commits == before


def test_a_release_needs_its_bundle(project: Path) -> None:
    assert read_repository(project).answering == BUNDLE
    put(project, f"deploy/{BUNDLE}/MANIFEST.json", "{}")
    assert read_repository(project).answering is None
    put(project, "deploy/routes.json", "")
    assert read_repository(project).answering is None


def test_a_tracking_store_is_looked_into_and_may_be_anything(project: Path) -> None:
    assert read_repository(project).tracked_runs == 16
    with closing(sqlite3.connect(project / "mlflow.db")) as store:
        store.execute("DROP TABLE runs")
        store.execute(
            "CREATE VIEW runs AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT 1 AS experiment_id, 'FINISHED' AS status, 'active' AS lifecycle_stage FROM n"
        )
        store.commit()
    assert read_repository(project).tracked_runs == 0
    put(project, "mlflow.db", "no database")
    assert read_repository(project).tracked_runs == 0
    (project / "mlflow.db").unlink()
    assert read_repository(project).tracked_runs is None


def test_evidence_as_recorded_is_believed_also_without_its_data(project: Path) -> None:
    assert doubted(project) == {}
    for folder in ("data", "build", "bundle", "deploy"):
        shutil.rmtree(project / folder)
    assert doubted(project) == {}


@pytest.mark.parametrize(
    ("name", "code", "stages"),
    [
        ("evidence/explore.json", "edited", {"explore"}),
        ("evidence/prepare.json", "edited", {"prepare", "verify"}),
        ("data/test.parquet", "edited", {"clean", "explore", "experiment", "prepare", "verify"}),
        ("build/model.onnx", "edited", {"prepare", "verify"}),
        ("telco.csv", "overtaken", {"collect", "clean", "explore", "experiment", "prepare", "verify"}),
        ("bundle/MANIFEST.json", "edited", {"verify"}),
    ],
)
def test_what_was_changed_after_the_run_is_not_believed_nor_what_rests_on_it(
    project: Path, name: str, code: str, stages: set[str]
) -> None:
    path = project / name
    path.write_text(path.read_text() + "\n")
    found = doubted(project)
    assert set(found) == stages
    assert found[next(iter(found))] == code


def test_a_setting_that_changed_overtakes_the_stages_that_obey_it(project: Path) -> None:
    settings = project / "fullcycle.yaml"
    settings.write_text(settings.read_text().replace("seed: 0", "seed: 1"))
    assert set(doubted(project).values()) == {"overtaken"}


def test_a_record_of_another_command_is_none(project: Path) -> None:
    lock = project / "dvc.lock"
    lock.write_text(lock.read_text().replace("fullcycle verify", "python forge.py"))
    assert doubted(project) == {"verify": "not_recorded"}
    lock.unlink()
    assert set(doubted(project).values()) == {"not_recorded"}


def test_a_verdict_needs_an_opening_and_a_bundle_that_says_the_same(project: Path) -> None:
    verify = project / "evidence/verify.json"
    verify.write_text(json.dumps({**json.loads(verify.read_text()), "bundle": "another"}))
    write_lock(project)
    assert doubted(project)["verify"] == "contradicted"
    put(project, "evidence/openings.jsonl", "")
    assert doubted(project)["verify"] == "not_opened"


def test_a_claim_stands_as_its_record_has_it(project: Path) -> None:
    ledger = project / "evidence/hypotheses.jsonl"
    fixed, decided = ledger.read_text().splitlines()
    ledger.write_text(fixed + "\n")
    assert doubted(project) == {"hypotheses": "contradicted"}
    ledger.write_text(fixed.replace("trees matter", "trees win") + "\n" + decided + "\n")
    assert doubted(project) == {"hypotheses": "contradicted"}


def test_evidence_that_cannot_be_read_is_not_believed(project: Path) -> None:
    put(project, "evidence/clean.json", "{")
    assert {seen.code for seen in read_repository(project).doubts.values()} == {"unreadable"}
