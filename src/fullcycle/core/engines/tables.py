"""Where table work runs: DuckDB in memory, through Ibis, one connection for each process.

Rows have an order of their own: the source row number, carried through every table of a project. Without it
DISTINCT and GROUP BY on two threads gave three different Parquet files in four writes (DECISIONS 8).
"""

from __future__ import annotations

import json
import string
import weakref
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis

from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

ROW = "_row"  # int64, from 0: the row's number in the source
PLACE = "file_row_number"  # DuckDB's own column: the row's place in its Parquet file
SETTINGS = {
    "TimeZone": "UTC",
    "enable_progress_bar": "false",
    "preserve_insertion_order": "true",  # in_order relies on it
    # Nothing is fetched at run time: an extension that isn't built in is an error, not a download.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
IN_ORDER = ("PROJECTION", "FILTER", "STREAMING_WINDOW")  # steps of a plan that keep the order of rows
SCANS = ("PARQUET_SCAN", "READ_PARQUET", "READ_CSV", "READ_JSON", "SEQ_SCAN")
MAKERS = {"raw.parquet": "collect", "train.parquet": "clean", "test.parquet": "clean"}

_forgotten: list[str] = []  # Arrow tables that nobody holds; let go later, as a query may be running just now


@cache
def connect() -> Any:
    """The process's Ibis backend: DuckDB in memory, UTC, no downloads, as many threads as cores.

    Arrow takes its memory from the system: its own allocator gives pages back so soon that writing a table
    takes a third longer (docs/decisions/speed.md).
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
    backend = ibis.duckdb.connect()
    for name, value in SETTINGS.items():
        backend.con.execute(f"SET {name} = '{value}'")
    return backend


def read_parquet(path: Path) -> ibis.Table:
    """A Parquet file as a table, read when it is needed; a UserError where it is none."""
    if not path.is_file():
        raise _not_made(path)
    try:
        return connect().read_parquet(str(path))
    except Exception as error:
        raise UserError(
            where=str(path),
            found=f"a file that is no Parquet ({first_line(error)})",
            hint="`fullcycle run` makes it again",
        ) from error


def read_snapshot(path: Path) -> ibis.Table:
    """A snapshot with the number of each row, last: its own ROW, or the row's place in a file that was copied
    as it came. UserError as for any Parquet file."""
    table = read_parquet(path)
    if ROW in table.columns:
        return table
    placed = connect().read_parquet(str(path), **{PLACE: True})
    return placed.select(*table.columns, **{ROW: placed[PLACE].cast("int64")})


def _not_made(path: Path) -> UserError:
    """A table that a stage makes is told by the stage that comes first, any other by its name."""
    stage = MAKERS.get(path.name)
    if stage is None:
        return UserError(where=str(path), found="no such file", hint="`fullcycle run` makes what is missing")
    return UserError(
        where=f"project {path.parent.parent.name}",
        found=f"no {path.stem} rows yet",
        expected=f"stage {stage} before this command",
        hint=f"run `fullcycle run {stage}`, then the same command again",
    )


def from_arrow(table: pa.Table) -> ibis.Table:
    """An Arrow table as a table, without a copy; a UserError where two names differ in ASCII case at most."""
    names = Counter(name.translate(ASCII_LOWER) for name in table.column_names)
    repeated = [name for name in table.column_names if names[name.translate(ASCII_LOWER)] > 1]
    if repeated:  # DuckDB would rename one of them in silence
        raise UserError(
            where="the table's header",
            found=f"columns of one name ({', '.join(map(repr, repeated[:4]))})",
            expected="names that differ in more than upper and lower case",
            hint="rename all but one of them",
        )
    backend = connect()
    while _forgotten:
        backend.con.unregister(_forgotten.pop())
    name = ibis.util.gen_name("arrow")
    backend.con.register(name, _with_typed_nulls(table))
    registered = backend.table(name)
    weakref.finalize(registered.op(), _forgotten.append, name)
    return registered


def to_arrow(table: ibis.Table) -> pa.Table:
    """The rows of a table. The backend's own way imports pandas: an eighth of a second in each process."""
    backend = connect()
    if _is_in_memory(table):
        return backend.to_pyarrow(table)
    found = backend.con.sql(backend.compile(table)).to_arrow_table()
    return found.cast(table.schema().to_pyarrow())


def _is_in_memory(table: ibis.Table) -> bool:
    """Whether Ibis has tables to register before DuckDB may see the query."""
    import ibis.expr.operations as ops

    return bool(table.op().find(ops.InMemoryTable))


def _with_typed_nulls(table: pa.Table) -> pa.Table:
    """A column without a single value has a type of its own in Arrow, and none in Ibis: here it is text."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if pa.types.is_null(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.string()))
    return table


def in_order(table: ibis.Table) -> ibis.Table:
    """The table in the order of ROW, without sorting what is read in that order anyway."""
    return table if _scans_in_order(table) else table.order_by(table[ROW])


def _scans_in_order(table: ibis.Table) -> bool:
    """Whether DuckDB only scans one table of ours, filters, numbers and projects: that keeps its order."""
    if _is_in_memory(table):
        return False
    plan = connect().con.execute(f"EXPLAIN (FORMAT json) {connect().compile(table)}").fetchall()
    [step] = json.loads(plan[-1][1])
    while step["children"] and step["name"].strip() in IN_ORDER:
        [step] = step["children"]
    return step["name"].strip() in SCANS


def first_line(error: Exception) -> str:
    """What a library's error says, without its stack."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
