"""`evidence/hypotheses.jsonl`: claims fixed before their results, in git, never rewritten.

`evidence/abtests.jsonl` is the same of A/B tests.

Three events: `fixed` is on disk before any result exists, `decided` holds the result, `changed` says that the
text of a decided claim was found changed. `text` is the hash of what was said, `hash` that of text, settings
that matter and data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from fullcycle.core.errors import UserError
from fullcycle.core.project.append_only import append_line, read_lines

LEDGER, ABTESTS = "hypotheses.jsonl", "abtests.jsonl"


@dataclass(frozen=True)
class Event:
    """One line of the record."""

    event: Literal["fixed", "decided", "changed"]
    id: str
    text: str
    hash: str = ""
    at: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    data: str = ""
    commit: str | None = None
    result: Mapping[str, Any] | None = None


def ledger_path(evidence: Path, ledger: str = LEDGER) -> Path:
    """Where the record lies."""
    return evidence / ledger


def now() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def record(evidence: Path, event: Event, ledger: str = LEDGER) -> None:
    """Append an event and wait until the disk has it."""
    try:
        append_line(
            ledger_path(evidence, ledger), {name: value for name, value in asdict(event).items() if value}
        )
    except OSError as error:
        raise UserError(
            where=f"evidence/{ledger}",
            found=f"a record that can't be written ({error.strerror or error})",
            expected="room for a line before a result exists",
            hint="free some space or mend the permissions, then run the same command again",
        ) from error


def read_ledger(evidence: Path, ledger: str = LEDGER) -> list[Event]:
    """Every event in order. UserError for a line that can't be read: what it said must not be lost."""
    events = []
    for number, line in enumerate(read_lines(ledger_path(evidence, ledger)), start=1):
        event = None if line is None else _event(line)
        if event is None:
            raise UserError(
                where=f"evidence/{ledger}, line {number}",
                found="no event that can be read",
                expected="the record as fullcycle appended it",
                hint=f"`git checkout evidence/{ledger}` brings it back; a torn last line may be deleted",
            )
        events.append(event)
    return events


def texts_of(events: Sequence[Event]) -> set[tuple[str, str]]:
    """Different claims that were ever fixed, by id and text."""
    return {(event.id, event.text) for event in events if event.event == "fixed"}


def _event(line: Mapping[str, Any]) -> Event | None:
    known = {name: value for name, value in line.items() if name in Event.__dataclass_fields__}
    if known.get("event") not in ("fixed", "decided", "changed") or not {"id", "text"} <= set(known):
        return None
    return Event(**known)
