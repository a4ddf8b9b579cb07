"""Random well-typed expressions, made from the table of operations, and rows of hard values."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fullcycle.core.features.operations import TABLE, Operation
from fullcycle.core.features.tree import Call, Constant, Kind, Leaf, Node

KINDS = {
    "amount": Kind.number,
    "income": Kind.number,
    "gap": Kind.number,
    "plan": Kind.text,
    "region": Kind.text,
    "active": Kind.boolean,
    "new": Kind.boolean,
    "seen": Kind.time,
    "since": Kind.time,
}
NUMBERS = (0.0, 1.0, -1.0, 2.0, 0.5, 2.5, 3.0, 100.0, 1e-9, 1e9, 365.25)
TEXTS = ("basic", "plus", "Ё", "naïve", "日本", "👩‍🚀", "a b")
MOMENTS = (
    datetime(1970, 1, 1),
    datetime(2024, 2, 29, 12),
    datetime(1900, 3, 1),
    datetime(2038, 1, 19, 3, 14, 8),
)
HARD_NUMBERS = (
    0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -2.5, 1e308, -1e308, 1.7976931348623157e308, 5e-324, 1e-300, 2.0**53,
    2.0**53 + 2, 1e15 + 0.5, 4503599627370495.5, -7.0, 3.0, 0.1, 1e-9, 710.0, -745.0, 1e16,
)  # fmt: skip
HARD_MOMENTS = (
    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59),
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(1970, 1, 1), datetime(2000, 2, 29), datetime(1900, 2, 28, 23, 59), datetime(2100, 3, 1),
    datetime(2038, 1, 19, 3, 14, 8), datetime(2024, 12, 31, 23, 59, 59), datetime(1600, 2, 29),
    datetime(4, 2, 29),
)  # fmt: skip


def expression(chance: random.Random, depth: int) -> Node:
    """An expression of a kind that a feature may have, over at least one column."""
    kind = chance.choice([Kind.number, Kind.number, Kind.number, Kind.boolean, Kind.text, Kind.time])
    return _node(chance, kind, depth)


def _node(chance: random.Random, kind: Kind, depth: int) -> Node:
    making = [each for each in TABLE if each.gives is kind]
    if kind is not Kind.duration and (depth <= 0 or chance.random() < 0.15):
        return Leaf(kind, chance.choice([name for name, own in KINDS.items() if own is kind]))
    if depth <= 0:
        making = [each for each in making if each.takes == (Kind.time, Kind.time)]
    return _call(chance, chance.choice(making), depth - 1)


def _call(chance: random.Random, operation: Operation, depth: int) -> Call:
    kinds = list(operation.takes)
    if operation.more:
        kinds += [operation.more] * chance.randrange(3)
    arguments = []
    for at, kind in enumerate(kinds):
        if operation.literal_from is not None and at >= operation.literal_from:
            arguments.append(_literal(chance, operation, kind, at))
        elif at and kind is not Kind.duration and chance.random() < 0.3:
            arguments.append(_constant(chance, kind))
        else:
            arguments.append(_node(chance, kind, depth))
    return Call(operation.gives, operation.name, tuple(arguments))


def nested(chance: random.Random, kind: Kind) -> list[Node]:
    """Every operation that gives `kind` in every argument of every operation that takes it, by name: of what
    differs in kinds alone, one is drawn."""
    places = [
        (outer, at)
        for outer in TABLE
        for at, taken in enumerate(outer.takes)
        if taken is kind and (outer.literal_from is None or at < outer.literal_from)
    ]
    pairs = [(place, inner) for place in places for inner in TABLE if inner.gives is kind]
    chance.shuffle(pairs)
    one_of_each = {(outer.name, at, inner.name): (outer, at, inner) for (outer, at), inner in pairs}
    return [
        _over_columns(chance, outer, {at: _over_columns(chance, inner, {})})
        for outer, at, inner in one_of_each.values()
    ]


def _over_columns(chance: random.Random, operation: Operation, given: Mapping[int, Node]) -> Call:
    arguments = []
    for at, kind in enumerate(operation.takes):
        if operation.literal_from is not None and at >= operation.literal_from:
            arguments.append(_literal(chance, operation, kind, at))
        else:
            arguments.append(given.get(at) or _node(chance, kind, 0))
    return Call(operation.gives, operation.name, tuple(arguments))


def _literal(chance: random.Random, operation: Operation, kind: Kind, at: int) -> Constant:
    if operation.name == "round":
        return Constant(Kind.number, float(chance.randrange(5)))
    if operation.name == "bucket":
        return Constant(Kind.number, float(at * 10 + chance.randrange(9)))
    return _constant(chance, kind)


def _constant(chance: random.Random, kind: Kind) -> Constant:
    match kind:
        case Kind.number:
            value: Any = chance.choice(NUMBERS) * chance.choice([1, -1]) + 0.0
        case Kind.boolean:
            value = chance.random() < 0.5
        case Kind.text:
            value = chance.choice(TEXTS)
        case _:
            value = chance.choice(MOMENTS)
    return Constant(kind, value)


def rows(chance: random.Random, number: int) -> dict[str, list[Any]]:
    """Columns of KINDS with ordinary, hard and missing values; numbers may be infinite."""
    return {name: [_value(chance, kind) for _ in range(number)] for name, kind in KINDS.items()}


def _value(chance: random.Random, kind: Kind) -> Any:
    if chance.random() < 0.12:
        return None
    return VALUES[kind](chance)


def _number(chance: random.Random) -> float:
    which = chance.random()
    if which < 0.25:
        return chance.choice([*HARD_NUMBERS, float("inf"), -float("inf")])
    if which < 0.5:
        return chance.randrange(-200, 200) / 2
    if which < 0.8:
        return chance.uniform(-1000, 1000)
    return chance.uniform(-1, 1) * 10.0 ** chance.randrange(-12, 13)


def _moment(chance: random.Random) -> datetime:
    if chance.random() < 0.3:
        return chance.choice(HARD_MOMENTS)
    if chance.random() < 0.5:
        return datetime(1950, 1, 1) + timedelta(microseconds=chance.randrange(4_000_000_000_000_000))
    return datetime(1, 1, 1) + timedelta(days=chance.randrange(3_652_058), seconds=chance.randrange(86_400))


VALUES: dict[Kind, Callable[[random.Random], Any]] = {
    Kind.number: _number,
    Kind.boolean: lambda chance: chance.random() < 0.5,
    Kind.text: lambda chance: chance.choice([*TEXTS, "É", "e\u0301", "x" * 300, "'", '"', "ß", "\t"]),
    Kind.time: _moment,
}
