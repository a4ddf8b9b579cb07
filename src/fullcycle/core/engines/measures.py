"""Measuring many columns in few passes: order statistics, moments, tails and histograms.

Sums of floats depend on the order of rows: moments are exact sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil, isfinite, sqrt
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from fullcycle.core.engines.exact import exact_sum, powers
from fullcycle.core.engines.functions import truncate
from fullcycle.core.engines.grouped import COLUMNS_AT_ONCE, counted, is_long, measured
from fullcycle.core.engines.plain import small_table
from fullcycle.core.engines.tall import fetch, joined, parts, tall_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

DISTINCT_EXACT = 50_000  # of so many values at most they are counted; beyond it their number is estimated
QUANTILES = (0.01, *(step / 20 for step in range(1, 20)), 0.99)

Numbers = Mapping[str, Any]  # a name and a float64 expression over the same table


@dataclass(frozen=True)
class Spread:
    """Order statistics of one column (of one class), exact on any number of threads.

    `quantiles` are keyed by QUANTILES; `whole` says that no value has a fraction.
    """

    rows: int
    missing: int
    distinct: int
    min: float | None = None
    max: float | None = None
    quantiles: Mapping[float, float] | None = None
    whole: bool = False
    zeros: int = 0
    negative: int = 0

    @property
    def median(self) -> float | None:
        return self.quantiles[0.5] if self.quantiles else None

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """First quartile, median, third quartile."""
        q = self.quantiles
        return (q[0.25], q[0.5], q[0.75]) if q else None


@dataclass(frozen=True)
class Moments:
    """Mean, sample standard deviation, skewness and excess kurtosis; None where undefined.

    The last two are g1 and g2 of Joanes and Gill (1998): of the population's moments, 0 for a normal one.
    """

    mean: float | None = None
    std: float | None = None
    skew: float | None = None
    kurtosis: float | None = None


@dataclass(frozen=True)
class Tails:
    """Values inside fences: the lowest and the highest of them, and how many lie outside."""

    low: float | None
    high: float | None
    below: int
    above: int


def as_number(column: ir.Value) -> ir.Value:
    """A coerced column as float64: truth as 0 and 1, moments as microseconds since 1970 UTC."""
    if column.type().is_timestamp():
        return epoch_us(column).cast("float64")
    return column.cast("float64")


@ibis.udf.scalar.builtin(name="epoch_us")  # type: ignore[untyped-decorator,unused-ignore]
def epoch_us(moment: datetime) -> int:  # type: ignore[empty-body]
    """Microseconds since 1970 UTC."""


def as_label(column: ir.Value) -> ir.Value:
    """A class as the contract names it: whole numbers without ".0", truth as true and false."""
    return (column.cast("int64") if column.type().is_floating() else column).cast("string")


def spreads(table: ibis.Table, numbers: Numbers, by: ir.Value | None = None) -> dict[tuple[str, Any], Spread]:
    """Order statistics by (column, value of `by`); the second part is None where there is no `by`."""
    found: dict[tuple[str, Any], Spread] = {}
    for names, rows in measured(table, numbers, _order_statistics, by):
        for row in rows:
            found[names[row["c"]], row["by"]] = _spread(row)
    return found


def _order_statistics(v: Any) -> dict[str, Any]:
    return {**_counts(v), "distinct": v.nunique(), "quantiles": v.quantile(list(QUANTILES))}


def _counts(v: Any) -> dict[str, Any]:
    return {
        "missing": v.isnull().sum(),
        "min": v.min(),
        "max": v.max(),
        "broken": (v != truncate(v)).sum(),
        "zeros": (v == 0).sum(),
        "negative": (v < 0).sum(),
    }


def _spread(row: Mapping[str, Any]) -> Spread:
    quantiles = row.get("quantiles") if row["min"] is not None else None
    return Spread(
        rows=row["rows"],
        missing=row["missing"] or 0,
        distinct=row["distinct"],
        min=row["min"],
        max=row["max"],
        quantiles=dict(zip(QUANTILES, quantiles, strict=True)) if quantiles else None,
        whole=not row["broken"],
        zeros=row["zeros"] or 0,
        negative=row["negative"] or 0,
    )


def census(table: ibis.Table, numbers: Numbers) -> dict[str, Spread]:
    """What one pass over any number of rows can tell: all of a spread but its quantiles, which are None.

    More than DISTINCT_EXACT distinct values are estimated (HyperLogLog, Flajolet et al. 2007): mostly within
    5%, and the same on any number of threads.
    """
    found: dict[str, Spread] = {}
    for names, rows in measured(table, numbers, lambda v: {**_counts(v), "distinct": v.approx_nunique()}):
        found |= {names[row["c"]]: _spread(row) for row in rows}
    found = {name: _possible(spread) for name, spread in found.items()}
    few = {name: numbers[name] for name, spread in found.items() if spread.distinct <= DISTINCT_EXACT}
    for names, rows in measured(table, few, lambda v: {"distinct": v.nunique()}):
        for row in rows:
            found[names[row["c"]]] = replace(found[names[row["c"]]], distinct=row["distinct"])
    return found


def _possible(spread: Spread) -> Spread:
    """An estimate may pass the number of values."""
    return replace(spread, distinct=min(spread.distinct, spread.rows - spread.missing))


def moments(table: ibis.Table, numbers: Numbers, spread: Mapping[str, Spread]) -> dict[str, Moments]:
    """Mean, deviation, skewness and kurtosis, taken about the median in units of the range, so that nothing
    cancels, and by exact sums, so that threads change nothing."""
    found = dict.fromkeys(numbers, Moments())
    known = {name: centre_of(spread[name]) for name in numbers if name in spread}
    usable = {name: centre for name, centre in known.items() if centre is not None}
    scaled = {name: (numbers[name] - centre) / scale for name, (centre, scale) in usable.items()}
    for names, rows in measured(table, scaled, _power_sums):
        for row in rows:
            if row["s1"] is not None:
                found[names[row["c"]]] = moments_of(row, *usable[names[row["c"]]])
    return found


def _power_sums(v: Any) -> dict[str, Any]:
    return {f"s{k}": exact_sum(power) for k, power in enumerate(powers(v, 4), 1)} | {"n": v.count()}


def tails(
    table: ibis.Table,
    fences: Mapping[tuple[str, Any], tuple[float, float]],
    numbers: Numbers,
    by: Any = None,
    spread: Mapping[tuple[str, Any], Spread] | None = None,
) -> dict[tuple[str, Any], Tails]:
    """The last values within fences (low, high) and how many lie beyond, by column and value of `by`.

    Where `spread` knows that both ends of all values are within, no row is looked at.
    """
    known = {key: fence for key, fence in fences.items() if key[0] in numbers}
    inside = {
        key: Tails(found.min, found.max, 0, 0)
        for key, fence in known.items()
        if (found := (spread or {}).get(key)) is not None and _is_within(found, *fence)
    }
    asked = {key: fence for key, fence in known.items() if key not in inside}
    if not asked:
        return inside
    numbers = {name: numbers[name] for name in dict.fromkeys(name for name, _key in asked)}
    form = _tails_wide if is_long(table) else _tails_tall
    return inside | form(table, asked, numbers, by)


def _is_within(spread: Spread, low: float, high: float) -> bool:
    return spread.min is not None and spread.max is not None and low <= spread.min and spread.max <= high


def _tails_wide(
    table: ibis.Table, fences: Mapping[tuple[str, Any], tuple[float, float]], numbers: Numbers, by: Any
) -> dict[tuple[str, Any], Tails]:
    found = {}
    keys = list(fences)
    for start in range(0, len(keys), COLUMNS_AT_ONCE):
        cells: dict[str, Any] = {}
        for place, (name, key) in enumerate(keys[start : start + COLUMNS_AT_ONCE]):
            measures = _tails(numbers[name], *fences[name, key], True if by is None else by == key)
            cells |= {f"m{place}_{measure}": value for measure, value in measures.items()}
        [row] = fetch(table.aggregate(**cells))
        for place, key in enumerate(keys[start : start + COLUMNS_AT_ONCE]):
            if row[f"m{place}_n"]:
                found[key] = Tails(*(row[f"m{place}_{end}"] for end in ("low", "high", "below", "above")))
    return found


def _tails_tall(
    table: ibis.Table, fences: Mapping[tuple[str, Any], tuple[float, float]], numbers: Numbers, by: Any
) -> dict[tuple[str, Any], Tails]:
    found = {}
    for part in parts(table, numbers):
        places = {name: place for place, name in enumerate(part)}
        rows = [(places[name], key, *fence) for (name, key), fence in fences.items() if name in places]
        if not rows:
            continue
        tall = tall_table(table, part, by=ibis.literal("") if by is None else by)
        bounds = small_table(
            c=[r[0] for r in rows],
            by=["" if r[1] is None else str(r[1]) for r in rows],
            lo=[r[2] for r in rows],
            hi=[r[3] for r in rows],
        )
        bounded = tall.join(bounds, ["c", "by"]).filter(_.v.notnull())
        names = list(part)
        for row in fetch(bounded.group_by("c", "by").aggregate(**_tails(bounded.v, bounded.lo, bounded.hi))):
            found[names[row["c"]], None if by is None else row["by"]] = Tails(
                row["low"], row["high"], row["below"], row["above"]
            )
    return found


def _tails(v: Any, lo: Any, hi: Any, where: Any = True) -> dict[str, Any]:
    inside = (v >= lo) & (v <= hi) & where
    return {
        "low": v.min(where=inside),
        "high": v.max(where=inside),
        "below": ((v < lo) & where).sum(),
        "above": ((v > hi) & where).sum(),
        "n": v.count() if where is True else v.count(where=where),
    }


def equal_bins(spread: Spread, bins: int) -> tuple[float, float, int]:
    """Where a histogram starts, how wide a bin is, how many there are; whole numbers get whole bins."""
    low, high = spread.min or 0.0, spread.max or 0.0
    if spread.whole and high - low < 2.0**52:
        whole = float(ceil((high - low + 1) / bins))
        return low - 0.5, whole, ceil((high - low + 1) / whole)
    width = (high - low) / bins
    return (low, width, bins) if isfinite(width) and width > 0 else (low, 1.0, 1)


def histograms(
    table: ibis.Table, numbers: Numbers, bins: Mapping[str, tuple[float, float, int]]
) -> dict[str, list[int]]:
    """Counts in equal bins; `bins` says where they start, how wide they are and how many there are.

    What lies below the first or above the last bin is counted in it.
    """
    counts = {name: [0] * bins[name][2] for name in numbers if name in bins}
    if is_long(table):
        places = {name: _place(numbers[name], *bins[name]) for name in counts}
        for name, found in counted(table, places).items():
            for place, rows in found.items():
                counts[name][place] = rows
        return counts
    for part in parts(table, {name: numbers[name] for name in counts}):
        names = list(part)
        start, width, number = zip(*(bins[name] for name in names), strict=True)
        tall = joined(tall_table(table, part), b=start, w=width, k=number).filter(_.v.notnull())
        placed = tall.mutate(p=_place(tall.v, tall.b, tall.w, tall.k))
        for row in fetch(placed.group_by("c", "p").aggregate(n=_.count())):
            counts[names[row["c"]]][row["p"]] = row["n"]
    return counts


def _place(number: Any, start: Any, width: Any, bins: Any) -> Any:
    place = truncate(ibis.least(ibis.greatest((number - start) / width, 0.0), bins - 1.0)).cast("int64")
    return number.isnull().ifelse(ibis.null("int64"), place)  # least and greatest pass over a gap


def centre_of(spread: Spread) -> tuple[float, float] | None:
    """Median and range, or None where there is no value or the range is beyond floats."""
    if spread.median is None or spread.min is None or spread.max is None:
        return None
    scale = spread.max - spread.min
    return (spread.median, scale or 1.0) if isfinite(scale) else None


def moments_of(sums: Mapping[str, float], centre: float, scale: float) -> Moments:
    """From the number of values `n` and sums of the powers `s1` to `s4` of (value - centre) / scale."""
    n = sums["n"]
    mean, square, cube = sums["s1"] / n, sums["s2"] / n, sums["s3"] / n
    variance = max(square - mean * mean, 0.0)
    third = cube - 3 * mean * square + 2 * mean**3
    fourth = sums["s4"] / n - 4 * mean * cube + 6 * mean**2 * square - 3 * mean**4
    spreads_out = variance > 1e-18  # of the squared range: below it the powers are noise
    return Moments(
        mean=centre + mean * scale,
        std=sqrt(variance * n / (n - 1)) * scale if n > 1 else None,
        skew=third / variance**1.5 if n > 2 and spreads_out else None,
        kurtosis=fourth / variance**2 - 3.0 if n > 3 and spreads_out else None,
    )
