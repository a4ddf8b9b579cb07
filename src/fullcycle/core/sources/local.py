"""Files of this machine: one by its path, or several by a glob, in the order of their names."""

from __future__ import annotations

import glob
import os
from difflib import get_close_matches
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.sources.kinds import Asked, Fetched, LocalFile

READABLE = "a CSV, TSV, Parquet, JSON lines or Excel file"
MAGIC = frozenset("*?[")


class LocalFiles:
    """A path or glob, absolute or relative to the project; `file://` before it changes nothing."""

    def check(self, asked: Asked) -> None:
        """UserError for no such file, a folder, and a glob without a file."""
        _found(asked)

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        """The path as it was written, or every file of the glob, as far as there are any."""
        pattern = _path(asked)
        if not _is_glob(asked.root, pattern):
            return (pattern,)
        return tuple(path if os.path.isabs(pattern) else name for path, name in _matches(asked.root, pattern))  # noqa: PTH117

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Nothing is copied."""
        return Fetched(_found(asked))


def _path(asked: Asked) -> str:
    return asked.rest.removeprefix("//") if asked.uri.startswith("file:") else asked.uri


def _found(asked: Asked) -> tuple[LocalFile, ...]:
    pattern = _path(asked)
    if not _is_glob(asked.root, pattern):
        path = asked.root / pattern
        refuse_absent(path, asked.shown)
        return (LocalFile(path, path.name),)
    matches = _matches(asked.root, pattern)
    if not matches:
        raise UserError(
            where=asked.shown,
            found="no file that matches",
            expected="at least one file of this pattern, relative to the project",
            hint=f"put it there, or mend the pattern (looked in {_fixed(asked.root / pattern)})",
        )
    fixed = _fixed(asked.root / pattern)
    return tuple(LocalFile(Path(path), Path(path).relative_to(fixed).as_posix()) for path, _ in matches)


def _is_glob(root: Path, pattern: str) -> bool:
    return bool(MAGIC & set(pattern)) and not (root / pattern).exists()


def _matches(root: Path, pattern: str) -> list[tuple[str, str]]:
    """Absolute paths, and paths as the pattern writes them, by name; files alone."""
    found = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute ones
    return [(str(root / name), name) for name in sorted(found) if (root / name).is_file()]


def _fixed(pattern: Path) -> Path:
    """The folder above the first part that is a pattern."""
    fixed = Path(pattern.anchor)
    for part in pattern.relative_to(pattern.anchor).parts[:-1]:
        if MAGIC & set(part):
            break
        fixed /= part
    return fixed


def refuse_absent(path: Path, shown: str) -> None:
    if path.is_dir():
        raise UserError(
            where=shown,
            found="a folder",
            expected=READABLE,
            hint=f"name the file in it, or several by a glob such as `{shown.rstrip('/')}/*.csv`",
        )
    if not path.exists():
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        close = get_close_matches(path.name, names, n=1, cutoff=0.5)
        hint = (
            f"did you mean `{close[0]}`?" if close else f"put it there, or mend the path (looked at {path})"
        )
        raise UserError(where=shown, found="no such file", expected=READABLE, hint=hint)
