"""Reading and writing evidence: atomically, and never a newer version by an older program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import EVIDENCE_VERSION, Evidence
from fullcycle.core.project.files import write_text_atomically

E = TypeVar("E", bound=Evidence)


def evidence_path(folder: Path, stage: str) -> Path:
    """Where a stage's evidence lies."""
    return folder / f"{stage}.json"


def write_evidence(folder: Path, evidence: Evidence) -> Path:
    """Write `evidence/STAGE.json` aside, then rename."""
    path = evidence_path(folder, evidence.stage)
    write_text_atomically(path, evidence.model_dump_json(indent=1) + "\n")
    return path


def read_evidence(folder: Path, kind: type[E]) -> E:
    """The evidence of a stage, or a UserError that names the stage to run, or the version to install."""
    path = evidence_path(folder, kind.stage)
    where = f"evidence/{kind.stage}.json"
    if not path.exists():
        raise UserError(where=where, found="no such file", hint=f"run `fullcycle run {kind.stage}`")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(
            where=where, found=f"no JSON ({error})", hint=f"run `fullcycle run {kind.stage}`"
        ) from error
    version = content.get("version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > EVIDENCE_VERSION:
        raise UserError(
            where=where,
            found=f"evidence of version {version}",
            expected=f"version {EVIDENCE_VERSION} or older",
            hint="install a newer fullcycle, or make the evidence again with `fullcycle run`",
        )
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise UserError(
            where=f"{where}, key {key}", found=first["msg"], hint=f"run `fullcycle run {kind.stage}`"
        ) from error
