"""What changes under a stage at work keeps it from being recorded; what it doesn't read doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.released import project_in

from fullcycle.automate.midway import held_still
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = project_in(tmp_path, "seed: 0\n")
    project.paths.contract.write_text("version: 1\n")
    return project


def test_a_commit_that_changes_nothing_of_it_is_no_concern(project: Project) -> None:
    with held_still(project, "clean"):
        with project.paths.settings.open("a") as settings:
            settings.write("# a remark\nserve:\n  port: 9000\n")
        project.paths.contract.write_text("version: 1\n")


@pytest.mark.parametrize(
    ("name", "told"), [("fullcycle.yaml", "another seed than"), ("contract.yaml", "another contract")]
)
def test_what_it_obeys_must_stay(project: Project, name: str, told: str) -> None:
    path = project.root / name
    with pytest.raises(UserError, match=told) as caught, held_still(project, "clean"):
        path.write_text(path.read_text().replace("seed: 0", "seed: 1").replace("version: 1", "version: 2"))
    assert "fullcycle run" in caught.value.hint


def test_settings_that_are_half_written_are_told_as_such(project: Project) -> None:
    with pytest.raises(UserError, match=r"fullcycle\.yaml"), held_still(project, "clean"):
        project.paths.settings.write_text("name: [")
