"""JSON lines as text only, as CSV is: numbers keep their digits, what is nested stays JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import ibis.expr.datatypes as dt

from fullcycle.core.engines.tables import connect, first_line
from fullcycle.core.engines.writing import write_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.sources.names import checked_names
from fullcycle.core.sources.packing import Compression
from fullcycle.core.sources.snapshot import Write, write_numbered

if TYPE_CHECKING:
    import ibis.expr.types as ir

SUFFIXES = (".jsonl", ".ndjson", ".json")
PACKED = (".gz", ".zst", ".zstd")
LINE = re.compile(r"in line (\d+)")
FORM = 'one object a line, such as {"age": 41, "city": "Oslo"}'
LINE_BYTES_AT_MOST = 64 << 20


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_keys(value: dt.JSON) -> dt.Array(dt.String):  # type: ignore[valid-type]
    """Keys of an object, as they are written."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_type(value: dt.JSON) -> str:  # type: ignore[empty-body]
    """OBJECT, ARRAY, BIGINT, ..."""


def is_json_lines(path: Path) -> bool:
    """By its name, less the suffix of its packing."""
    name = path.with_suffix("") if path.suffix.lower() in PACKED else path
    return name.suffix.lower() in SUFFIXES


@dataclass(frozen=True)
class JSONLines:
    """A file of JSON lines in UTF-8; `where` names it in errors."""

    path: Path
    packed: Compression | None
    where: str
    columns_at_most: int

    def read(self, *, records: bool, columns: dict[str, str]) -> ibis.Table:
        """As DuckDB reads it: a line as one value, or a key as a column."""
        return connect().read_json(
            str(self.path),
            format="newline_delimited",
            records=records,
            columns=columns,
            compression=self.packed or "uncompressed",
            maximum_object_size=LINE_BYTES_AT_MOST,
        )


def snapshot_json_lines(
    file: JSONLines, target: Path, write: Write = write_parquet
) -> tuple[tuple[str, ...], int]:
    """Write every key of any line as a column of text; returns names and rows.

    UserError for a line that is no object, for keys that differ in case only, for a JSON array.
    """
    try:
        names = _keys(file.read(records=False, columns={"line": "JSON"}), file.where)
        checked, _ = checked_names(names, file.columns_at_most, file.where)
        table = file.read(records=True, columns=dict.fromkeys(names, "VARCHAR"))
        renamed = table.rename(dict(zip(checked, names, strict=True)))
        return checked, write_numbered(renamed, target, write)
    except duckdb.Error as error:
        raise _malformed(file.where, error) from error


def _keys(lines: ibis.Table, where: str) -> list[str]:
    """All keys, in the order in which they first appear."""
    numbered = lines.mutate(row=ibis.row_number(), kind=json_type(lines.line))
    other: Any = connect().execute(numbered.filter(numbered.kind != "OBJECT")[["row", "kind"]].limit(1))
    if len(other):
        raise _no_object(where, int(other["row"][0]), str(other["kind"][0]))
    keys: ir.Table = numbered.select("row", key=json_keys(numbered.line)).unnest("key", offset="place")
    first = (
        keys.group_by("key").agg(row=keys.row.min(), place=keys.place.min()).order_by("row", "place", "key")
    )
    return [str(key) for key in connect().execute(first)["key"]]


def _no_object(where: str, row: int, kind: str) -> UserError:
    whole = row == 0 and kind == "ARRAY"
    return UserError(
        where=f"{where}, line {row + 1}",
        found="a JSON array" if whole else f"a value that is no object ({kind})",
        expected=FORM,
        hint="write it as JSON lines: `jq -c '.[]' FILE > FILE.jsonl` does it" if whole else "mend that line",
    )


def _malformed(where: str, error: duckdb.Error) -> UserError:
    line = LINE.search(str(error))
    return UserError(
        where=f"{where}, line {line[1]}" if line else where,
        found=f"JSON that can't be read ({re.sub(r' in file .*?, ', ' ', first_line(error))})",
        expected=FORM,
        hint="mend that line" if line else "write the file again",
    )
