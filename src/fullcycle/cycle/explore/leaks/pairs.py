"""The difference or the ratio of two columns that gives the target away, where neither does alone.

All pairs are screened on 4,000 rows at once (one sort for each pair and operation); what stands out is
measured on the whole sample. Clock times written as 2359 are subtracted as minutes, around midnight too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np

from fullcycle.core.contract.model import ColumnType, Role
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.cycle.explore.leaks.bounds import Bounds
from fullcycle.cycle.explore.leaks.sample import MODULUS, SPREAD, Floats, Sample
from fullcycle.cycle.explore.leaks.strength import binned, strength, strength_of_number
from fullcycle.cycle.explore.leaks.values import suspect

SCREENED_ROWS = 4_000
SCREEN_BINS = 20
COLUMNS_AT_MOST = 40
CONFIRMED_AT_MOST = 60
DAY_MINUTES = 1440
MANY_CLOCK_VALUES = 100


class Pair(NamedTuple):
    """Two columns and how they are combined."""

    one: str
    other: str
    operation: Literal["difference", "ratio"]


def pairs(sample: Sample, suspected: Collection[str], honest: float, bounds: Bounds) -> Iterator[LeakSuspect]:
    """Pairs of columns that aren't suspects themselves; `honest` is the strongest column that is none."""
    columns = {name: sample.numbers[name] for name in _compared(sample, suspected)}
    clocks = {name for name, values in columns.items() if _is_clock(values)}
    minutes = {name: _minutes(values) if name in clocks else values for name, values in columns.items()}
    alone = {name: strength_of_number(sample, name) for name in columns}
    honest = max([honest, *(found for found in alone.values() if found < bounds.strong)])
    told: dict[tuple[str, str], LeakSuspect] = {}
    for pair in _screened(sample, minutes, clocks, _kinds(sample, columns)):
        both = _combined(minutes[pair.one], minutes[pair.other], pair, clocks)
        found = strength(sample, binned(both))
        single = max(alone[pair.one], alone[pair.other])
        clear = found >= bounds.perfect or (found >= bounds.strong and found - honest >= bounds.clear)
        known = told.get(pair[:2])
        if clear and found - single >= bounds.clear / 2 and (known is None or known.strength < found):
            told[pair[:2]] = suspect(pair.one, "pair", found, columns=pair[:2], operation=pair.operation)
    yield from told.values()


def _compared(sample: Sample, suspected: Collection[str]) -> list[str]:
    chosen = [
        name
        for name in sample.numbers
        if name not in suspected
        and sample.contract.column(name).role in (Role.feature, Role.time)
        and sample.contract.column(name).leak != "drop"
        and sample.distinct(name) > 1
    ]
    return chosen[:COLUMNS_AT_MOST]


def _kinds(sample: Sample, columns: Collection[str]) -> dict[str, ColumnType]:
    return {name: sample.contract.column(name).type for name in columns}


def _is_clock(values: Floats) -> bool:
    """Whole numbers from 0 to 2400 whose last two digits are minutes, and many of them."""
    known = values[np.isfinite(values)]
    if not len(known) or known.min() < 0 or known.max() > 2400 or known.max() < 1200:
        return False
    whole = np.all(known == np.floor(known)) and np.all(known % 100 < 60)
    return bool(whole and len(np.unique(known)) >= MANY_CLOCK_VALUES)


def _minutes(values: Floats) -> Floats:
    return np.floor(values / 100) * 60 + values % 100


def _combined(one: Floats, other: Floats, pair: Pair, clocks: Collection[str]) -> Floats:
    if pair.operation == "ratio":
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = one / other
        return np.where(np.isfinite(ratio), ratio, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        less = one - other
    if (
        pair.one in clocks and pair.other in clocks
    ):  # a flight due at 23:50 that lands at 0:10 is 20 minutes late
        less = (less + DAY_MINUTES / 2) % DAY_MINUTES - DAY_MINUTES / 2
    return np.where(np.isfinite(less), less, np.nan)


def _screened(
    sample: Sample, columns: dict[str, Floats], clocks: Collection[str], kinds: dict[str, ColumnType]
) -> list[Pair]:
    """Pairs that say more than both columns alone, strongest first."""
    rows = np.argsort(sample.row * SPREAD % MODULUS, kind="stable")[:SCREENED_ROWS]
    answers = sample.answers[rows]
    few = {name: values[rows] for name, values in columns.items()}
    alone = {name: _explained(values[None, :], answers)[0] for name, values in few.items()}
    found: list[tuple[float, Pair]] = []
    for name in few:
        wanted = list(_pairs_of(name, list(few), kinds))
        if wanted:
            combined = np.stack([_combined(few[p.one], few[p.other], p, clocks) for p in wanted])
            explained = _explained(combined, answers)
            found += [
                (share, pair)
                for share, pair in zip(explained.tolist(), wanted, strict=True)
                if share >= 0.25 and share >= max(alone[pair.one], alone[pair.other]) + 0.05
            ]
    found.sort(key=lambda item: -item[0])
    return [pair for _, pair in found[:CONFIRMED_AT_MOST]]


def _pairs_of(name: str, names: list[str], kinds: dict[str, ColumnType]) -> Iterator[Pair]:
    """The pairs in which `name` comes first among the columns."""
    for one, other in combinations(names, 2):
        if one != name:
            continue
        moments = [kinds[each] is ColumnType.datetime for each in (one, other)]
        if all(moments) or not any(moments):
            yield Pair(one, other, "difference")
        if not any(moments) and ColumnType.boolean not in (kinds[one], kinds[other]):
            yield Pair(one, other, "ratio")


def _explained(values: Any, answers: Floats) -> Floats:
    """The share of the target's variance between equal bins of each row of `values`; the best class's."""
    order = np.argsort(np.where(np.isfinite(values), values, np.inf), axis=1, kind="stable")
    rows = order.shape[1] // SCREEN_BINS * SCREEN_BINS
    if not rows:
        return np.zeros(len(values))
    sums = np.stack(
        [answer[order[:, :rows]].reshape(len(values), SCREEN_BINS, -1).mean(axis=2) for answer in answers.T]
    )
    spread = answers.var(axis=0)
    shares = sums.var(axis=2)[spread > 0] / spread[spread > 0, None]
    best: Floats = shares.max(axis=0, initial=0.0)
    return best
