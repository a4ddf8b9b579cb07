"""Measuring many columns in few passes: order statistics, moments, tails and histograms.

Sums of floats depend on the order of rows; where they are taken, the engine works on one thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from math import ceil, isfinite, sqrt
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from fullcycle.core.engines.functions import truncate
from fullcycle.core.engines.tables import connect
from fullcycle.core.engines.tall import fetch, joined, parts, small_table, tall_table

if TYPE_CHECKING:
    import ibis.expr.types as ir

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
    """Mean, sample standard deviation and skewness (Fisher and Pearson's g1); None where undefined."""

    mean: float | None = None
    std: float | None = None
    skew: float | None = None


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
    for part in parts(table, numbers):
        tall = tall_table(table, part, by=ibis.null("string") if by is None else by)
        grouped = tall.group_by("c", "by").aggregate(
            rows=_.count(),
            missing=_.v.isnull().sum(),
            distinct=_.v.nunique(),
            min=_.v.min(),
            max=_.v.max(),
            quantiles=_.v.quantile(list(QUANTILES)),
            broken=(_.v != truncate(_.v)).sum(),
        )
        names = list(part)
        for row in fetch(grouped):
            quantiles = row["quantiles"]
            found[names[row["c"]], row["by"]] = Spread(
                rows=row["rows"],
                missing=row["missing"],
                distinct=row["distinct"],
                min=row["min"],
                max=row["max"],
                quantiles=dict(zip(QUANTILES, quantiles, strict=True)) if row["min"] is not None else None,
                whole=row["broken"] == 0,
            )
    return found


def moments(table: ibis.Table, numbers: Numbers, spread: Mapping[str, Spread]) -> dict[str, Moments]:
    """Mean, deviation and skewness, taken about the median in units of the range, so that nothing cancels."""
    found = dict.fromkeys(numbers, Moments())
    known = {name: _centre(spread[name]) for name in numbers if name in spread}
    usable = {name: numbers[name] for name, centre in known.items() if centre is not None}
    for part in parts(table, usable):
        names = list(part)
        centres = [known[name] or (0.0, 1.0) for name in names]
        tall = tall_table(table, part).filter(_.v.notnull())
        scaled = joined(tall, m=[c for c, _s in centres], s=[s for _c, s in centres]).mutate(
            z=(_.v - _.m) / _.s
        )
        sums = scaled.group_by("c").aggregate(
            n=_.count(), s1=_.z.sum(), s2=(_.z * _.z).sum(), s3=(_.z * _.z * _.z).sum()
        )
        with in_order():
            for row in fetch(sums):
                centre, scale = centres[row["c"]]
                found[names[row["c"]]] = _moments(row, centre, scale)
    return found


def tails(
    table: ibis.Table, fences: Mapping[tuple[str, Any], tuple[float, float]], numbers: Numbers, by: Any = None
) -> dict[tuple[str, Any], Tails]:
    """The last values within fences (low, high) and how many lie beyond, by column and value of `by`."""
    found: dict[tuple[str, Any], Tails] = {}
    for part in parts(table, numbers):
        places = {name: place for place, name in enumerate(part)}
        rows = [(places[name], key, *fence) for (name, key), fence in fences.items() if name in places]
        if not rows:
            continue
        tall = tall_table(table, part, by=ibis.literal("") if by is None else by).filter(_.v.notnull())
        bounds = small_table(
            c=[r[0] for r in rows],
            by=[_key(r[1]) for r in rows],
            lo=[r[2] for r in rows],
            hi=[r[3] for r in rows],
        )
        bounded = tall.join(bounds, ["c", "by"])
        inside = (_.v >= _.lo) & (_.v <= _.hi)
        grouped = bounded.group_by("c", "by").aggregate(
            low=_.v.min(where=inside),
            high=_.v.max(where=inside),
            below=(_.v < _.lo).sum(),
            above=(_.v > _.hi).sum(),
        )
        names = list(part)
        for row in fetch(grouped):
            key = None if by is None else row["by"]
            found[names[row["c"]], key] = Tails(row["low"], row["high"], row["below"], row["above"])
    return found


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
    for part in parts(table, {name: numbers[name] for name in counts}):
        names = list(part)
        start, width, number = (list(values) for values in zip(*(bins[name] for name in names), strict=True))
        tall = joined(
            tall_table(table, part).filter(_.v.notnull()), b=start, w=width, k=[n - 1 for n in number]
        )
        place = truncate(ibis.least(ibis.greatest((_.v - _.b) / _.w, 0.0), _.k)).cast("int64")
        for row in fetch(tall.mutate(p=place).group_by("c", "p").aggregate(n=_.count())):
            counts[names[row["c"]]][row["p"]] = row["n"]
    return counts


@contextmanager
def in_order() -> Iterator[None]:
    """One thread: rows are added in their order, and sums of floats come out the same each time."""
    connection = connect().con
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {int(threads)}")


def _key(key: Any) -> str:
    return "" if key is None else str(key)


def _centre(spread: Spread) -> tuple[float, float] | None:
    """Median and range, or None where there is no value or the range is beyond floats."""
    if spread.median is None or spread.min is None or spread.max is None:
        return None
    scale = spread.max - spread.min
    return (spread.median, scale or 1.0) if isfinite(scale) else None


def _moments(sums: Mapping[str, float], centre: float, scale: float) -> Moments:
    n = sums["n"]
    mean, square, cube = sums["s1"] / n, sums["s2"] / n, sums["s3"] / n
    variance = max(square - mean * mean, 0.0)
    third = cube - 3 * mean * square + 2 * mean**3
    return Moments(
        mean=centre + mean * scale,
        std=sqrt(variance * n / (n - 1)) * scale if n > 1 else None,
        skew=third / variance**1.5 if n > 2 and variance > 1e-18 else None,
    )
