"""Where a result comes from: commit, whether it was changed since, and the versions of what computed it."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.evidence.base import RunInfo
from fullcycle.core.project.environment import digest, environment

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

# What a run writes itself is no change of the project: only what people edit makes a commit dirty.
MADE_BY_RUNS = (
    "dvc.lock",
    "experiment.lock.json",
    "evidence",
    "reports",
    "bundle",
    "data",
    "build",
    "model",
    "deploy",
)
GIT_TIMEOUT_S = 10


def run_info(project: Project, seconds: float, libraries: Sequence[str] = ()) -> RunInfo:
    """How a run went. `libraries` are names of distributions; their versions are read, not imported."""
    commit, dirty = git_state(project.root)
    return RunInfo(
        seconds=round(seconds, 3),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit,
        dirty=dirty,
        versions=versions(libraries),
        seed=project.settings.seed,
        environment=digest(environment(project.settings.experiment.models)),
        memory_mb=peak_memory_mb(),
    )


def peak_memory_mb() -> float:
    """The most memory that this process has held at once."""
    kilobyte = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilobyte / 1e6, 1)


def git_state(root: Path) -> tuple[str | None, bool | None]:
    """Commit and dirty flag of the repository around `root`; (None, None) outside git."""
    exclude = [f":(exclude){name}" for name in MADE_BY_RUNS]
    command = ["git", "status", "--porcelain=v2", "--branch", "--untracked-files=no", "--", ".", *exclude]
    # Without optional locks, so that two stages that ask at once never fail on `index.lock`.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        answer = subprocess.run(
            command,
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=GIT_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return None, None
    return _parse(answer.stdout.splitlines())


def versions(libraries: Sequence[str]) -> dict[str, str]:
    """Versions of Python, fullcycle and the named distributions; one that isn't installed is left out."""
    found = {"python": platform.python_version()}
    for name in ("fullcycle", *libraries):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _parse(lines: Sequence[str]) -> tuple[str | None, bool | None]:
    oid = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), None)
    commit = None if oid in (None, "(initial)") else oid
    return commit, any(not line.startswith("#") for line in lines)
