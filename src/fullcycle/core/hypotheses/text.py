"""A hypothesis as the text that is hashed: what it says, whatever the order of its keys."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fullcycle.core.project.section import Section


def said(name: str, hypothesis: Section) -> dict[str, Any]:
    """What a person wrote. Defaults are left out: a later version with more keys hashes it equally."""
    return {"id": name, **hypothesis.model_dump(mode="json", exclude_defaults=True)}


def digest(content: Any) -> str:
    """SHA-256 of canonical JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def text_hash(name: str, hypothesis: Section) -> str:
    """The hash of what a hypothesis says."""
    return digest(said(name, hypothesis))
