"""Excel: one sheet, its first row with content as names; numbers, dates and booleans stay what they are.

A column of one kind gets that type, anything mixed is text: a library that types columns by itself turned
the one "n/a" of a column of dates into nothing, in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings

if TYPE_CHECKING:
    import pyarrow as pa

ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
ROWS_AT_ONCE = 20_000
INT_AT_MOST = 2**53  # Excel counts in float64


def is_excel(path: Path, start: bytes) -> bool:
    """By its name and its first bytes: a zip file may be anything."""
    return path.suffix.lower() in SUFFIXES and start.startswith((ZIP, OLD))


def snapshot_excel(path: Path, where: str, settings: DataSettings, target: Path) -> None:
    """Write a sheet as typed Parquet. UserError names the sheets where one must be chosen."""
    import pyarrow.parquet as pq

    sheet = _sheet(path, where, settings.table)
    header, rows_above = _header(sheet, where)
    names = ["" if cell == "" else _text(cell) for cell in header]
    types = _types(_rows(sheet, rows_above), len(header))
    with pq.ParquetWriter(target, _schema(names, types)) as writer:
        rows = _rows(sheet, rows_above)
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            writer.write_batch(_batch(chunk, writer.schema, types))


def _sheet(path: Path, where: str, wanted: str | None) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_path(path)
        if wanted is not None:
            if wanted not in workbook.sheet_names:
                raise _choose(where, f"no sheet {wanted!r}", workbook.sheet_names)
            return workbook.get_sheet_by_name(wanted)
        visible = [s.name for s in workbook.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        filled = [sheet for sheet in map(workbook.get_sheet_by_name, visible) if sheet.total_height]
    except (CalamineError, OSError) as error:
        raise UserError(
            where=where,
            found=f"an Excel file that can't be read ({error})",
            expected="a whole one, without a password",
            hint="save it again, or export the sheet as CSV",
        ) from error
    if len(filled) > 1:
        raise _choose(where, f"{len(filled)} sheets with content", [sheet.name for sheet in filled])
    if not filled:
        raise UserError(
            where=where, found="no sheet with content", expected="a header row and rows", hint="fill one"
        )
    return filled[0]


def _choose(where: str, found: str, names: Sequence[str]) -> UserError:
    return UserError(
        where=where,
        found=found,
        expected=f"data.table, one of {', '.join(map(repr, names[:12]))}",
        hint=f"set data.table in fullcycle.yaml, such as `table: {names[0]}`",
    )


def _header(sheet: Any, where: str) -> tuple[list[Any], int]:
    """The first row with content, and how many rows lie above the first row below it."""
    for number, row in enumerate(sheet.iter_rows()):
        if any(cell != "" for cell in row):
            return list(row), number + 1
    raise UserError(where=where, found="an empty sheet", expected="a header row and rows", hint="fill it")


def _rows(sheet: Any, rows_above: int) -> Iterator[list[Any]]:
    """Rows with content below the header."""
    return (row for row in islice(sheet.iter_rows(), rows_above, None) if any(cell != "" for cell in row))


def _types(rows: Iterator[list[Any]], width: int) -> list[str]:
    kinds: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        for seen, cell in zip(kinds, row, strict=True):
            if cell != "":
                seen.add(_kind(cell))
    return [_common(seen) for seen in kinds]


def _kind(cell: Any) -> str:
    if isinstance(cell, bool):
        return "bool"
    if isinstance(cell, int | float):
        return "int" if float(cell).is_integer() and abs(cell) <= INT_AT_MOST else "double"
    if isinstance(cell, dt.datetime):
        return "timestamp"
    return "date" if isinstance(cell, dt.date) else "text"


def _common(seen: set[str]) -> str:
    if len(seen) == 1:
        return next(iter(seen))
    if seen == {"int", "double"}:
        return "double"
    return "timestamp" if seen == {"date", "timestamp"} else "text"


def _schema(names: Sequence[str], types: Sequence[str]) -> pa.Schema:
    import pyarrow as pa

    arrow = {
        "bool": pa.bool_(),
        "int": pa.int64(),
        "double": pa.float64(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
        "text": pa.string(),
    }
    return pa.schema([pa.field(name, arrow[kind]) for name, kind in zip(names, types, strict=True)])


def _batch(rows: Sequence[list[Any]], schema: pa.Schema, types: Sequence[str]) -> pa.RecordBatch:
    import pyarrow as pa

    columns = zip(*rows, strict=True)
    arrays = [
        pa.array([_value(cell, kind) for cell in column], type=field.type)
        for column, kind, field in zip(columns, types, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _value(cell: Any, kind: str) -> Any:
    if cell == "" and not isinstance(cell, bool):
        return None
    if kind == "text":
        return _text(cell)
    if kind == "int":
        return int(cell)
    if kind == "timestamp" and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)
    return cell


def _text(cell: Any) -> str:
    """As a person sees it: whole numbers without `.0`, dates as ISO 8601."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= INT_AT_MOST:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
