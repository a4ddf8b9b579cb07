"""Counting many columns in few passes: rows by bin of a number or by value of a text, and frequent texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis
from ibis import _

from fullcycle.core.engines.grouped import is_long, measured
from fullcycle.core.engines.measures import DISTINCT_EXACT, Numbers, Spread
from fullcycle.core.engines.plain import small_table
from fullcycle.core.engines.tall import fetch, joined, known_row_count, parts, tall_table


def numbers_by_bin(
    table: ibis.Table,
    numbers: Numbers,
    edges: Mapping[str, Sequence[float]],
    keep: Mapping[str, Any],
    **sums: Any,
) -> dict[str, list[dict[str, Any]]]:
    """Rows by bin of each column and by the expressions in `keep`: their number `n`, the lowest and highest
    value, and sums of integers.

    `edges` are inner edges, ascending: bin p holds edges[p - 1] <= value < edges[p]; p is -1 where missing.
    """
    if is_long(table):
        return {
            name: fetch(_binned(table, number, edges[name], keep, sums)) for name, number in numbers.items()
        }
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in numbers}
    most = max((len(edges[name]) for name in numbers), default=0)
    for part in parts(table, numbers):
        names = list(part)
        padded = [[*edges[name], *[float("inf")] * (most - len(edges[name]))] for name in names]
        columns = {f"e{i}": [row[i] for row in padded] for i in range(most)}
        tall = joined(tall_table(table, part, **keep, **sums), **columns)
        place = sum(((tall.v >= tall[name]).cast("int64") for name in columns), start=ibis.literal(0))
        binned = tall.mutate(p=ibis.ifelse(tall.v.isnull(), -1, place))
        for row in fetch(_grouped(binned, keep, sums, low=_.v.min(), high=_.v.max())):
            found[names[row.pop("c")]].append(row)
    return found


def _binned(
    table: ibis.Table, number: Any, edges: Sequence[float], keep: Mapping[str, Any], sums: Mapping[str, Any]
) -> ibis.Table:
    cells = table.select(v=number, **keep, **sums)
    place = sum(((cells.v >= edge).cast("int8") for edge in edges), start=ibis.literal(0, "int8"))
    binned = cells.mutate(p=ibis.ifelse(cells.v.isnull(), -1, place))
    totals = {name: binned[name].sum() for name in sums}
    return binned.group_by("p", *keep).aggregate(n=_.count(), **totals, low=_.v.min(), high=_.v.max())


def texts_by_value(
    table: ibis.Table,
    columns: Mapping[str, Any],
    values: Mapping[str, Sequence[str]],
    keep: Mapping[str, Any],
    **sums: Any,
) -> dict[str, list[dict[str, Any]]]:
    """The same for texts: p is the place in the column's `values`, their number for others, -1 if missing."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in columns}
    for part in parts(table, columns):
        names = list(part)
        listed = [
            (c, place, value) for c, name in enumerate(names) for place, value in enumerate(values[name])
        ]
        known = small_table(c=[r[0] for r in listed], p=[r[1] for r in listed], v=[r[2] for r in listed])
        rest = small_table(c=range(len(names)), rest=[len(values[name]) for name in names])
        tall = tall_table(table, part, **keep, **sums).left_join(known, ["c", "v"]).drop("c_right", "v_right")
        tall = tall.join(rest, "c")
        binned = tall.mutate(p=ibis.ifelse(tall.v.isnull(), -1, ibis.coalesce(tall.p, tall.rest)))
        for row in fetch(_grouped(binned, keep, sums)):
            found[names[row.pop("c")]].append(row)
    return found


def text_spreads(table: ibis.Table, columns: Mapping[str, Any]) -> dict[str, Spread]:
    """Rows, missing and distinct values of texts."""
    found = dict.fromkeys(columns, Spread(0, 0, 0))
    for names, rows in measured(table, columns, _text_counts):
        for row in rows:
            found[names[row["c"]]] = Spread(row["rows"], row["missing"] or 0, row["distinct"])
    return found


def _text_counts(v: Any) -> dict[str, Any]:
    return {"missing": v.isnull().sum(), "distinct": v.nunique()}


def text_census(table: ibis.Table, columns: Mapping[str, Any]) -> dict[str, Spread]:
    """The same, where more than DISTINCT_EXACT distinct texts are estimated: long texts of many rows need no
    memory."""
    if not columns:
        return {}
    found = dict.fromkeys(columns, Spread(0, 0, 0))
    for names, rows in measured(table, columns, _text_estimates):
        for row in rows:
            known = row["rows"] - (row["missing"] or 0)
            found[names[row["c"]]] = Spread(row["rows"], row["missing"] or 0, min(row["distinct"], known))
    few = {name: columns[name] for name, spread in found.items() if spread.distinct <= DISTINCT_EXACT}
    return found | text_spreads(table, few)


def _text_estimates(v: Any) -> dict[str, Any]:
    return {"missing": v.isnull().sum(), "distinct": v.approx_nunique()}


def texts_with_top(
    table: ibis.Table,
    columns: Mapping[str, Any],
    at_most: int,
    otherwise: Callable[[ibis.Table, Mapping[str, Any]], dict[str, Spread]] = text_spreads,
) -> tuple[dict[str, Spread], dict[str, dict[str, int]]]:
    """Rows, missing and distinct values of texts, and their most frequent values as `top_values` has them.

    The counts of a column of fewer than `at_most` values tell all of it; of other columns `otherwise` does.
    """
    if not columns:
        return {}, {}
    rows, tops = known_row_count(table), top_values(table, columns, at_most)
    known = {
        name: Spread(rows, rows - sum(top.values()), len(top))
        for name, top in tops.items()
        if len(top) < at_most
    }
    many = {name: columns[name] for name in columns if name not in known}
    return known | (otherwise(table, many) if many else {}), tops


def top_values(table: ibis.Table, columns: Mapping[str, Any], at_most: int) -> dict[str, dict[str, int]]:
    """The most frequent texts of each column with their counts, most frequent first, ties by text."""
    return _top_of_each(table, columns, at_most) if is_long(table) else _top_of_all(table, columns, at_most)


def _top_of_each(table: ibis.Table, columns: Mapping[str, Any], at_most: int) -> dict[str, dict[str, int]]:
    found = {}
    for name, text in columns.items():
        grouped = table.group_by(v=text).aggregate(n=table.count()).filter(_.v.notnull())
        ranked = grouped.order_by(ibis.desc("n"), "v").limit(at_most)
        found[name] = {row["v"]: row["n"] for row in fetch(ranked)}
    return found


def _top_of_all(table: ibis.Table, columns: Mapping[str, Any], at_most: int) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in columns}
    for part in parts(table, columns):
        names = list(part)
        tall = tall_table(table, part).filter(_.v.notnull()).group_by("c", "v").aggregate(n=_.count())
        ranked = tall.mutate(place=ibis.row_number().over(group_by=tall.c, order_by=[tall.n.desc(), tall.v]))
        for row in fetch(ranked.filter(_.place < at_most).order_by("c", "place")):
            found[names[row["c"]]][row["v"]] = row["n"]
    return found


def _grouped(binned: ibis.Table, keep: Mapping[str, Any], sums: Mapping[str, Any], **ends: Any) -> ibis.Table:
    totals = {name: binned[name].sum() for name in sums}
    return binned.group_by("c", "p", *keep).aggregate(n=_.count(), **totals, **ends)
