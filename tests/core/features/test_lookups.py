"""A lookup gives the same value in a table and in the graph, and refuses what can't be one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.core.features.both import from_graph, from_table

from fullcycle.core.errors import UserError
from fullcycle.core.features.lookups import CELLS_AT_MOST, Lookup, lookup_of
from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import Kind

PLANES = pa.table(
    {
        "seats": pa.array([149, 55, None, 8], pa.int32()),
        "tailnum": ["N10156", " N102UW", "N999", "Ёлка"],
        "maker": ["EMBRAER", None, "BOEING", "日本"],
    }
)


def planes(**columns: Any) -> Lookup:
    table = PLANES
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    return lookup_of("planes", table, "tailnum", "fullcycle.yaml")


def test_a_looked_up_value_is_the_same_in_a_table_and_in_the_graph() -> None:
    lookup = planes()
    words = Vocabulary({"tailnum": Kind.text}, lookups={"planes": lookup.kinds()})
    texts = {
        "seats": "lookup(planes, tailnum).seats",
        "per_row": "round(lookup(planes, tailnum).seats / 4)",
        "maker": "coalesce(lookup(planes, tailnum).maker, 'unknown')",
    }
    features = {name: parse(text, words) for name, text in texts.items()}
    rows = {"tailnum": ["N10156", "N102UW", "N999", "Ёлка", "unknown", None]}
    expected = {
        "seats": [149.0, 55.0, None, 8.0, None, None],
        "per_row": [37.0, 14.0, None, 2.0, None, None],
        "maker": ["EMBRAER", "unknown", "BOEING", "日本", "unknown", "unknown"],
    }
    kinds = {"tailnum": Kind.text}
    assert from_table(features, rows, kinds, {"planes": lookup}) == expected
    assert from_graph(features, rows, kinds, {"planes": lookup}) == expected


def test_an_empty_text_of_a_lookup_is_missing_on_both_sides() -> None:
    lookup = planes(maker=["", " ", "BOEING", "日本"])
    words = Vocabulary({"tailnum": Kind.text}, lookups={"planes": lookup.kinds()})
    features = {"known": parse("is_missing(lookup(planes, tailnum).maker)", words)}
    rows, kinds = {"tailnum": ["N10156", "N102UW", "N999"]}, {"tailnum": Kind.text}
    expected = {"known": [True, True, False]}
    assert from_table(features, rows, kinds, {"planes": lookup}) == expected
    assert from_graph(features, rows, kinds, {"planes": lookup}) == expected


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (
            {"tailnum": ["N1", "N1", "N2", "N3"]},
            "1 keys that several rows of lookup planes have, such as 'N1'",
        ),
        ({"tailnum": [0.5, 1.5, 2.5, 3.5]}, "column tailnum of type double in lookup planes"),
        ({"maker": [[1], [2], [3], [4]]}, "column maker of type list<element: int64> in lookup planes"),
    ],
)
def test_a_table_that_can_be_no_lookup_is_refused(broken: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as refused:
        planes(**broken)
    assert refused.value.found.replace("item", "element") == message


def test_a_lookup_without_its_key_names_the_columns() -> None:
    with pytest.raises(UserError, match="no column 'tail' in the table of lookup planes") as refused:
        lookup_of("planes", PLANES, "tail", "fullcycle.yaml")
    assert "tailnum" in refused.value.expected


def test_a_table_too_large_for_a_graph_is_refused() -> None:
    table = pa.table({"key": range(CELLS_AT_MOST), "value": range(CELLS_AT_MOST)})
    with pytest.raises(UserError) as refused:
        lookup_of("big", table, "key", "fullcycle.yaml")
    assert "data.joins" in refused.value.hint
