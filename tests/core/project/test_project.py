"""A project is found from any folder inside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.project.project import open_project


def test_a_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    (tmp_path / "fullcycle.yaml").write_text("name: churn\n")
    inside = tmp_path / "notebooks" / "old"
    inside.mkdir(parents=True)
    assert open_project(inside).root == tmp_path.resolve()


def test_the_nearest_project_wins(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    for folder in (tmp_path, inner):
        (folder / "fullcycle.yaml").write_text("name: churn\n")
    assert open_project(inner).root == inner.resolve()


def test_outside_a_project_the_error_says_how_to_make_one() -> None:
    with pytest.raises(UserError) as caught:
        open_project(Path("/"))  # nothing is above it
    assert str(caught.value) == (
        "/: found no fullcycle.yaml, here or in a folder above\n"
        "expected: the folder of a project\n"
        "hint: `fullcycle -C DIR ...` works in another folder; "
        "`fullcycle init DIR --data FILE --target COLUMN` makes a project"
    )


def test_a_folder_that_is_not_there_is_told_so() -> None:
    with pytest.raises(UserError, match="found no such folder"):
        open_project(Path("/absent/for/sure"))
