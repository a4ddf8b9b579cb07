"""Columns over time: the time line of each datetime column, and how columns move along one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from ibis import _

from fullcycle.core.contract.model import ColumnType, Contract, Role
from fullcycle.core.engines.counts import numbers_by_bin
from fullcycle.core.engines.exact import exact_sum
from fullcycle.core.engines.functions import truncate
from fullcycle.core.engines.measures import Spread, as_number
from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.explore import ColumnProfile, TimeBin, Trend
from fullcycle.cycle.explore.relations import Z95, wilson
from fullcycle.cycle.explore.target import Target

if TYPE_CHECKING:
    import ibis.expr.types as ir

BINS = 24  # of a time line
PERIODS = 12  # of a trend
PERIODS_AT_LEAST = 3
COLUMNS_FOLLOWED = 12


def timelines(
    table: ibis.Table, moments: Mapping[str, Any], spread: Mapping[str, Spread], target: Target
) -> dict[str, tuple[TimeBin, ...]]:
    """Rows by equal periods of each datetime column, with the target in them: a rate or a mean."""
    spans = {name: _span(spread.get(name), BINS) for name in moments}
    known = {name: span for name, span in spans.items() if span is not None}
    edges = {name: [start + width * i for i in range(1, BINS)] for name, (start, width) in known.items()}
    keep = {"k": target.keep["k"]} if target.classes else {}
    counted = numbers_by_bin(table, {name: moments[name] for name in known}, edges, keep, **target.sums)
    return {name: _timeline(counted[name], *known[name], target) for name in known}


def _span(spread: Spread | None, periods: int) -> tuple[float, float] | None:
    """Where the first period starts and how long each is, in microseconds."""
    if spread is None or spread.min is None or spread.max is None or spread.min >= spread.max:
        return None
    return spread.min, (spread.max - spread.min) / periods


def _timeline(
    rows: Sequence[Mapping[str, Any]], start: float, width: float, target: Target
) -> tuple[TimeBin, ...]:
    bins = []
    for place in range(BINS):
        inside = [row for row in rows if row["p"] == place]
        n = sum(row["n"] for row in inside)
        told: tuple[float, float, float] | tuple[None, None, None] = (None, None, None)
        if n and target.classes:
            told = rate(sum(row["n"] for row in inside if row["k"] == target.shown), n)
        elif n:
            total, squares = (float(sum(row[name] for row in inside)) for name in ("t", "tt"))
            told = mean(n, total, squares, target.low, target.step)
        bins.append(
            TimeBin(
                start=start + width * place,
                end=start + width * (place + 1),
                rows=n,
                target=told[0],
                low=told[1],
                high=told[2],
            )
        )
    return tuple(bins)


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
    """A number in [-1, 1]: a column about `origin` in units of `unit`, or whether it has `value`."""

    name: str
    number: ir.Value
    origin: float = 0.0
    unit: float = 1.0
    value: str | None = None


def trends(
    table: ibis.Table,
    contract: Contract,
    profiles: Sequence[ColumnProfile],
    spread: Mapping[str, Spread],
    target: Target,
) -> tuple[Trend, ...]:
    """The target and the strongest columns over the time column, or else the first datetime one; those that
    move most come first. `profiles` come strongest first."""
    over = _clock(contract)
    span = _span(spread.get(over), PERIODS) if over else None
    if over is None or span is None:
        return ()
    followed = _followed(table, profiles, spread, target, over)
    place = truncate(ibis.least((as_number(table[over]) - span[0]) / span[1], PERIODS - 1.0)).cast("int64")
    cells = table.select(
        p=table[over].isnull().ifelse(ibis.null("int64"), place),
        **{f"v{i}": each.number for i, each in enumerate(followed)},
    ).filter(_.p.notnull())
    measures: dict[str, Any] = {}
    for i in range(len(followed)):
        v = cells[f"v{i}"]
        measures |= {f"n{i}": v.count(), f"s{i}": exact_sum(v), f"q{i}": exact_sum(v * v)}
    rows = fetch(cells.group_by("p").aggregate(**measures).order_by("p"))
    found = [_trend(each, i, rows, span, over) for i, each in enumerate(followed)]
    return tuple(sorted((t for t in found if t is not None), key=lambda t: (-abs(t.slope), t.column)))


def _clock(contract: Contract) -> str | None:
    if contract.time is not None and contract.time.type is ColumnType.datetime:
        return contract.time.name
    return next((c.name for c in contract.features if c.type is ColumnType.datetime), None)


def _followed(
    table: ibis.Table,
    profiles: Sequence[ColumnProfile],
    spread: Mapping[str, Spread],
    target: Target,
    over: str,
) -> list[_Followed]:
    if target.classes:
        of = target.classes[target.shown]
        found = [_Followed(target.column, (target.keep["k"] == target.shown).cast("float64"), value=of)]
    else:
        found = _number(table, target.column, spread)
    features = [p for p in profiles if p.role is Role.feature and p.relation and p.name != over]
    for profile in features[:COLUMNS_FOLLOWED]:
        if profile.type is ColumnType.numeric:
            found += _number(table, profile.name, spread)
        elif profile.top:  # none of a personal column: its values are nobody's business
            value = next(iter(profile.top))
            same = table[profile.name].cast("string") == value
            found.append(_Followed(profile.name, same.cast("float64"), value=value))
    return found


def _number(table: ibis.Table, name: str, spread: Mapping[str, Spread]) -> list[_Followed]:
    known = spread.get(name)
    if known is None or known.min is None or known.max is None or known.median is None:
        return []
    reach = known.max - known.min
    if not 0 < reach < float("inf"):
        return []
    number = (as_number(table[name]) - known.median) / reach
    return [_Followed(name, number, known.median, reach)]


def _trend(
    each: _Followed, i: int, rows: Sequence[Mapping[str, Any]], span: tuple[float, float], over: str
) -> Trend | None:
    known = [row for row in rows if row[f"n{i}"]]
    if len(known) < PERIODS_AT_LEAST:
        return None
    n, sums, squares = (np.array([row[f"{part}{i}"] for row in known], dtype=np.float64) for part in "nsq")
    deviation = sqrt(max(squares.sum() / n.sum() - (sums.sum() / n.sum()) ** 2, 0.0))
    if deviation <= 0:
        return None
    places = np.array([row["p"] for row in known], dtype=np.float64)
    return Trend(
        column=each.name,
        over=over,
        kind="mean" if each.value is None else "share",
        value=each.value,
        periods=tuple(_period(row, i, each, span) for row in known),
        slope=round(line(places, sums / n, n) * (PERIODS - 1) / deviation, 6),
    )


def line(x: Any, y: Any, weights: Any) -> float:
    """The slope of the straight line of least weighted squares.

    >>> round(line(np.array([0, 1, 2]), np.array([1, 3, 5]), np.array([1, 1, 1])), 6)
    2.0
    """
    centre = (weights * x).sum() / weights.sum()
    spread = (weights * (x - centre) ** 2).sum()
    return float((weights * (x - centre) * y).sum() / spread) if spread > 0 else 0.0


def _period(row: Mapping[str, Any], i: int, each: _Followed, span: tuple[float, float]) -> TimeBin:
    n = row[f"n{i}"]
    if each.value is not None:
        told = rate(round(row[f"s{i}"]), n)
    else:
        told = mean(n, row[f"s{i}"], row[f"q{i}"], each.origin, each.unit)
    start, width = span
    return TimeBin(
        start=start + width * row["p"],
        end=start + width * (row["p"] + 1),
        rows=n,
        target=told[0],
        low=told[1],
        high=told[2],
    )
