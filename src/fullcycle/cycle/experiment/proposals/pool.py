"""Proposals as expressions: parts and differences of dates, two numbers, two categories, tails, gaps.

Not everything with everything: pairs are those of columns that matter, or matter together (`interactions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from fullcycle.core.contract.model import Column, ColumnType, Contract, Derived, Role
from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.evidence.proposals import ProposalKind
from fullcycle.core.features.declared import ANSWERS, vocabulary_of
from fullcycle.core.features.parse import parse
from fullcycle.core.features.tree import KIND_OF, TYPE_OF, Node
from fullcycle.core.features.write import named, written
from fullcycle.cycle.experiment.proposals.interactions import Weights, as_number

DATE_PARTS = ("year", "month", "day", "weekday", "day_of_year", "hour")
MOMENTS = 4  # columns of dates whose parts and differences are looked at
NUMBERS_AMONG, NUMBERS_INTERACTING = 6, 24
CATEGORIES_AMONG, CATEGORIES_INTERACTING = 4, 12
JOINED_AT_MOST = 400  # values of two categories together: beyond, most would be too rare to learn from
TAILS = 12  # columns of numbers whose logarithm is looked at
SKEW_OF_TAIL = 1.0
GAPS = 12
FEWEST_GAPS = 0.01  # share of rows; a rarer gap says little about many
SCALE_APART = 100.0  # numbers further apart than this have no sum and no difference to speak of


@dataclass(frozen=True)
class Proposal:
    """A proposal: its name, its expression and the columns that it reads."""

    name: str
    expression: str
    kind: ProposalKind
    columns: tuple[str, ...]
    type: ColumnType
    tree: Node

    @property
    def derived(self) -> Derived:
        """As a contract keeps it."""
        return Derived(name=self.name, type=self.type, expression=self.expression, columns=self.columns)


@dataclass(frozen=True)
class _Sketch:
    name: str
    expression: str
    kind: ProposalKind
    columns: tuple[str, ...]


def usable_columns(contract: Contract, explored: ExploreEvidence) -> tuple[list[Column], list[str]]:
    """Columns that proposals may read, and those left out as suspects of a leak.

    A suspect that a person decided to keep is none any more; two that leak together are both left out.
    """
    suspects = {
        name
        for suspect in explored.suspects
        if suspect.decision != "keep"
        for name in (suspect.column, *suspect.columns)
    }
    open_to_all = [
        column
        for column in contract.columns
        if column.role in (Role.feature, Role.time) and column.type in KIND_OF and column.leak != "drop"
    ]
    usable = [column for column in open_to_all if column.name not in suspects]
    return usable, sorted(suspects & {column.name for column in open_to_all})


def make_proposals(
    contract: Contract,
    columns: Sequence[Column],
    features: pd.DataFrame,
    weights: Weights,
    refused: Iterable[str] = (),
) -> list[Proposal]:
    """Proposals of every kind, without those that are features already or were refused."""
    vocabulary = vocabulary_of(contract, {})
    known = set(_read_again(contract, [*(each.expression for each in contract.derived), *refused]))
    taken = {*ANSWERS, *(c.name for c in contract.columns), *(each.name for each in contract.derived)}
    found = []
    for sketch in _sketches(columns, features, weights):
        tree = parse(sketch.expression, vocabulary)
        if written(tree) in known:
            continue
        known.add(written(tree))
        name = _free(sketch.name, taken)
        taken.add(name)
        found.append(Proposal(name, sketch.expression, sketch.kind, sketch.columns, TYPE_OF[tree.kind], tree))
    return found


def _read_again(contract: Contract, texts: Iterable[str]) -> Iterator[str]:
    """Expressions in one spelling; one over what is gone, or over a lookup, is no proposal anyway."""
    from fullcycle.core.features.errors import ExpressionError

    for text in texts:
        try:
            yield written(parse(text, vocabulary_of(contract, {})))
        except ExpressionError:
            continue


def _sketches(columns: Sequence[Column], features: pd.DataFrame, weights: Weights) -> Iterator[_Sketch]:
    by_type = {kind: [c.name for c in columns if c.type is kind] for kind in ColumnType}
    numbers, categories = by_type[ColumnType.numeric], by_type[ColumnType.categorical]
    yield from _dates(weights.strongest(by_type[ColumnType.datetime], MOMENTS))
    for pair in weights.best_pairs(numbers, among=NUMBERS_AMONG, interacting=NUMBERS_INTERACTING):
        yield from _two_numbers(pair, features)
    for first, second in weights.best_pairs(
        categories, among=CATEGORIES_AMONG, interacting=CATEGORIES_INTERACTING
    ):
        if features.groupby([first, second], observed=True).ngroups <= JOINED_AT_MOST:
            text = f"{named(first)} + '/' + {named(second)}"
            yield _Sketch(f"{first}_and_{second}", text, "joined", (first, second))
    yield from _tails(weights.strongest(numbers, TAILS), features)
    yield from _gaps(columns, features, weights)


def _dates(names: Sequence[str]) -> Iterator[_Sketch]:
    for name in names:
        for part in DATE_PARTS:
            yield _Sketch(f"{name}_{part}", f"{part}({named(name)})", "date_part", (name,))
    for first, second in combinations(names, 2):
        text = f"days({named(second)} - {named(first)})"
        yield _Sketch(f"days_{first}_to_{second}", text, "date_difference", (second, first))


def _two_numbers(pair: tuple[str, str], features: pd.DataFrame) -> Iterator[_Sketch]:
    first, second = pair
    a, b = named(first), named(second)
    yield _Sketch(f"{first}_times_{second}", f"{a} * {b}", "product", (first, second))
    if any(features[name].nunique() <= 2 for name in pair):
        return  # a flag switches the other number on and off; a ratio to it would say nothing new
    yield _Sketch(f"{first}_per_{second}", f"{a} / {b}", "ratio", (first, second))
    yield _Sketch(f"{second}_per_{first}", f"{b} / {a}", "ratio", (second, first))
    if _same_scale(features[first], features[second]):
        yield _Sketch(f"{first}_minus_{second}", f"{a} - {b}", "difference", (first, second))
        yield _Sketch(f"{first}_plus_{second}", f"{a} + {b}", "sum", (first, second))


def _same_scale(first: pd.Series, second: pd.Series) -> bool:
    spreads = [float(np.nanstd(as_number(each, ColumnType.numeric))) for each in (first, second)]
    low, high = sorted(spreads)
    return low > 0 and high / low <= SCALE_APART


def _tails(names: Sequence[str], features: pd.DataFrame) -> Iterator[_Sketch]:
    for name in names:
        values = features[name].dropna()
        if len(values) > 2 and values.min() >= 0 and float(values.skew()) > SKEW_OF_TAIL:  # type: ignore[arg-type]
            yield _Sketch(f"log_{name}", f"log1p({named(name)})", "log", (name,))


def _gaps(columns: Sequence[Column], features: pd.DataFrame, weights: Weights) -> Iterator[_Sketch]:
    shares = features[[column.name for column in columns]].isna().mean()
    gappy = [name for name, share in shares.items() if FEWEST_GAPS <= share <= 1 - FEWEST_GAPS]
    for name in weights.strongest([str(each) for each in gappy], GAPS):
        yield _Sketch(f"{name}_missing", f"is_missing({named(name)})", "missing", (name,))


def _free(name: str, taken: set[str]) -> str:
    """A name that YAML and people read without quotes, and that nothing else has."""
    plain = re.sub(r"\W+", "_", name).strip("_").lower() or "feature"
    plain = f"f_{plain}" if plain[0].isdigit() else plain
    free, number = plain, 2
    while free in taken:
        free, number = f"{plain}_{number}", number + 1
    return free
