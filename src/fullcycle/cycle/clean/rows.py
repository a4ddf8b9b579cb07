"""Rows that can't stay as they are: out of type, duplicates, repeated keys, no target, contradictions.

Each function looks at a coerced table and answers with what it found and, as an Arrow column of row numbers,
which rows go. Comparing whole rows starts from a hash of each, so that only suspects are compared in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from fullcycle.core.contract.few_texts import TextsRead
from fullcycle.core.contract.model import Contract, Role, Task
from fullcycle.core.contract.proven import unproven
from fullcycle.core.contract.table import check_table
from fullcycle.core.engines.functions import hash_of
from fullcycle.core.engines.plain import numbers_of, small_table
from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow
from fullcycle.core.evidence.clean import Decision
from fullcycle.core.evidence.findings import Code
from fullcycle.core.project.clean_settings import CleanSettings

if TYPE_CHECKING:
    import ibis.expr.types as ir

EXAMPLES = 5


@dataclass(frozen=True)
class Outcome:
    """What was found, and the rows that go because of it (None: nothing found, or nothing goes)."""

    decision: Decision | None = None
    dropped: pa.Table | None = None


def without(table: ibis.Table, outcome: Outcome) -> ibis.Table:
    """The table without the rows that go."""
    if outcome.dropped is None or not outcome.dropped.num_rows:
        return table
    return table.filter(table[ROW].notin(from_arrow(outcome.dropped)[ROW]))


def out_of_type(raw: ibis.Table, coerced: ibis.Table, contract: Contract, texts: TextsRead) -> list[Decision]:
    """Cells that can't be read as their column's type became missing when the table was coerced; where all
    `texts` of a column were read, none did, nor where its ends or its few values prove it."""
    readable = {name for name, read in texts.items() if not any(text.out_of_type for text in read.values())}
    asked = tuple(column for column in contract.columns if column.name not in readable)
    contract = unproven(raw, contract.model_copy(update={"columns": asked}))
    return [
        Decision(
            code=Code.values_out_of_type.value,
            column=violation.column,
            rows=violation.rows,
            examples=() if contract.column(violation.column).personal else violation.examples,
            action="null",
            reason="not_of_type",
            facts={"type": contract.column(violation.column).type.value},
        )
        for violation in check_table(raw, _of_columns_with_fewer_values(raw, coerced, contract))
        if violation.kind == "out_of_type"
    ]


def _of_columns_with_fewer_values(raw: ibis.Table, coerced: ibis.Table, contract: Contract) -> Contract:
    """Checking is the dearest expression of all; where no value was lost, there is nothing to check."""
    names = [column.name for column in contract.columns if column.name in raw.columns]
    if not names:
        return contract
    before, after = (_values(table, names) for table in (raw, coerced))
    lost = {name for name, held, kept in zip(names, before, after, strict=True) if kept < held}
    kept = tuple(c for c in contract.columns if c.name in lost or c.role is Role.target)
    return contract.model_copy(update={"columns": kept})


def _values(table: ibis.Table, names: Sequence[str]) -> list[int]:
    counts = table.aggregate(**{f"c{place}": table[name].count() for place, name in enumerate(names)})
    [found] = to_arrow(counts).to_pylist()
    return list(found.values())


def rows_alike(table: ibis.Table, contract: Contract) -> ibis.Table:
    """Rows that perhaps have the same features as another row: all duplicates and contradictions are here."""
    names = [column.name for column in contract.features]
    return _rows_alike(table, names) if names else table


def duplicate_rows(alike: ibis.Table, contract: Contract, settings: CleanSettings) -> Outcome:
    """Rows equal to an earlier one in every column of the contract; the first one stays.

    Identifiers count: two customers with the same habits are two customers, and in a table of few categories
    leaving the key out would leave a handful of rows.
    """
    names = [c.name for c in contract.columns]
    suspects = _rows_alike(alike, names)
    later = suspects.mutate(place=ibis.row_number().over(group_by=names, order_by=ROW)).filter(
        ibis._.place > 0
    )
    found = _rows(later)
    drop = settings.duplicates == "drop"
    decision = _decision(
        Code.duplicate_rows,
        found,
        action="drop" if drop else "keep",
        reason="repeats_a_row" if drop else "settings",
        compared=len(names),
    )
    return Outcome(decision, found if drop else None)


def duplicate_keys(table: ibis.Table, contract: Contract, settings: CleanSettings) -> Outcome:
    """Rows whose key another row has too, with other values (equal rows are gone by now, unless kept)."""
    if contract.key is None:
        return Outcome()
    key = contract.key.name
    first = settings.duplicate_keys == "keep_first"
    known = _rows_alike(table.filter(table[key].notnull()), [key])
    keyed = known.mutate(
        place=ibis.row_number().over(group_by=key, order_by=ROW),
        size=known.count().over(group_by=key),
    )
    found = _rows(keyed.filter((keyed.place > 0) if first else (keyed["size"] > 1)))
    decision = _decision(
        Code.duplicate_keys,
        found,
        action="keep_first" if first else "report",
        reason="settings" if first else "for_a_person",
        column=key,
    )
    return Outcome(decision, found if first else None)


def missing_target(table: ibis.Table, contract: Contract) -> Outcome:
    """Rows that nothing can be learned from, or judged by."""
    found = _rows(table.filter(table[contract.target.name].isnull()))
    return Outcome(_decision(Code.target_missing, found, "drop", "no_target", contract.target.name), found)


def missing_time(table: ibis.Table, column: str) -> Outcome:
    """Rows that can't be placed before or after the boundary of a split by time."""
    found = _rows(table.filter(table[column].isnull()))
    return Outcome(_decision(Code.time_missing, found, "drop", "no_time", column), found)


def contradicting_labels(alike: ibis.Table, contract: Contract, settings: CleanSettings) -> Outcome:
    """Rows with the same features and another class; two prices of equal houses contradict nothing."""
    names = [column.name for column in contract.features]
    if contract.task is Task.regression or not names:
        return Outcome()
    target = contract.target.name
    suspects = _rows_alike(alike, names)
    labels = suspects.mutate(labels=suspects[target].nunique().over(ibis.window(group_by=names)))
    found = _rows(labels.filter(labels.labels > 1))
    drop = settings.contradictions == "drop"
    decision = _decision(
        Code.contradicting_labels,
        found,
        action="drop" if drop else "report",
        reason="settings" if drop else "for_a_person",
        features=len(names),
    )
    return Outcome(decision, found if drop else None)


def overlap(train: ibis.Table, test: ibis.Table, contract: Contract, settings: CleanSettings) -> Outcome:
    """Training rows that are in the test set too: they go, and the test set stays as it is."""
    names = [c.name for c in contract.columns]
    hashed = train.select(ROW, h=_hash(train, names))
    suspects = _only(train, hashed.filter(hashed.h.isin(test.select(h=_hash(test, names)).h)))
    both = suspects.select(ROW, *names).mutate(side=0).union(test.select(ROW, *names).mutate(side=1))
    marked = both.mutate(sides=both.side.max().over(ibis.window(group_by=names)))
    found = _rows(marked.filter((marked.side == 0) & (marked.sides == 1)))
    drop = settings.duplicates == "drop"
    decision = _decision(
        Code.train_test_overlap,
        found,
        action="drop" if drop else "report",
        reason="in_test_set" if drop else "settings",
    )
    return Outcome(decision, found if drop else None)


def _rows_alike(table: ibis.Table, names: Sequence[str]) -> ibis.Table:
    """Rows that share the hash of these columns with another row: a few, of which most are equal."""
    # 16 bytes a row: numpy sorts them in a tenth of the time that a GROUP BY takes where all values differ.
    hashed = to_arrow(table.select(ROW, h=_hash(table, names)))
    hashes = numbers_of(hashed["h"])
    ordered = np.sort(hashes)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(shared):
        return table.limit(0)
    rows = numbers_of(hashed[ROW])[np.isin(hashes, shared)]
    return table.filter(table[ROW].isin(small_table(**{ROW: np.sort(rows)})[ROW]))


def _only(table: ibis.Table, chosen: ibis.Table) -> ibis.Table:
    """The rows of a table whose numbers are chosen, found out at once so that later steps see but those."""
    return table.filter(table[ROW].isin(from_arrow(_rows(chosen))[ROW]))


def _hash(table: ibis.Table, names: Sequence[str]) -> ir.Value:
    return hash_of(ibis.struct({f"c{place}": table[name] for place, name in enumerate(names)}))


def _rows(table: ibis.Table) -> pa.Table:
    found: pa.Table = to_arrow(table.select(ROW).order_by(ROW))
    return found


def _decision(
    code: Code, found: pa.Table, action: str, reason: str, column: str | None = None, **facts: Any
) -> Decision | None:
    """None where nothing was found; examples are numbers of source rows, from 0."""
    if not found.num_rows:
        return None
    return Decision(
        code=code.value,
        column=column,
        rows=found.num_rows,
        examples=tuple(map(str, found[ROW][:EXAMPLES].to_pylist())),
        action=action,
        reason=reason,
        facts=facts,
    )
