"""Scatter plots of a stated sample of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fullcycle.core.engines.measures import as_label, as_number
from fullcycle.core.engines.tables import ROW, to_arrow
from fullcycle.core.evidence.explore import Correlations, Scatter
from fullcycle.cycle.explore.target import Target, scattered

if TYPE_CHECKING:
    import ibis

PAIRS_DRAWN = 3
ALIKE = 0.95  # two columns closer than this draw one line


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
    group = {} if not target.classes else {"group": as_label(sample[target.column])}
    chosen = to_arrow(sample.select(**points, **group, row=sample[ROW]).order_by("row")).to_pylist()
    return tuple(_scatter(pair, names, chosen) for pair in pairs)


def _pairs(columns: Sequence[str], found: Correlations | None, target: Target) -> list[tuple[str, str]]:
    if not target.classes:
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
