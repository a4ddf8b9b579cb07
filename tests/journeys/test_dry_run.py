"""`clean --dry-run` tells what clean would decide, and changes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.journeys.commands import fullcycle
from tests.journeys.typed import typed_here


def files_of(project: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and ".git" not in path.parts and ".fullcycle" not in path.parts
    }


def test_a_dry_run_tells_what_clean_would_decide_and_changes_nothing(
    finished_project: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished_project.parent, tmp_path / "copy", symlinks=True)
    project = tmp_path / "copy" / finished_project.name
    settings = project / "fullcycle.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "outliers: keep" in text
    settings.write_text(text.replace("outliers: keep", "outliers: drop_row", 1), encoding="utf-8")
    before = files_of(project)
    told = json.loads(fullcycle("-C", project, "clean", "--dry-run", "--json"))
    lines = typed_here("-C", project, "clean", "--dry-run", at=tmp_path).stdout.splitlines()
    assert files_of(project) == before
    assert len([line for line in lines if line.strip().startswith("FC")]) == len(told["decisions"]) > 0
    assert "nothing was changed" in " ".join(" ".join(lines).split())
    assert typed_here("-C", project, "clean", at=tmp_path).exit_code == 0
    done = json.loads((project / "evidence/clean.json").read_text(encoding="utf-8"))
    assert done["decisions"] == told["decisions"]
