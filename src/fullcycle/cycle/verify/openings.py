"""The record of openings of the sealed test set: one line of JSON each, on disk before a label is read.

The file is in git and no output of the graph, so that nobody's second look goes unseen. What counts is how
many different models have been judged on the same test rows: asking again about the same model tells nothing
new, so a repetition after a crash is on record but does not raise the count.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError


@dataclass(frozen=True)
class Opening:
    """Who looked at what: `build` is the content that was judged, `test` the seal of the test rows."""

    opened: str
    build: str
    test: str
    commit: str | None = None


def record_opening(path: Path, opening: Opening) -> int:
    """Append the opening, wait until the disk has it, and count the models that these rows have judged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, json.dumps(asdict(opening)))
        return count_openings(path, opening.test)
    except OSError as error:
        raise UserError(
            where=str(path),
            found=f"a record that can't be written ({error.strerror or error})",
            expected="room for a line before the test set is opened",
            hint="free some space or mend the permissions, then run `fullcycle run verify`",
        ) from error


def count_openings(path: Path, test: str) -> int:
    """Different builds on record for one test set; a line that can't be read counts as one more."""
    if not path.exists():
        return 0
    judged: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines()):
        opening = _parse(line)
        if opening is None:
            judged.add(f"unreadable line {number}")
        elif opening.get("test") == test:
            judged.add(str(opening.get("build")))
    return len(judged)


def _append(path: Path, line: str) -> None:
    """One write, then fsync of the file and of the folder that names it."""
    torn = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        os.write(handle, (("\n" if torn else "") + line + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(line: str) -> dict[str, Any] | None:
    try:
        opening = json.loads(line)
    except ValueError:
        return None
    return opening if isinstance(opening, dict) else None
