"""Columns of `data.joins` beside the rows to be scored, as collect puts them beside training rows.

In blocks of rows, so that memory grows with the joined tables alone. A row that lacks a match which it needs
(`how: inner`) would end a collection; here it gets its reason in the column LACKS, and is set aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.project.files import scratch_folder, written_aside

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from fullcycle.core.contract.model import Contract
    from fullcycle.core.project.settings import DataSettings, Join

LACKS = "_fullcycle_lacks"  # of the snapshot: why a row can't be answered; null where it can
BLOCK_CELLS, BLOCK_ROWS = 10_000_000, 500_000  # queries are compiled anew for each block


@dataclass(frozen=True)
class Joins:
    """What a project declares: `settings.joins`, paths relative to `root`, keys read by `contract`."""

    settings: DataSettings
    root: Path
    contract: Contract


def join_to(source: Path, target: Path, joins: Joins) -> list[str]:
    """Write the rows of `source` with the columns of all joins and LACKS; returns the names of its columns.

    A join whose columns are all there already is left out. Raises UserError as collect does.
    """
    import pyarrow.parquet as pq

    from fullcycle.core.engines.stream import Rows, rows_at_once

    with (
        closing(Rows(source)) as rows,
        scratch_folder(target.parent) as scratch,
        _opened(joins, rows.schema.names, scratch) as tables,
        written_aside(target) as aside,
    ):
        size = rows_at_once(len(rows.schema.names), BLOCK_CELLS, BLOCK_ROWS)
        joined = [_joined(rows.read(0, size), tables, joins.contract)]
        with pq.ParquetWriter(aside, joined[0].schema, compression="zstd", store_schema=False) as writer:
            for start in range(0, rows.count, size):
                block = joined.pop() if joined else _joined(rows.read(start, size), tables, joins.contract)
                writer.write_table(block, row_group_size=rows_at_once(block.num_columns))
        return list(pq.read_schema(aside).names)


@contextmanager
def _opened(
    joins: Joins, there: Sequence[str], scratch: Path
) -> Iterator[list[tuple[int, Join, ibis.Table]]]:
    """The tables of joins that are needed, each with its place."""
    from fullcycle.core.engines.stream import stream_parquet
    from fullcycle.core.joins.joined import columns_taken, reading_of
    from fullcycle.core.sources.source import open_source

    with ExitStack() as stack:
        tables = []
        for place, join in enumerate(joins.settings.joins):
            reading, snapshot = reading_of(join, joins.settings), scratch / f"join{place}.parquet"
            opened = open_source(reading, joins.root, snapshot=snapshot, write=stream_parquet)
            table = stack.enter_context(opened).table
            if not set(columns_taken(table.columns, join)) <= set(there):
                tables.append((place, join, table))
        yield tables


def _joined(block: pa.Table, tables: Sequence[tuple[int, Join, ibis.Table]], contract: Contract) -> pa.Table:
    import pyarrow as pa

    from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow
    from fullcycle.core.joins.joined import join_table

    table = from_arrow(block)
    lacks: dict[int, str] = {}
    for place, join, joined in tables:
        # Whether two rows share a joined one is said of all training rows; of a block it would say little.
        lenient = join.model_copy(update={"cardinality": "many_to_one", "how": "left"})
        wider = join_table(table, joined, lenient, contract, place=place)
        table = wider.table
        if join.how == "inner":
            told = f"{', '.join(join.on)}: found no match in {join.source}, expected one (how: inner)"
            lacks |= dict.fromkeys(to_arrow(wider.unmatched)[ROW].to_pylist(), told)
    done = to_arrow(table.order_by(ROW))
    return done.append_column(LACKS, pa.array(map(lacks.get, done[ROW].to_pylist()), pa.string()))
