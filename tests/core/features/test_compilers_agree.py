"""The property behind promise 1: one expression, two compilers, one answer, row by row.

Two libraries may differ in the last bit of exp, log and pow. Where that bit decides (the floor of a
logarithm, equality of two powers), the row is ill-conditioned: it is found by nudging those results by one
part in 10**12 either way, and left out. Expressions without them are compared on every row.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.core.features.both import from_graph, from_table
from tests.core.features.strategies import KINDS, expression, nested, rows
from tests.tiers import examples

from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import Call, Constant, Kind, Node, columns_of, parts
from fullcycle.core.features.write import written

ROWS = 200
INEXACT = ("exp", "log", "log1p", "**")
NUDGE = 1e-12


@dataclass(frozen=True)
class Compared:
    """One expression on ROWS rows; differences are shares of what is allowed: 1e-9 + 1e-6 x the largest
    intermediate value."""

    text: str
    rows: int  # compared, less the ill-conditioned
    largest: float
    largest_absolute: float


def check(seed: int) -> Compared:
    """Both compilers on one expression, which is made from the seed."""
    chance = random.Random(seed)
    node = expression(chance, depth=chance.randrange(1, 5))
    if not columns_of(node):
        return Compared("", 0, 0.0, 0.0)
    text = written(node)
    assert parse(text, Vocabulary(KINDS)) == node
    values = rows(chance, ROWS)
    inside = {
        f"p{at}": part for at, part in enumerate(parts(node)) if part.kind in (Kind.number, Kind.duration)
    }
    nudged = {"up": _nudged(node, 1 + NUDGE), "down": _nudged(node, 1 - NUDGE)} if _inexact(node) else {}
    table = from_table({"made": node, **inside, **nudged}, _finite(values), KINDS)
    graph = from_graph({"made": node}, values, KINDS)
    apart = []
    for row, (mine, theirs) in enumerate(zip(table["made"], graph["made"], strict=True)):
        largest = max((abs(table[name][row] or 0.0) for name in inside), default=0.0)
        allowed = 1e-9 + 1e-6 * largest
        if all(_same(mine, table[name][row], allowed) for name in nudged):
            given = {name: values[name][row] for name in columns_of(node)}
            assert _same(mine, theirs, allowed), (
                f"{text} is {mine} in the table, {theirs} in the graph, of {given}"
            )
            apart.append((_apart(mine, theirs) / allowed, _apart(mine, theirs)))
    shares, absolute = zip(*apart, strict=True) if apart else ((0.0,), (0.0,))
    return Compared(text, len(apart), max(shares), max(absolute))


def _apart(mine: Any, theirs: Any) -> float:
    return abs(mine - theirs) if isinstance(mine, float) else 0.0


def _inexact(node: Node) -> bool:
    return any(isinstance(part, Call) and part.operation in INEXACT for part in parts(node))


def _nudged(node: Node, factor: float) -> Node:
    if not isinstance(node, Call):
        return node
    made = Call(node.kind, node.operation, tuple(_nudged(each, factor) for each in node.arguments))
    if node.operation in INEXACT:
        return Call(Kind.number, "*", (made, Constant(Kind.number, factor)))
    return made


def _finite(values: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """What the contract makes of infinite numbers: missing."""
    return {
        name: [None if isinstance(value, float) and math.isinf(value) else value for value in column]
        for name, column in values.items()
    }


def _same(mine: Any, theirs: Any, allowed: float) -> bool:
    if mine is None or theirs is None or not isinstance(mine, float):
        return bool(mine == theirs)
    return abs(mine - theirs) <= allowed


@settings(
    max_examples=examples(100),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**62))
def test_a_feature_is_the_same_in_a_table_and_in_the_graph(seed: int) -> None:
    check(seed)


def distinct(start: int, number: int) -> Iterator[Compared]:
    """So many different expressions."""
    found: set[str] = {""}
    while len(found) <= number:
        compared = check(start)
        start += 1
        if compared.text not in found:
            found.add(compared.text)
            yield compared


def test_every_condition_inside_every_operation_is_the_same_in_a_table_and_in_the_graph() -> None:
    """One by one, as Ibis writes one feature otherwise than many."""
    chance = random.Random(0)
    values = rows(chance, 20)
    nodes = nested(chance, Kind.boolean)
    assert len(nodes) > 100
    for node in nodes:
        table = from_table({"made": node}, _finite(values), KINDS)
        graph = from_graph({"made": node}, values, KINDS)
        assert table == graph, written(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not active and new", [True, None, False]),
        ("is_missing(not active)", [False, True, False]),
        ("(not active) == new", [True, None, False]),
    ],
)
def test_a_negation_is_missing_where_what_it_negates_is(text: str, expected: list[bool | None]) -> None:
    """Ibis 12 writes NOT a IS NULL for both (NOT a) IS NULL and NOT (a IS NULL)."""
    node = parse(text, Vocabulary(KINDS))
    values = {"active": [False, None, True], "new": [True, True, True]}
    kinds = {name: KINDS[name] for name in values}
    assert from_table({"made": node}, values, kinds)["made"] == expected
    assert from_graph({"made": node}, values, kinds)["made"] == expected


@pytest.mark.nightly
@pytest.mark.parametrize("start", range(8))
def test_two_thousand_distinct_features_are_the_same_in_a_table_and_in_the_graph(start: int) -> None:
    """300 for each start: 2,400 in all, of which a few short ones come more than once."""
    assert sum(compared.rows > ROWS / 2 for compared in distinct(start * 1_000_000, 300)) >= 250


def summary(compared: list[Compared]) -> str:
    """How many, and how far apart at most."""
    worst = max(compared, key=lambda each: each.largest)
    return (
        f"{len(compared):,} distinct expressions, {sum(each.rows for each in compared):,} rows\n"
        f"largest difference: {worst.largest:.2g} of what is allowed, in {worst.text}\n"
        f"largest absolute difference: {max(each.largest_absolute for each in compared):.3g}\n"
        f"equal in every bit: {sum(each.largest == 0 for each in compared):,}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(summary(list(distinct(0, int(sys.argv[1])))))
