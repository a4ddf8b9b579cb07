"""Whole numbers that may be moments: seconds since 1970, or thousandths, millionths, billionths of them.

A number in the range of years around ours proves nothing: telephone numbers and keys lie there, too. So a
person is asked, as of codes for "missing", where the column's name speaks of moments, or where all its
numbers are whole minutes; only a column that a person calls the time is read so at once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from fullcycle.core.contract.vocabulary import MOMENT_WORDS, words_of

if TYPE_CHECKING:
    from fullcycle.core.contract.survey import ColumnSurvey

PER_S = {"epoch_s": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
FIRST_S, END_S = 631_152_000, 4_102_444_800  # 1990 to 2100: no number fits two forms
NEVER = (0, -1)  # what systems write where nothing has happened yet
UNNAMED = ("epoch_s", "epoch_ms")  # longer whole numbers are keys more often
LEAST_DISTINCT = 20  # numbers by which whole minutes are no chance
DAY_S, MINUTE_S = 86_400, 60


class Epoch(NamedTuple):
    """How a column may count moments: in how many rows, from when to when (UTC), and how many say "never"."""

    form: str
    rows: int
    first: str
    last: str
    never: int


def epoch_form(high: float | None) -> str | None:
    """The form in which a column's highest number is a moment of our time."""
    if high is None:
        return None
    return next((form for form, per_s in PER_S.items() if FIRST_S * per_s <= high < END_S * per_s), None)


def epoch_measures(number: Any, form: str) -> dict[str, Any]:
    """What to count of numbers that may be moments in this form."""
    per_s = PER_S[form]
    ours = (number >= FIRST_S * per_s) & (number < END_S * per_s)
    return {
        "epoch_rows": ours.sum(),
        "epoch_first": number.min(where=ours),
        "epoch_minutes": (ours & (number % (MINUTE_S * per_s) == 0)).sum(),
        "never": number.isin(NEVER).sum(),
    }


def epoch_of(column: ColumnSurvey, *, is_time: bool = False) -> Epoch | None:
    """What a person should be asked about a column of numbers; None where they are none."""
    form = epoch_form(column.high)
    if form is None or column.whole < column.numbers or column.epoch_first is None or column.high is None:
        return None
    if column.epoch_rows + column.never < column.numbers or not (is_time or _suggested(column, form)):
        return None
    first, last = (_iso(number, form) for number in (column.epoch_first, column.high))
    return Epoch(form, column.epoch_rows, first, last, column.never)


def _suggested(column: ColumnSurvey, form: str) -> bool:
    if MOMENT_WORDS & set(words_of(column.name)):
        return True
    days = ((column.high or 0.0) - (column.epoch_first or 0.0)) / (PER_S[form] * DAY_S)
    even = column.epoch_minutes == column.epoch_rows and column.distinct >= LEAST_DISTINCT
    return form in UNNAMED and even and days >= 1


def _iso(number: float, form: str) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(number) // PER_S[form])
    return moment.strftime("%Y-%m-%d %H:%M")
