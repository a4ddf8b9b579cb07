"""Every column of the training rows: statistics, histogram, boxes, frequent values, relation to the target.

The engine measures all columns together, in a handful of passes; here they are told apart again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.engines.counts import (
    numbers_by_bin,
    text_census,
    text_spreads,
    texts_by_value,
    top_values,
)
from fullcycle.core.engines.measures import (
    Moments,
    Spread,
    Tails,
    as_label,
    as_number,
    census,
    equal_bins,
    histograms,
    moments,
    spreads,
    tails,
)
from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.explore import Box, ColumnProfile
from fullcycle.cycle.explore.information import column_information
from fullcycle.cycle.explore.relations import Told, relate
from fullcycle.cycle.explore.target import Target

if TYPE_CHECKING:
    import ibis

NUMBERS = (ColumnType.numeric, ColumnType.datetime)
TEXTS = (ColumnType.categorical, ColumnType.boolean)
QUANTILES_SHOWN = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
VALUES_RELATED = 5_000  # categories of a column that are told apart; the rarer ones are one
VALUES_SHOWN = 20
LABEL_CHARACTERS = 60  # of a category in evidence: a cell may have megabytes
CLASSES_BOXED = 6
FENCE = 1.5  # Tukey's whiskers, in interquartile ranges
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Tables:
    """All rows, and the rows that order statistics and relations rest on: the same, or a sample of them."""

    all: ibis.Table
    sample: ibis.Table

    @property
    def are_one(self) -> bool:
        return self.all is self.sample


@dataclass(frozen=True)
class Analysed:
    """All profiles in the contract's order, what each feature says about the target, and what the engine
    measured."""

    tables: Tables
    profiles: dict[str, ColumnProfile]
    told: dict[str, Told]
    measured: Measured


@dataclass(frozen=True)
class Measured:
    """What the first passes found: order statistics of numbers, frequent values of texts. Both hold
    expressions over the sample."""

    numbers: Mapping[str, Any]
    texts: Mapping[str, Any]
    spread: Mapping[str, Spread]
    tops: Mapping[str, Mapping[str, int]]


def analyse(
    tables: Tables, contract: Contract, target: Target, bins: int, texts: Mapping[str, Spread]
) -> Analysed:
    """Measure every column; relations are of columns whose role is feature, decided leaks among them.

    `target` is of the sample; `texts` has counts of columns that the tables leave out.
    """
    measured = _measure(tables, contract)
    numbers, spread = _numbers(tables.all, contract), measured.spread
    numeric = {name: numbers[name] for name in numbers if contract.column(name).type is ColumnType.numeric}
    middles = moments(tables.all, numeric, spread)
    places = {name: equal_bins(found, bins) for name, found in spread.items() if found.median is not None}
    counts = histograms(tables.all, numbers, places)
    charts = {name: _histogram(place, counts[name]) for name, place in places.items()}
    boxes = _boxes(tables, contract, target, measured)
    counted = {**texts, **_text_counts(tables, contract), **spread}
    told = _relations(tables.sample, contract, target, measured)
    profiles = {
        column.name: ColumnProfile(
            name=column.name,
            type=column.type,
            role=column.role,
            **_statistics(column, counted.get(column.name, Spread(0, 0, 0)), middles.get(column.name)),
            histogram=charts.get(column.name),
            box=boxes.get((column.name, None)),
            box_by_class={str(key): box for (name, key), box in boxes.items() if name == column.name and key},
            top={} if column.personal else _shown(measured.tops.get(column.name, {})),
            relation=told[column.name].relation if column.name in told else None,
            mutual_information=told[column.name].information if column.name in told else None,
        )
        for column in contract.columns
    }
    return Analysed(tables, profiles, told, measured)


def _numbers(table: ibis.Table, contract: Contract) -> dict[str, Any]:
    return {c.name: as_number(table[c.name]) for c in contract.columns if c.type in NUMBERS}


def _texts(table: ibis.Table, contract: Contract) -> dict[str, Any]:
    return {c.name: table[c.name].cast("string") for c in contract.columns if c.type in TEXTS}


def _measure(tables: Tables, contract: Contract) -> Measured:
    numbers, texts = _numbers(tables.sample, contract), _texts(tables.sample, contract)
    spread = {name: found for (name, _), found in spreads(tables.sample, numbers).items()}
    if not tables.are_one:
        counted = census(tables.all, _numbers(tables.all, contract))
        spread = {name: replace(found, quantiles=_quantiles(spread, name)) for name, found in counted.items()}
    ranked = _texts(tables.all, contract)
    tops = top_values(
        tables.all, {c.name: ranked[c.name] for c in contract.columns if _has_top(c)}, VALUES_RELATED
    )
    return Measured(numbers, texts, spread, tops)


def _quantiles(spread: Mapping[str, Spread], name: str) -> Mapping[float, float] | None:
    """Of the sample: a column whose only values are outside it has none."""
    return spread[name].quantiles if name in spread else None


def _text_counts(tables: Tables, contract: Contract) -> dict[str, Spread]:
    texts = _texts(tables.all, contract)
    return text_spreads(tables.all, texts) if tables.are_one else text_census(tables.all, texts)


def _has_top(column: Column) -> bool:
    return column.type in TEXTS and column.role is not Role.identifier


def _histogram(place: tuple[float, float, int], counts: Sequence[int]) -> Histogram:
    start, width, number = place
    return Histogram(edges=tuple(start + width * i for i in range(number + 1)), counts=tuple(counts))


def _boxes(
    tables: Tables, contract: Contract, target: Target, measured: Measured
) -> dict[tuple[str, Any], Box]:
    """Boxes of numeric columns over all rows (key None) and by the most frequent classes of the sample."""
    drawn = [c for c in contract.columns if c.type is ColumnType.numeric and c.role is not Role.identifier]
    numbers = {c.name: as_number(tables.all[c.name]) for c in drawn}
    overall = {(name, None): measured.spread[name] for name in numbers if name in measured.spread}
    boxed = _boxed(tables.all, numbers, overall, None)
    if target.label is None:
        return boxed
    counted = fetch(tables.sample.group_by(k=target.label).aggregate(n=lambda t: t.count()))
    frequent = sorted(counted, key=lambda row: (-row["n"], str(row["k"])))[:CLASSES_BOXED]
    chosen = tables.sample.filter(target.label.isin([str(row["k"]) for row in frequent]))
    by = as_label(chosen[target.column])
    features = {c.name: as_number(chosen[c.name]) for c in drawn if c.role is Role.feature}
    return boxed | _boxed(chosen, features, spreads(chosen, features, by), by)


def _boxed(
    table: ibis.Table, numbers: Mapping[str, Any], found: Mapping[tuple[str, Any], Spread], by: Any
) -> dict[tuple[str, Any], Box]:
    quartiles = {key: spread.quartiles for key, spread in found.items() if spread.quartiles}
    fences = {key: (q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1)) for key, (q1, _, q3) in quartiles.items()}
    inside = tails(table, fences, numbers, by, found)
    return {
        key: _box(quartiles[key], tail) for key, tail in sorted(inside.items(), key=lambda item: str(item[0]))
    }


def _box(quartiles: tuple[float, float, float], tail: Tails) -> Box:
    q1, median, q3 = quartiles
    low, high = (q1 if tail.low is None else tail.low), (q3 if tail.high is None else tail.high)
    return Box(low=low, q1=q1, median=median, q3=q3, high=high, outliers=tail.below + tail.above)


def _relations(table: ibis.Table, contract: Contract, target: Target, measured: Measured) -> dict[str, Told]:
    features = [c.name for c in contract.columns if c.role is Role.feature and c.type is not ColumnType.text]
    numbers = {name: measured.numbers[name] for name in features if name in measured.numbers}
    texts = {name: measured.texts[name] for name in features if name in measured.texts}
    edges = {name: _edges(measured.spread.get(name)) for name in numbers}
    values = {name: list(measured.tops.get(name, {})) for name in texts}
    by_bin = numbers_by_bin(table, numbers, edges, target.keep, **target.sums)
    by_value = texts_by_value(table, texts, values, target.keep, **target.sums)
    told = {name: relate(rows, None, target) for name, rows in by_bin.items()}
    for name, rows in by_value.items():
        told[name] = relate(rows, _labels(values[name], personal=contract.column(name).personal), target)
    return {
        name: replace(
            found, information=column_information({**by_bin, **by_value}[name], texts=name in texts)
        )
        for name in features
        if (found := told.get(name)) is not None
    }


def _labels(values: Sequence[str], *, personal: bool) -> list[str]:
    """How categories are called in evidence, which must not hold the values of a personal column."""
    return [f"#{place}" if personal else _short(value) for place, value in enumerate(values, 1)]


def _edges(spread: Spread | None) -> list[float]:
    """Inner edges at the quantiles; the lowest value opens no bin of its own."""
    if spread is None or spread.quantiles is None or spread.min is None:
        return []
    return sorted({quantile for quantile in spread.quantiles.values() if quantile > spread.min})


def _statistics(column: Column, spread: Spread, middle: Moments | None) -> dict[str, Any]:
    counts = {"rows": spread.rows, "missing": spread.missing, "distinct": spread.distinct}
    if column.type is ColumnType.datetime:
        return {**counts, "first": _iso(spread.min), "last": _iso(spread.max)}
    if middle is None:
        return counts
    quantiles = spread.quantiles or {}
    return {
        **counts,
        "mean": _digits(middle.mean),
        "median": spread.median,
        "std": _digits(middle.std),
        "skew": _digits(middle.skew),
        "kurtosis": _digits(middle.kurtosis),
        "zeros": spread.zeros,
        "negative": spread.negative,
        "min": spread.min,
        "max": spread.max,
        "quantiles": {str(share): quantiles[share] for share in QUANTILES_SHOWN if share in quantiles},
    }


def _digits(value: float | None) -> float | None:
    """Nine digits that count: the rest is the noise of summing."""
    return None if value is None or not isfinite(value) else float(f"{value:.9g}")


def _iso(moment_us: float | None) -> str | None:
    return None if moment_us is None else (EPOCH + timedelta(microseconds=moment_us)).isoformat()


def _shown(top: Mapping[str, int]) -> dict[str, int]:
    shown: dict[str, int] = {}
    for value, rows in list(top.items())[:VALUES_SHOWN]:
        label = _short(value)
        shown[label] = shown.get(label, 0) + rows
    return shown


def _short(value: str) -> str:
    return value if len(value) <= LABEL_CHARACTERS else value[: LABEL_CHARACTERS - 1] + "…"
