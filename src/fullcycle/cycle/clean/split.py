"""Telling train from test: the same rows for the same data and seed, on any number of threads.

Rows are ranked by a digest of seed and row number, never by a random function of the engine, whose answers
depend on how the rows reach it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from fullcycle.core.contract.model import Column, Contract, Task
from fullcycle.core.engines.measures import as_label
from fullcycle.core.engines.sample import stored
from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow
from fullcycle.core.engines.tall import fetch
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import SplitSettings

if TYPE_CHECKING:
    import ibis.expr.types as ir

Kind = Literal["random", "stratified", "group", "time"]

DIGITS = 12  # of a digest: 48 bits are enough, and DuckDB keeps so short a text in place
BUCKET_DIGITS = 2  # of a digest: 256 buckets


@dataclass(frozen=True)
class Split:
    """Both parts as tables, and how they were told apart."""

    kind: Literal["random", "stratified", "group", "time", "file"]
    train: ibis.Table
    test: ibis.Table
    column: str | None = None
    boundary: str | None = None


def split_kind(contract: Contract, settings: SplitSettings) -> Kind:
    """`auto`: by time or by group if the contract has such a column, else stratified, or random for numbers.

    UserError where the settings ask for what the contract can't give.
    """
    if settings.kind == "auto":
        if contract.time is not None:
            return "time"
        if contract.group is not None:
            return "group"
        return "random" if contract.task is Task.regression else "stratified"
    if settings.kind == "stratified" and contract.task is Task.regression:
        raise _no_such_split("stratified", "a target with classes", "set split.kind to random or auto")
    if settings.kind in ("group", "time") and getattr(contract, settings.kind) is None:
        hint = f"set `role: {settings.kind}` for a column in contract.yaml, or split.kind to auto"
        raise _no_such_split(settings.kind, f"a column with role {settings.kind}", hint)
    return settings.kind


def split_rows(table: ibis.Table, contract: Contract, kind: Kind, share: float, seed: int) -> Split:
    """Seal off about `share` of the rows: of each class if stratified, of whole groups if by group."""
    if kind == "time":
        return _by_time(table, _column(contract.time), share)
    if kind == "group":
        return _by_group(table, _column(contract.group), share, seed)
    return _by_rank(table, contract.target.name if kind == "stratified" else None, kind, share, seed)


def _no_such_split(kind: str, expected: str, hint: str) -> UserError:
    return UserError(where="fullcycle.yaml, key split.kind", found=kind, expected=expected, hint=hint)


def _column(column: Column | None) -> Column:
    if column is None:  # pragma: no cover - split_kind has looked
        raise KeyError("no such role")
    return column


def _by_rank(table: ibis.Table, by: str | None, kind: Kind, share: float, seed: int) -> Split:
    """The first `share` of each class (or of all rows) in the order of the digest; each stays in train.

    Instead of sorting all rows, those of one bucket of digests are: the one in which the share ends.
    """
    part = ibis.literal("") if by is None else as_label(table[by])
    digest = _digest(table[ROW], seed).substr(0, DIGITS)
    with stored(table.select(ROW, part=part, digest=digest)) as narrow:
        bucket = narrow.digest.substr(0, BUCKET_DIGITS)
        counted = narrow.group_by("part", bucket=bucket).aggregate(rows=narrow.count())
        ends = _ends(fetch(counted), share)
        in_last = narrow.part.cases(*((end.part, end.bucket) for end in ends), else_=ibis.null("string"))
        last = fetch(narrow.filter(bucket == in_last).select("part", "digest"))
        firsts = [(end.part, _place(last, end)) for end in ends]
        chosen = narrow.digest < narrow.part.cases(*firsts, else_=ibis.null("string"))
        return _split(kind, table, narrow.filter(chosen))


@dataclass(frozen=True)
class _End:
    """Where the share of a class ends: before the digest at `place` of those in the bucket, sorted."""

    part: str
    bucket: str
    place: int


def _ends(counts: Iterable[Mapping[str, Any]], share: float) -> list[_End]:
    by_part: dict[str, dict[str, int]] = {}
    for row in counts:
        by_part.setdefault(row["part"], {})[row["bucket"]] = row["rows"]
    return [_end(part, buckets, share) for part, buckets in sorted(by_part.items())]


def _end(part: str, buckets: Mapping[str, int], share: float) -> _End:
    rows = sum(buckets.values())
    place = min(max(int(rows * share + 0.5), 1), rows - 1)
    for bucket, size in sorted(buckets.items()):
        if place < size:
            return _End(part, bucket, place)
        place -= size
    raise AssertionError("a place beyond the last row")  # pragma: no cover


def _place(last: Iterable[Mapping[str, Any]], end: _End) -> str:
    """The digest before which a class's share lies."""
    digests: list[str] = sorted(row["digest"] for row in last if row["part"] == end.part)
    return digests[end.place]


def _by_group(table: ibis.Table, column: Column, share: float, seed: int) -> Split:
    """Whole groups in the order of the digest, as long as at least half of the next one still fits in."""
    key = _group_key(table, column)
    groups = table.select(key=key).group_by("key").aggregate(rows=lambda t: t.count())
    total, number = _scalars(groups.aggregate(rows=groups.rows.sum(), number=groups.count()))
    if number < 2:
        raise UserError(
            where=f"column {column.name} (role group)",
            found="one group",
            expected="at least two: one to learn from, one to judge by",
            hint="take another column as the group in contract.yaml",
        )
    order = [_digest(groups.key, seed), groups.key]
    placed = groups.mutate(upto=groups.rows.sum().over(ibis.cumulative_window(order_by=order)))
    fits = placed.filter(placed.upto - placed.rows / 2 <= share * total)
    chosen = fits if 0 < _scalars(fits.aggregate(n=fits.count()))[0] < number else _smallest(groups)
    rows = table.select(ROW, key=key)
    return _split("group", table, rows.semi_join(chosen, "key"), column=column.name)


def _smallest(groups: ibis.Table) -> ibis.Table:
    """What is left where one group has nearly all rows."""
    return groups.order_by([groups.rows, groups.key]).limit(1)


def _group_key(table: ibis.Table, column: Column) -> ir.Value:
    """The group as text; a row without one is a group of its own."""
    alone = ibis.literal("\x01row ") + table[ROW].cast("string")
    return ibis.coalesce(table[column.name].cast("string"), alone)


def _by_time(table: ibis.Table, column: Column, share: float) -> Split:
    """The last rows are the test set; rows of one moment stay together, where it fits `share` better."""
    moment = table[column.name]
    rows, first, last = _scalars(table.aggregate(rows=table.count(), first=moment.min(), last=moment.max()))
    if first == last:
        raise UserError(
            where=f"column {column.name} (role time)",
            found=f"the same moment in all {rows} rows",
            expected="at least two moments: the later ones judge what the earlier ones taught",
            hint="set split.kind to random in fullcycle.yaml, or give another column `role: time`",
        )
    wanted = min(max(round(rows * (1 - share)), 1), rows - 1)
    [middle] = _scalars(table.order_by([moment, ROW]).select(moment=moment).limit(1, offset=wanted))
    before, [after] = (
        _scalars(table.aggregate(n=(moment < middle).sum()))[0],
        _scalars(table.filter(moment > middle).aggregate(after=moment.min())),
    )
    through = _scalars(table.aggregate(n=(moment <= middle).sum()))[0]
    boundary = middle
    if after is not None and (not before or through - wanted < wanted - before):
        boundary = after
    return Split(
        "time",
        table.filter(moment < boundary),
        table.filter(moment >= boundary),
        column=column.name,
        boundary=boundary.isoformat() if hasattr(boundary, "isoformat") else str(boundary),
    )


def _split(kind: Kind, table: ibis.Table, chosen: ibis.Table, column: str | None = None) -> Split:
    rows = from_arrow(to_arrow(chosen.select(ROW)))[ROW]
    return Split(
        kind, table.filter(table[ROW].notin(rows)), table.filter(table[ROW].isin(rows)), column=column
    )


def _digest(value: ir.Value, seed: int) -> ir.Value:
    return (ibis.literal(f"{seed}:") + value.cast("string")).hexdigest("md5")


def _scalars(row: ibis.Table) -> list[Any]:
    [found] = fetch(row)
    return list(found.values())


def groups_across(train: ibis.Table, test: ibis.Table, column: Column) -> int:
    """How many groups have rows on both sides."""
    names = [
        part.filter(part[column.name].notnull()).select(column.name).distinct() for part in (train, test)
    ]
    return int(_scalars(names[0].semi_join(names[1], column.name).aggregate(n=lambda t: t.count()))[0])
