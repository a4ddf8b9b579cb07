"""Opening a source: one call for every kind, with everything that was found on the way."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from fullcycle.core.engines.tables import connect, read_snapshot
from fullcycle.core.engines.writing import write_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding
from fullcycle.core.evidence.collect import SourceFile
from fullcycle.core.project.files import scratch_folder
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.dialect import Decimal
from fullcycle.core.sources.formats import Facts, Work, read_file
from fullcycle.core.sources.kinds import Asked, Fetched, LocalFile, ask
from fullcycle.core.sources.scan import hash_file
from fullcycle.core.sources.snapshot import Write, concatenate

if TYPE_CHECKING:
    import ibis

__all__ = ["Facts", "OpenedSource", "open_source"]

SHOWN_COLUMNS = 5


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


def open_source(
    settings: DataSettings, root: Path, *, snapshot: Path | None = None, write: Write = write_parquet
) -> OpenedSource:
    """Read all of a source once, write its snapshot (Parquet), and hand out that.

    A path in `settings.source` is relative to `root`; errors name the source as it is written there, with
    nothing of what `${NAME}` stands for. `write` says how the snapshot is written. Raises UserError for
    whatever is wrong with it: where, what was found, what was expected, what to do.
    """
    kind, asked = ask(settings, root)
    folder = None if snapshot else Path(tempfile.mkdtemp(prefix="fullcycle-"))
    target = snapshot or Path(f"{folder}/snapshot.parquet")
    try:
        with scratch_folder(target.parent) as scratch:
            (scratch / "fetched").mkdir()
            fetched = kind.fetch(asked, scratch / "fetched")
            _refuse_unused(asked, fetched)
            facts = _read(asked, fetched, scratch, target, write)
        return OpenedSource(read_snapshot(target), facts, folder)
    except UserError as error:
        _remove(folder)
        _redact(error, asked)
        raise
    except BaseException:
        _remove(folder)
        raise


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _redact(error: UserError, asked: Asked) -> None:
    """Whatever a library may have said of the address that it was given."""
    redact = asked.secrets.redact
    error.where, error.found = redact(error.where), redact(error.found)
    error.expected, error.hint = redact(error.expected), redact(error.hint)
    error.args = (error.where, error.found, error.expected, error.hint)


def _refuse_unused(asked: Asked, fetched: Fetched) -> None:
    if asked.query is not None and "query" not in fetched.uses:
        raise UserError(
            where="data.query",
            found=f"a query for {asked.shown}",
            expected="data.query for a database alone",
            hint="leave data.query out",
        )


def _read(asked: Asked, fetched: Fetched, scratch: Path, target: Path, write: Write) -> Facts:
    settings = (
        asked.settings.model_copy(update={"table": None}) if "table" in fetched.uses else asked.settings
    )
    alone = fetched.kind is not None or len(fetched.files) == 1
    may_copy = alone and write is write_parquet  # whoever writes otherwise wants another file
    work = Work(fetched.files[0].path, asked.shown, settings, scratch, target, write, may_copy)
    if alone:
        facts = read_file(work)
        if fetched.kind is None:
            return facts
        digest, size = hash_file(target)
        return replace(facts, sha256=digest, bytes=size, format=fetched.kind)
    return _read_many(asked, fetched.files, work)


def _read_many(asked: Asked, files: Sequence[LocalFile], work: Work) -> Facts:
    """Each file by itself, so that an error names it; then one after another."""
    read: list[Facts] = []
    parts: list[Path] = []
    for number, file in enumerate(files):
        part = work.scratch / f"part-{number:05d}.parquet"
        scratch = work.scratch / f"work-{number:05d}"
        scratch.mkdir()
        where = f"{asked.shown}, file {file.name}"
        read.append(read_file(replace(work, path=file.path, where=where, scratch=scratch, target=part)))
        shutil.rmtree(scratch)
        _same_columns(asked, files[0], read[0], file, read[-1])
        parts.append(part)
    rows = concatenate(connect(), parts, work.target, work.write)
    named = tuple(
        SourceFile(name=file.name, sha256=facts.sha256, bytes=facts.bytes, rows=facts.rows)
        for file, facts in zip(files, read, strict=True)
    )
    listed = "".join(f"{file.sha256}  {file.name}\n" for file in named)
    return replace(
        read[0],
        sha256=hashlib.sha256(listed.encode()).hexdigest(),
        bytes=sum(file.bytes for file in named),
        rows=rows,
        findings=_once(facts.findings for facts in read),
        files=named,
    )


def _once(findings: Iterable[Sequence[Finding]]) -> tuple[Finding, ...]:
    """Each finding once, though many files have it."""
    kept: dict[str, Finding] = {}
    for several in findings:
        for found in several:
            kept.setdefault(found.model_dump_json(), found)
    return tuple(kept.values())


def _same_columns(asked: Asked, first: LocalFile, before: Facts, file: LocalFile, here: Facts) -> None:
    """UserError where the columns of a file differ from those of the first, in name, type or decimal mark."""
    wanted = {column.name: column.physical_type for column in before.columns}
    found = {column.name: column.physical_type for column in here.columns}
    told = [
        *_told("lacks", [name for name in wanted if name not in found]),
        *_told("has", [name for name in found if name not in wanted]),
        *[
            f"{name!r} is {found[name]}, not {wanted[name]}"
            for name in wanted
            if name in found and found[name] != wanted[name]
        ][:SHOWN_COLUMNS],
    ]
    hint = "write the file again, or name files of equal columns alone"
    if before.decimal != here.decimal and "text" in wanted.values():
        told.append(f"decimal mark {here.decimal!r}, not {before.decimal!r}")
        hint += "; `data.decimal` sets the mark"
    if told:
        raise UserError(
            where=f"{asked.shown}, file {file.name}",
            found="; ".join(told),
            expected=f"the columns of {first.name}, the first file",
            hint=hint,
        )


def _told(verb: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - SHOWN_COLUMNS} more" if len(names) > SHOWN_COLUMNS else ""
    return [f"{verb} {', '.join(map(repr, names[:SHOWN_COLUMNS]))}{more}"]
