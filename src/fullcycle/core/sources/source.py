"""Opening a source: one call for every kind of file, with everything that was found on the way."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import duckdb

from fullcycle.core.engines.tables import connect, read_parquet, write_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.collect import SourceColumn
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.project.files import scratch_folder
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.dialect import Decimal, find_dialect
from fullcycle.core.sources.encoding import find_encoding
from fullcycle.core.sources.names import checked_names
from fullcycle.core.sources.parquet import damaged, parquet_names, read_parquet_source
from fullcycle.core.sources.scan import hash_file, is_parquet, scan_text
from fullcycle.core.sources.text import TextFile, snapshot_text

if TYPE_CHECKING:
    import ibis

WRITE_AGAIN = "write or download the file again"


@dataclass(frozen=True)
class Facts:
    """What a source turned out to be. `sha256` and `bytes` are of the file as it lies on disk."""

    sha256: str
    bytes: int
    format: Literal["csv", "parquet"]
    rows: int
    columns: tuple[SourceColumn, ...]
    findings: tuple[Finding, ...] = ()
    compression: Literal["gzip"] | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: Decimal | None = None


class OpenedSource:
    """A source whole and readable: `table` has all its columns (of a text file as text) and the row number.

    A context manager; a snapshot that nobody asked for goes when it closes, or with the last use of `table`.
    """

    def __init__(self, table: ibis.Table, facts: Facts, folder: Path | None) -> None:
        self.table, self.facts = table, facts
        self._clean_up = weakref.finalize(table.op(), _remove, folder)

    @property
    def decimal(self) -> Decimal:
        """The decimal mark of numbers; a point unless a text file has commas."""
        return self.facts.decimal or "."

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person should know about how it was read."""
        return self.facts.findings

    def close(self) -> None:
        """Remove the snapshot; `table` can't be read any more."""
        self._clean_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_source(settings: DataSettings, root: Path, *, snapshot: Path | None = None) -> OpenedSource:
    """Read all of a source once, write its snapshot (Parquet), and hand out that.

    A path in `settings.source` is relative to `root`; errors name the source as it is written there. Raises
    UserError for whatever is wrong with it: where, what was found, what was expected, what to do.
    """
    path = root / settings.source
    folder = None if snapshot else Path(tempfile.mkdtemp(prefix="fullcycle-"))
    target = snapshot or Path(f"{folder}/snapshot.parquet")
    try:
        with scratch_folder(target.parent) as scratch:
            if is_parquet(path, settings.source):
                facts = _parquet(path, settings, target)
            else:
                facts = _text(path, settings, scratch, target)
        return OpenedSource(read_parquet(target), facts, folder)
    except BaseException:
        _remove(folder)
        raise


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _parquet(path: Path, settings: DataSettings, target: Path) -> Facts:
    where = settings.source
    written, types = parquet_names(path, where)
    names, made_up = checked_names(written, settings.columns_at_most, where)
    try:
        rows = write_parquet(read_parquet_source(connect(), path, names), target)
    except duckdb.Error as error:
        raise damaged(where, error) from error
    digest, size = hash_file(path)
    return Facts(
        sha256=digest,
        bytes=size,
        format="parquet",
        rows=_some(rows, where),
        columns=_columns(names, types),
        findings=_named(made_up),
    )


def _text(path: Path, settings: DataSettings, scratch: Path, target: Path) -> Facts:
    where = settings.source
    if path.suffix.lower() in (".parquet", ".pq"):
        raise damaged(where, ValueError("it doesn't begin with PAR1"))
    scan = scan_text(path, where)
    encoding, guessed = find_encoding(scan, settings.encoding, where)
    dialect = find_dialect(scan, encoding, settings.separator, settings.decimal, where)
    names, made_up = checked_names(dialect.header, settings.columns_at_most, where)
    rows = snapshot_text(connect(), TextFile(path, where, scan, encoding, dialect, names), scratch, target)
    return Facts(
        sha256=scan.sha256,
        bytes=scan.size,
        format="csv",
        rows=_some(rows, where),
        columns=_columns(names, ["text"] * len(names)),
        findings=(*guessed, *_named(made_up)),
        compression=scan.compression,
        encoding=encoding,
        separator=dialect.separator,
        decimal=dialect.decimal,
    )


def _some(rows: int, where: str) -> int:
    if rows == 0:
        raise UserError(
            where=where, found="a header and no rows", expected="at least one row", hint=WRITE_AGAIN
        )
    return rows


def _columns(names: Sequence[str], types: Sequence[str]) -> tuple[SourceColumn, ...]:
    return tuple(SourceColumn(name=name, physical_type=kind) for name, kind in zip(names, types, strict=True))


def _named(made_up: Sequence[str]) -> tuple[Finding, ...]:
    return tuple(finding(Code.unnamed_column, Severity.info, name) for name in made_up)
