"""Each column of the held rows, looked at once: what its order or its counts tell, and its codes by row.

Counts, moments, histograms and boxes are those of all rows: of a table that is longer than what is held, the
engine measures them; quantiles, codes and boxes by class are of the held rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.engines.arrays import Floats, number_arrays, text_arrays
from fullcycle.core.engines.counts import text_census, texts_with_top
from fullcycle.core.engines.measures import (
    Moments,
    Spread,
    Tails,
    as_number,
    census,
    equal_bins,
    histograms,
    moments,
    tails,
)
from fullcycle.core.engines.ordered import Ordered
from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.explore import Box
from fullcycle.cycle.explore.coded import Coded, code_number, code_text
from fullcycle.cycle.explore.target import Target

if TYPE_CHECKING:
    import ibis

NUMBERS = (ColumnType.numeric, ColumnType.datetime)
TEXTS = (ColumnType.categorical, ColumnType.boolean)
VALUES_RELATED = 5_000  # categories of a column that are told apart; the rarer ones are one
CLASSES_BOXED = 6
FENCE = 1.5  # Tukey's whiskers, in interquartile ranges


@dataclass(frozen=True)
class Tables:
    """All rows, and the held ones that order statistics and relations rest on: the same, or a sample."""

    all: ibis.Table
    sample: ibis.Table

    @property
    def are_one(self) -> bool:
        return self.all is self.sample


@dataclass(frozen=True)
class Shape:
    """How the numbers of all rows are distributed."""

    moments: Moments
    histogram: Histogram | None = None
    box: Box | None = None


@dataclass(frozen=True)
class Number:
    """A number or moment. `spread` has the counts of all rows and the quantiles of the held ones."""

    spread: Spread
    shape: Shape
    coded: Coded
    by_class: Mapping[str, Box]

    @property
    def scale(self) -> tuple[float, float] | None:
        """Median and range: about the one, in units of the other, all values lie in [-1, 1]. None where there
        is one value or none, or the range is beyond floats."""
        spread = self.spread
        if spread.min is None or spread.max is None or spread.median is None:
            return None
        reach = spread.max - spread.min
        return (spread.median, reach) if 0 < reach < float("inf") else None


@dataclass(frozen=True)
class Text:
    """A category or truth with its frequent values, most frequent first; none of an identifier."""

    spread: Spread
    top: Mapping[str, int]
    coded: Coded


def look_at_numbers(tables: Tables, contract: Contract, target: Target, bins: int) -> dict[str, Number]:
    """Every number and moment of the contract, in its order."""
    known = {} if tables.are_one else census(tables.all, _numbers(tables.all, contract))
    members = _members(target)
    found: dict[str, Number] = {}
    for name, values in number_arrays(tables.sample, _numbers(tables.sample, contract)):
        column, ordered = contract.column(name), Ordered(values)
        spread = replace(known[name], quantiles=ordered.spread.quantiles) if known else ordered.spread
        found[name] = Number(
            spread=spread,
            shape=_shape(column, ordered, spread, bins) if tables.are_one else Shape(Moments()),
            coded=code_number(values, ordered, spread),
            by_class=dict(_boxes(values, members)) if _is_boxed(column, Role.feature) else {},
        )
    if tables.are_one:
        return found
    shapes = _shapes(tables.all, contract, {name: number.spread for name, number in found.items()}, bins)
    return {name: replace(number, shape=shapes[name]) for name, number in found.items()}


def _numbers(table: ibis.Table, contract: Contract) -> dict[str, Any]:
    return {c.name: as_number(table[c.name]) for c in contract.columns if c.type in NUMBERS}


def _is_boxed(column: Column, *roles: Role) -> bool:
    return column.type is ColumnType.numeric and column.role in roles


def _members(target: Target) -> dict[str, NDArray[np.bool_]]:
    """The held rows of the most frequent classes."""
    rows = np.bincount(target.k[target.k >= 0], minlength=len(target.classes)).tolist()
    counted = sorted(zip(target.classes, rows, strict=False), key=lambda item: (-item[1], item[0]))
    frequent = sorted(name for name, count in counted[:CLASSES_BOXED] if name and count)
    return {name: target.k == target.classes.index(name) for name in frequent}


def _boxes(values: Floats, members: Mapping[str, NDArray[np.bool_]]) -> Iterator[tuple[str, Box]]:
    for name, chosen in members.items():
        ordered = Ordered(values[chosen])
        if (box := _box_of(ordered, ordered.spread)) is not None:
            yield name, box


def _shape(column: Column, ordered: Ordered, spread: Spread, bins: int) -> Shape:
    if spread.median is None:
        return Shape(Moments())
    place = equal_bins(spread, bins)
    numeric = column.type is ColumnType.numeric
    return Shape(
        moments=ordered.moments(spread) if numeric else Moments(),
        histogram=_histogram(place, ordered.histogram(*place)),
        box=_box_of(ordered, spread) if numeric and column.role is not Role.identifier else None,
    )


def _box_of(ordered: Ordered, spread: Spread) -> Box | None:
    quartiles = spread.quartiles
    return None if quartiles is None else _box(quartiles, ordered.tails(*_fences(quartiles)))


def _fences(quartiles: tuple[float, float, float]) -> tuple[float, float]:
    q1, _median, q3 = quartiles
    return q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1)


def _box(quartiles: tuple[float, float, float], tail: Tails) -> Box:
    q1, median, q3 = quartiles
    low, high = (q1 if tail.low is None else tail.low), (q3 if tail.high is None else tail.high)
    return Box(low=low, q1=q1, median=median, q3=q3, high=high, outliers=tail.below + tail.above)


def _histogram(place: tuple[float, float, int], counts: Sequence[int]) -> Histogram:
    start, width, number = place
    return Histogram(edges=tuple(start + width * i for i in range(number + 1)), counts=tuple(counts))


def _shapes(
    table: ibis.Table, contract: Contract, spread: Mapping[str, Spread], bins: int
) -> dict[str, Shape]:
    """The same by the engine, in a pass or two over any number of rows."""
    numbers = _numbers(table, contract)
    numeric = {name: number for name, number in numbers.items() if _is_numeric(contract, name)}
    middles = moments(table, numeric, spread)
    places = {name: equal_bins(found, bins) for name, found in spread.items() if found.median is not None}
    counts = histograms(table, numbers, places)
    boxes = _boxes_of_all(table, contract, spread)
    return {
        name: Shape(
            moments=middles.get(name, Moments()),
            histogram=_histogram(places[name], counts[name]) if name in places else None,
            box=boxes.get(name),
        )
        for name in numbers
    }


def _is_numeric(contract: Contract, name: str) -> bool:
    return contract.column(name).type is ColumnType.numeric


def _boxes_of_all(table: ibis.Table, contract: Contract, spread: Mapping[str, Spread]) -> dict[str, Box]:
    drawn = [c.name for c in contract.columns if c.type is ColumnType.numeric]
    drawn = [name for name in drawn if contract.column(name).role is not Role.identifier]
    quartiles = {name: spread[name].quartiles for name in drawn}
    known = {(name, None): each for name, each in quartiles.items() if each is not None}
    fences = {key: _fences(each) for key, each in known.items()}
    numbers = {name: as_number(table[name]) for name, _key in known}
    inside = tails(table, fences, numbers, spread={(name, None): spread[name] for name in drawn})
    return {key[0]: _box(known[key], tail) for key, tail in inside.items()}


def look_at_texts(tables: Tables, contract: Contract) -> dict[str, Text]:
    """Every category and truth of the contract, in its order."""
    columns = [c for c in contract.columns if c.type in TEXTS]
    ranked = [c.name for c in columns if c.role is not Role.identifier]
    counted: dict[str, Spread] = {}
    tops: dict[str, dict[str, int]] = {}
    if not tables.are_one:
        table, named = tables.all, [c for c in columns if c.name not in ranked]
        shown = _texts(table, [c for c in columns if c.name in ranked])
        counted, tops = texts_with_top(table, shown, VALUES_RELATED, text_census)
        counted |= text_census(table, _texts(table, named))
    found = {}
    for name, texts in text_arrays(tables.sample, _texts(tables.sample, columns)):
        top = tops.get(name, {}) if tops else texts.top(VALUES_RELATED) if name in ranked else {}
        found[name] = Text(counted.get(name, texts.spread), top, code_text(texts.among(list(top)), list(top)))
    return found


def _texts(table: ibis.Table, columns: Sequence[Column]) -> dict[str, Any]:
    return {c.name: table[c.name].cast("string") for c in columns}
