"""What git and the folder tell of a project; nothing in it is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fullcycle.core.project.git import git
from fullcycle.core.project.paths import Paths

QUIET = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
)  # a folder's settings start no program


@dataclass(frozen=True)
class Repository:
    """Facts beside the evidence. `ci` is what a CI service reads, without comments."""

    commits: int = 0
    contract_commits: int = 0
    tracked: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    ci: str = ""
    released: bool = False


def read_repository(root: Path) -> Repository:
    """Everything that is there; a folder without git has no commits and tracks nothing."""
    paths = Paths(root)
    return Repository(
        commits=_commits(root),
        contract_commits=_commits(root, "--", paths.contract.name),
        tracked=frozenset(git(root, *QUIET, "ls-files", check=False).splitlines()),
        notes=frozenset(path.stem.split(".")[0] for path in paths.notes.glob("*.md") if path.stat().st_size),
        ci="\n".join(_commands(path) for path in _ci_files(root)),
        released=(paths.deploy / "routes.json").is_file(),
    )


def _commits(root: Path, *of: str) -> int:
    return int(git(root, *QUIET, "rev-list", "--count", "HEAD", *of, check=False) or 0)


def _ci_files(root: Path) -> Iterator[Path]:
    folder = root / ".github" / "workflows"
    yield from sorted(path for path in folder.glob("*.y*ml") if path.is_file())
    yield from sorted(path for path in root.glob("Jenkinsfile*") if path.is_file())


def _commands(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(("#", "//")))
