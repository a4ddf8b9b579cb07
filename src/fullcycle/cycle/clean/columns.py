"""What the contract decided about whole columns, and what it asks a person: told again with every cleaning.

Init learns it from the table, but a person may have changed it since, and a report has only the evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.contract.rules import rules_of
from fullcycle.core.engines.functions import is_number_of
from fullcycle.core.engines.measures import epoch_us
from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.clean import Decision
from fullcycle.core.evidence.findings import Code

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir


def columns_left_out(coerced: ibis.Table, contract: Contract, rows: int) -> list[Decision]:
    """A decision for each column that reaches no model: constant, identifier, prose, or a copy of another."""
    constant = [c for c in contract.columns if c.role is Role.constant]
    empty = _without_values(coerced, constant)
    return [
        Decision(
            code=code.value,
            column=column.name,
            rows=rows,
            action="left_out",
            reason="in_the_contract",
            facts={} if column.copy_of is None else {"original": column.copy_of, "kind": "equal"},
        )
        for column in contract.columns
        if (code := _why(column, empty)) is not None
    ]


def _without_values(coerced: ibis.Table, columns: list[Column]) -> set[str]:
    if not columns:
        return set()
    [counts] = fetch(coerced.aggregate(**{f"c{at}": coerced[c.name].count() for at, c in enumerate(columns)}))
    return {column.name for at, column in enumerate(columns) if not counts[f"c{at}"]}


def _why(column: Column, empty: set[str]) -> Code | None:
    match column.role:
        case Role.constant:
            return Code.all_missing if column.name in empty else Code.constant_column
        case Role.identifier:
            return Code.identifier_column
        case Role.ignore if column.copy_of is not None:
            return Code.copied_column
        case Role.feature if column.type is ColumnType.text:
            return Code.text_dropped
    return None


def proposed_moments(coerced: ibis.Table, contract: Contract) -> list[Decision]:
    """A decision for each column of numbers that may be moments, with its rows: nothing was changed."""
    asked = [
        column
        for column in contract.columns
        if column.proposed_formats and column.type is ColumnType.numeric and column.role is not Role.ignore
    ]
    if not asked:
        return []
    [found] = fetch(
        coerced.aggregate(
            **{f"n{at}": coerced[column.name].count() for at, column in enumerate(asked)},
            **{f"high{at}": coerced[column.name].max() for at, column in enumerate(asked)},
        )
    )
    return [
        Decision(
            code=Code.epoch_suspect.value,
            column=column.name,
            rows=found[f"n{at}"],
            examples=() if column.personal else (f"{found[f'high{at}']:.0f}",),
            action="proposed",
            reason="maybe_moments",
            facts={"form": column.proposed_formats[0]},
        )
        for at, column in enumerate(asked)
        if found[f"n{at}"]
    ]


def proposed_codes(coerced: ibis.Table, contract: Contract) -> list[Decision]:
    """A decision for each value that may mean "missing", with its rows: nothing was changed."""
    asked = [
        (column, each.value, holds)
        for column in contract.columns
        for each in column.proposed_missing
        if column.role is not Role.ignore
        for holds in _holds(coerced, column, each.value)
    ]
    if not asked:
        return []
    [counts] = fetch(coerced.aggregate(**{f"c{at}": holds.sum() for at, (*_, holds) in enumerate(asked)}))
    return [
        Decision(
            code=Code.sentinel_suspect.value,
            column=column.name,
            rows=rows,
            examples=() if column.personal else (value,),
            action="proposed",
            reason="maybe_missing",
            facts={} if column.personal else {"value": value},
        )
        for at, (column, value, _) in enumerate(asked)
        if (rows := counts[f"c{at}"])
    ]


def _holds(coerced: ibis.Table, column: Column, value: str) -> Iterator[ir.BooleanValue]:
    """Whether a cell has the value, compared as a missing token would be."""
    rules, cell = rules_of(column.model_copy(update={"missing": (value,)})), coerced[column.name]
    if rules.missing_numbers:
        yield is_number_of(cell, rules.missing_numbers)
    elif rules.missing_moments:
        yield is_number_of(epoch_us(cell), rules.missing_moments)
