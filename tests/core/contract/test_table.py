"""Whole tables: what is refused, what is counted, and names that no SQL should see unquoted."""

from __future__ import annotations

import pyarrow as pa
import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.table import Violation, check_table, coerce_table
from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.errors import UserError

ODD_NAMES = [
    "at",
    "order",
    "select",
    "group",
    'a"b',
    "it's",
    "x.y",
    "[z]",
    "a;--",
    "<b>x</b>",
    "кот",
    "🎉",
    "{0}",
    "%s",
]
TARGET = Column(name="y", type=ColumnType.categorical, role=Role.target, allowed=("a", "b"))


def contract(*columns: Column) -> Contract:
    return Contract(task=Task.binary, classes=("a", "b"), columns=(*columns, TARGET))


def test_any_name_of_a_column_can_be_coerced_and_checked() -> None:
    kinds = [ColumnType.numeric, ColumnType.categorical, ColumnType.boolean, ColumnType.datetime]
    columns = [
        Column(name=name, type=kinds[at % 4], missing=("?",), allowed=("1",), range=(5, 6))
        for at, name in enumerate(ODD_NAMES)
    ]
    table = from_arrow(pa.table({**{name: ["1", "?", "x"] for name in ODD_NAMES}, "y": ["a", "b", "c"]}))
    coerced = coerce_table(table, contract(*columns)).to_pyarrow().to_pydict()
    assert list(coerced) == [*ODD_NAMES, "y"]
    assert coerced["at"] == [1.0, None, None]
    assert coerced["order"] == ["1", None, "x"]
    assert {violation.column for violation in check_table(table, contract(*columns))} == {*ODD_NAMES, "y"}


def test_rows_keep_their_number_and_only_the_contract_s_columns_stay() -> None:
    table = from_arrow(pa.table({"extra": [0, 1], ROW: [7, 8], "x": ["1", "2"], "y": ["a", "b"]}))
    coerced = coerce_table(table, contract(Column(name="x", type=ColumnType.numeric))).to_pyarrow()
    assert coerced.to_pylist() == [{ROW: 7, "x": 1.0, "y": "a"}, {ROW: 8, "x": 2.0, "y": "b"}]


def test_a_required_column_that_is_absent_is_an_error() -> None:
    asked = contract(Column(name="x", type=ColumnType.numeric), Column(name="z", type=ColumnType.numeric))
    table = from_arrow(pa.table({"x": [1], "y": ["a"]}))
    for border in (coerce_table, check_table):
        with pytest.raises(UserError) as raised:
            border(table, asked)
        assert str(raised.value).splitlines() == [
            "the table: found no column 'z'",
            "expected: every column that contract.yaml requires",
            "hint: add it to the table, or set `required: false` in contract.yaml if models can do without",
        ]


def test_the_target_is_required_for_training_and_not_for_answering() -> None:
    asked = contract(Column(name="x", type=ColumnType.numeric))
    table = from_arrow(pa.table({"x": [1]}))
    with pytest.raises(UserError, match="no column 'y'"):
        coerce_table(table, asked)
    assert coerce_table(table, asked, with_target=False).to_pyarrow().to_pylist() == [{"x": 1.0}]
    assert check_table(table, asked, with_target=False) == []


def test_answering_needs_features_only() -> None:
    asked = contract(
        Column(name="x", type=ColumnType.numeric),
        Column(name="when", type=ColumnType.datetime, role=Role.time),
        Column(name="leaks", type=ColumnType.numeric, leak="drop"),
    )
    coerced = coerce_table(from_arrow(pa.table({"x": [1]})), asked, with_target=False).to_pyarrow()
    assert coerced.to_pylist() == [{"x": 1.0, "when": None, "leaks": None}]


def test_columns_that_are_not_required_are_null_where_absent() -> None:
    asked = contract(Column(name="x", type=ColumnType.boolean, required=False))
    coerced = coerce_table(from_arrow(pa.table({"y": ["a"]})), asked).to_pyarrow()
    assert coerced.schema.field("x").type == pa.bool_()
    assert coerced.to_pylist() == [{"x": None, "y": "a"}]


def test_violations_are_counted_by_kind_with_the_most_frequent_examples() -> None:
    asked = contract(
        Column(name="age", type=ColumnType.numeric, range=(18, 99), missing=("?",), strict=True),
        Column(name="plan", type=ColumnType.categorical, allowed=("basic",)),
    )
    table = from_arrow(
        pa.table(
            {
                "age": ["20", "old", "old", "young", "130", "?", "", None],
                "plan": ["basic", " basic", "gold", "gold", "silver", "", None, "basic"],
                "y": ["a"] * 8,
            }
        )
    )
    assert check_table(table, asked) == [
        Violation("age", "out_of_type", 3, ("old", "young"), True),
        Violation("age", "out_of_range", 1, ("130",), True),
        Violation("plan", "unexpected_value", 3, ("gold", "silver"), False),
    ]


def test_nested_and_binary_cells_are_out_of_type() -> None:
    asked = contract(Column(name="x", type=ColumnType.categorical), Column(name="z", type=ColumnType.numeric))
    table = from_arrow(pa.table({"x": [[1, 2], None], "z": [{"a": 1}, {"a": 2}], "y": ["a", "b"]}))
    assert coerce_table(table, asked).to_pyarrow()["x"].to_pylist() == [None, None]
    assert [(found.column, found.rows) for found in check_table(table, asked)] == [("x", 1), ("z", 2)]


def test_infinities_are_out_of_type_and_nan_is_missing() -> None:
    asked = contract(Column(name="x", type=ColumnType.numeric))
    table = from_arrow(pa.table({"x": [float("inf"), float("-inf"), float("nan"), 1.0], "y": ["a"] * 4}))
    assert coerce_table(table, asked).to_pyarrow()["x"].to_pylist() == [None, None, None, 1.0]
    assert check_table(table, asked) == [Violation("x", "out_of_type", 2, ("-inf", "inf"), False)]


def test_an_empty_table_stays_empty() -> None:
    asked = contract(Column(name="x", type=ColumnType.numeric))
    table = from_arrow(pa.table({"x": pa.array([], pa.string()), "y": pa.array([], pa.string())}))
    assert coerce_table(table, asked).to_pyarrow().num_rows == 0
    assert check_table(table, asked) == []


def test_a_cell_of_five_megabytes_is_read_and_shown_short() -> None:
    asked = contract(Column(name="x", type=ColumnType.numeric), Column(name="z", type=ColumnType.categorical))
    huge = "9" * 5_000_000
    table = from_arrow(pa.table({"x": [huge], "z": [huge], "y": ["a"]}))
    assert coerce_table(table, asked).to_pyarrow()["z"].to_pylist() == [huge]
    assert check_table(table, asked) == [Violation("x", "out_of_type", 1, ("9" * 60,), False)]


def test_hundreds_of_columns_are_checked_without_a_join_for_each() -> None:
    """DuckDB turns each IN list into a join; with 900 columns that took all memory."""
    names = [f"c{at}" for at in range(300)]
    allowed = tuple(map(str, range(40)))
    columns = [
        Column(name=name, type=ColumnType.categorical, allowed=allowed, missing=("NA", "?")) for name in names
    ]
    table = from_arrow(pa.table({**{name: ["1", "NA", "x"] for name in names}, "y": ["a"] * 3}))
    assert len(check_table(table, contract(*columns))) == 300
