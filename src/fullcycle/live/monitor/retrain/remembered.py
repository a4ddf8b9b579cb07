"""What retrainings a project had, in `monitoring/retrain.jsonl`: a line for each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from fullcycle.core.evidence.retrain import Retrained, RetrainReason
from fullcycle.core.project.append_only import append_line, read_lines

if TYPE_CHECKING:
    from pathlib import Path

FILE = "retrain.jsonl"


def remember(monitoring: Path, done: Retrained, reasons: tuple[RetrainReason, ...]) -> None:
    """Put it on record, with what started it."""
    told = {**done.model_dump(mode="json"), "reasons": [each.model_dump(mode="json") for each in reasons]}
    append_line(monitoring / FILE, told)


def latest(monitoring: Path) -> Retrained | None:
    """The last one that can be read."""
    lines = [line for line in read_lines(monitoring / FILE) if line is not None]
    if not lines:
        return None
    return Retrained.model_validate({name: value for name, value in lines[-1].items() if name != "reasons"})


def moment_of(done: Retrained) -> datetime:
    """When it began."""
    return datetime.fromisoformat(done.at)
