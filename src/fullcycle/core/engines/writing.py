"""Tables as Parquet files: the same rows give the same bytes, on any number of threads.

DuckDB reads and computes, and hands its rows over in their order, in batches of Arrow; pyarrow writes them.
What DuckDB writes itself it cuts into row groups by which thread comes first, unless it sorts, which costs a
third of a write. Here a row group is cut by number alone and laid out anew: no byte tells how rows came.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis
import numpy as np
import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from fullcycle.core.engines.plain import numbers_of, truth_array
from fullcycle.core.engines.tables import ROW, connect, in_order, to_arrow
from fullcycle.core.project.files import written_aside

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROW_GROUP_ROWS = 122_880
ROW_GROUP_CELLS = 8_000_000  # a wide table has shorter groups: one is held in memory while it is written
ROWS_AT_LEAST = 8_192
WHILE_READING = {
    "arrow_large_buffer_size": "true",  # or else the texts of a column end at 2 GB in a batch
    "streaming_buffer_size": "32MB",  # DuckDB reads on while rows are encoded; of 1 MB it soon waits
}
HOW = {
    "compression": "snappy",  # zstd makes smaller files, and every reading dearer (docs/decisions/speed.md)
    "dictionary_pagesize_limit": 1 << 16,  # more for numbers that all differ costs a third of a write
    "store_schema": False,  # Arrow's own: readers then see Parquet's types, whoever wrote them
}
ERRNO = re.compile(r'"errno"\s*:\s*"(\d+)"')  # how DuckDB says which error the system gave


def write_parquet(table: ibis.Table, path: Path) -> int:
    """Write a table in the order of its row numbers, aside, then rename; returns how many rows there are."""
    with (
        written_aside(path) as aside,
        _reading(table) as reader,
        closing(_File(aside, reader.schema)) as file,
    ):
        for batch in _batches(reader):
            file.take(batch)
        return file.finish()


def write_parts(table: ibis.Table, parts: Mapping[Path, ibis.Table]) -> None:
    """Write some of a table's rows to each path, all in one reading: those whose numbers the part has."""
    chosen = [_is_chosen(part) for part in parts.values()]
    with ExitStack() as stack:
        asides = [stack.enter_context(written_aside(path)) for path in parts]
        reader = stack.enter_context(_reading(table))
        files = [stack.enter_context(closing(_File(aside, reader.schema))) for aside in asides]
        for batch in _batches(reader):
            numbers = numbers_of(pa.chunked_array([batch.column(ROW)]))
            for file, rows in zip(files, chosen, strict=True):
                file.take(batch.filter(truth_array(_holds(rows, numbers))))
        for file in files:
            file.finish()


def _is_chosen(part: ibis.Table) -> NDArray[np.bool_]:
    """By row number, up to the last one of the part and one more."""
    rows = numbers_of(to_arrow(part.select(ROW))[ROW])
    chosen = np.zeros(int(rows.max(initial=-1)) + 2, dtype=bool)
    chosen[rows] = True
    return chosen


def _holds(chosen: NDArray[np.bool_], numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    return chosen[np.minimum(numbers, len(chosen) - 1)]


class _File:
    """A Parquet file in the making: rows are gathered until there are enough for a row group.

    A thread of its own encodes a group while the next one is read; what goes wrong there is raised by the
    next call. No more than one group waits.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.handle = path.open("wb")
        # Arrow leaves NaN out of the ends of a column, as Parquet asks; DuckDB then takes it for absent.
        told = [field.name for field in schema if not pa.types.is_floating(field.type)]
        self.writer = ParquetWriter(self.handle, schema, write_statistics=told, **HOW)
        self.group_rows = _group_rows(len(schema))
        self.waiting: list[pa.RecordBatch] = []
        self.rows = self.written = 0
        self.encoder = ThreadPoolExecutor(1)
        self.encoded: Future[None] | None = None

    def take(self, batch: pa.RecordBatch) -> None:
        """Rows that come next."""
        self.waiting.append(batch)
        self.rows += batch.num_rows
        while self.rows - self.written >= self.group_rows:
            self._write(self.group_rows)

    def finish(self) -> int:
        """Write what is left; returns the number of rows."""
        if self.rows > self.written:
            self._write(self.rows - self.written)
        self._wait()
        self.writer.close()
        return self.rows

    def close(self) -> None:
        """Let go of the file, whole or not: the writer ends it even where writing has failed."""
        self.encoder.shutdown()
        with suppress(OSError):
            self.writer.close()
        self.handle.close()

    def _write(self, rows: int) -> None:
        table = pa.Table.from_batches(self.waiting)
        self._wait()
        self.encoded = self.encoder.submit(self._encode, table.slice(0, rows))
        self.waiting = table.slice(rows).to_batches()
        self.written += rows

    def _encode(self, group: pa.Table) -> None:
        self.writer.write_table(group.combine_chunks(), row_group_size=len(group))

    def _wait(self) -> None:
        if self.encoded is not None:
            self.encoded.result()


def _group_rows(columns: int) -> int:
    return max(min(ROW_GROUP_ROWS, ROW_GROUP_CELLS // columns), ROWS_AT_LEAST)


@contextmanager
def _reading(table: ibis.Table) -> Iterator[pa.RecordBatchReader]:
    """A table's rows in their order, in batches as long as row groups: filtering short ones took four times
    as long. Until the block ends, the engine answers nothing else."""
    backend, ordered = connect(), in_order(table)
    for name, value in WHILE_READING.items():
        backend.con.execute(f"SET {name} = '{value}'")
    try:
        rows = backend.con.sql(backend.compile(ordered))
        with rows.to_arrow_reader(_group_rows(len(table.columns))) as reader:
            yield reader
    finally:
        for name in WHILE_READING:
            backend.con.execute(f"RESET {name}")


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """What the query raises comes through Arrow: its own errors as DuckDB's, the system's as the system's."""
    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:
        number = ERRNO.search(str(error))
        if number is None:
            raise duckdb.Error(str(error)) from error
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from error
