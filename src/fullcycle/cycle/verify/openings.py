"""The record of openings of the sealed test set: one line of JSON each, on disk before a label is read.

The file is in git and no output of the graph, so that nobody's second look goes unseen. What counts is how
many different models have been judged on the same test rows: asking again about the same model tells nothing
new, so a repetition after a crash is on record but does not raise the count.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.project.append_only import append_line, read_lines


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
        append_line(path, asdict(opening))
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
    judged: set[str] = set()
    for number, opening in enumerate(read_lines(path)):
        if opening is None:
            judged.add(f"unreadable line {number}")
        elif opening.get("test") == test:
            judged.add(str(opening.get("build")))
    return len(judged)
