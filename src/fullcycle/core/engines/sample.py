"""A table held in memory while several questions are asked of it; of a long one, a deterministic sample."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from fullcycle.core.engines.tables import ROW, connect, in_order, read_parquet
from fullcycle.core.engines.tall import row_count
from fullcycle.core.engines.writing import write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

EXACT_ROWS = 500_000  # a table up to here is measured whole
SAMPLE_ROWS = 200_000  # a share of a half is then known to 0.22 percentage points (95%)
SAMPLE_CELLS = 60_000_000  # a wide table has a smaller sample: 8 bytes each, 480 MB
ROWS_AT_LEAST = 20_000
CLEARLY_MORE = 1.5  # times the rows of a sample
STORED_CELLS = 120_000_000  # of 8 bytes or a little more: 1 GB
_SPREAD, _MIX, _MODULUS = 2_654_435_761, 1_540_483_477, 2**32  # of Knuth's and MurmurHash2's multiplication


@dataclass(frozen=True)
class Held:
    """A table in the engine's memory: all `rows`, or a sample of `sample_rows` of them."""

    table: ibis.Table
    rows: int
    sample_rows: int | None = None


@contextmanager
def held(table: ibis.Table, at_most: int = EXACT_ROWS, sample: int = SAMPLE_ROWS) -> Iterator[Held]:
    """The table in the engine's memory, ordered by row number; of more than `at_most` rows, a sample.

    Which rows are in a sample depends on their numbers alone: not on threads, seeds, or other columns.
    """
    rows = row_count(table)
    columns = max(len(table.columns), 1)
    fitting = max(SAMPLE_CELLS // columns, ROWS_AT_LEAST)
    size = None if rows <= min(at_most, fitting) else min(sample, fitting, rows)
    chosen = table if size is None else table.filter(in_sample(table[ROW], size, rows))
    with stored(chosen) as kept:
        yield Held(kept, rows, None if size is None else row_count(kept))


@contextmanager
def stored(table: ibis.Table) -> Iterator[ibis.Table]:
    """The rows of a table in the engine's memory, in the order of row numbers, until the block ends."""
    backend = connect()
    name = ibis.util.gen_name("held")
    try:
        yield backend.create_table(name, in_order(table), temp=True)
    finally:
        backend.drop_table(name, force=True)


@contextmanager
def compiled(table: ibis.Table) -> Iterator[ibis.Table]:
    """A table that many questions are asked of, compiled once: a view, read anew by each of them."""
    backend = connect()
    name = ibis.util.gen_name("compiled")
    backend.con.execute(f'CREATE TEMP VIEW "{name}" AS {backend.compile(table)}')
    try:
        yield backend.table(name)
    finally:
        backend.con.execute(f'DROP VIEW IF EXISTS "{name}"')


@contextmanager
def stored_or_written(table: ibis.Table, rows: int, path: Path) -> Iterator[ibis.Table]:
    """A table of about `rows` rows, computed once: in the engine's memory if it fits, else in a file."""
    if rows * len(table.columns) <= STORED_CELLS:
        with stored(table) as kept:
            yield kept
    else:
        write_parquet(table, path)
        yield read_parquet(path)


def in_sample(row: ir.Value, size: float, rows: int) -> ir.BooleanValue:
    """True of about `size` in `rows` row numbers, whatever the other columns are."""
    return mixed(row) < int(_MODULUS * size / rows)


def thinned(table: ibis.Table, at_most: int, rows: int | None = None) -> ibis.Table:
    """`at_most` rows of it, chosen by row number. Where it is known to have many more `rows`, most are passed
    over before they are put in order; the same ones are chosen."""
    if rows is not None and rows > CLEARLY_MORE * at_most:
        table = table.filter(in_sample(table[ROW], CLEARLY_MORE * at_most, rows))
    return table.order_by(mixed(table[ROW]), table[ROW]).limit(at_most)


def mixed(row: ir.Value) -> ir.Value:
    """A number below 2^32 in which no pattern of the row numbers is left."""
    once = (row * _SPREAD) % _MODULUS
    twice = ((once ^ (once >> 15)) * _MIX) % _MODULUS
    return twice ^ (twice >> 13)
