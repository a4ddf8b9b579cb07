"""Which format a file has, and how a file of it becomes a snapshot."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb

from fullcycle.core.engines.tables import connect
from fullcycle.core.engines.writing import write_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.collect import SourceColumn, SourceFile
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.copying import needs_no_change, read_whole
from fullcycle.core.sources.dialect import Decimal, find_dialect
from fullcycle.core.sources.encoding import find_encoding
from fullcycle.core.sources.excel import is_excel, snapshot_excel
from fullcycle.core.sources.json_lines import JSONLines, is_json_lines, snapshot_json_lines
from fullcycle.core.sources.names import checked_names
from fullcycle.core.sources.packing import Compression
from fullcycle.core.sources.parquet import damaged, is_parquet, parquet_names, read_parquet_source
from fullcycle.core.sources.scan import first_bytes, hash_file, scan_text
from fullcycle.core.sources.snapshot import Write, write_numbered
from fullcycle.core.sources.text import TextFile, snapshot_text, utf8_copy

Format = Literal["csv", "parquet", "jsonl", "excel"]


@dataclass(frozen=True)
class Facts:
    """What a source turned out to be. `sha256` and `bytes` are of the file as it lies on disk.

    Of several files `sha256` is that of their hashes and names, one a line; of a database, that of the
    snapshot. `format` is that of the file, or the kind of a database. `copied` says that the snapshot is the
    file itself.
    """

    sha256: str
    bytes: int
    format: str
    rows: int
    columns: tuple[SourceColumn, ...]
    findings: tuple[Finding, ...] = ()
    compression: Compression | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: Decimal | None = None
    files: tuple[SourceFile, ...] = ()
    copied: bool = False


@dataclass(frozen=True)
class Work:
    """One file to read: `where` names it in errors, `scratch` is a folder for copies. Where it `may_copy`, a
    file that needs no change becomes the snapshot as it is."""

    path: Path
    where: str
    settings: DataSettings
    scratch: Path
    target: Path
    write: Write = write_parquet
    may_copy: bool = True


def read_file(work: Work) -> Facts:
    """Read all of a file once, and write its snapshot. UserError for whatever is wrong with it."""
    start = first_bytes(work.path, work.where)
    format_ = _format_of(work, start)
    if format_ != "excel" and work.settings.table:
        raise UserError(
            where=work.where,
            found=f"data.table {work.settings.table!r} for a {format_} file",
            expected="data.table for a database or an Excel file alone",
            hint="leave data.table out",
        )
    return READERS[format_](work)


def _format_of(work: Work, start: bytes) -> Format:
    if is_parquet(work.path, start):
        return "parquet"
    if is_excel(work.path, start):
        return "excel"
    return "jsonl" if is_json_lines(work.path) else "csv"


def _parquet(work: Work) -> Facts:
    written, types = parquet_names(work.path, work.where)
    names, made_up = checked_names(written, work.settings.columns_at_most, work.where)
    try:
        copied = work.may_copy and needs_no_change(work.path, written, names)
        rows, (digest, size) = _copied(work) if copied else _rewritten(work, names)
    except duckdb.Error as error:
        raise damaged(work.where, error) from error
    columns = columns_of(names, types)
    return Facts(digest, size, "parquet", _some(rows, work), columns, named(made_up), copied=copied)


def _copied(work: Work) -> tuple[int, tuple[str, int]]:
    """The hash is that of the copy, so that it is true even of a file that somebody writes meanwhile."""
    shutil.copyfile(work.path, work.target)
    return _beside_hash(work.target, lambda: read_whole(work.target))


def _rewritten(work: Work, names: Sequence[str]) -> tuple[int, tuple[str, int]]:
    table = read_parquet_source(connect(), work.path, names)
    return _beside_hash(work.path, lambda: write_numbered(table, work.target, work.write))


def _beside_hash(path: Path, count: Callable[[], int]) -> tuple[int, tuple[str, int]]:
    """What `count` says, and the file's hash and size; hashing lets go of the interpreter, and so waits for
    nobody."""
    with ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(hash_file, path)
        return count(), hashed.result()


def _csv(work: Work) -> Facts:
    settings, where = work.settings, work.where
    scan = scan_text(work.path, where)
    encoding, guessed = find_encoding(scan, settings.encoding, where)
    dialect = find_dialect(scan, encoding, settings.separator, settings.decimal, where)
    names, made_up = checked_names(dialect.header, settings.columns_at_most, where)
    file = TextFile(work.path, where, scan, encoding, dialect, names)
    rows = snapshot_text(connect(), file, work.scratch, work.target, work.write)
    return Facts(
        sha256=scan.sha256,
        bytes=scan.size,
        format="csv",
        rows=_some(rows, work),
        columns=columns_of(names, ["text"] * len(names)),
        findings=(*guessed, *named(made_up)),
        compression=scan.compression,
        encoding=encoding,
        separator=dialect.separator,
        decimal=dialect.decimal,
    )


def _json_lines(work: Work) -> Facts:
    scan = scan_text(work.path, work.where)
    encoding, guessed = find_encoding(scan, work.settings.encoding, work.where)
    plain, packed = utf8_copy(work.path, scan, encoding, work.where, work.scratch)
    lines = JSONLines(plain, packed, work.where, work.settings.columns_at_most)
    names, rows = snapshot_json_lines(lines, work.target, work.write)
    return Facts(
        sha256=scan.sha256,
        bytes=scan.size,
        format="jsonl",
        rows=_some(rows, work),
        columns=columns_of(names, ["text"] * len(names)),
        findings=tuple(guessed),
        compression=scan.compression,
        encoding=encoding,
    )


def _excel(work: Work) -> Facts:
    digest, size = hash_file(work.path)
    staged = work.scratch / "sheet.parquet"
    snapshot_excel(work.path, work.where, work.settings, staged)
    read = _parquet(replace(work, path=staged))
    return Facts(digest, size, "excel", read.rows, read.columns, read.findings)


READERS: dict[Format, Callable[[Work], Facts]] = {
    "csv": _csv,
    "excel": _excel,
    "jsonl": _json_lines,
    "parquet": _parquet,
}


def _some(rows: int, work: Work) -> int:
    if rows == 0:
        raise UserError(
            where=work.where,
            found="a header and no rows",
            expected="at least one row",
            hint="write or download the file again",
        )
    return rows


def columns_of(names: Sequence[str], types: Sequence[str]) -> tuple[SourceColumn, ...]:
    """Names and types of the columns, for evidence."""
    return tuple(SourceColumn(name=name, physical_type=kind) for name, kind in zip(names, types, strict=True))


def named(made_up: Sequence[str]) -> tuple[Finding, ...]:
    """A finding for each name that was made up."""
    return tuple(finding(Code.unnamed_column, Severity.info, name) for name in made_up)
