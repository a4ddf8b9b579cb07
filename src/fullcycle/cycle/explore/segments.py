"""Segments: rows that meet one or two conditions, and whose target differs most from that of all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np

from fullcycle.core.contract.model import Column, Contract, Role
from fullcycle.core.engines.arrays import Whole
from fullcycle.core.evidence.explore import ColumnProfile, Condition, Segment, span_label
from fullcycle.cycle.explore.looked import Number, Text
from fullcycle.cycle.explore.profiles import Analysed
from fullcycle.cycle.explore.relations import wilson
from fullcycle.cycle.explore.target import Target

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
    """A column in few parts: `codes` are each row's part from 0, of which the last is for gaps; `parts` say
    what the others are."""

    name: str
    codes: Whole
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
    contract: Contract,
    profiles: Sequence[ColumnProfile],
    analysed: Analysed,
    target: Target,
) -> tuple[Segment, ...]:
    """Most different first, by the quality sqrt(share of rows) x difference of Klösgen (1996), taken at the
    nearer end of the interval. That is one of 95% for all candidates together (Bonferroni).

    A segment of two conditions differs from either alone, and no segment told is part of another.
    `profiles` come strongest first.
    """
    features = [p.name for p in profiles if p.role is Role.feature and p.relation and p.relation.strength > 0]
    cuts = [
        cut for name in features[:COLUMNS_CUT] if (cut := _cut(contract.column(name), analysed)) is not None
    ]
    if not cuts:
        return ()
    rows, overall, found = _candidates(cuts, target)
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


def _cut(column: Column, analysed: Analysed) -> _Cut | None:
    number = analysed.numbers.get(column.name)
    if number is not None:
        return _cut_number(column.name, number)
    return _cut_text(column, analysed.texts[column.name])


def _cut_number(name: str, found: Number) -> _Cut | None:
    """The bins that relations are measured by, some of them together."""
    spread = found.spread
    if spread.quantiles is None or spread.min is None or spread.max is None:
        return None

    def rounded(edge: float) -> float:
        return float(ceil(edge)) if spread.whole else edge

    cuts = {rounded(q) for share, q in spread.quantiles.items() if share in PARTS}
    edges = sorted(edge for edge in cuts if edge > spread.min)
    starts = [spread.min, *edges]
    ends = [edge - 1 if spread.whole else edge for edge in edges] + [spread.max]
    parts = tuple(
        Condition(column=name, label=span_label(a, b), start=a, end=b)
        for a, b in zip(starts, ends, strict=True)
    )
    of_bin = [0, *(sum(edge <= rounded(least) for edge in edges) for least in found.coded.edges)]
    return _Cut(name, np.array([*of_bin, len(parts)])[found.coded.places], parts)


def _cut_text(column: Column, found: Text) -> _Cut | None:
    few = list(found.top)[:VALUES_TOLD_APART]
    if not few:
        return None
    labels = [f"#{i}" if column.personal else text[:60] for i, text in enumerate(few, 1)]
    parts = tuple(Condition(column=column.name, label=label) for label in labels)
    rest = Condition(column=column.name, label="", kind="rest")
    places = found.coded.first(len(few) + 1)
    return _Cut(column.name, np.where(places < 0, len(few) + 1, places), (*parts, rest))


def _candidates(cuts: Sequence[_Cut], target: Target) -> tuple[int, float, list[_Candidate]]:
    """All rows, their target, and every segment of enough rows."""
    rows = len(target.k)
    sets = [*((cut,) for cut in cuts), *combinations(cuts, 2)]
    enough = max(ROWS_AT_LEAST, SHARE_AT_LEAST * rows)
    weights = target.weights
    kept = []
    for some in sets:
        keys = _key([cut.codes for cut in some])
        sums = np.stack([np.bincount(keys), *(np.bincount(keys, each) for each in weights)])
        kept += [(some, key, sums[:, key].tolist()) for key in np.flatnonzero(sums[0] >= enough).tolist()]
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / max(len(kept), 1))
    overall = _told([float(rows), *(float(each.sum()) for each in weights)], target, z)[0]
    return rows, overall, [_candidate(some, key, found, target, z) for some, key, found in kept]


def _key(codes: Sequence[Whole]) -> Whole:
    return codes[0] if len(codes) == 1 else codes[0] * PLACES + codes[1]


def _candidate(cuts: Sequence[_Cut], key: int, sums: Sequence[float], target: Target, z: float) -> _Candidate:
    places = (key,) if len(cuts) == 1 else divmod(key, PLACES)
    conditions = tuple(cut.part(place) for cut, place in zip(cuts, places, strict=True))
    return _Candidate(conditions, round(sums[0]), *_told(sums, target, z))


def _told(sums: Sequence[float], target: Target, z: float) -> tuple[float, float, float]:
    """The target and its interval, from rows and sums of the target's weights in them."""
    n = sums[0]
    if target.classes:
        return sums[1] / n, *wilson(sums[1], n, z)
    middle = sums[1] / n
    half = z * sqrt(max(sums[2] / n - middle**2, 0.0) / max(n - 1, 1))
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
