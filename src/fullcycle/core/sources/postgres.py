"""PostgreSQL: a table or a query, streamed as Arrow into one Parquet file; the table is never in Python.

By ADBC, which copies in binary: a fifth of the time of a driver that makes a Python object of each cell
(docs/decisions/sources.md). numeric comes as text with all its digits, and the contract types it.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fullcycle.core.errors import UserError
from fullcycle.core.sources.extras import import_extra, require_extra
from fullcycle.core.sources.kinds import Asked, Fetched, LocalFile
from fullcycle.core.sources.names import checked_names

if TYPE_CHECKING:
    import pyarrow as pa

DRIVER = ("adbc_driver_postgresql.dbapi", "postgres", "PostgreSQL sources")
TABLE = "table"
CONNECT_SECONDS = "15"
FORM = "postgres://USER:${PASSWORD}@HOST/DATABASE with data.table, data.query or ?table=NAME"
TELLS = "POSTGRESQL:type"  # where ADBC writes the type that a column had
QUOTED = re.compile(r'"(?:[^"]|"")+"')
TABLE_NAME = re.compile(rf'(?:({QUOTED.pattern}|[^".]+)\.)?({QUOTED.pattern}|.+)', re.DOTALL)
REFUSED = ("money",)  # comes as a number of cents, without its currency
SETUP = (
    "SET TRANSACTION READ ONLY",
    "SET LOCAL synchronize_seqscans = off",  # a scan that joins another one begins in the middle of the table
    "SET LOCAL TimeZone = 'UTC'",
)


class Postgres:
    """`postgres://` and `postgresql://`; a password by ${NAME}, PGPASSWORD or ~/.pgpass."""

    def check(self, asked: Asked) -> None:
        """UserError where neither table nor query is named, or both."""
        _query(asked)
        require_extra(*DRIVER)

    def local_files(self, asked: Asked) -> tuple[str, ...]:
        """None: it lies elsewhere."""
        return ()

    def fetch(self, asked: Asked, scratch: Path) -> Fetched:
        """Rows in the order of the query; without ORDER BY, in the order in which the server gives them."""
        query, target = _query(asked), scratch / "rows.parquet"
        driver = _driver()
        try:
            with (
                closing(driver.connect(_address(asked.uri))) as connection,
                closing(connection.cursor()) as cursor,
            ):
                for statement in SETUP:
                    cursor.execute(statement)
                cursor.execute(query)
                _write(cursor.fetch_record_batch(), asked, target)
        except (driver.Error, OSError) as error:
            raise _failed(asked, str(error)) from error
        return Fetched((LocalFile(target, "rows"),), kind="postgres", uses=frozenset({"table", "query"}))


def _driver() -> Any:
    return import_extra(*DRIVER)


def _parameters(uri: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(uri).query, keep_blank_values=True)


def _query(asked: Asked) -> str:
    in_uri = [value for name, value in _parameters(asked.uri) if name == TABLE]
    named = [name for name in (asked.query, asked.settings.table, *in_uri) if name]
    if len(named) != 1:
        raise UserError(
            where=asked.shown,
            found="more than one of data.table, data.query and ?table=" if named else "no table and no query",
            expected=FORM,
            hint="set data.table or data.query",
        )
    if asked.query:
        return asked.query.strip().rstrip(";") + "\n"  # the driver closes a bracket behind a remark, too
    return f"SELECT * FROM {quoted(named[0])}"


def quoted(name: str) -> str:
    """A table's name for SQL: `schema.table`, each part in quotes; a part with a dot comes in quotes.

    >>> quoted("shop.Order items"), quoted('shop."v1.orders"')
    ('"shop"."Order items"', '"shop"."v1.orders"')
    """
    parts = TABLE_NAME.fullmatch(name)
    return ".".join(_one_quoted(part) for part in (parts.groups() if parts else (name,)) if part)


def _one_quoted(part: str) -> str:
    return part if QUOTED.fullmatch(part) else '"' + part.replace('"', '""') + '"'


def _address(uri: str) -> str:
    """What libpq understands: without our own parameter, and never waiting for ever."""
    parts = urlsplit(uri)
    kept = [(name, value) for name, value in _parameters(uri) if name != TABLE]
    if not any(name == "connect_timeout" for name, _ in kept):
        kept.append(("connect_timeout", CONNECT_SECONDS))
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(kept), ""))


def _write(rows: pa.RecordBatchReader, asked: Asked, target: Path) -> None:
    """Batch by batch. Types that Arrow has no word for become the text in which the server wrote them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    checked_names(rows.schema.names, asked.settings.columns_at_most, asked.shown)
    schema = pa.schema([pa.field(field.name, _plain(field, asked)) for field in rows.schema])
    with pq.ParquetWriter(target, schema) as writer:
        for batch in rows:
            arrays = [_as(column, kind) for column, kind in zip(batch.columns, schema.types, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def _plain(field: pa.Field, asked: Asked) -> pa.DataType:
    import pyarrow as pa

    kind = (field.metadata or {}).get(TELLS.encode(), b"").decode()
    stored = field.type.storage_type if isinstance(field.type, pa.BaseExtensionType) else field.type
    opaque = isinstance(field.type, pa.OpaqueType) and pa.types.is_binary(stored)
    if opaque or kind in REFUSED or pa.types.is_interval(stored):
        raise UserError(
            where=f"{asked.shown}, column {field.name}",
            found=f"type {kind}",
            expected="a type that a table has: numbers, text, dates, times, booleans",
            hint=f"use data.query and cast it there: CAST({quoted(field.name)} AS text)",
        )
    if isinstance(field.type, pa.UuidType):
        return pa.string()
    return stored


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if isinstance(column.type, pa.UuidType):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], kind)
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def _failed(asked: Asked, told: str) -> UserError:
    """What the server or the way to it said, in one line, and what to do about it."""
    said = asked.secrets.redact(" ".join(told.split()))
    hint = next((hint for sign, hint in HINTS.items() if sign in said), "try the same with psql")
    return UserError(
        where=asked.shown, found=f"a database that gave no rows ({_short(said)})", expected=FORM, hint=hint
    )


def _short(said: str, at_most: int = 300) -> str:
    for sign in ("Query was:", "LINE 1:"):
        said = said.partition(sign)[0].strip()
    return said if len(said) <= at_most else said[:at_most] + "..."


HINTS = {
    "password authentication failed": "give the right password in the variable that the source names",
    "no password supplied": "write ${NAME} for the password into the source, or set PGPASSWORD",
    "could not translate host name": "mend the host's name, or look at the network",
    "Connection refused": "start the server, or mend host and port",
    "timeout expired": "look at the network or a firewall; the server didn't answer",
    "does not exist": "mend the name of the database, table or column: case and spaces count; data.table may"
    " be schema.table, and a name with a dot stands in double quotes",
    "permission denied": "ask for SELECT on the table",
    "syntax error": "mend data.query; try it in psql",
}
