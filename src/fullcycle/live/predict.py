"""Answers for a row or a few from the command line: the API's answers, without a server.

`fullcycle predict` gathers rows with one of `rows_from_arguments`, `rows_from_json` and `rows_from_file`,
and asks `predict_rows`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.contract.row import shown
from fullcycle.core.errors import UserError
from fullcycle.live.answers import BadValue, RowAnswer, RowsRejected, answer_rows, coerce_rows
from fullcycle.live.serve.describe import example_row

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle

SHOWN_ERRORS = 5
SEPARATORS = ",;\t|"
EXAMPLE = "`fullcycle predict --example` prints a row to start from"
Row = dict[str, Any]


def predict_rows(
    bundle_folder: Path, rows: Sequence[Mapping[str, object]], *, explain: bool = False
) -> list[RowAnswer]:
    """One answer for each row, as POST /predict gives it: a dict with `prediction`, for classes
    `probabilities` by class, `version` of the bundle, and `unexpected`: marks of column, value and what was
    expected. With `explain` also `explanation`: what each column contributes (core/bundle/contributions).

    Raises UserError for a bundle that can't be read or a row that breaks the contract (with row, column, what
    was found and expected), and CheckFailed where the installed runtime answers otherwise than it should.
    """
    bundle = read_bundle(bundle_folder)
    try:
        answers = answer_rows(bundle, rows)
        return _explained(bundle, rows, answers) if explain else answers
    except RowsRejected as rejected:
        raise _as_user_error(rejected.errors) from rejected


def _explained(bundle: Bundle, rows: Sequence[object], answers: list[RowAnswer]) -> list[RowAnswer]:
    from fullcycle.core.bundle.contributions import contributions

    coerced = coerce_rows(bundle, rows)
    return [
        {**answer, "explanation": contributions(bundle, row.values).as_dict()}
        for row, answer in zip(coerced, answers, strict=True)
    ]


def example_of(bundle_folder: Path) -> Row:
    """A synthetic row that the bundle answers: what `fullcycle predict --example` prints."""
    return example_row(read_bundle(bundle_folder))


def rows_from_arguments(arguments: Sequence[str]) -> list[Row]:
    """One row from `column=value` arguments; values are texts, as in a CSV, and an empty one is missing."""
    row: Row = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals or not name:
            raise UserError(
                where="fullcycle predict", found=shown(argument), expected="column=value", hint=EXAMPLE
            )
        if name in row:
            raise UserError(
                where="fullcycle predict", found=f"column {name} twice", expected="each column once"
            )
        row[name] = value
    return [row]


def rows_from_json(text: str | bytes, where: str = "--json-row") -> list[Row]:
    """One row or several from a JSON object or a list of them."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        hint = "NaN is no JSON: write null for a missing value" if "NaN" in str(text) else EXAMPLE
        raise UserError(
            where=where, found=f"no JSON ({error})", expected="a flat object", hint=hint
        ) from error
    rows = content if isinstance(content, list) else [content]
    if not rows or not all(isinstance(row, dict) for row in rows):
        found = "an empty list" if not rows else shown(next(row for row in rows if not isinstance(row, dict)))
        raise UserError(
            where=where, found=found, expected="a flat JSON object, or a list of them", hint=EXAMPLE
        )
    return rows


def rows_from_file(path: Path) -> list[Row]:
    """Rows from a `.json` file, or from a CSV with a header: every cell a text, as collect reads it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            where=str(path),
            found=error.strerror or str(error),
            expected="a JSON or CSV file with rows",
            hint=EXAMPLE,
        ) from error
    if path.suffix.lower() == ".json":
        return rows_from_json(content, where=str(path))
    return _rows_from_csv(path, content)


def _rows_from_csv(path: Path, content: bytes) -> list[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            where=f"{path}, byte {error.start}",
            found=repr(content[error.start : error.start + 1]),
            expected="UTF-8",
        ) from error
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    try:
        cells = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if line]
    except csv.Error as error:
        raise UserError(where=str(path), found=str(error), expected="a CSV with a header") from error
    if len(cells) < 2:
        raise UserError(
            where=str(path), found=f"{len(cells)} lines", expected="a header and a row", hint=EXAMPLE
        )
    twice = next((name for name in cells[0] if cells[0].count(name) > 1), None)
    if twice is not None:
        raise UserError(where=str(path), found=f"column {twice} twice", expected="each column once")
    return [_row_of(path, number, cells[0], line) for number, line in enumerate(cells[1:])]


def _row_of(path: Path, number: int, names: list[str], line: list[str]) -> Row:
    if len(line) != len(names):
        raise UserError(
            where=f"{path}, row {number}", found=f"{len(line)} cells", expected=f"{len(names)} cells"
        )
    return dict(zip(names, line, strict=True))


def _as_user_error(errors: Sequence[BadValue]) -> UserError:
    """The first bad value in full, and a line for each of the next few."""
    first, others = errors[0], errors[1:]
    lines = [
        f"{_place(error)}: found {error.found}, expected {error.expected}" for error in others[:SHOWN_ERRORS]
    ]
    if len(others) > SHOWN_ERRORS:
        lines.append(f"and {len(others) - SHOWN_ERRORS} more")
    return UserError(
        where=_place(first),
        found=first.found,
        expected="\n".join([first.expected, *(f"  also {line}" for line in lines)]),
        hint=EXAMPLE,
    )


def _place(error: BadValue) -> str:
    return f"row {error.row}" + (f", column {error.column}" if error.column is not None else "")
