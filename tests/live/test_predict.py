"""Rows from the command line: the answers of the API, and errors that say what to type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.errors import UserError
from fullcycle.live.predict import (
    SHOWN_ERRORS,
    example_of,
    predict_rows,
    rows_from_arguments,
    rows_from_file,
    rows_from_json,
)

Row = dict[str, Any]


def test_the_command_line_answers_what_the_api_answers(client: Any, bundle_folder: Path, row: Row) -> None:
    rows = [row, {**row, "plan": "gold"}]
    routed = [{**answer, "route": "champion"} for answer in predict_rows(bundle_folder, rows)]
    assert routed == client.post("/predict", json=rows).json()


def test_the_same_row_as_arguments_json_and_csv_gets_the_same_answer(
    bundle_folder: Path, row: Row, tmp_path: Path
) -> None:
    texts = {name: str(value).lower() if value is True else str(value) for name, value in row.items()}
    table = tmp_path / "rows.csv"
    table.write_text(";".join(texts) + "\r\n" + ";".join(texts.values()) + "\r\n", encoding="utf-8-sig")
    listed = tmp_path / "rows.json"
    listed.write_text(json.dumps([row]))
    expected = predict_rows(bundle_folder, [row])
    for rows in (
        rows_from_arguments([f"{name}={value}" for name, value in texts.items()]),
        rows_from_json(json.dumps(row)),
        rows_from_file(table),
        rows_from_file(listed),
    ):
        assert predict_rows(bundle_folder, rows) == expected


def test_a_value_may_hold_an_equals_sign_and_an_empty_one_is_missing() -> None:
    assert rows_from_arguments(["a=b=c", "d="]) == [{"a": "b=c", "d": ""}]


def test_quoted_cells_of_a_csv_may_hold_separators_and_lines(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text('a,b\n"x,\ny",2\n', encoding="utf-8")
    assert rows_from_file(table) == [{"a": "x,\ny", "b": "2"}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan"], "found 'plan'\nexpected: column=value"),
        (["=5"], "expected: column=value"),
        (["age=1", "age=2"], "column age twice"),
    ],
)
def test_arguments_that_are_no_row_are_errors(arguments: list[str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        rows_from_arguments(arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ('{"a": NaN}', "write null"),
        ("[]", "an empty list"),
        ("[1]", "found 1"),
        ('"x"', "found 'x'"),
    ],
)
def test_json_that_is_no_row_is_an_error(text: str, message: str) -> None:
    with pytest.raises(UserError, match="--json-row") as caught:
        rows_from_json(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n", "1 lines"),
        (b"", "0 lines"),
        (b"a,b\n1\n", "row 0: found 1 cells\nexpected: 2 cells"),
        (b"a,b\n1,\xff\n", "byte 6"),
        (b"a,a\n1,2\n", "column a twice"),
    ],
)
def test_a_csv_that_holds_no_rows_is_an_error(content: bytes, message: str, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_bytes(content)
    with pytest.raises(UserError) as caught:
        rows_from_file(table)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        rows_from_file(tmp_path / "none.csv")


def test_a_bad_row_names_row_column_value_and_what_was_expected(bundle_folder: Path, row: Row) -> None:
    with pytest.raises(UserError) as caught:
        predict_rows(bundle_folder, [row, {**row, "age": "soon", "active": "perhaps"}])
    assert str(caught.value).startswith("row 1, column age: found 'soon'\nexpected: a number")
    assert "also row 1, column active: found 'perhaps'" in str(caught.value)
    assert "--example" in caught.value.hint


def test_of_many_bad_values_a_few_are_told_and_the_rest_counted(bundle_folder: Path) -> None:
    with pytest.raises(UserError) as caught:
        predict_rows(bundle_folder, [{**example_of(bundle_folder), "age": "soon"}] * 9)
    assert str(caught.value).count("found 'soon'") == SHOWN_ERRORS
    assert "(and 4 more)" in str(caught.value)


def test_unknown_names_are_told_first_then_bad_values_then_what_is_missing(
    bundle_folder: Path, row: Row
) -> None:
    with pytest.raises(UserError) as caught:
        predict_rows(bundle_folder, [{"Agee": "3", "active": "perhaps"}])
    first, *others = str(caught.value).splitlines()
    assert first == "row 0: found an unknown column 'Agee'"
    assert others[0] == "expected: a column of the contract"
    assert others[1].startswith("  also row 0, column active: found 'perhaps', expected ")
    assert others[2].startswith("  also row 0: found no value for age, ")
    assert others[3].startswith("hint: did you mean `age`?; ")
    assert len(others) == 4


def test_columns_that_all_rows_lack_are_told_in_one_line(bundle_folder: Path, row: Row) -> None:
    without_age = {name: value for name, value in row.items() if name != "age"}
    with pytest.raises(UserError) as caught:
        predict_rows(bundle_folder, [without_age] * 3)
    assert str(caught.value).startswith(
        "row 0 and 2 more: found no value for age\nexpected: a value for each"
    )
    assert "also" not in str(caught.value)


def test_the_example_is_a_row_that_gets_an_answer(bundle_folder: Path) -> None:
    (answer,) = predict_rows(bundle_folder, [example_of(bundle_folder)])
    assert answer["unexpected"] == []


def test_a_folder_that_is_no_bundle_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fullcycle run"):
        predict_rows(tmp_path / "bundle", [{}])
