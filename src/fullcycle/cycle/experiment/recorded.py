"""`experiment.lock.json`: what a search tried, in git, beside a key of all that it depended on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from fullcycle.core.contract.model import Contract
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.settings import Settings

SEARCH_VERSION = 2  # of the search space: a change there must not replay what an older one tried
# These change how long a search takes, or what follows it, never what it finds.
NOT_IN_KEY = {"workers", "propose_features", "engine", "dask_address", "learning_curve"}


class RecordedTrial(BaseModel):
    """One trial: enough to repeat it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    parameters: dict[str, Scalar]


class Recorded(BaseModel):
    """A search whole. It is replayed where the key is equal, and forgotten where it is not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    key: str
    ended_by: Literal["trials", "time"]
    trials: tuple[RecordedTrial, ...]


def search_key(settings: Settings, contract: Contract, policies: Sequence[ColumnPolicy], data: str) -> str:
    """SHA-256 of what decides a search: settings, contract, cleaning's policies, data and seed."""
    parts = {
        "search": SEARCH_VERSION,
        "experiment": settings.experiment.model_dump(mode="json", exclude=NOT_IN_KEY),
        "split": settings.split.kind,
        "seed": settings.seed,
        "contract": contract.model_dump(mode="json"),
        "policies": [policy.model_dump(mode="json") for policy in policies],
        "data": data,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read_recorded(path: Path, key: str) -> Recorded | None:
    """The recorded search, if there is one with this key. A file that can't be read is no record."""
    try:
        recorded = Recorded.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return recorded if recorded.key == key else None


def write_recorded(path: Path, recorded: Recorded) -> None:
    """Replace the file whole; equal searches give equal bytes."""
    content = json.dumps(recorded.model_dump(mode="json"), indent=1, ensure_ascii=False)
    write_text_atomically(path, content + "\n")


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
