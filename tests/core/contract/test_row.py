"""One row of a request: values, marks, and errors that say what to send instead."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.row import CoercedRow, Mark, RowError, RowRejected, compile_row

Read = Callable[[Mapping[str, object]], CoercedRow]
TARGET = Column(name="churn", type=ColumnType.categorical, role=Role.target)


def contract(*columns: Column) -> Contract:
    return Contract(task=Task.binary, classes=("no", "yes"), columns=(*columns, TARGET))


def reader(kind: ColumnType, **more: Any) -> Callable[[object], Any]:
    """Reads one cell of a column of this type."""
    read = compile_row(contract(Column(name="x", type=kind, **more)))
    return lambda cell: read({"x": cell}).values[0]


def errors(read: Read, row: Mapping[str, object]) -> list[RowError]:
    with pytest.raises(RowRejected) as rejected:
        read(row)
    return rejected.value.errors


def test_values_come_in_the_order_of_the_features_and_without_the_target() -> None:
    read = compile_row(
        contract(
            Column(name="b", type=ColumnType.numeric),
            Column(name="id", type=ColumnType.categorical, role=Role.identifier),
            Column(name="a", type=ColumnType.boolean),
            Column(name="leak", type=ColumnType.numeric, leak="drop"),
        )
    )
    assert read({"a": "yes", "b": " 1e3 ", "id": "7"}) == CoercedRow((1000.0, True), ())


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (1, 1.0),
        (1.5, 1.5),
        ("1.5", 1.5),
        (" 1e-3\n", 0.001),
        ("\ufeff-2", -2.0),
        (None, None),
        ("", None),
        ("  ", None),
        (10**15, 1e15),
        ("+.5", 0.5),
        (-0.0, 0.0),
        ("1e308", 1e308),
    ],
)
def test_numbers_are_read_from_json_and_from_text(cell: object, value: float | None) -> None:
    assert reader(ColumnType.numeric)(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "1,5",
        "1 000",
        "0x1F",
        "1_000",
        "１",
        "١",
        "1e999",
        "nan",
        "inf",
        True,
        False,
        float("nan"),
        float("inf"),
        10**400,
        [1],
        {"a": 1},
        "\ud800",
        "NA",
    ],
)
def test_what_is_no_number_is_refused(cell: object) -> None:
    with pytest.raises(RowRejected):
        reader(ColumnType.numeric)(cell)


def test_minus_zero_is_zero() -> None:
    assert [str(reader(ColumnType.numeric)(cell)) for cell in (-0.0, "-0")] == ["0.0", "0.0"]


def test_a_missing_number_is_missing_by_value_however_it_is_written() -> None:
    read = reader(ColumnType.numeric, missing=("-999", "N/A"), range=(-1e6, 1e6))
    assert [read(cell) for cell in (-999, -999.0, "-999.00", " n/a ", "-9.99e2")] == [None] * 5


@pytest.mark.parametrize("cell", [True, "true", "TRUE", " Yes ", "y", "1", 1, 1.0, "1.0", "on"])
def test_truth_has_many_spellings(cell: object) -> None:
    assert reader(ColumnType.boolean)(cell) is True


@pytest.mark.parametrize("cell", [2, "2", "maybe", 0.5, "да"])
def test_what_is_no_truth_value_is_refused(cell: object) -> None:
    with pytest.raises(RowRejected):
        reader(ColumnType.boolean)(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("001", "001"),
        (1, "1"),
        (1.0, "1"),
        ("1.0", "1"),
        ("12.00", "12"),
        ("-0.0", "0"),
        ("1.50", "1.50"),
        (1.5, "1.5"),
        (True, "true"),
        ("True", "True"),
        ("007.0", "007.0"),
        (10**20, "1" + "0" * 20),
        (1e20, "1e+20"),
        ("cafe\u0301", "café"),
        ("\u00a0a b\t", "a b"),
        ("None", "None"),
        ("", None),
        ("\0", None),
    ],
)
def test_a_category_is_one_text_whatever_type_it_came_in(cell: object, text: str | None) -> None:
    assert reader(ColumnType.categorical)(cell) == text


def test_spelling_comes_after_stripping_and_lowering() -> None:
    read = reader(
        ColumnType.categorical, lower=True, spelling={"NYC ": "new york", "-": ""}, missing=("None",)
    )
    cells = (" nyc", "NYC", "none", "-", "ÉCLAIR")
    assert [read(cell) for cell in cells] == [
        "new york",
        "new york",
        None,
        None,
        "Éclair",
    ]  # ASCII letters only


def test_white_space_stays_where_a_person_says_so_and_is_still_no_value() -> None:
    read = reader(ColumnType.categorical, strip=False, missing=("NA",))
    assert [read(cell) for cell in (" a ", "   ", " na ")] == [" a ", None, None]


@pytest.mark.parametrize(
    ("cell", "forms", "micros"),
    [
        ("1970-01-01", (), 0),
        ("1970-01-01T00:00:01.000001Z", (), 1_000_001),
        ("1970-01-01 03:00:00+03:00", (), 0),
        ("1969-12-31T20:30-0330", (), 0),
        ("02.01.1970", ("dmy",), 86_400_000_000),
        ("1/2/1970 1:00", ("mdy",), 90_000_000_000),
        ("19700102", ("ymd",), 86_400_000_000),
        (19700102, ("ymd",), 86_400_000_000),
        (1.5, ("epoch_s",), 1_500_000),
        ("-0.5", ("epoch_s",), -500_000),
        (1500, ("epoch_ms",), 1_500_000),
        ("2.1.1970", ("iso", "dmy"), 86_400_000_000),
    ],
)
def test_moments_are_microseconds_in_utc(cell: object, forms: tuple[str, ...], micros: int) -> None:
    assert reader(ColumnType.datetime, formats=forms)(cell) == micros


@pytest.mark.parametrize(
    "cell", ["2013-02-30", "0000-01-01", "2013-1-5", "31.12.2013", "2013-01-01T24:00", 0, True]
)
def test_what_is_no_moment_of_the_form_is_refused(cell: object) -> None:
    with pytest.raises(RowRejected):
        reader(ColumnType.datetime)(cell)


def test_the_moment_before_year_one_is_refused() -> None:
    with pytest.raises(RowRejected):
        reader(ColumnType.datetime)("0001-01-01T00:00+01:00")


def test_the_unexpected_is_answered_and_marked() -> None:
    read = compile_row(
        contract(
            Column(name="plan", type=ColumnType.categorical, allowed=("basic", "premium")),
            Column(name="age", type=ColumnType.numeric, range=(18, 99)),
        )
    )
    answer = read({"plan": "gold", "age": 130, "color": "red", "churn": "yes"})
    assert answer.values == ("gold", 130.0)
    assert answer.marks == (
        Mark("plan", "gold", "one of basic, premium"),
        Mark("age", 130.0, "a number from 18 to 99"),
        Mark("color", None, "a column of the contract"),
    )


def test_strict_columns_reject_the_unexpected() -> None:
    read = compile_row(
        contract(
            Column(name="plan", type=ColumnType.categorical, allowed=("basic", "premium"), strict=True),
            Column(name="age", type=ColumnType.numeric, range=(18, 99), strict=True),
        )
    )
    assert errors(read, {"plan": "gold", "age": 130}) == [
        RowError("plan", "'gold'", "one of basic, premium"),
        RowError("age", "130", "a number from 18 to 99"),
    ]
    assert read({"plan": None, "age": ""}).values == (None, None)


def test_every_bad_value_is_named_at_once() -> None:
    read = compile_row(
        contract(
            Column(name="age", type=ColumnType.numeric),
            Column(name="plan", type=ColumnType.categorical),
            Column(name="since", type=ColumnType.datetime, formats=("dmy",)),
            Column(name="active", type=ColumnType.boolean),
            Column(name="note", type=ColumnType.categorical, required=False),
        )
    )
    assert errors(read, {"age": "x" * 100, "plan": ["a"], "since": "2013", "active": "perhaps"}) == [
        RowError("age", "'" + "x" * 59 + "… (102 characters)", "a number, such as 12 or 12.5"),
        RowError("plan", "a list", "a text or a number"),
        RowError("since", "'2013'", "a date, such as 31.01.2013"),
        RowError("active", "'perhaps'", "true or false"),
    ]


def test_an_absent_required_column_is_an_error_and_null_is_not() -> None:
    read = compile_row(contract(Column(name="age", type=ColumnType.numeric)))
    assert errors(read, {}) == [RowError("age", "no such column", "a value, or null where it is missing")]
    assert read({"age": None}).values == (None,)


def test_a_rejected_row_reads_as_an_error_for_people() -> None:
    read = compile_row(contract(Column(name="age", type=ColumnType.numeric)))
    with pytest.raises(RowRejected) as rejected:
        read({"age": "old"})
    assert str(rejected.value).splitlines() == [
        "column age: found 'old'",
        "expected: a number, such as 12 or 12.5",
        "hint: contract.yaml says what each column holds",
    ]


def test_reading_rows_imports_no_library_of_tables_or_models() -> None:
    script = (
        "import sys, fullcycle.core.contract.row\n"
        "heavy = {'ibis', 'duckdb', 'pandas', 'pyarrow', 'numpy', 'sklearn', 'polars'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
