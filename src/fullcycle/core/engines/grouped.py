"""Measuring many columns at once, in the form that suits the table.

A long table is measured wide: one aggregate of every column, which reads a Parquet file column by column. A
table of few rows and many columns is measured tall: there, expressions of thousands of terms take longer than
the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from fullcycle.core.engines.tall import fetch, known_row_count, parts, tall_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

WIDE_FROM_ROWS = 100_000  # 20 columns of so many rows take about the same time both ways
COLUMNS_AT_ONCE = 40  # of one wide aggregate

Measure = Callable[[Any], dict[str, Any]]  # a value to aggregates by name


def measured(
    table: ibis.Table, columns: Mapping[str, Any], measure: Measure, by: ir.Value | None = None
) -> Iterator[tuple[list[str], list[dict[str, Any]]]]:
    """Some columns' names, and rows with `rows`: of each column (`c` is its place) and each value of `by`."""
    form = _wide if is_long(table) else _tall
    return form(table, columns, measure, by)


def is_long(table: ibis.Table) -> bool:
    """Whether the table is measured wide."""
    return known_row_count(table) >= WIDE_FROM_ROWS


def _tall(
    table: ibis.Table, columns: Mapping[str, Any], measure: Measure, by: ir.Value | None
) -> Iterator[tuple[list[str], list[dict[str, Any]]]]:
    key = ibis.null("string") if by is None else by
    for part in parts(table, columns):
        grouped = tall_table(table, part, by=key).group_by("c", "by")
        yield list(part), fetch(grouped.aggregate(rows=_.count(), **measure(_.v)))


def _wide(
    table: ibis.Table, columns: Mapping[str, Any], measure: Measure, by: ir.Value | None
) -> Iterator[tuple[list[str], list[dict[str, Any]]]]:
    names = list(columns)
    for start in range(0, len(names), COLUMNS_AT_ONCE):
        part = names[start : start + COLUMNS_AT_ONCE]
        measures = [measure(columns[name]) for name in part]
        cells = {f"m{c}_{key}": value for c, found in enumerate(measures) for key, value in found.items()}
        # A group, even of all rows, costs twice as much as none.
        grouped = table if by is None else table.group_by(by=by)
        rows = [
            {"c": c, "by": row.get("by"), "rows": row["rows"]} | {key: row[f"m{c}_{key}"] for key in found}
            for row in fetch(grouped.aggregate(rows=table.count(), **cells))
            for c, found in enumerate(measures)
        ]
        yield part, rows


def counted(table: ibis.Table, columns: Mapping[str, Any]) -> dict[str, dict[Any, int]]:
    """Rows by value of each column, gaps aside; meant for few values."""
    found: dict[str, dict[Any, int]] = {name: {} for name in columns}
    if is_long(table) and len(columns) <= COLUMNS_AT_ONCE:
        for name, value in columns.items():
            grouped = table.group_by(v=value).aggregate(n=table.count())
            found[name] = {row["v"]: row["n"] for row in fetch(grouped) if row["v"] is not None}
        return found
    for part in parts(table, columns):
        names = list(part)
        tall = tall_table(table, part).filter(_.v.notnull())
        for row in fetch(tall.group_by("c", "v").aggregate(n=_.count())):
            found[names[row["c"]]][row["v"]] = row["n"]
    return found
