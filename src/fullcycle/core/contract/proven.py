"""Columns of a long table that are proven to keep the contract without reading each cell by it.

A number or moment keeps it if the lowest and the highest do; a column of few values if each of them does.
Nothing is counted here: what isn't proven is left to `check_table`, which counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.cells import WORDED, physical_type
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.contract.rules import rules_of
from fullcycle.core.contract.table import check_table
from fullcycle.core.engines.tall import fetch, row_count
from fullcycle.core.engines.values import few_values

if TYPE_CHECKING:
    import ibis

LONG_ROWS = 200_000  # below, one pass over every cell costs less than the proofs
NEVER_OUT_OF_TYPE = ("text", "integer", "boolean", "date", "timestamp")  # where texts are wanted
OUR_YEARS = (1, 9999)


def unproven(table: ibis.Table, contract: Contract) -> Contract:
    """The contract with the columns that have to be read cell by cell (perhaps none)."""
    if row_count(table) < LONG_ROWS:
        return contract
    there = [column for column in contract.columns if column.name in table.columns]
    waiting = [column for column in there if not _needs_no_proof(table, column)]
    waiting = _beyond_their_ends(table, waiting)
    few = few_values(table, [column.name for column in waiting if _goes_by_text(table, column)])
    waiting = [
        column
        for column in waiting
        if column.name not in few or check_table(few[column.name], _with(contract, [column]))
    ]
    return _with(contract, waiting)


def _with(contract: Contract, columns: Iterable[Column]) -> Contract:
    return contract.model_copy(update={"columns": tuple(columns)})


def _needs_no_proof(table: ibis.Table, column: Column) -> bool:
    physical = physical_type(table[column.name].type())
    if column.type is ColumnType.boolean:
        return physical == "boolean"
    return column.type in WORDED and column.allowed is None and physical in NEVER_OUT_OF_TYPE


def _goes_by_text(table: ibis.Table, column: Column) -> bool:
    return column.type in WORDED or physical_type(table[column.name].type()) == "text"


# --- the lowest and the highest


def _beyond_their_ends(table: ibis.Table, columns: list[Column]) -> list[Column]:
    """Columns that have no order of the contract's kind, or whose ends break it."""
    ordered = [column for column in columns if _is_ordered(table, column)]
    if not ordered:
        return columns
    ends = _ends(table, [column.name for column in ordered])
    broken = [c.name for c in ordered if table[c.name].type().is_floating() and _is_nan(ends[c.name][1])]
    ends |= _ends(table, broken, but_nan=True) if broken else {}
    kept = {column.name for column in ordered if all(_keeps(end, column) for end in ends[column.name])}
    return [column for column in columns if column.name not in kept]


def _is_ordered(table: ibis.Table, column: Column) -> bool:
    physical = physical_type(table[column.name].type())
    if column.type is ColumnType.numeric:
        return physical in ("integer", "float")
    return column.type is ColumnType.datetime and physical in ("date", "timestamp")


def _ends(table: ibis.Table, names: Sequence[str], *, but_nan: bool = False) -> dict[str, tuple[Any, Any]]:
    """The lowest and the highest, which DuckDB takes from the file's own statistics where nothing else is
    asked. NaN is missing, and DuckDB calls it the highest; years as numbers, as Python's end at 9999."""
    ends: dict[str, Any] = {}
    for at, name in enumerate(names):
        raw = table[name]
        low, high = (
            (raw.min(where=~raw.isnan()), raw.max(where=~raw.isnan())) if but_nan else (raw.min(), raw.max())
        )
        years = raw.type().is_date() or raw.type().is_timestamp()
        ends |= {f"low{at}": low.year() if years else low, f"high{at}": high.year() if years else high}
    [row] = fetch(table.aggregate(**ends))
    return {name: (row[f"low{at}"], row[f"high{at}"]) for at, name in enumerate(names)}


def _is_nan(value: Any) -> bool:
    return value is not None and isnan(value)


def _keeps(value: Any, column: Column) -> bool:
    if value is None:
        return True
    if column.type is ColumnType.datetime:
        return OUR_YEARS[0] < int(value) < OUR_YEARS[1]
    rules, number = rules_of(column), float(value)
    in_range = rules.low is None or rules.high is None or rules.low <= number <= rules.high
    return isfinite(number) and in_range
