"""A Parquet file that needs no change is its own snapshot: copied byte for byte, its rows numbered by place.

Everything else is written anew. Later stages must see the same table both ways, so a copy has to hold what
we would write: the same names, types that Parquet gives back as they are, statistics that are true, and row
groups that are quick to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.datatypes as dt

from fullcycle.core.engines.functions import hash_of
from fullcycle.core.engines.tables import PLACE, ROW, connect, read_snapshot
from fullcycle.core.engines.tall import fetch

if TYPE_CHECKING:
    import pyarrow.parquet as pq

KEPT = (dt.Integer, dt.Floating, dt.String, dt.Boolean, dt.Date)
PLAIN_SCALES = (None, 6)  # of timestamps without a zone: microseconds
CODECS = ("SNAPPY", "UNCOMPRESSED", "ZSTD")  # others are slow to read again
DUCKDB = "DuckDB version"  # leaves out the ends of numbers where one is NaN
WRITERS = (DUCKDB, "parquet-cpp-arrow version", "Polars ")  # whose statistics were looked at
GROUP_ROWS_AT_MOST = 1 << 20
GROUP_CELLS_AT_MOST = 1 << 25  # a group is held in memory while it is read
GROUP_ROWS_AT_LEAST = 8_192  # on average; many small groups cost more than their rows


def needs_no_change(path: Path, written: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the file can be the snapshot. `written` are its own names, `names` those of the snapshot."""
    if tuple(written) != tuple(names) or any(name.lower() == PLACE for name in names):
        return False
    if not all(_is_kept(kind) for kind in connect().read_parquet(str(path)).schema().types):
        return False
    return _is_well_written(path)


def read_whole(copy: Path) -> int:
    """Read every cell of the copy once; returns how many rows there are.

    Lets out DuckDB's error where a page is damaged: it must be found before the snapshot takes its place.
    """
    table = read_snapshot(copy)
    cells = ibis.struct({f"c{at}": table[name] for at, name in enumerate(table.columns) if name != ROW})
    [found] = fetch(table.aggregate(rows=table.count(), cells=hash_of(cells).bit_xor()))
    return int(found["rows"])


def _is_well_written(path: Path) -> bool:
    """False for a damaged file, too: what is wrong with it is told where it is written anew."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return _is_quick(file.metadata) and _ends_are_true(file)
    except (pa.ArrowException, OSError):
        return False


def _is_kept(kind: dt.DataType) -> bool:
    if isinstance(kind, dt.Timestamp):
        return kind.timezone is None and kind.scale in PLAIN_SCALES
    return isinstance(kind, KEPT)


def _is_quick(metadata: pq.FileMetaData) -> bool:
    rows, groups = metadata.num_rows, range(metadata.num_row_groups)
    longest = max((metadata.row_group(at).num_rows for at in groups), default=0)
    codecs = {
        metadata.row_group(at).column(place).compression
        for at in groups
        for place in range(metadata.num_columns)
    }
    return (
        longest <= min(GROUP_ROWS_AT_MOST, GROUP_CELLS_AT_MOST // max(metadata.num_columns, 1))
        and len(groups) <= 1 + rows // GROUP_ROWS_AT_LEAST
        and codecs <= set(CODECS)
    )


def _ends_are_true(file: pq.ParquetFile) -> bool:
    """Whether the statistics tell of every cell. Most writers leave NaN out of the ends of a column, and
    DuckDB then answers that there is none."""
    writer = file.metadata.created_by or ""
    if not writer.startswith(WRITERS):
        return False
    return writer.startswith(DUCKDB) or not any(_has_nan(file, name) for name in _floats_with_ends(file))


def _floats_with_ends(file: pq.ParquetFile) -> Iterator[str]:
    import pyarrow as pa

    metadata = file.metadata
    for place, field in enumerate(file.schema_arrow):
        chunks = (metadata.row_group(at).column(place) for at in range(metadata.num_row_groups))
        if pa.types.is_floating(field.type) and any(_has_ends(chunk) for chunk in chunks):
            yield field.name


def _has_ends(chunk: pq.ColumnChunkMetaData) -> bool:
    return chunk.statistics is not None and chunk.statistics.has_min_max


def _has_nan(file: pq.ParquetFile, name: str) -> bool:
    import pyarrow.compute as pc

    groups = (file.read_row_group(at, columns=[name]) for at in range(file.metadata.num_row_groups))
    return any(pc.any(pc.is_nan(group.column(0))).as_py() for group in groups)
