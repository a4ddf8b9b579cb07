"""Which pairs are told: those that differ in very little, unless chance alone would make as many.

Pairs that differ in the same columns in the same way are judged together. Those of them that differ in more
than little are chance; how often chance makes a difference little is seen in pairs that share a key and
differ in many columns. Rows in crowds, which have such a chance partner, are judged apart from rows that
stand alone: a duplicate is nearer to its original than anything else (Chaudhuri, Ganti and Motwani 2005).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

from fullcycle.cycle.clean.near.cells import Kind

FALSE_AT_MOST = 0.1  # of those told, as expected by chance
PRIOR_LITTLE, PRIOR_MORE = 0.05, 0.95  # as if one chance pair had been seen, a twentieth of it so
SPARE_BITS = 5.0  # in telco what agrees beside two like prices was worth 1.1 bits more, by chance

Kinds = frozenset[tuple[str, Kind | None]]


@dataclass(frozen=True)
class Compared:
    """Two rows: how their cells differ, None where in more than little. Equal cells are not named."""

    first: int
    second: int
    differ: Mapping[str, Kind | None]

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.differ)

    @property
    def little(self) -> bool:
        return None not in self.differ.values()


def beyond_chance(
    pairs: Sequence[Compared], chance: Sequence[Compared], bits: Mapping[str, float], rows: int
) -> list[Compared]:
    """The pairs to tell. `bits` are what each column's agreement is worth; `chance` are pairs that share a
    key and differ in many columns."""
    partners = Counter(row for pair in pairs if not pair.little for row in (pair.first, pair.second))

    def crowded(pair: Compared) -> bool:
        own = 0 if pair.little else 1
        return partners[pair.first] > own or partners[pair.second] > own

    others = Counter((pair.columns, crowded(pair)) for pair in pairs if not pair.little)
    groups: dict[tuple[Kinds, bool], list[Compared]] = defaultdict(list)
    for pair in pairs:
        if pair.little and _enough_agrees(pair, bits, rows):
            groups[frozenset(pair.differ.items()), crowded(pair)].append(pair)
    told = []
    for (kinds, within), group in groups.items():
        made = _made_by_chance(kinds, {c: n for (c, w), n in others.items() if w == within}, chance, bits)
        told += group if made <= FALSE_AT_MOST * len(group) else []
    return sorted(told, key=lambda pair: (pair.first, pair.second))


def _enough_agrees(pair: Compared, bits: Mapping[str, float], rows: int) -> bool:
    """Whether what agrees could tell one pair from all others; columns go together, hence the margin."""
    agree = sum(worth for name, worth in bits.items() if name not in pair.differ)
    return agree >= log2(max(rows * (rows - 1) / 2, 1.0)) + SPARE_BITS


def _made_by_chance(
    kinds: Kinds,
    others: Mapping[frozenset[str], int],
    chance: Sequence[Compared],
    bits: Mapping[str, float],
) -> float:
    """How many pairs would differ so if none were a duplicate. `others` differ in just these columns in more
    than little; one is added to them, as not having seen one doesn't mean that there can be none."""
    if kinds:
        columns = frozenset(name for name, _ in kinds)
        return (others.get(columns, 0) + 1) * _odds(kinds, columns, chance)
    return max((others.get(frozenset([name]), 0) * _odds_of_equal(name, chance) for name in bits), default=0)


def _odds(kinds: Kinds, columns: frozenset[str], chance: Sequence[Compared]) -> float:
    """Of pairs that differ in all of these columns, how many do so in these ways for one that does not."""
    differing = [pair for pair in chance if columns <= pair.differ.keys()]
    so = sum(all(pair.differ[name] == kind for name, kind in kinds) for pair in differing)
    more = sum(any(pair.differ[name] is None for name in columns) for pair in differing)
    return (so + PRIOR_LITTLE) / (more + PRIOR_MORE)


def _odds_of_equal(column: str, chance: Sequence[Compared]) -> float:
    differ = sum(column in pair.differ for pair in chance)
    return (len(chance) - differ + PRIOR_LITTLE) / (differ + PRIOR_MORE)
