"""The distinct values of columns that have few of them: one GROUP BY of raw cells, before any reading.

Reading a cell by the contract costs more than finding out that it is one of a few.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis import _

from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow

FEW = 5_000  # distinct values
FIRST_ROWS = 20_000  # a column that has more than FEW here is not asked further


def few_values(table: ibis.Table, names: Sequence[str]) -> dict[str, ibis.Table]:
    """For each column of at most FEW distinct values, a table of them in a column of its name."""
    found = {}
    for name in _likely_few(table, names):
        values = to_arrow(table.select(name).distinct().order_by(name).limit(FEW + 1))
        if values.num_rows <= FEW:
            found[name] = from_arrow(values)
    return found


def few_counts(table: ibis.Table, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """For each column of at most FEW distinct texts, the rows of each of them, gaps aside."""
    found = {}
    for name in _likely_few(table, names):
        grouped = table.filter(table[name].notnull()).group_by(v=table[name]).aggregate(n=_.count())
        rows = to_arrow(grouped.order_by(ibis.desc("n"), "v").limit(FEW + 1)).to_pylist()
        if len(rows) <= FEW:
            found[name] = {row["v"]: row["n"] for row in rows}
    return found


def _likely_few(table: ibis.Table, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    first = table.filter(table[ROW] < FIRST_ROWS)
    counted = first.aggregate(**{f"n{at}": first[name].nunique() for at, name in enumerate(names)})
    [row] = to_arrow(counted).to_pylist()
    return [name for at, name in enumerate(names) if row[f"n{at}"] <= FEW]
