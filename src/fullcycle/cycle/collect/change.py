"""What is new in a snapshot beside the one before: rows, columns, and how columns are distributed.

Columns are compared as the contract reads them. A column counts as changed by the size of the difference,
never by a p-value: with enough rows everything differs significantly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

import ibis

from fullcycle.core.contract.cells import read_columns
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.counts import numbers_by_bin, texts_by_value, top_values
from fullcycle.core.engines.measures import Spread, as_label, as_number, spreads
from fullcycle.core.engines.sample import held
from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.engines.values import few_values
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.collect import ColumnChange, SnapshotChange
from fullcycle.core.evidence.findings import Code, finding

if TYPE_CHECKING:
    from fullcycle.core.evidence.collect import CollectEvidence

PSI_CHANGED = 0.2  # beyond chance; scorecard teams look from 0.1 and act at 0.25
MISSING_CHANGED = 0.05  # difference of two shares
DECILES = tuple(step / 10 for step in range(1, 10))
ROWS_A_BIN = 50  # fewer rows make fewer bins
CATEGORIES = 20  # most frequent values that are bins of their own
NEW_SHARE = 0.005  # of the rows; fewer are told at the border, as values that the contract doesn't expect
NEW_VALUES_AT_MOST = 200  # distinct values before: in a column of more, new ones are no news
SHOWN_VALUES = 10
NOT_COMPARED = (Role.identifier, Role.time, Role.ignore)  # they differ in every snapshot


@dataclass(frozen=True)
class Profile:
    """One column of one snapshot: rows by bin (the same bins for both), missing rows, the middle."""

    bins: tuple[int, ...]
    missing: int
    middle: float | None

    @property
    def present(self) -> int:
        return sum(self.bins)

    @property
    def missing_share(self) -> float:
        return self.missing / max(self.present + self.missing, 1)


def find_change(
    before: ibis.Table | None,
    previous: CollectEvidence,
    previous_sha256: str,
    after: ibis.Table,
    contract: Contract,
) -> SnapshotChange:
    """What differs. `before` is the snapshot that `previous` tells of; without it, rows and columns alone."""
    there = [name for name in after.columns if name != ROW]
    was = [column.name for column in previous.columns]
    if before is not None:
        was = [name for name in before.columns if name != ROW]
    changed, sampled = compare(before, after, contract) if before is not None else ((), None)
    return SnapshotChange(
        previous_sha256=previous_sha256,
        rows_before=previous.rows,
        rows_after=int(connect().to_pyarrow(after.count()).as_py()),
        columns_added=tuple(name for name in there if name not in was),
        columns_gone=tuple(name for name in was if name not in there),
        changed=changed,
        sample_rows=sampled,
    )


def change_findings(change: SnapshotChange | None) -> Iterator[Finding]:
    """The same as findings; columns that the contract doesn't know are found at the border."""
    if change is None:
        return
    yield finding(
        Code.source_changed, Severity.info, rows_before=change.rows_before, rows_after=change.rows_after
    )
    for name in change.columns_gone:
        yield finding(Code.column_gone, Severity.warning, name)
    for column in change.changed:
        yield finding(
            Code.distribution_changed,
            Severity.warning,
            column.column,
            psi=column.psi,
            before=column.before,
            after=column.after,
            new_values=list(column.new_values),
            missing_before=column.missing_before,
            missing_after=column.missing_after,
        )


# --- distributions


def compare(
    before: ibis.Table, after: ibis.Table, contract: Contract
) -> tuple[tuple[ColumnChange, ...], int | None]:
    """Columns of the contract that both snapshots have and that changed, and the rows of a sample.

    Bins, shares and medians are of a sample where a snapshot is long; new values are of all rows.
    """
    columns = [
        column
        for column in contract.columns
        if column.name in before.columns and column.name in after.columns
        if column.role not in NOT_COMPARED
    ]
    if not columns:
        return (), None
    contract = contract.model_copy(update={"columns": tuple(columns)})
    new_values = _new_values(before, after, columns)
    with (
        held(coerce_table(before, contract)) as old,
        held(coerce_table(after, contract)) as new,
    ):
        profiles = _profiles(old.table, new.table, columns)
        sampled = [rows for rows in (old.sample_rows, new.sample_rows) if rows is not None]
    changes = [
        _change(column, *profiles[column.name], new_values.get(column.name, ()))
        for column in columns
        if column.name in profiles
    ]
    return tuple(change for change in changes if change is not None), min(sampled, default=None)


def _change(
    column: Column, before: Profile, after: Profile, new_values: tuple[str, ...]
) -> ColumnChange | None:
    psi, by_chance = population_stability_index(before.bins, after.bins), chance_of(before.bins, after.bins)
    moved = psi - by_chance >= PSI_CHANGED
    vanished = abs(before.missing_share - after.missing_share) >= MISSING_CHANGED
    if not (moved or vanished or new_values):
        return None
    return ColumnChange(
        column=column.name,
        psi=round(psi, 6),
        missing_before=before.missing_share,
        missing_after=after.missing_share,
        before=None if column.personal else before.middle,
        after=None if column.personal else after.middle,
        new_values=() if column.personal else new_values[:SHOWN_VALUES],
    )


def population_stability_index(before: Sequence[int], after: Sequence[int]) -> float:
    """How far counts by bin moved, in nats: 0 is unchanged; scorecard teams act above 0.25.

    The J divergence of Kullback and Leibler (1951) of the two shares; half a row is added to each bin, so
    that an empty one is no infinity. 0 where one of them has no rows.

    >>> round(population_stability_index([5000, 5000], [6000, 4000]), 4)
    0.0405
    """
    rows, other_rows = sum(before), sum(after)
    if not rows or not other_rows or len(before) < 2:
        return 0.0
    half = 0.5 * len(before)
    shares = ((n + 0.5) / (rows + half) for n in before)
    others = ((m + 0.5) / (other_rows + half) for m in after)
    return sum((q - p) * log(q / p) for p, q in zip(shares, others, strict=True))


def chance_of(before: Sequence[int], after: Sequence[int]) -> float:
    """The PSI that two samples of one distribution have on average: (bins - 1) (1/n + 1/m)."""
    rows, other_rows = sum(before), sum(after)
    if not rows or not other_rows:
        return 0.0
    return (len(before) - 1) * (1 / rows + 1 / other_rows)


def _profiles(
    before: ibis.Table, after: ibis.Table, columns: Sequence[Column]
) -> dict[str, tuple[Profile, Profile]]:
    ordered = [c.name for c in columns if c.type in (ColumnType.numeric, ColumnType.datetime)]
    worded = [c.name for c in columns if c.type in (ColumnType.categorical, ColumnType.boolean)]
    return {**_of_numbers(before, after, ordered), **_of_words(before, after, worded)}


def _of_numbers(
    before: ibis.Table, after: ibis.Table, names: Sequence[str]
) -> dict[str, tuple[Profile, Profile]]:
    old, new = ({name: as_number(table[name]) for name in names} for table in (before, after))
    old_spread, new_spread = _spreads(before, old), _spreads(after, new)
    edges = {name: _edges(old_spread[name]) for name in names}
    old_bins, new_bins = (
        numbers_by_bin(table, numbers, edges, {}) for table, numbers in ((before, old), (after, new))
    )
    return {
        name: (
            _profile(old_bins[name], len(edges[name]) + 1, old_spread[name].median),
            _profile(new_bins[name], len(edges[name]) + 1, new_spread[name].median),
        )
        for name in names
    }


def _spreads(table: ibis.Table, numbers: Mapping[str, Any]) -> dict[str, Spread]:
    found = {name: spread for (name, _by), spread in spreads(table, numbers).items()}
    return {name: found.get(name, Spread(0, 0, 0)) for name in numbers}


def _edges(spread: Spread) -> list[float]:
    """Deciles of the snapshot before, fewer where it has few rows; equal ones once."""
    if spread.quantiles is None:
        return []
    bins = max(min(10, (spread.rows - spread.missing) // ROWS_A_BIN), 2)
    steps = [DECILES[round(10 * at / bins) - 1] for at in range(1, bins)]
    known = {round(at, 4): value for at, value in spread.quantiles.items()}
    edges = sorted({known[round(step, 4)] for step in steps})
    return [edge for edge in edges if spread.min is None or edge > spread.min] or edges[-1:]


def _of_words(
    before: ibis.Table, after: ibis.Table, names: Sequence[str]
) -> dict[str, tuple[Profile, Profile]]:
    old, new = ({name: as_label(table[name]) for name in names} for table in (before, after))
    most = {name: list(counts) for name, counts in top_values(before, old, CATEGORIES).items()}
    old_rows, new_rows = (
        texts_by_value(table, texts, most, {}) for table, texts in ((before, old), (after, new))
    )
    return {
        name: (_worded(old_rows[name], len(most[name])), _worded(new_rows[name], len(most[name])))
        for name in names
        if most[name]
    }


def _worded(rows: Sequence[Mapping[str, Any]], values: int) -> Profile:
    """The middle is the share of the value that was commonest in the snapshot before."""
    found = _profile(rows, values + 1, None)
    share = found.bins[0] / found.present if found.present else None
    return Profile(found.bins, found.missing, share)


def _profile(rows: Sequence[Mapping[str, Any]], bins: int, middle: float | None) -> Profile:
    counts = {row["p"]: int(row["n"]) for row in rows}
    return Profile(tuple(counts.get(at, 0) for at in range(bins)), counts.get(-1, 0), middle)


# --- categories that were not there


def _new_values(
    before: ibis.Table, after: ibis.Table, columns: Sequence[Column]
) -> dict[str, tuple[str, ...]]:
    """By column, values of `after` that `before` lacks, where that had few, and they are on enough rows."""
    worded = {column.name: column for column in columns if column.type is ColumnType.categorical}
    old, new = few_values(before, list(worded)), few_values(after, list(worded))
    raw_by_name: dict[str, dict[Any, str]] = {}
    for name in old.keys() & new.keys():
        was = set(_meant(old[name], worded[name]).values())
        there = {raw: text for raw, text in _meant(new[name], worded[name]).items() if text not in was}
        if 0 < len(was) <= NEW_VALUES_AT_MOST and there:
            raw_by_name[name] = there
    shares = _shares(after, raw_by_name)
    return {
        name: tuple(sorted(set(there.values())))
        for name, there in raw_by_name.items()
        if shares[name] >= NEW_SHARE
    }


def _meant(values: ibis.Table, column: Column) -> dict[Any, str]:
    """What raw values mean by the contract, without missing ones."""
    parsed, [read] = read_columns(values, [column], keep=[column.name])
    rows = connect().to_pyarrow(parsed.select(raw=parsed[column.name], text=read.value)).to_pylist()
    return {row["raw"]: row["text"] for row in rows if row["text"] is not None}


def _shares(table: ibis.Table, values: Mapping[str, Mapping[Any, str]]) -> dict[str, float]:
    """The share of rows that hold one of these raw values, by column."""
    if not values:
        return {}
    counts = {f"n{at}": table[name].isin(list(raw)).mean() for at, (name, raw) in enumerate(values.items())}
    [row] = connect().to_pyarrow(table.aggregate(**counts)).to_pylist()
    return {name: row[f"n{at}"] or 0.0 for at, name in enumerate(values)}
