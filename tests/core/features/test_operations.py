"""Every entry of the table of operations: its example holds in both forms."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.core.features.both import from_graph, from_table

from fullcycle.core.features.operations import EXAMPLE_ROW, TABLE, Operation
from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import Kind

KINDS = {
    "amount": Kind.number,
    "gap": Kind.number,
    "plan": Kind.text,
    "region": Kind.text,
    "active": Kind.boolean,
    "seen": Kind.time,
    "since": Kind.time,
}
ROW = {
    name: [datetime.fromisoformat(value) if KINDS[name] is Kind.time else value]
    for name, value in EXAMPLE_ROW.items()
}


@pytest.mark.parametrize("operation", TABLE, ids=lambda each: f"{each.written} of {each.takes[0]}")
def test_the_example_of_an_operation_holds_in_the_table_and_in_the_graph(operation: Operation) -> None:
    text, expected = operation.example
    features = {"made": parse(text, Vocabulary(KINDS))}
    for found in (from_table(features, ROW, KINDS), from_graph(features, ROW, KINDS)):
        [value] = found["made"]
        if isinstance(expected, float):
            assert value == pytest.approx(expected, rel=1e-12)
        else:
            assert value == expected
