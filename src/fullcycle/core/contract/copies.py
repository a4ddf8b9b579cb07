"""Columns that say what another one says: equal in every row, or one to one in other words.

Candidates are told by what the survey counted, so that only a pair that may be one is compared cell by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import ibis

from fullcycle.core.contract.model import Column, Contract, Role
from fullcycle.core.contract.survey import ColumnSurvey
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.tall import fetch

if TYPE_CHECKING:
    import ibis.expr.types as ir

ROWS = 20  # fewer rows that agree prove nothing
PAIRS_AT_MOST = 500  # of candidates that are compared; of a table with more, something else is wrong


@dataclass(frozen=True)
class Copy:
    """`column` says what `original`, which stands before it, says."""

    column: str
    original: str
    kind: Literal["equal", "one_to_one"]


def find_copies(table: ibis.Table, contract: Contract, surveyed: Iterable[ColumnSurvey]) -> list[Copy]:
    """Copies among the features; each names the first column that it repeats."""
    by_name = {column.name: column for column in surveyed}
    features = [c for c in contract.columns if c.role is Role.feature and by_name[c.name].present >= ROWS]
    may_be_equal = _pairs((_measures(column, by_name[column.name]), column.name) for column in features)
    may_say_the_same = _pairs((_rows_by_value(by_name[column.name]), column.name) for column in features)
    if not may_be_equal and not may_say_the_same:
        return []
    coerced = coerce_table(table, contract)
    found = [Copy(later, first, "equal") for first, later in _equal(coerced, may_be_equal)]
    found += [Copy(later, first, "one_to_one") for first, later in _one_to_one(coerced, may_say_the_same)]
    by_column: dict[str, Copy] = {}
    for copy in found:
        by_column.setdefault(copy.column, copy)
    return list(by_column.values())


def _measures(column: Column, survey: ColumnSurvey) -> Hashable:
    return column.type, survey.present, survey.low, survey.high, _rows_by_value(survey)


def _rows_by_value(survey: ColumnSurvey) -> Hashable:
    """Those of columns that stand one to one are the same; None where the values are not listed."""
    return None if survey.values is None else tuple(sorted(survey.values.values()))


def _pairs(keyed: Iterable[tuple[Hashable, str]]) -> list[tuple[str, str]]:
    """Pairs of columns with the same key, in the order of the table."""
    alike: dict[Hashable, list[str]] = defaultdict(list)
    for key, name in keyed:
        if key is not None:
            alike[key].append(name)
    pairs = [pair for names in alike.values() for pair in combinations(names, 2)]
    return pairs if len(pairs) <= PAIRS_AT_MOST else []


def _equal(table: ibis.Table, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return _holding(
        table, pairs, lambda first, later: (~table[first].identical_to(table[later])).sum().fill_null(0) == 0
    )


def _one_to_one(table: ibis.Table, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    def holds(first: str, later: str) -> ir.BooleanValue:
        one, other = table[first], table[later]
        apart = (one.isnull() != other.isnull()).sum()
        both = ibis.struct({"one": one, "other": other}).nunique(where=one.notnull() & other.notnull())
        return (apart == 0) & (both == one.nunique()) & (both == other.nunique())

    return _holding(table, pairs, holds)


def _holding(
    table: ibis.Table, pairs: Sequence[tuple[str, str]], holds: Callable[[str, str], ir.BooleanValue]
) -> list[tuple[str, str]]:
    if not pairs:
        return []
    [answers] = fetch(table.aggregate(**{f"p{place}": holds(*pair) for place, pair in enumerate(pairs)}))
    return [pair for place, pair in enumerate(pairs) if answers[f"p{place}"]]
