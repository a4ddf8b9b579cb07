"""The contract compiled for tables: coerce every column, and count what breaks the contract. Runs anywhere
that Ibis does; all columns and all counts go in one pass each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import ibis

from fullcycle.core.contract.cells import TYPES, Expression, Read, read_columns
from fullcycle.core.contract.few_texts import TextsRead, meaning_of
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.contract.rules import rules_of
from fullcycle.core.engines.functions import is_one_of
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import fetch
from fullcycle.core.errors import UserError

Kind = Literal["out_of_type", "unexpected_value", "out_of_range"]
EXAMPLES = 5
EXAMPLES_OF_AT_MOST = 30  # violations; each costs a query of its own
COLUMNS_AT_ONCE = 100  # the cost of compiling one query grows faster than the number of its columns
EXAMPLE_CHARACTERS = 60


class Violation(NamedTuple):
    """Cells of one column that break the contract in one way; `examples` are texts, the most frequent first.

    Out of type is always refused where an answer is wanted; the other kinds only if the column is `strict`.
    """

    column: str
    kind: Kind
    rows: int
    examples: tuple[str, ...]
    strict: bool


def coerce_table(
    table: ibis.Table, contract: Contract, *, with_target: bool = True, texts: TextsRead | None = None
) -> ibis.Table:
    """The contract's columns, coerced, in its order, and the row number if the table has it.

    Cells that can't be read become null. Raises UserError for required columns that the table lacks: all of
    them `with_target`, as for training, else the features, as for answering. Others that it lacks are null.
    Of columns in `texts` each text has been read already; the result is the same.
    """
    require_columns(table, contract, with_target=with_target)
    columns = [column for column in contract.columns if with_target or column.role is not Role.target]
    present = [column for column in columns if column.name in table.columns]
    kept = [ROW] if ROW in table.columns else []
    known = {
        column.name: meaning
        for column in present
        if texts is not None and (meaning := meaning_of(table[column.name], column, texts)) is not None
    }
    places = {name: f"k{at}" for at, name in enumerate(known)}
    unread = [column for column in present if column.name not in known]
    parsed, reads = read_columns(
        table, unread, keep=kept, known={places[name]: meaning for name, meaning in known.items()}
    )
    values = {column.name: read.value for column, read in zip(unread, reads, strict=True)}
    values |= {name: parsed[place] for name, place in places.items()}
    return parsed.select(
        *(parsed[name].name(name) for name in kept),
        *(
            values.get(column.name, ibis.null()).cast(TYPES[column.type]).name(column.name)
            for column in columns
        ),
    )


def check_table(table: ibis.Table, contract: Contract, *, with_target: bool = True) -> list[Violation]:
    """What breaks the contract, by column in its order. Raises UserError as `coerce_table` does."""
    require_columns(table, contract, with_target=with_target)
    ignored = (Role.ignore,) if with_target else (Role.ignore, Role.target)
    present = [column for column in contract.columns if column.role not in ignored]
    broken = [
        (contract.column(name), kind, rows)
        for count in counts_of(table, present)
        for (name, kind), rows in count.above_zero([*fetch(count.query)[0].values()]).items()
    ]
    return [
        Violation(
            column.name,
            kind,
            rows,
            _examples(table, column, kind) if number < EXAMPLES_OF_AT_MOST else (),
            column.strict,
        )
        for number, (column, kind, rows) in enumerate(broken)
    ]


class Count(NamedTuple):
    """A query of one row: in how many rows each column breaks the contract in each way, in this order."""

    checks: tuple[tuple[str, Kind], ...]
    query: ibis.Table

    def above_zero(self, counts: Sequence[int]) -> dict[tuple[str, Kind], int]:
        """Those that there are."""
        return {check: int(rows) for check, rows in zip(self.checks, counts, strict=True) if rows}


def counts_of(table: ibis.Table, columns: Sequence[Column]) -> list[Count]:
    """What breaks the contract, in as few queries as can be compiled."""
    present = [column for column in columns if column.name in table.columns]
    return [
        _count(table, present[start : start + COLUMNS_AT_ONCE])
        for start in range(0, len(present), COLUMNS_AT_ONCE)
    ]


def broken_rows(table: ibis.Table, column: Column, kind: Kind) -> ibis.Table:
    """The numbers of rows whose cell a request would be refused for; the table must have them."""
    parsed, [read] = read_columns(table, [column], keep=[ROW])
    return parsed.filter(dict(_checks(column, read))[kind]).select(ROW)


def expected_of(column: Column, kind: Kind) -> str:
    """What the API says it expected."""
    rules = rules_of(column)
    said = {
        "out_of_type": rules.expected,
        "unexpected_value": rules.allowed_expected,
        "out_of_range": rules.range_expected,
    }
    return said[kind]


def _count(table: ibis.Table, columns: Sequence[Column]) -> Count:
    parsed, reads = read_columns(table, columns)
    checks = [
        (column.name, kind, broken)
        for column, read in zip(columns, reads, strict=True)
        for kind, broken in _checks(column, read)
    ]
    counts = parsed.aggregate(**{f"c{at}": broken.sum() for at, (*_, broken) in enumerate(checks)})
    return Count(tuple((name, kind) for name, kind, _ in checks), counts)


def require_columns(table: ibis.Table, contract: Contract, *, with_target: bool = True) -> None:
    """Raises UserError for required columns that the table lacks."""
    needed = contract.columns if with_target else contract.features
    absent = [column.name for column in needed if column.required and column.name not in table.columns]
    if absent:
        named = ", ".join(map(repr, absent[:5])) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        raise UserError(
            where="the table",
            found=f"no column {named}" if len(absent) == 1 else f"no columns {named}",
            expected="every column that contract.yaml requires",
            hint="add it to the table, or set `required: false` in contract.yaml if models can do without",
        )


def _checks(column: Column, read: Read) -> list[tuple[Kind, Expression]]:
    rules = rules_of(column)
    checks: list[tuple[Kind, Expression]] = [("out_of_type", read.out_of_type)]
    if rules.allowed is not None and column.type in (ColumnType.categorical, ColumnType.text):
        checks.append(("unexpected_value", ~is_one_of(read.value, rules.allowed)))
    if rules.low is not None and rules.high is not None and column.type is ColumnType.numeric:
        checks.append(("out_of_range", ~read.value.between(rules.low, rules.high)))
    return [(kind, broken.fill_null(False)) for kind, broken in checks]


def _examples(table: ibis.Table, column: Column, kind: Kind) -> tuple[str, ...]:
    narrow = table.select(raw=table[column.name])
    renamed = column.model_copy(update={"name": "raw"})
    parsed, [read] = read_columns(narrow, [renamed], keep=["raw"])
    broken = dict(_checks(renamed, read))[kind]
    shown = parsed.filter(broken).select(text=_shown(parsed["raw"]))
    counted = shown.group_by("text").aggregate(rows=shown.count())
    most: Any = counted.order_by([ibis.desc("rows"), "text"]).limit(EXAMPLES)
    return tuple(text for text in most["text"].to_pyarrow().to_pylist() if text is not None)


def _shown(raw: Expression) -> Expression:
    return raw.cast("string").substr(0, EXAMPLE_CHARACTERS)
