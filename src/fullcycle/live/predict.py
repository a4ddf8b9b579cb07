"""Answers for a row or a few from the command line: the API's answers, without a server.

`fullcycle predict` gathers rows with one of `rows_from_arguments`, `rows_from_json` and `rows_from_file`,
and asks `predict_rows`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from fullcycle.core.bundle.example import example_row
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.contract.row import shown
from fullcycle.core.errors import UserError
from fullcycle.live.answers import BadValue, RowAnswer, RowsRejected, answer_rows, explain_rows

if TYPE_CHECKING:
    from fullcycle.core.contract.model import Contract

SHOWN_ERRORS = 5
SEPARATORS = ",;\t|"
SHOWN_NAMES = 8
EXAMPLE = "`fullcycle predict --example` prints a row to start from"
Row = dict[str, Any]


class Wrong(NamedTuple):
    """A line of the message that says why rows have no answer."""

    place: str
    found: str
    expected: str
    nearest: str = ""


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
        return explain_rows(bundle, rows) if explain else answer_rows(bundle, rows)
    except RowsRejected as rejected:
        raise _as_user_error(bundle.contract, rows, rejected.errors) from rejected


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


def _as_user_error(
    contract: Contract, rows: Sequence[Mapping[str, object]], errors: Sequence[BadValue]
) -> UserError:
    """Unknown names first, for they explain what seems missing; then bad values, then what is missing."""
    given = [error for error in errors if error.column is None or error.column in rows[error.row]]
    wrong = _few([*_unknown(contract, rows)]) + _few([_bad_value(error) for error in given])
    wrong += [*_absent(rows, [error for error in errors if error not in given])]
    first, others = wrong[0], [f"  also {_line(each)}" for each in wrong[1:]]
    nearest = [each.nearest for each in wrong if each.nearest]
    return UserError(
        where=first.place,
        found=first.found,
        expected="\n".join([first.expected, *others]),
        hint="; ".join([*nearest, EXAMPLE]),
    )


def _unknown(contract: Contract, rows: Sequence[Mapping[str, object]]) -> Iterator[Wrong]:
    """Each unknown name once, at the first row that has it, with the nearest feature that the row lacks."""
    known = {column.name for column in contract.columns}
    first_row = {name: number for number, row in reversed([*enumerate(rows)]) for name in row}
    for name, number in sorted(first_row.items(), key=lambda item: item[1]):
        if name in known:
            continue
        lacking = {c.name.casefold(): c.name for c in contract.features if c.name not in rows[number]}
        close = get_close_matches(name.casefold(), list(lacking), n=1)
        nearest = f"did you mean `{lacking[close[0]]}`?" if close else ""
        yield Wrong(f"row {number}", f"an unknown column {shown(name)}", "a column of the contract", nearest)


def _bad_value(error: BadValue) -> Wrong:
    place = f"row {error.row}" + (f", column {error.column}" if error.column is not None else "")
    return Wrong(place, error.found, error.expected)


def _absent(rows: Sequence[Mapping[str, object]], errors: Sequence[BadValue]) -> Iterator[Wrong]:
    """The missing columns: a line for all rows that lack the same ones."""
    lacking: dict[int, list[str]] = {}
    for error in errors:
        lacking.setdefault(error.row, []).append(str(error.column))
    alike: dict[tuple[str, ...], list[int]] = {}
    for number, names in lacking.items():
        alike.setdefault(tuple(names), []).append(number)
    told = [
        Wrong(
            f"row {numbers[0]}" + (f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""),
            f"no value for {_names(names)}",
            "a value for each column, an empty one where it is missing",
        )
        for names, numbers in alike.items()
    ]
    yield from _few(told)


def _few(wrong: list[Wrong]) -> list[Wrong]:
    """The first ones; the last of them says how many there are besides."""
    rest = len(wrong) - SHOWN_ERRORS
    if rest <= 0:
        return wrong
    last = wrong[SHOWN_ERRORS - 1]
    return [*wrong[: SHOWN_ERRORS - 1], last._replace(expected=f"{last.expected} (and {rest} more)")]


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def _line(wrong: Wrong) -> str:
    return f"{wrong.place}: found {wrong.found}, expected {wrong.expected}"
