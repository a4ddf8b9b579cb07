"""A project with a history of bundles that were written by hand: git and DVC are real, nothing is trained."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.released import bundle_in, project_in

from fullcycle.automate.repository import open_dvc
from fullcycle.core.project.project import Project
from fullcycle.core.project.scaffold import ensure_dvc, ensure_git, write_companions

GRAPH = """stages:
  verify:
    cmd: fullcycle verify
    params:
    - fullcycle.yaml:
      - name
    outs:
    - bundle: {persist: true}
    - data/test.parquet: {persist: true}
    - evidence/verify.json: {cache: false, persist: true}
"""


def past_project(folder: Path) -> Project:
    """A repository of git and DVC with a graph of one stage, and one commit."""
    project = project_in(folder)
    ensure_git(folder)
    ensure_dvc(folder)
    write_companions(folder, name="people", target="left", task="binary", source="people.csv")
    (folder / "dvc.yaml").write_text(GRAPH)
    git(folder, "config", "user.name", "A Person")
    git(folder, "config", "user.email", "person@example.com")
    commit(folder, "Begin")
    return project


def recorded(project: Project, scratch: Path, shift: float, *, seconds: int = 0) -> str:
    """A run that made a bundle whose answers follow from `shift`, and the commit after it; its version."""
    version = made(project, scratch, shift, seconds=seconds)
    commit(project.root, f"Run {shift}")
    return version


def made(project: Project, scratch: Path, shift: float, *, seconds: int = 0) -> str:
    """The same without the commit."""
    root = project.root
    shutil.rmtree(root / "bundle", ignore_errors=True)
    shutil.copytree(bundle_in(scratch, shift=shift), root / "bundle")
    version = str(json.loads((root / "bundle/MANIFEST.json").read_text())["bundle"])
    (root / "data").mkdir(exist_ok=True)
    (root / "data/test.parquet").unlink(missing_ok=True)
    (root / "data/test.parquet").write_text(f"test rows of {shift}")
    _write(root / "evidence/collect.json", {"source_sha256": f"{seconds:064x}"})
    _write(root / "evidence/prepare.json", {"model": "linear"})
    _write(root / "evidence/verify.json", _verdict(version, f"2026-01-01T00:00:{seconds:02}+00:00"))
    with open_dvc(project) as repo:
        repo.commit(force=True)
    return version


def _verdict(version: str, created: str) -> dict[str, Any]:
    return {
        "bundle": version,
        "passed": True,
        "headline": "roc_auc",
        "metrics": [{"metric": "roc_auc", "model": {"value": 0.8}}],
        "run": {"created": created, "commit": None, "dirty": False},
    }


def commit(root: Path, message: str) -> str:
    """Everything, as a person would; the commit's name."""
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", message)
    return git(root, "rev-parse", "HEAD")


def git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
