"""The folder of work under way beside OUT: a snapshot of the source, parts, and a journal of finished ones.

Every part gets its name when it is whole, and its line in the journal after that. What the journal doesn't
name is made again, so a kill at any moment costs at most one chunk.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.project.append_only import append_line, read_lines
from fullcycle.core.project.files import held_alone, written_aside

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Plan:
    """What is scored by what; an interrupted scoring goes on only under the same plan."""

    source: str
    bundle: str
    chunk_rows: int
    answers_only: bool
    rows: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A chunk that is done."""

    number: int
    answered: int
    rejected: int
    unexpected: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """`.OUT.scoring/`."""

    folder: Path

    @property
    def snapshot(self) -> Path:
        """The source as it was when scoring began."""
        return self.folder / "snapshot.parquet"

    @property
    def source(self) -> Path:
        """The same without the columns of joins, until these are there."""
        return self.folder / "source.parquet"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def answers(self, number: int) -> Path:
        """Answered rows of a part."""
        return self.folder / f"answered-{number:06}.parquet"

    def rejects(self, number: int) -> Path:
        """Rows of a part that were set aside."""
        return self.folder / f"rejected-{number:06}.parquet"

    def begin(self, plan: Plan) -> None:
        """Write down what is about to be done; the snapshot is whole by now."""
        append_line(self.journal, asdict(plan))

    def plan(self) -> Plan | None:
        """What was begun here, if anything was."""
        lines = list(read_lines(self.journal))
        if not lines or lines[0] is None or not self.snapshot.is_file():
            return None
        return Plan(**{**lines[0], "columns": tuple(lines[0]["columns"])})

    def done(self) -> list[Part]:
        """Parts that are whole, in order."""
        lines = list(read_lines(self.journal))[1:]
        return [Part(**line) for line in lines if line is not None]

    def finish(
        self, number: int, answered: pa.Table, rejected: pa.Table, unexpected: Mapping[str, int]
    ) -> Part:
        """Put a part in its place."""
        _write(answered, self.answers(number))
        if rejected.num_rows:
            _write(rejected, self.rejects(number))
        part = Part(number, answered.num_rows, rejected.num_rows, unexpected)
        append_line(self.journal, asdict(part))
        return part

    def clear(self) -> None:
        """Begin anew; the lock stays where it is."""
        for path in self.folder.iterdir():
            if path.name != "lock":
                path.unlink() if path.is_file() else shutil.rmtree(path)

    def remove(self) -> None:
        """Nothing is under way any more."""
        shutil.rmtree(self.folder)


@contextmanager
def work_beside(out: Path) -> Iterator[Work]:
    """The folder for this OUT, for this process alone. Raises UserError where another one scores into it."""
    folder = out.with_name(f".{out.name}.scoring")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lock").touch()
    except OSError as error:
        raise UserError(
            where=str(out),
            found=f"a place that can't be written ({error.strerror or error})",
            expected="a file to write answers to",
        ) from error
    busy = UserError(
        where=str(out),
        found="another `fullcycle score` that writes it",
        expected="one at a time",
        hint="wait for it, or write to another file",
    )
    with held_alone(folder / "lock", busy):
        yield Work(folder)


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    with written_aside(path) as aside:
        pq.write_table(table, aside, compression="zstd")
