"""Columns over time: the time line of each datetime column, and how columns move along one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from fullcycle.core.contract.model import ColumnType, Contract, Role
from fullcycle.core.engines.arrays import Floats, added
from fullcycle.core.engines.measures import Spread
from fullcycle.core.evidence.explore import ColumnProfile, TimeBin, Trend
from fullcycle.cycle.explore.looked import Number
from fullcycle.cycle.explore.profiles import Analysed
from fullcycle.cycle.explore.relations import Z95, wilson
from fullcycle.cycle.explore.target import Target

BINS = 24  # of a time line
PERIODS = 12  # of a trend
PERIODS_AT_LEAST = 3
COLUMNS_FOLLOWED = 12


def timeline(moments: Floats, spread: Spread, target: Target) -> tuple[TimeBin, ...]:
    """Rows by equal periods of a datetime column (NaN where missing), with the target in them: a rate or a
    mean. Empty where all moments are one."""
    span = _span(spread, BINS)
    if span is None:
        return ()
    edges = [span[0] + span[1] * i for i in range(1, BINS)]
    known = ~np.isnan(moments)
    places = np.searchsorted(edges, moments[known], "right")
    rows = np.bincount(places, minlength=BINS).tolist()
    sums = [np.bincount(places, each[known], BINS).tolist() for each in target.weights]
    return tuple(
        _time_bin(span, place, rows[place], [each[place] for each in sums], target) for place in range(BINS)
    )


def _time_bin(
    span: tuple[float, float], place: int, rows: int, sums: Sequence[float], target: Target
) -> TimeBin:
    told: tuple[float, float, float] | tuple[None, None, None] = (None, None, None)
    if rows and target.classes:
        told = rate(sums[0], rows)
    elif rows:
        told = mean(rows, sums[0], sums[1], target.low, target.step)
    start, width = span
    return TimeBin(
        start=start + width * place,
        end=start + width * (place + 1),
        rows=rows,
        target=told[0],
        low=told[1],
        high=told[2],
    )


def _span(spread: Spread | None, periods: int) -> tuple[float, float] | None:
    """Where the first period starts and how long each is, in microseconds."""
    if spread is None or spread.min is None or spread.max is None or spread.min >= spread.max:
        return None
    return spread.min, (spread.max - spread.min) / periods


def rate(hits: float, rows: float) -> tuple[float, float, float]:
    """A rate with its Wilson interval."""
    return hits / rows, *wilson(hits, rows)


def mean(n: float, total: float, squares: float, origin: float, unit: float) -> tuple[float, float, float]:
    """A mean with its normal interval, from sums of (value - origin) / unit and of its square."""
    middle = total / n
    half = Z95 * sqrt(max(squares / n - middle**2, 0.0) / max(n - 1, 1))
    return origin + middle * unit, origin + (middle - half) * unit, origin + (middle + half) * unit


@dataclass(frozen=True)
class _Followed:
    """A number in [-1, 1] by row, NaN where missing: a column about `origin` in units of `unit`, or whether
    it has `value`."""

    name: str
    number: Floats
    origin: float = 0.0
    unit: float = 1.0
    value: str | None = None


def trends(
    contract: Contract,
    profiles: Sequence[ColumnProfile],
    analysed: Analysed,
    arrays: Mapping[str, Floats],
    target: Target,
) -> tuple[Trend, ...]:
    """The target and the strongest columns over the time column, or else the first datetime one; those that
    move most come first. `profiles` come strongest first; `arrays` hold the numbers that are followed."""
    over = clock(contract)
    if over is None or (span := _span(analysed.numbers[over].spread, PERIODS)) is None:
        return ()
    known = ~np.isnan(arrays[over])
    places = np.minimum((arrays[over][known] - span[0]) / span[1], PERIODS - 1.0).astype(np.int64)
    found = []
    for each in _followed(profiles, analysed, arrays, target, over):
        there = ~np.isnan(each.number[known])
        v = each.number[known][there]
        sums = [added(places[there], part, PERIODS) for part in (np.ones_like(v), v, v * v)]
        found.append(_trend(each, sums, span, over))
    return tuple(sorted((t for t in found if t is not None), key=lambda t: (-abs(t.slope), t.column)))


def clock(contract: Contract) -> str | None:
    """The column that trends go along."""
    if contract.time is not None and contract.time.type is ColumnType.datetime:
        return contract.time.name
    return next((c.name for c in contract.features if c.type is ColumnType.datetime), None)


def followed(profiles: Sequence[ColumnProfile], over: str | None) -> list[ColumnProfile]:
    """The strongest features, strongest first."""
    features = [p for p in profiles if p.role is Role.feature and p.relation and p.name != over]
    return features[:COLUMNS_FOLLOWED]


def _followed(
    profiles: Sequence[ColumnProfile],
    analysed: Analysed,
    arrays: Mapping[str, Floats],
    target: Target,
    over: str,
) -> list[_Followed]:
    if target.classes:
        found = [_Followed(target.column, target.hits, value=target.classes[target.shown])]
    else:
        found = _number(target.column, analysed.numbers, arrays)
    for profile in followed(profiles, over):
        if profile.type is ColumnType.numeric:
            found += _number(profile.name, analysed.numbers, arrays)
        elif profile.top:  # none of a personal column: its values are nobody's business
            places = analysed.texts[profile.name].coded.places
            commonest = np.where(places < 0, np.nan, places == 0)
            found.append(_Followed(profile.name, commonest, value=next(iter(profile.top))))
    return found


def _number(name: str, numbers: Mapping[str, Number], arrays: Mapping[str, Floats]) -> list[_Followed]:
    if name not in numbers or (scale := numbers[name].scale) is None:
        return []
    return [_Followed(name, (arrays[name] - scale[0]) / scale[1], *scale)]


def _trend(each: _Followed, sums_of: Sequence[Floats], span: tuple[float, float], over: str) -> Trend | None:
    """From rows, sums and sums of squares by period."""
    places = np.flatnonzero(sums_of[0])
    if len(places) < PERIODS_AT_LEAST:
        return None
    n, sums, squares = (part[places].astype(np.float64) for part in sums_of)
    deviation = sqrt(max(squares.sum() / n.sum() - (sums.sum() / n.sum()) ** 2, 0.0))
    if deviation <= 0:
        return None
    return Trend(
        column=each.name,
        over=over,
        kind="mean" if each.value is None else "share",
        value=each.value,
        periods=tuple(
            _period(place, found, each, span)
            for place, found in zip(
                places.tolist(), np.stack([n, sums, squares], axis=1).tolist(), strict=True
            )
        ),
        slope=round(line(places.astype(np.float64), sums / n, n) * (PERIODS - 1) / deviation, 6),
    )


def line(x: Any, y: Any, weights: Any) -> float:
    """The slope of the straight line of least weighted squares.

    >>> round(line(np.array([0, 1, 2]), np.array([1, 3, 5]), np.array([1, 1, 1])), 6)
    2.0
    """
    centre = (weights * x).sum() / weights.sum()
    spread = (weights * (x - centre) ** 2).sum()
    return float((weights * (x - centre) * y).sum() / spread) if spread > 0 else 0.0


def _period(place: int, sums: Sequence[float], each: _Followed, span: tuple[float, float]) -> TimeBin:
    n, total, squares = sums
    told = rate(total, n) if each.value is not None else mean(n, total, squares, each.origin, each.unit)
    start, width = span
    return TimeBin(
        start=start + width * place,
        end=start + width * (place + 1),
        rows=int(n),
        target=told[0],
        low=told[1],
        high=told[2],
    )
