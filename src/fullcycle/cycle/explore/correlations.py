"""Pearson's and Spearman's correlations of numeric columns, as matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import ibis

from fullcycle.core.engines.measures import as_number, in_order
from fullcycle.core.engines.sample import stored
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import fetch, row_count
from fullcycle.core.evidence.explore import Correlations

COLUMNS_CORRELATED = 30  # pairs grow with the square: these are 435


def pearson(table: ibis.Table, columns: Sequence[str]) -> Correlations | None:
    """Pearson's r of each pair over the rows where both are there; None for fewer than two columns."""
    names = list(columns)[:COLUMNS_CORRELATED]
    return _matrix(table, {name: as_number(table[name]) for name in names}) if len(names) > 1 else None


def spearman(table: ibis.Table, columns: Sequence[str]) -> Correlations | None:
    """Spearman's rho (1904): Pearson's r of ranks, equal values sharing their mean rank.

    A value is ranked among all values of its column, and a pair is judged on the rows where both are there.
    """
    names = list(columns)[:COLUMNS_CORRELATED]
    if len(names) < 2:
        return None
    rows = row_count(table)
    ranks = {f"x{i}": _rank(as_number(table[name]), rows) for i, name in enumerate(names)}
    with stored(table.select(ROW, **ranks)) as ranked:
        return _matrix(ranked, {name: ranked[f"x{i}"] for i, name in enumerate(names)})


def _rank(number: Any, rows: int) -> Any:
    """Twice the mean rank of equal values, a whole number; null where the value is missing."""
    order = number.asc(nulls_first=False)
    first = ibis.rank().over(order_by=order) + 1
    last = (ibis.cume_dist().over(order_by=order) * rows).round()
    return number.isnull().ifelse(ibis.null("float64"), (first + last).cast("float64"))


def _matrix(table: ibis.Table, numbers: Mapping[str, Any]) -> Correlations:
    names = list(numbers)
    values = list(numbers.values())
    pairs = {f"r{i}_{j}": values[i].corr(values[j], how="pop") for i in range(len(names)) for j in range(i)}
    with in_order():
        [found] = fetch(table.aggregate(**pairs))
    matrix = [
        [_digits(found[f"r{max(i, j)}_{min(i, j)}"]) if i != j else 1.0 for j in range(len(names))]
        for i in range(len(names))
    ]
    return Correlations(columns=tuple(names), values=tuple(map(tuple, matrix)))


def _digits(r: float | None) -> float | None:
    return None if r is None or isnan(r) else round(r, 6)
