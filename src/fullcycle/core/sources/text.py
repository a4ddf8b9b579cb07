"""CSV as text only (DECISIONS 11): DuckDB reads it, Python explains what DuckDB can't read.

DuckDB is strict about quotes, line ends and field counts. When it refuses a file, Python's csv goes through
it line by line: either it finds the line that is wrong, or the file is merely unusual (mixed line ends), and
then it is written out plainly and read again. Neither ever holds the table.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from fullcycle.core.engines.writing import write_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.sources.dialect import Dialect, long_cells, wrong_encoding
from fullcycle.core.sources.packing import CHUNK, Compression, open_unpacked
from fullcycle.core.sources.scan import Scan
from fullcycle.core.sources.snapshot import Write, write_numbered

if TYPE_CHECKING:
    import ibis

LINE_MB_AT_MOST = 64
QUOTES_HINT = (
    'mend the line: a value with the separator, a quote or a line end in it stands in quotes, as "a, b"'
)


@dataclass(frozen=True)
class TextFile:
    """A text table and everything that reading it needs; `names` are the columns' names as checked."""

    path: Path
    where: str
    scan: Scan
    encoding: str
    dialect: Dialect
    names: tuple[str, ...]


def snapshot_text(
    backend: ibis.BaseBackend, file: TextFile, scratch: Path, target: Path, write: Write = write_parquet
) -> int:
    """Write all columns as text, and the row number, to a Parquet file; returns rows.

    `scratch` is a folder for copies, where they are needed. UserError names the line that is wrong.
    """
    path, packed = utf8_copy(file.path, file.scan, file.encoding, file.where, scratch)
    try:
        table = _duckdb_csv(backend, path, file.dialect.separator, file.names, packed)
        return write_numbered(table, target, write)
    except duckdb.Error as refusal:
        plain = _write_plainly(file, scratch / "plain.csv")
        try:
            return write_numbered(_duckdb_csv(backend, plain, ",", file.names, None), target, write)
        except duckdb.Error as error:
            raise _unreadable(file.where, refusal) from error


def _unreadable(where: str, refusal: Exception) -> UserError:
    """What DuckDB said, in its first line."""
    return UserError(
        where=where,
        found=f"a text that can't be read as a table ({str(refusal).strip().splitlines()[0]})",
        expected=f"rows of at most {LINE_MB_AT_MOST} MB in the form of RFC 4180",
        hint="save the table again as CSV or Parquet",
    )


def _duckdb_csv(
    backend: ibis.BaseBackend, path: Path, separator: str, names: tuple[str, ...], packed: Compression | None
) -> ibis.Table:
    return backend.read_csv(
        str(path),
        auto_detect=False,
        all_varchar=True,
        columns=dict.fromkeys(names, "VARCHAR"),
        header=True,
        delim=separator,
        quote='"',
        escape='"',
        compression=packed or "none",
        max_line_size=LINE_MB_AT_MOST << 20,
    )


def utf8_copy(
    path: Path, scan: Scan, encoding: str, where: str, scratch: Path
) -> tuple[Path, Compression | None]:
    """The same text in UTF-8 without a mark, and its packing: the file itself where it is that already."""
    if encoding == "utf-8" and scan.utf8:
        return path, scan.compression
    return _to_utf8(path, scan, encoding, where, scratch / "utf8.txt"), None


def _to_utf8(path: Path, scan: Scan, encoding: str, where: str, copy: Path) -> Path:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    with closing(open_unpacked(path, scan.compression)) as source, copy.open("wb") as target:
        while True:
            chunk = source.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                raise wrong_encoding(where, encoding, error, lines) from error
            lines += text.count("\n")
            target.write(text.encode("utf-8"))
            if not chunk:
                return copy


def _write_plainly(file: TextFile, copy: Path) -> Path:
    with copy.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(file.names)
        for record in _checked_records(file):
            writer.writerow(record)
    return copy


def _checked_records(file: TextFile) -> Iterator[list[str]]:
    """Records below the header, or a UserError for the first line that is none."""
    ended = 0  # the line where the record before ended
    with closing(open_unpacked(file.path, file.scan.compression)) as source, long_cells():
        text = io.TextIOWrapper(source, encoding=file.encoding, newline="")  # csv wants line ends as they are
        reader = csv.reader(text, delimiter=file.dialect.separator, strict=True)
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _quote_error(file.where, ended + 1, error) from error
            if record and len(record) != len(file.names):
                raise _ragged(file, ended + 1, len(record))
            if ended and (record or len(file.names) == 1):
                yield record or [""]
            ended = reader.line_num


def _ragged(file: TextFile, line: int, found: int) -> UserError:
    fields = "field" if found == 1 else "fields"
    return UserError(
        where=f"{file.where}, line {line}",
        found=f"{found} {fields}",
        expected=f"{len(file.names)}, as in the header (separator {file.dialect.separator!r})",
        hint=QUOTES_HINT,
    )


def _quote_error(where: str, line: int, error: csv.Error) -> UserError:
    return UserError(
        where=f"{where}, line {line}",
        found=f"a quote that is opened or closed at the wrong place ({error})",
        expected='quotes around whole values, and "" for a quote inside',
        hint=QUOTES_HINT,
    )
