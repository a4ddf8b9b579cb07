"""Order statistics of numbers: exact, but for the quantiles of a long table, which come from a sample.

Exact quantiles keep every value: of 4 million rows x 12 columns they take as long as DuckDB's SUMMARIZE, all
else a fifth of that. A quantile of 250,000 rows is off by 0.2 percentage points of the rows at most (95%).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fullcycle.core.engines.functions import truncate
from fullcycle.core.engines.grouped import measured
from fullcycle.core.engines.measures import Numbers, Spread, spreads
from fullcycle.core.engines.sample import EXACT_ROWS, SAMPLE_ROWS, held
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import row_count

if TYPE_CHECKING:
    import ibis


def spreads_at_length(table: ibis.Table, numbers: Numbers) -> tuple[dict[str, Spread], int | None]:
    """Spread by column, and how many rows the quantiles come from, None for all."""
    if not numbers or row_count(table) <= EXACT_ROWS:
        return _by_name(table, numbers), None
    exact = _ends(table, numbers)
    with held(table.select(ROW, **numbers), EXACT_ROWS, SAMPLE_ROWS) as few:
        sampled = _by_name(few.table, {name: few.table[name] for name in numbers})
        return {name: _with_quantiles(own, sampled[name]) for name, own in exact.items()}, few.sample_rows


def _by_name(table: ibis.Table, numbers: Numbers) -> dict[str, Spread]:
    return {name: found for (name, _), found in spreads(table, numbers).items()}


def _ends(table: ibis.Table, numbers: Numbers) -> dict[str, Spread]:
    """Counts and extremes of all rows; distinct values as HyperLogLog estimates them."""
    found: dict[str, Spread] = {}
    for names, rows in measured(
        table,
        numbers,
        lambda v: {
            "missing": v.isnull().sum(),
            "distinct": v.approx_nunique(),
            "min": v.min(),
            "max": v.max(),
            "broken": (v != truncate(v)).sum(),
        },
    ):
        for row in rows:
            found[names[row["c"]]] = Spread(
                rows=row["rows"],
                missing=row["missing"],
                distinct=row["distinct"],
                min=row["min"],
                max=row["max"],
                whole=row["broken"] == 0,
            )
    return found


def _with_quantiles(exact: Spread, sampled: Spread) -> Spread:
    """Few distinct values are all in the sample, where they are counted and not estimated."""
    seen_often = sampled.distinct * 10 < sampled.rows
    distinct = sampled.distinct if seen_often else max(exact.distinct, sampled.distinct)
    return replace(exact, quantiles=sampled.quantiles, distinct=distinct)
