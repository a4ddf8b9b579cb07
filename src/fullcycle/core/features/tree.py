"""What an expression means, once it is parsed: a typed tree. Equal parts are equal nodes.

Missing is a value of every kind. Numbers are float64; a result that is not finite is missing (DECISIONS 24).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fullcycle.core.contract.model import ColumnType


class Kind(StrEnum):
    """What kind of value a part of an expression has. A duration is a number of microseconds."""

    number = "number"
    boolean = "boolean"
    text = "text"
    time = "time"
    duration = "duration"


KIND_OF = {
    ColumnType.numeric: Kind.number,
    ColumnType.boolean: Kind.boolean,
    ColumnType.categorical: Kind.text,
    ColumnType.datetime: Kind.time,
}
TYPE_OF = {kind: column for column, kind in KIND_OF.items()}


@dataclass(frozen=True)
class Node:
    """A part of an expression."""

    kind: Kind


@dataclass(frozen=True)
class Leaf(Node):
    """A column of the contract, as coerced."""

    name: str


@dataclass(frozen=True)
class Constant(Node):
    """A value that stands in the expression; times are without a zone, in UTC."""

    value: float | bool | str | datetime


@dataclass(frozen=True)
class Call(Node):
    """An operation of `operations.OPERATIONS` on its arguments."""

    operation: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Found(Node):
    """A column of a lookup table, in the row whose key is `key`; missing where there is none."""

    lookup: str
    column: str
    key: Node


def parts(node: Node) -> Iterator[Node]:
    """The node's parts and the node itself, parts first, equal ones once."""
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        part, opened = stack.pop()
        if part in seen:
            continue
        if opened:
            seen.add(part)
            yield part
        else:
            stack.append((part, True))
            stack += [(each, False) for each in reversed(children(part))]


def children(node: Node) -> tuple[Node, ...]:
    """What a node is made of."""
    match node:
        case Call(arguments=arguments):
            return arguments
        case Found(key=key):
            return (key,)
    return ()


def columns_of(node: Node) -> tuple[str, ...]:
    """Names of the contract columns that the expression reads, in the order of their first use."""
    return tuple(dict.fromkeys(part.name for part in parts(node) if isinstance(part, Leaf)))
