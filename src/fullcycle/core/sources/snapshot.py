"""Writing the snapshot: rows numbered in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.writing import write_parquet

if TYPE_CHECKING:
    from ibis.backends import BaseBackend


# In order with the same bytes in every run (engines/writing.py); or as it comes (engines/stream.py).
Write = Callable[[ibis.Table, Path], int]


def write_numbered(table: ibis.Table, target: Path, write: Write = write_parquet) -> int:
    """Write a table with its rows numbered from 0, unless they are already; returns how many there are."""
    numbered = table if ROW in table.columns else table.mutate(**{ROW: ibis.row_number()})
    return write(numbered, target)


def concatenate(
    backend: BaseBackend, parts: Sequence[Path], target: Path, write: Write = write_parquet
) -> int:
    """Write the rows of several snapshots of equal columns one after another, numbered anew."""
    table = backend.read_parquet([str(part) for part in parts])
    return write_numbered(table.drop(ROW), target, write)
