"""Parquet with its own types; what has no place in a flat table (lists, structs, bytes) becomes text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.datatypes as dt

from fullcycle.core.engines.tables import PLACE, ROW
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import ibis.expr.types as ir

NOT_FLAT = (dt.Array, dt.Map, dt.Struct, dt.Binary, dt.Time, dt.Interval, dt.UUID, dt.JSON)


SUFFIXES = (".parquet", ".pq")
MAGIC = b"PAR1"


def is_parquet(path: Path, start: bytes) -> bool:
    """By its first bytes, or by a name that promises it."""
    return start.startswith(MAGIC) or path.suffix.lower() in SUFFIXES


def parquet_names(path: Path, where: str) -> tuple[list[str], list[str]]:
    """Names and types of the columns as the file states them; DuckDB would rename equal ones in silence."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError) as error:  # ArrowInvalid is a ValueError, too
        raise damaged(where, error) from error
    return list(schema.names), [str(kind) for kind in schema.types]


def read_parquet_source(backend: ibis.BaseBackend, path: Path, names: Sequence[str]) -> ibis.Table:
    """The columns in flat types, and the row number; lazy."""
    placed = not any(name.lower() == PLACE for name in names)
    table = backend.read_parquet(str(path), **({PLACE: True} if placed else {}))
    number = table[PLACE].cast("int64") if placed else ibis.row_number()
    columns = [table[old] for old in table.columns if not (placed and old == PLACE)]
    flat = [_flat(column).name(name) for name, column in zip(names, columns, strict=True)]
    return table.select(*flat, number.name(ROW))


def _flat(column: ir.Value) -> ir.Value:
    return column.cast("string") if isinstance(column.type(), NOT_FLAT) else column


def damaged(where: str, error: Exception) -> UserError:
    """A Parquet file that can't be read to its end."""
    return UserError(
        where=where,
        found=f"a damaged Parquet file ({str(error).strip().splitlines()[0]})",
        expected="a whole one",
        hint="write or download it again",
    )
