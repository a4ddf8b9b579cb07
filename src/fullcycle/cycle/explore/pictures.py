"""What is drawn of pairs: Pearson's correlations, and scatter plots of a stated sample."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from fullcycle.core.engines.measures import as_label, as_number, in_order
from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.evidence.explore import Correlations, Scatter
from fullcycle.cycle.explore.target import Target, scattered

if TYPE_CHECKING:
    import ibis

COLUMNS_CORRELATED = 30  # pairs grow with the square: these are 435
PAIRS_DRAWN = 3
ALIKE = 0.95  # two columns closer than this draw one line


def correlations(table: ibis.Table, columns: Sequence[str]) -> Correlations | None:
    """Pearson's r of each pair over the rows where both are there; None for fewer than two columns."""
    names = list(columns)[:COLUMNS_CORRELATED]
    if len(names) < 2:
        return None
    numbers = [as_number(table[name]) for name in names]
    pairs = {f"r{i}_{j}": numbers[i].corr(numbers[j], how="pop") for i in range(len(names)) for j in range(i)}
    with in_order():
        [found] = connect().to_pyarrow(table.aggregate(**pairs)).to_pylist()
    matrix = [
        [_digits(found[f"r{max(i, j)}_{min(i, j)}"]) if i != j else 1.0 for j in range(len(names))]
        for i in range(len(names))
    ]
    return Correlations(columns=tuple(names), values=tuple(map(tuple, matrix)))


def _digits(r: float | None) -> float | None:
    return None if r is None or isnan(r) else round(r, 6)


def scatters(
    table: ibis.Table, columns: Sequence[str], found: Correlations | None, target: Target, rows: int
) -> tuple[Scatter, ...]:
    """The strongest numeric columns against the target (regression) or against each other (classes).

    The sample is the same `rows` rows for every pair, scattered over the table by row number.
    """
    pairs = _pairs(columns, found, target)
    names = sorted({name for pair in pairs for name in pair})
    if not names:
        return ()
    sample = table.order_by(scattered(table[ROW]), table[ROW]).limit(rows)
    points = {f"x{i}": as_number(sample[name]) for i, name in enumerate(names)}
    group = {} if target.label is None else {"group": as_label(sample[target.column])}
    chosen = (
        connect().to_pyarrow(sample.select(**points, **group, row=sample[ROW]).order_by("row")).to_pylist()
    )
    return tuple(_scatter(pair, names, chosen) for pair in pairs)


def _pairs(columns: Sequence[str], found: Correlations | None, target: Target) -> list[tuple[str, str]]:
    if target.label is None:
        return [(name, target.column) for name in columns[:PAIRS_DRAWN]]
    pairs = [(x, y) for j, y in enumerate(columns) for x in columns[:j]]
    return [pair for pair in pairs if not _alike(pair, found)][:PAIRS_DRAWN]


def _alike(pair: tuple[str, str], found: Correlations | None) -> bool:
    if found is None or not set(pair) <= set(found.columns):
        return False
    r = found.values[found.columns.index(pair[0])][found.columns.index(pair[1])]
    return r is not None and abs(r) >= ALIKE


def _scatter(pair: tuple[str, str], names: Sequence[str], chosen: Sequence[dict[str, object]]) -> Scatter:
    x, y = (f"x{names.index(name)}" for name in pair)
    whole = [row for row in chosen if row[x] is not None and row[y] is not None]
    return Scatter(
        x=pair[0],
        y=pair[1],
        points=tuple((row[x], row[y]) for row in whole),
        group=tuple(str(row["group"]) for row in whole if "group" in row),
    )
