"""Near-duplicates of a table: looked for, judged, told with pairs to look at, and dropped if so set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.engines.plain import number_array, numbers_of, places_in, small_table
from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow
from fullcycle.core.engines.tall import row_count
from fullcycle.core.evidence.clean import Decision, NearPair
from fullcycle.core.evidence.findings import Code
from fullcycle.core.project.clean_settings import CleanSettings
from fullcycle.cycle.clean.near.cells import Yardstick, little
from fullcycle.cycle.clean.near.chance import Compared, beyond_chance
from fullcycle.cycle.clean.near.keys import blocking_keys, compared_columns, information, sampled
from fullcycle.cycle.clean.near.pairs import Rows, pairs_alike
from fullcycle.cycle.clean.near.shown import shown_pair
from fullcycle.cycle.clean.rows import EXAMPLES, Outcome

if TYPE_CHECKING:
    from fullcycle.cycle.clean.near.pairs import Pairs

LOOKED_AT_ROWS = 250_000  # by each key; of a longer table a share of all blocks, unless rows are to go
COLUMNS_TOLD = 5


@dataclass(frozen=True)
class Near:
    """Pairs that were told, and what is needed to show them; `share` of all blocks was looked at."""

    pairs: tuple[Compared, ...]
    contract: Contract
    bits: Mapping[str, float]
    cells: pa.Table
    share: float = 1.0

    @property
    def rows(self) -> list[int]:
        """Rows that nearly repeat an earlier one."""
        return sorted({pair.second for pair in self.pairs})

    @property
    def concerned(self) -> pa.Table:
        """All rows of all pairs."""
        both = {row for pair in self.pairs for row in (pair.first, pair.second)}
        return _row_numbers(sorted(both))


def near_duplicates(table: ibis.Table, contract: Contract, settings: CleanSettings) -> Near:
    """Pairs of rows that differ in very little, beyond what chance would make."""
    columns = [column for column in compared_columns(contract) if column.name in table.columns]
    names = [column.name for column in columns]
    nothing = Near((), contract, {}, pa.table({}))
    rows = row_count(table)
    if rows < 2 or not names:
        return nothing
    sample = sampled(table, len(names), rows)
    bits = information(sample, names)
    keys = blocking_keys(bits, rows)
    if not keys:
        return nothing
    share = 1.0 if settings.near_duplicates == "drop" else min(1.0, LOOKED_AT_ROWS / rows)
    alike = pairs_alike(table, keys, names, share)
    if not len(alike.first):
        return nothing
    yardsticks = _yardsticks(sample, columns)
    cells = _cells(table, alike)
    chance = _compared(cells, alike.chance_first, alike.chance_second, yardsticks, ())
    aside = [c.name for c in contract.columns if c.role is Role.identifier and c.name in table.columns]
    pairs = _compared(cells, alike.first, alike.second, yardsticks, aside)
    told = beyond_chance(pairs, chance, bits, rows)
    return Near(tuple(told), contract, bits, cells, alike.share)


def near_outcome(near: Near, settings: CleanSettings, test: ibis.Table, *, own_test: bool = False) -> Outcome:
    """The decision, once it is known which rows are in the test set, and the training rows that go.

    A person's own test file stays as it is: of a pair across, the training row goes. `test` is what the split
    gave, so that nothing is dropped here where it was dropped before the split.
    """
    if not near.pairs:
        return Outcome()
    drop = settings.near_duplicates == "drop"
    sealed = set() if drop and not own_test else _rows_in(test, near)
    across = [(pair.first in sealed) != (pair.second in sealed) for pair in near.pairs]
    going = near.rows if not own_test else sorted(_training_rows(near, sealed))
    decision = Decision(
        code=Code.near_duplicates.value,
        rows=len(going if drop else near.rows),
        examples=tuple(map(str, near.rows[:EXAMPLES])),
        action="drop" if drop else "report",
        reason="nearly_repeats_a_row" if drop else "for_a_person_alike",
        facts=_facts(near, sum(across)),
        pairs=_examples(near, across),
    )
    return Outcome(decision, _row_numbers(going) if drop else None)


def later_rows(near: Near, settings: CleanSettings) -> Outcome:
    """The rows that go before the split, of each pair the later one; the decision is told after it."""
    return Outcome(None, _row_numbers(near.rows) if settings.near_duplicates == "drop" else None)


def _yardsticks(sample: ibis.Table, columns: Sequence[Column]) -> dict[str, Yardstick]:
    """Deviations, of sorted values: a sum of floats would depend on their order."""
    types = {column.name: column.type for column in columns}
    measured = [n for n, kind in types.items() if kind in (ColumnType.numeric, ColumnType.datetime)]
    values = to_arrow(sample.select(*measured)) if measured else pa.table({})
    return {name: Yardstick(_deviation(values[name])) if name in measured else Yardstick() for name in types}


def _deviation(values: pa.ChunkedArray) -> float | None:
    """Of a number, or of a moment in seconds."""
    present = values.drop_null()
    if not len(present):
        return None
    moment = pa.types.is_timestamp(present.type)
    numbers = np.sort(numbers_of(present.cast(pa.int64())) / 1e6 if moment else numbers_of(present))
    return float(np.std(numbers)) or None


def _cells(table: ibis.Table, alike: Pairs) -> pa.Table:
    """The rows of all pairs, in their order."""
    numbers = np.unique(np.concatenate([alike.first, alike.second, alike.chance_first, alike.chance_second]))
    wanted = small_table(**{ROW: numbers})
    return to_arrow(table.filter(table[ROW].isin(wanted[ROW])).order_by(ROW))


def _compared(
    cells: pa.Table, first: Rows, second: Rows, yardsticks: Mapping[str, Yardstick], aside: Sequence[str]
) -> list[Compared]:
    """How the cells of each pair differ; pairs that are equal in every cell are left out."""
    at, other = (np.searchsorted(numbers_of(cells[ROW]), rows) for rows in (first, second))
    differ: list[dict[str, Any]] = [{} for _ in range(len(first))]
    for name, by in yardsticks.items():
        for place, one, two in _unequal(cells[name], at, other):
            differ[place][name] = little(one, two, by)
    named = {place for name in aside for place, _, _ in _unequal(cells[name], at, other)}
    return [
        Compared(int(first[place]), int(second[place]), found)
        for place, found in enumerate(differ)
        if found or place in named
    ]


def _unequal(column: pa.ChunkedArray, at: Any, other: Any) -> list[tuple[int, Any, Any]]:
    """Places of the pairs that differ in a column, with both values."""
    codes, known = places_in(column)
    values = [*known, None]
    places = np.flatnonzero(codes[at] != codes[other])
    return [(int(p), values[codes[at[p]]], values[codes[other[p]]]) for p in places]


def _rows_in(test: ibis.Table, near: Near) -> set[int]:
    found = to_arrow(test.filter(test[ROW].isin(from_arrow(near.concerned)[ROW])).select(ROW))
    return set(found[ROW].to_pylist())


def _training_rows(near: Near, sealed: set[int]) -> set[int]:
    """Of each pair the later row, or the one that is no test row."""
    going = set()
    for pair in near.pairs:
        if pair.second not in sealed:
            going.add(pair.second)
        elif pair.first not in sealed:
            going.add(pair.first)
    return going


def _facts(near: Near, across: int) -> dict[str, Any]:
    columns = Counter(name for pair in near.pairs for name in pair.differ)
    kinds = Counter(kind for pair in near.pairs for kind in set(_kinds(pair)))
    facts: dict[str, Any] = {
        "pairs": len(near.pairs),
        "compared": len(near.bits),
        "columns_differ": [name for name, _ in _most(columns)[:COLUMNS_TOLD]],
        "across": across,
        **{f"by_{kind}": number for kind, number in _most(kinds)},
    }
    return facts if near.share >= 1 else {**facts, "looked_at": near.share}


def _kinds(pair: Compared) -> list[str]:
    return [str(kind) for kind in pair.differ.values()] or ["name"]


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _examples(near: Near, across: Sequence[bool]) -> tuple[NearPair, ...]:
    """Pairs to look at: the first of each kind and column, then the next of each."""
    seen: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for place, pair in enumerate(near.pairs):
        sort = (*sorted(pair.differ), *sorted(_kinds(pair)))
        ranked.append((seen[sort], place))
        seen[sort] += 1
    chosen = [place for _, place in sorted(ranked)[:EXAMPLES]]
    return tuple(
        shown_pair(near.pairs[place], across[place], near.contract, near.bits, near.cells) for place in chosen
    )


def _row_numbers(rows: Sequence[int]) -> pa.Table:
    return pa.Table.from_arrays([number_array(np.asarray(rows, dtype=np.int64))], names=[ROW])
