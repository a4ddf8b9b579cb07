"""What a renderer knows of the project beside its jobs: where it lies in its repository, and its names."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

HEADER = (
    "# Written by `fullcycle ci --provider {provider}` from fullcycle.yaml; change that, write it again.\n"
)
REQUIREMENTS = "ci/requirements.txt"
GIT_TIMEOUT_S = 10


@dataclass(frozen=True)
class Place:
    """`folder` is the project's below its repository, "" where they are the same."""

    repository: Path
    folder: str
    name: str
    branch: str
    secrets: tuple[str, ...]
    python: str

    @property
    def slug(self) -> str:
        """The project's name in names of files and groups."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or "model"

    def path(self, name: str) -> str:
        """A file of the project as the repository names it."""
        return f"{self.folder}/{name}" if self.folder else name


def place_of(project: Project) -> Place:
    """Raises UserError where the project lies in no git repository: CI works on one."""
    root = project.root.resolve()
    repository = _repository(root)
    folder = root.relative_to(repository).as_posix()
    settings = project.settings
    return Place(
        repository=repository,
        folder="" if folder == "." else folder,
        name=settings.name,
        branch=settings.ci.branch,
        secrets=tuple(settings.ci.secrets),
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
    )


def _repository(root: Path) -> Path:
    command = ["git", "rev-parse", "--show-toplevel"]
    try:
        told = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=True, timeout=GIT_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(
            where=str(root),
            found="no git repository around it",
            expected="one: CI works on commits",
            hint=f"git -C {root} init",
        ) from error
    return Path(told.stdout.strip()).resolve()
