"""A file of the project's own under DVC, so that a clone finds the rows that a model was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.automate.repository import open_dvc

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project


def track(project: Project, path: Path) -> None:
    """Put the file as it is now into DVC's cache, and what names it into `PATH.dvc`."""
    with open_dvc(project) as repo:
        repo.add(str(path.relative_to(project.root)))
