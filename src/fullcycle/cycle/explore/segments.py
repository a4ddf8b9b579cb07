"""Segments: rows that meet one or two conditions, and whose target differs most from that of all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.engines.functions import place_of
from fullcycle.core.engines.measures import Spread
from fullcycle.core.engines.tall import fetch, tall_table
from fullcycle.core.evidence.explore import ColumnProfile, Condition, Segment
from fullcycle.cycle.explore.relations import wilson
from fullcycle.cycle.explore.target import Target

if TYPE_CHECKING:
    import ibis.expr.types as ir

COLUMNS_CUT = 8
PARTS = (0.2, 0.4, 0.6, 0.8)  # a number is cut at these quantiles
VALUES_TOLD_APART = 6
PLACES = 16  # a power of two above the parts of a column, a gap among them
ROWS_AT_LEAST, SHARE_AT_LEAST = 50, 0.01
SEGMENTS_TOLD = 8
OF_ONE_COLUMN = 3
ALIKE = 0.8  # of the rows of the smaller of two segments
CONFIDENCE = 0.95


@dataclass(frozen=True)
class _Cut:
    """A column in few parts: `code` is a part's place from 0 (a gap is null), `parts` say what each is."""

    name: str
    code: ir.Value
    parts: tuple[Condition, ...]

    def part(self, place: int) -> Condition:
        missing = Condition(column=self.name, label="", kind="missing")
        return self.parts[place] if place < len(self.parts) else missing


@dataclass(frozen=True)
class _Candidate:
    """A segment, with what `told` holds: the target and its corrected interval."""

    conditions: tuple[Condition, ...]
    rows: int
    target: float
    low: float
    high: float

    @property
    def is_single(self) -> bool:
        return len(self.conditions) == 1

    def beyond(self, value: float) -> float:
        """How far the interval lies from a value; 0 if it holds it, negative below."""
        return self.low - value if self.low > value else min(self.high - value, 0.0)


def segments(
    table: ibis.Table,
    contract: Contract,
    profiles: Sequence[ColumnProfile],
    measured: Mapping[str, tuple[Any, Spread | None, Sequence[str]]],
    target: Target,
) -> tuple[Segment, ...]:
    """Most different first, by the quality sqrt(share of rows) x difference of Klösgen (1996), taken at the
    nearer end of the interval. That is one of 95% for all candidates together (Bonferroni).

    A segment of two conditions differs from either alone, and no segment told is part of another.
    `measured` has each column's expression, spread and frequent values; `profiles` come strongest first.
    """
    features = [p.name for p in profiles if p.role is Role.feature and p.relation and p.relation.strength > 0]
    cuts = [
        cut
        for name in features[:COLUMNS_CUT]
        if (cut := _cut(contract.column(name), *measured[name])) is not None
    ]
    if not cuts:
        return ()
    rows, overall, found = _candidates(table, cuts, target)
    together = {frozenset(one.conditions): one.rows for one in found}
    differing = [one for one in found if _differs(one, found, overall)]
    chosen: list[_Candidate] = []
    for each in sorted(differing, key=lambda c: (-abs(_quality(c, rows, overall)), _names(c))):
        if _is_new(each, chosen, together):
            chosen.append(each)
    of = target.classes[target.shown] if target.classes else None
    return tuple(
        Segment(
            conditions=one.conditions,
            rows=one.rows,
            target=one.target,
            low=one.low,
            high=one.high,
            overall=overall,
            of=of,
        )
        for one in chosen[:SEGMENTS_TOLD]
    )


def _cut(column: Column, value: Any, spread: Spread | None, values: Sequence[str]) -> _Cut | None:
    if spread is not None and column.type in (ColumnType.numeric, ColumnType.datetime):
        return _cut_number(column.name, value, spread)
    return _cut_text(column, value, values) if values else None


def _cut_number(name: str, value: Any, spread: Spread) -> _Cut | None:
    if spread.quantiles is None or spread.min is None or spread.max is None:
        return None
    cuts = {
        q if not spread.whole else float(ceil(q)) for share, q in spread.quantiles.items() if share in PARTS
    }
    edges = sorted(edge for edge in cuts if edge > spread.min)
    starts = [spread.min, *edges]
    ends = [edge - 1 if spread.whole else edge for edge in edges] + [spread.max]
    parts = tuple(
        Condition(column=name, label=f"{a:g}" if a == b else f"{a:g} – {b:g}", start=a, end=b)
        for a, b in zip(starts, ends, strict=True)
    )
    code = sum(((value >= edge).cast("int64") for edge in edges), start=ibis.literal(0, "int64"))
    return _Cut(name, value.isnull().ifelse(ibis.null("int64"), code), parts)


def _cut_text(column: Column, value: Any, values: Sequence[str]) -> _Cut:
    few = list(values)[:VALUES_TOLD_APART]
    labels = [f"#{i}" if column.personal else text[:60] for i, text in enumerate(few, 1)]
    parts = tuple(Condition(column=column.name, label=label) for label in labels)
    rest = Condition(column=column.name, label="", kind="rest")
    return _Cut(column.name, place_of(value, few), (*parts, rest))


def _candidates(
    table: ibis.Table, cuts: Sequence[_Cut], target: Target
) -> tuple[int, float, list[_Candidate]]:
    """All rows, their target, and every segment of enough rows."""
    codes = {cut.name: ibis.coalesce(cut.code, len(cut.parts)) for cut in cuts}
    sets = [*((cut,) for cut in cuts), *combinations(cuts, 2)]
    cells = {str(i): _key([codes[cut.name] for cut in some]) for i, some in enumerate(sets)}
    counted = _counted(table, {"": ibis.literal(0, "int64"), **cells}, target)
    [(_zero, whole)] = counted.pop(0)
    rows = whole["n"]
    enough = max(ROWS_AT_LEAST, SHARE_AT_LEAST * rows)
    kept = [
        (sets[c - 1], key, row) for c, group in counted.items() for key, row in group if row["n"] >= enough
    ]
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / max(len(kept), 1))
    overall = _told(whole, target, z)[0]
    return rows, overall, [_candidate(some, key, row, target, z) for some, key, row in kept]


def _key(codes: Sequence[Any]) -> Any:
    return codes[0] if len(codes) == 1 else codes[0] * PLACES + codes[1]


def _counted(
    table: ibis.Table, cells: Mapping[str, Any], target: Target
) -> dict[int, list[tuple[int, dict[str, Any]]]]:
    """By the place of a cell: its values with rows `n` and the sums of the target."""
    sums = {"hits": (target.keep["k"] == target.shown).cast("int64")} if target.classes else dict(target.sums)
    tall = tall_table(table, cells, **sums)
    totals = {name: tall[name].sum() for name in sums}
    found: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    for row in fetch(tall.group_by("c", "v").aggregate(n=_.count(), **totals).order_by("c", "v")):
        found.setdefault(row["c"], []).append((row["v"], row))
    return found


def _candidate(
    cuts: Sequence[_Cut], key: int, row: Mapping[str, Any], target: Target, z: float
) -> _Candidate:
    places = (key,) if len(cuts) == 1 else divmod(key, PLACES)
    conditions = tuple(cut.part(place) for cut, place in zip(cuts, places, strict=True))
    return _Candidate(conditions, row["n"], *_told(row, target, z))


def _told(row: Mapping[str, Any], target: Target, z: float) -> tuple[float, float, float]:
    n = row["n"]
    if target.classes:
        return row["hits"] / n, *wilson(row["hits"], n, z)
    middle = float(row["t"]) / n
    half = z * sqrt(max(float(row["tt"]) / n - middle**2, 0.0) / max(n - 1, 1))
    low, step = target.low, target.step
    return low + step * middle, low + step * (middle - half), low + step * (middle + half)


def _differs(one: _Candidate, found: Sequence[_Candidate], overall: float) -> bool:
    """From all rows; and a pair must lie further out than each of its conditions alone, by its interval."""
    away = one.beyond(overall)
    if away == 0 or len(one.conditions) == 1:
        return away != 0
    parents = [other.target for other in found if other.conditions[0] in one.conditions and other.is_single]
    return all(one.beyond(parent) * away > 0 for parent in parents)


def _quality(one: _Candidate, rows: int, overall: float) -> float:
    return sqrt(one.rows / rows) * one.beyond(overall)


def _names(one: _Candidate) -> tuple[tuple[str, str, str], ...]:
    return tuple((condition.column, condition.kind, condition.label) for condition in one.conditions)


def _is_new(
    one: _Candidate, chosen: Sequence[_Candidate], together: Mapping[frozenset[Condition], int]
) -> bool:
    """Neither part of a segment told before nor one around it, and of a column that isn't told enough."""
    for other in chosen:
        few, many = sorted((one.conditions, other.conditions), key=len)
        if all(any(_alike(s, t, together) for t in many) for s in few):
            return False
    return all(
        sum(condition.column in {c.column for c in other.conditions} for other in chosen) < OF_ONE_COLUMN
        for condition in one.conditions
    )


def _alike(s: Condition, t: Condition, together: Mapping[frozenset[Condition], int]) -> bool:
    """Whether most rows that meet one meet the other: what two copied columns say is one thing."""
    least = min(together[frozenset({s})], together[frozenset({t})])
    return s == t or together.get(frozenset({s, t}), 0) >= ALIKE * least
