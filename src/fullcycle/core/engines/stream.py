"""Tables that are written and read in parts, so that memory does not grow with rows.

DuckDB sorts, and copies to Parquet, within a limit of memory of its own: most of what the machine has. It
hands out files in their order, too, as they are read (engines/tables.py): 16 million rows of Parquet were
written within 276 MB so, half a million within 230, while COPY took 735 and 218.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis

from fullcycle.core.engines.tables import connect
from fullcycle.core.project.files import written_aside

if TYPE_CHECKING:
    import pyarrow as pa

CELLS_AT_ONCE = 1_000_000  # of a batch: some tens of megabytes
ROWS_AT_MOST, ROWS_AT_LEAST = 65_536, 1_000


def stream_parquet(table: ibis.Table, path: Path) -> int:
    """Write the rows in the order in which they are read, aside, then rename; returns their number.

    How they lie in row groups is left to chance: not for files whose bytes are compared.
    """
    import pyarrow.parquet as pq

    rows = 0
    with written_aside(path) as aside:
        reader = _reader(table)
        with pq.ParquetWriter(aside, reader.schema, compression="zstd", store_schema=False) as writer:
            for batch in _batches(reader):
                writer.write_batch(batch)
                rows += batch.num_rows
    return rows


def rows_at_once(columns: int, cells: int = CELLS_AT_ONCE, at_most: int = ROWS_AT_MOST) -> int:
    """How many rows have so many cells."""
    return max(ROWS_AT_LEAST, min(at_most, cells // max(columns, 1)))


def _reader(table: ibis.Table) -> pa.RecordBatchReader:
    backend = connect()
    return backend.con.sql(backend.compile(table)).to_arrow_reader(rows_at_once(len(table.columns)))


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """What goes wrong while DuckDB reads on comes through Arrow, in Arrow's words."""
    import pyarrow as pa

    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:
        raise duckdb.InvalidInputException(str(error)) from error


class Rows:
    """A Parquet file by the numbers of its rows: only the row groups that hold them are read."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(path)
        groups = self._file.metadata
        sizes = (groups.row_group(at).num_rows for at in range(groups.num_row_groups))
        self._begins = [0, *accumulate(sizes)]
        self.count = self._begins[-1]
        self.schema: pa.Schema = self._file.schema_arrow

    def read(self, start: int, count: int) -> pa.Table:
        """So many rows from `start` on; fewer where the file ends."""
        end = min(start + count, self._begins[-1])
        first = bisect_right(self._begins, start) - 1
        last = bisect_right(self._begins, max(end - 1, start)) - 1
        groups = range(first, min(last + 1, len(self._begins) - 1))
        rows = self._file.read_row_groups([*groups])
        return rows.slice(start - self._begins[first], max(end - start, 0))

    def close(self) -> None:
        """Read no more."""
        self._file.close()
