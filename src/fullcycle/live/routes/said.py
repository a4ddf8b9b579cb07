"""Reading what the processes of a server say; imports nothing that answers, so that it is quick."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from fullcycle.core.routes.store import Deploy

ALIVE_S = 15.0  # a process that said nothing for so long is not there


@dataclass(frozen=True)
class Told:
    """What one process said last."""

    path: Path
    seen: float
    content: dict[str, Any]

    @property
    def alive(self) -> bool:
        """Whether it is likely to be there still."""
        return not self.content.get("ended") and time.time() - self.seen < ALIVE_S


def told(deploy: Deploy) -> Iterator[Told]:
    """What processes said, of those that live and those that died."""
    for path in sorted(deploy.live.glob("*.json")):
        try:
            content, seen = orjson.loads(path.read_bytes()), path.stat().st_mtime
        except (OSError, ValueError):
            continue
        if isinstance(content, dict):
            yield Told(path, seen, content)
