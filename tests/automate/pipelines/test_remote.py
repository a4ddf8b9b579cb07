"""Commits and data go from one clone to another, in an order in which no clone is ever broken."""

from __future__ import annotations

import subprocess
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pytest
from dvc.repo import Repo

from fullcycle.automate.pipelines.remote import git, restore, save
from fullcycle.automate.tracked import track
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.core.project.scaffold import ensure_dvc

SETTINGS = "name: churn\ndata: {source: customers.csv}\n"


@dataclass(frozen=True)
class Site:
    """Two clones of one repository, with a DVC remote beside them."""

    first: Project
    second: Project
    store: Path


@pytest.fixture
def site(tmp_path: Path) -> Site:
    origin, store = tmp_path / "origin.git", tmp_path / "store"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", origin], check=True)
    first, second = tmp_path / "first", tmp_path / "second"
    subprocess.run(["git", "clone", "--quiet", origin, first], check=True, capture_output=True)
    (first / "fullcycle.yaml").write_text(SETTINGS)
    (first / ".gitignore").write_text("/bundle\n")
    ensure_dvc(first)
    with Repo(str(first)) as repo, repo.config.edit("repo") as config:
        config["remote"]["store"] = {"url": str(store)}
        config["core"]["remote"] = "store"
    write_stage(first)
    commit(first, "Begin")
    git(first, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    subprocess.run(["git", "clone", "--quiet", origin, second], check=True)
    return Site(Project(first), Project(second), store)


def write_stage(root: Path) -> None:
    """A stage as a run would leave it, without its minutes: an output that DVC keeps, and one for git."""
    command = "mkdir -p bundle evidence && date +%N > bundle/a && cp bundle/a evidence/verify.json"
    (root / "dvc.yaml").write_text(
        f"stages:\n  verify:\n    cmd: {command}\n    outs:\n    - bundle:\n        persist: true\n"
        "    - evidence/verify.json:\n        cache: false\n        persist: true\n"
    )


def commit(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", message)


def run(project: Project) -> bytes:
    with chdir(project.root), Repo(str(project.root)) as repo:
        repo.reproduce(force=True)
    return (project.root / "bundle/a").read_bytes()


def test_what_one_clone_saved_another_restores(site: Site) -> None:
    made = run(site.first)
    saved = save(site.first, "main", "Results")
    assert saved.commit is not None
    assert saved.pushed > 0
    restored = restore(site.second, "main")
    assert restored.commit == saved.commit
    assert restored.missing == ()
    assert restored.fetched == 1
    assert (site.second.root / "bundle/a").read_bytes() == made


def test_saving_twice_makes_no_second_commit(site: Site) -> None:
    run(site.first)
    save(site.first, "main", "Results")
    assert save(site.first, "main", "Results").commit is None


def test_what_was_measured_of_services_alone_is_no_result(site: Site) -> None:
    run(site.first)
    save(site.first, "main", "Results")
    measured = site.first.root / "evidence/automation.json"
    measured.write_text("{}")
    assert save(site.first, "main", "Results").commit is None
    run(site.first)
    assert save(site.first, "main", "Results").commit is not None
    assert git(site.first.root, "ls-files", "evidence/automation.json"), "it goes with what is one"


def test_a_look_that_found_nothing_to_train_on_is_no_result(site: Site) -> None:
    run(site.first)
    save(site.first, "main", "Results")
    (site.first.root / "evidence/monitor.json").write_text("{}")
    assert save(site.first, "main", "Results").commit is None


def test_rows_that_were_trained_on_are_named_for_every_clone(site: Site) -> None:
    run(site.first)
    (site.first.root / "data").mkdir()
    site.first.paths.served.write_bytes(b"rows")
    track(site.first, site.first.paths.served)
    saved = save(site.first, "main", "Results")
    assert saved.commit is not None
    restore(site.second, "main")
    assert site.second.paths.served.read_bytes() == b"rows"


def test_what_the_remote_lacks_is_named_and_no_error(site: Site) -> None:
    run(site.first)
    save(site.first, "main", "Results")
    for path in sorted(site.store.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert restore(site.second, "main").missing == ("bundle",)


def test_results_go_on_top_of_what_others_pushed_meanwhile(site: Site) -> None:
    run(site.first)
    (site.second.root / "notes.md").write_text("a\n")
    commit(site.second.root, "A note")
    git(site.second.root, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    saved = save(site.first, "main", "Results")
    assert restore(site.second, "main").commit == saved.commit
    assert (site.second.root / "notes.md").exists()


def test_two_results_of_one_commit_are_an_error_and_the_first_stands(site: Site) -> None:
    run(site.first)
    run(site.second)
    first = save(site.first, "main", "Results")
    with pytest.raises(UserError, match="git push to main"):
        save(site.second, "main", "Results")
    assert git(site.first.root, "ls-remote", "origin", "main").split()[0] == first.commit
    assert git(site.second.root, "status", "--porcelain", "--untracked-files=no") == ""


def test_without_a_remote_a_run_makes_everything(site: Site) -> None:
    with Repo(str(site.second.root)) as repo, repo.config.edit("repo") as config:
        del config["core"]["remote"]
    restored = restore(site.second, None)
    assert (restored.remote, restored.fetched) == (None, 0)
