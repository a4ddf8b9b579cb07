"""Databases in a file: `duckdb:FILE` and `sqlite:FILE`, with data.table or data.query; never written to."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.sources.kinds import Asked, Fetched, LocalFile
from fullcycle.core.sources.local import refuse_absent
from fullcycle.core.sources.names import checked_names
from fullcycle.core.sources.postgres import quoted

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 20_000
NO_DOWNLOADS = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
USES = frozenset({"table", "query"})
TABLES = """SELECT name FROM sqlite_master
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"""
SHOWN_TABLES = 10


class _DatabaseFile(ABC):
    """What both have in common: a file, and a table or a query in it."""

    def check(self, asked: Asked) -> None:
        """UserError for no such file, and where neither table nor query is named."""
        refuse_absent(_path(asked), asked.shown)
        if not asked.query and not asked.settings.table:
            raise _nothing_named(asked, self.tables(_path(asked)))

    @abstractmethod
    def tables(self, path: Path) -> list[str]:
        """Names of the tables and views in the file; none where it can't be read."""

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        """The file."""
        return (_name(asked),)


class DuckDBFile(_DatabaseFile):
    """A database of DuckDB, of a version that ours can read."""

    def tables(self, path: Path) -> list[str]:
        import duckdb

        try:
            with duckdb.connect(str(path), read_only=True, config={**NO_DOWNLOADS}) as connection:
                return [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
        except duckdb.Error:
            return []

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Rows in the order of the table or of the query."""
        import duckdb

        self.check(asked)
        query = _query(asked, self.tables(_path(asked)))
        target = scratch / "rows.parquet"
        written = str(target).replace("'", "''")
        try:
            with duckdb.connect(str(_path(asked)), read_only=True, config={**NO_DOWNLOADS}) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                described = connection.execute(f"DESCRIBE {query}").fetchall()
                checked_names([row[0] for row in described], asked.settings.columns_at_most, asked.shown)
                connection.execute(f"COPY (\n{query}\n) TO '{written}' (FORMAT parquet)")
        except duckdb.Error as error:
            raise _failed(asked, error, self.tables(_path(asked))) from error
        return Fetched((LocalFile(target, "rows"),), kind="duckdb", uses=USES)


class SQLiteFile(_DatabaseFile):
    """A database of SQLite. Its columns have no types, its values do: one kind throughout gives the type."""

    def tables(self, path: Path) -> list[str]:
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                return [name for (name,) in connection.execute(TABLES)]
        except sqlite3.Error:
            return []

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Rows in the order of the table or of the query."""
        self.check(asked)
        target = scratch / "rows.parquet"
        uri = f"{_path(asked).absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                _write_sqlite(connection, _query(asked, self.tables(_path(asked))), asked, target)
        except sqlite3.Error as error:
            raise _failed(asked, error, self.tables(_path(asked))) from error
        return Fetched((LocalFile(target, "rows"),), kind="sqlite", uses=USES)


def _name(asked: Asked) -> str:
    return asked.rest.removeprefix("//")


def _path(asked: Asked) -> Path:
    return asked.root / _name(asked)


def _query(asked: Asked, tables: Sequence[str]) -> str:
    if asked.query:
        return asked.query.strip().rstrip(";")
    name = str(asked.settings.table)
    if name in tables:  # a dot in it parts no schema
        return 'SELECT * FROM "' + name.replace('"', '""') + '"'
    return f"SELECT * FROM {quoted(name)}"


def _nothing_named(asked: Asked, tables: Sequence[str]) -> UserError:
    return UserError(
        where=asked.shown,
        found="no table and no query",
        expected="data.table or data.query",
        hint=f"set data.table or data.query{_there(tables)}",
    )


def _there(tables: Sequence[str]) -> str:
    more = f" and {len(tables) - SHOWN_TABLES} more" if len(tables) > SHOWN_TABLES else ""
    return f"; it has {', '.join(tables[:SHOWN_TABLES])}{more}" if tables else ""


def _failed(asked: Asked, error: Exception, tables: Sequence[str]) -> UserError:
    told = (asked.secrets.redact(str(error)).strip().splitlines() or [""])[0]
    return UserError(
        where=asked.shown,
        found=f"a database that gave no rows ({told})",
        expected="a database file, and a table or a query that it has",
        hint=f"mend data.table or data.query, or close the program that writes to the file{_there(tables)}",
    )


def _write_sqlite(connection: sqlite3.Connection, query: str, asked: Asked, target: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # On lines of its own: a query may end with a remark.
    names = [column[0] for column in connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 0").description]
    checked_names(names, asked.settings.columns_at_most, asked.shown)
    kinds = _kinds(connection, query, len(names))
    schema = pa.schema([pa.field(name, _arrow(kind)) for name, kind in zip(names, kinds, strict=True)])
    with pq.ParquetWriter(target, schema) as writer:
        for rows in _chunks(connection.execute(query)):
            writer.write_batch(_batch(rows, schema))


def _kinds(connection: sqlite3.Connection, query: str, width: int) -> list[set[str]]:
    """The kinds of values in each column; NULL is none."""
    places = [f"c{number}" for number, _ in zip(count(), range(width), strict=False)]
    measured = ", ".join(f"group_concat(DISTINCT typeof({place}))" for place in places)
    named = f"WITH t({', '.join(places)}) AS (\n{query}\n) SELECT {measured} FROM t"
    return [set((seen or "").split(",")) - {"null", ""} for seen in connection.execute(named).fetchone()]


def _arrow(kinds: set[str]) -> pa.DataType:
    import pyarrow as pa

    if kinds == {"integer"}:
        return pa.int64()
    if kinds and kinds <= {"integer", "real"}:
        return pa.float64()
    return pa.binary() if kinds == {"blob"} else pa.string()


def _chunks(cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield rows


def _batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = []
    for column, field in zip(zip(*rows, strict=True), schema, strict=True):
        values = [_text(value) for value in column] if pa.types.is_string(field.type) else column
        arrays.append(pa.array(values, type=field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
