"""What a new project starts with, beside what is a person's own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.project import scaffold
from fullcycle.core.project.scaffold import commit, ensure_dvc, ensure_git, people_files, write_companions


def git(folder: Path, *arguments: str) -> str:
    answer = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return answer.stdout.strip()


@pytest.fixture(autouse=True)
def outside_any_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def companions(root: Path) -> None:
    write_companions(root, name="Churn", target="churn", task="binary", source="churn.csv")


def test_a_readme_of_a_person_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine\n")
    companions(tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine\n"


def test_a_gitignore_of_a_person_keeps_its_lines_and_gets_ours_once(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.log\n/build")
    companions(tmp_path)
    companions(tmp_path)
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[:2] == ["*.log", "/build"]
    assert lines.count("/build") == 1
    assert lines.count("/model") == 1


def test_the_schema_for_editors_lies_where_the_settings_point(tmp_path: Path) -> None:
    companions(tmp_path)
    assert (
        json.loads((tmp_path / ".fullcycle/fullcycle.schema.json").read_text())["title"] == "fullcycle.yaml"
    )


def test_settings_and_contract_are_what_a_person_may_have_edited(tmp_path: Path) -> None:
    assert people_files(tmp_path) == []
    (tmp_path / "contract.yaml").write_text("version: 1\n")
    assert people_files(tmp_path) == ["contract.yaml"]


def test_a_folder_outside_git_becomes_a_repository(tmp_path: Path) -> None:
    assert ensure_git(tmp_path) is True
    assert ensure_git(tmp_path) is False


def test_a_repository_around_the_folder_is_taken(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    inner = tmp_path / "models" / "churn"
    inner.mkdir(parents=True)
    assert ensure_git(inner) is False
    assert not (inner / ".git").exists()


def test_a_folder_that_the_repository_around_ignores_gets_its_own(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("/demo/\n")
    (tmp_path / "demo").mkdir()
    assert ensure_git(tmp_path / "demo") is True


def test_a_project_that_wants_its_own_repository_gets_it_inside_another(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "demo").mkdir()
    assert ensure_git(tmp_path / "demo", own=True) is True
    assert ensure_git(tmp_path / "demo", own=True) is False


def test_dvc_links_and_sends_no_telemetry(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ensure_git(tmp_path)
    ensure_dvc(tmp_path)
    config = (tmp_path / ".dvc" / "config").read_text().lower()
    assert "analytics = false" in config
    assert "type = reflink, hardlink, copy" in config
    assert capfd.readouterr().out == ""


def test_dvc_that_is_there_keeps_its_settings(tmp_path: Path) -> None:
    ensure_git(tmp_path)
    ensure_dvc(tmp_path)
    (tmp_path / ".dvc" / "config").write_text("[core]\n    autostage = true\n")
    ensure_dvc(tmp_path)
    assert (tmp_path / ".dvc" / "config").read_text() == "[core]\n    autostage = true\n"


def test_dvc_works_in_a_subfolder_of_a_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    inner = tmp_path / "churn"
    inner.mkdir()
    ensure_dvc(inner)
    assert (inner / ".dvc" / "config").exists()


def test_the_first_commit_holds_the_named_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No name, and signing with a key that isn't there: what git is on a fresh machine, at its worst.
    settings = tmp_path.parent / f"{tmp_path.name}.gitconfig"
    settings.write_text("[commit]\n\tgpgsign = true\n[user]\n\tsigningkey = absent\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    ensure_git(tmp_path)
    for name in ("fullcycle.yaml", "secret.txt"):
        (tmp_path / name).write_text("x\n")
    commit(tmp_path, ("fullcycle.yaml", "absent.yaml"), "Start churn")
    assert git(tmp_path, "ls-files") == "fullcycle.yaml"
    assert git(tmp_path, "log", "--format=%s %an") == "Start churn fullcycle"


def test_without_git_the_error_says_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError) as caught:
        ensure_git(tmp_path)
    assert str(caught.value) == (
        "git: found no such program\nhint: install git, then run the same command again"
    )


def test_what_git_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    ensure_git(tmp_path)
    with pytest.raises(UserError, match="git frobnicate"):
        scaffold.git(tmp_path, "frobnicate")
