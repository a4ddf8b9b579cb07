"""Rows in, answers out: what the API and the command line share, so that both say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.row import CoercedRow, Mark, RowRejected, shown

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle

SHOWN_CHARACTERS = 80  # of a value in a message: a cell may have megabytes
UNKNOWN_AT_MOST = 1000  # columns of a row that no contract has: each is marked, and that costs
FLAT_ROW = "a flat JSON object: one value for each column"

RowAnswer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadValue:
    """Why a row has no answer; `column` is None where the row as a whole is wrong."""

    row: int
    column: str | None
    found: str
    expected: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"row": self.row, "column": self.name, "found": self.found, "expected": self.expected}

    @property
    def name(self) -> str | None:
        """The column for a message: what is sent as one may have megabytes."""
        return None if self.column is None else _cut(self.column)


class RowsRejected(Exception):
    """Some rows break the contract; none is answered, and every one of them is named."""

    def __init__(self, errors: Sequence[BadValue]) -> None:
        super().__init__(f"{len(errors)} values break the contract")
        self.errors = tuple(errors)


def answer_rows(bundle: Bundle, rows: Sequence[object]) -> list[RowAnswer]:
    """One answer for each row, in order: prediction, probabilities, bundle version, unexpected marks.

    Raises RowsRejected with every bad value of every row.
    """
    coerced = coerce_rows(bundle, rows)
    answers: list[RowAnswer] = []
    for row, answer in zip(coerced, bundle.answer(coerced), strict=True):
        answers.append(
            {**answer, "version": bundle.version, "unexpected": [marked(mark) for mark in row.marks]}
        )
    return answers


def explain_rows(bundle: Bundle, rows: Sequence[object]) -> list[RowAnswer]:
    """The same answers, each with `explanation`: what every column contributes to it."""
    from fullcycle.core.bundle.contributions import contributions

    answers = answer_rows(bundle, rows)
    return [
        {**answer, "explanation": contributions(bundle, row.values).as_dict()}
        for row, answer in zip(coerce_rows(bundle, rows), answers, strict=True)
    ]


def coerce_rows(bundle: Bundle, rows: Sequence[object]) -> list[CoercedRow]:
    """Rows as the contract reads them, or RowsRejected."""
    coerced: list[CoercedRow] = []
    errors: list[BadValue] = []
    most = len(bundle.contract.columns) + UNKNOWN_AT_MOST
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            errors.append(BadValue(index, None, "null" if row is None else shown(row), FLAT_ROW))
            continue
        if len(row) > most:
            errors.append(BadValue(index, None, f"{len(row):,} columns", f"at most {most:,}"))
            continue
        try:
            coerced.append(bundle.coerce(row))
        except RowRejected as rejected:
            errors.extend(
                BadValue(index, error.column, error.found, error.expected) for error in rejected.errors
            )
    if errors:
        raise RowsRejected(errors)
    return coerced


def marked(mark: Mark) -> dict[str, Any]:
    """A mark for JSON; a name or value of megabytes is cut."""
    value = _cut(mark.value) if isinstance(mark.value, str) else mark.value
    return {"column": _cut(mark.column), "value": value, "expected": mark.expected}


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
