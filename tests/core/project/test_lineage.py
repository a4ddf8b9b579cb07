"""Where a result comes from, asked of git in one call and of installed packages without importing them."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from fullcycle.core.project.lineage import git_state, run_info, versions
from fullcycle.core.project.project import Project


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "fullcycle.yaml").write_text("name: churn\ndata: {source: churn.csv}\nseed: 3\n")
    (tmp_path / "dvc.lock").write_text("a\n")
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "clean.json").write_text("{}\n")
    git(tmp_path, "add", ".")
    git(
        tmp_path,
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "commit",
        "-qm",
        "start",
    )
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_clean_checkout_is_its_commit(repository: Path) -> None:
    assert git_state(repository) == (git(repository, "rev-parse", "HEAD"), False)


def test_an_edit_of_a_person_makes_it_dirty(repository: Path) -> None:
    (repository / "fullcycle.yaml").write_text("name: other\n")
    assert git_state(repository)[1] is True


def test_what_a_run_writes_itself_does_not_make_it_dirty(repository: Path) -> None:
    (repository / "dvc.lock").write_text("b\n")
    (repository / "evidence" / "clean.json").write_text('{"rows": 1}\n')
    (repository / "untracked.csv").write_text("a\n")
    assert git_state(repository)[1] is False


def test_a_project_in_a_subfolder_is_not_dirtied_by_its_neighbours(repository: Path) -> None:
    inner = repository / "inner"
    inner.mkdir()
    (repository / "fullcycle.yaml").write_text("name: other\n")
    assert git_state(inner)[1] is False


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert git_state(tmp_path) == (None, False)


def test_outside_git_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state(tmp_path) == (None, None)


def test_without_the_program_git_nothing_is_known(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_state(repository) == (None, None)


def test_versions_are_read_without_importing_the_libraries() -> None:
    code = (
        "import sys; from fullcycle.core.project.lineage import versions\n"
        "found = versions(['scikit-learn', 'absent-one'])\n"
        "assert 'sklearn' not in sys.modules; print(sorted(found))"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "['fullcycle', 'python', 'scikit-learn']"


def test_a_run_is_described_whole(repository: Path) -> None:
    info = run_info(Project(repository), 1.23456, ["duckdb"])
    assert info.seconds == 1.235
    assert datetime.fromisoformat(info.created).utcoffset() is not None
    assert info.commit == git(repository, "rev-parse", "HEAD")
    assert info.versions == versions(["duckdb"])
    assert (info.seed, len(info.environment or "")) == (3, 16)
