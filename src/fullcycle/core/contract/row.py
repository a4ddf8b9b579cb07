"""The contract compiled for one row: what the API and `fullcycle predict` ask before the graph.

Pure Python and no library beside pydantic's model: it lives in the serving image. Everything that doesn't
depend on the value is prepared once; a row of 20 columns takes some 3 microseconds. Any change of meaning
here is a change in `table` too, and a property test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from fullcycle.core.contract.grammar import (
    FIRST_US,
    LAST_US,
    clean_text,
    fold,
    text_of_number,
    without_zeros,
)
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.contract.rules import Rules, boolean_words, moment_reader, number_reader, rules_of
from fullcycle.core.errors import UserError

Value: TypeAlias = float | str | bool | int | None
SHOWN_CHARACTERS = 60  # of a value in a message: a cell may have megabytes
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
_ABSENT = object()


class Mark(NamedTuple):
    """A value that was answered all the same: an unexpected category or number, or an unknown column."""

    column: str
    value: Value
    expected: str


class RowError(NamedTuple):
    """A value that has no meaning in its column."""

    column: str
    found: str
    expected: str


class CoercedRow(NamedTuple):
    """Values in the order of the contract's features: None is missing, a datetime is microseconds UTC."""

    values: tuple[Value, ...]
    marks: tuple[Mark, ...]


class RowRejected(UserError):
    """A row that breaks the contract, with every value that does."""

    def __init__(self, errors: list[RowError]) -> None:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(
            where=f"column {first.column}",
            found=first.found + more,
            expected=first.expected,
            hint="contract.yaml says what each column holds",
        )
        self.errors = errors


class _NoMeaning(Exception):
    """This value can't be read; the argument is what was expected."""


Note: TypeAlias = Callable[[Value, str], None]
Read: TypeAlias = Callable[[Any, Note], Value]


def compile_row(contract: Contract) -> Callable[[Mapping[str, object]], CoercedRow]:
    """A function that reads one flat row, keys to JSON values, or raises RowRejected with every bad value.

    An absent feature is an error unless its column says `required: false`; null is missing. An unexpected
    category, a number out of range and an unknown column are marked; `strict: true` rejects the first two.
    """
    readers = [(column.name, column.required, _reader(column)) for column in contract.features]
    names = frozenset(column.name for column in contract.columns)
    no_marks: tuple[Mark, ...] = ()

    def coerce(row: Mapping[str, object]) -> CoercedRow:
        values: list[Value] = []
        marks: list[Mark] = []
        errors: list[RowError] = []
        name = ""

        def note(value: Value, expected: str) -> None:
            marks.append(Mark(name, value, expected))

        get = row.get
        for name, required, read in readers:  # `note` reads the name
            raw = get(name, _ABSENT)
            if raw is None:
                values.append(None)
            elif raw is _ABSENT:
                if required:
                    errors.append(RowError(name, "no such column", "a value, or null where it is missing"))
                values.append(None)
            else:
                try:
                    values.append(read(raw, note))
                except _NoMeaning as error:
                    errors.append(RowError(name, shown(raw), str(error)))
        if errors:
            raise RowRejected(errors)
        if len(row) > len(readers) and not names.issuperset(row):
            marks += [Mark(str(key), None, "a column of the contract") for key in row if key not in names]
        return CoercedRow(tuple(values), tuple(marks) if marks else no_marks)

    return coerce


def shown(value: object) -> str:
    """A value in a message: short, and with the quotes that tell '5' from 5."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping | list | tuple):
        return "an object" if isinstance(value, Mapping) else "a list"
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write integers of thousands of digits
        return "a huge number"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(text)} characters)"


def _reader(column: Column) -> Read:
    rules = rules_of(column)
    match column.type:
        case ColumnType.numeric:
            return _number_reader(column, rules)
        case ColumnType.boolean:
            return _boolean_reader(rules)
        case ColumnType.datetime:
            return _moment_reader(rules)
        case _:
            return _text_reader(column, rules)


def _number_reader(column: Column, rules: Rules) -> Read:
    number_of, missing = number_reader(column), rules.missing
    missing_numbers, strict = rules.missing_numbers, column.strict
    low, high, expected, range_expected = rules.low, rules.high, rules.expected, rules.range_expected
    quick_low, quick_high = (0.0, -1.0) if low is None or high is None or missing_numbers else (low, high)

    def read(raw: Any, note: Note) -> Value:
        kind = type(raw)
        if (kind is float or kind is int) and quick_low <= raw <= quick_high:
            return float(raw + 0.0)  # -0.0 is 0.0
        value = _from_text(raw) if kind is str else _native(raw)
        if value is None or value in missing_numbers:
            return None
        if low is not None and high is not None and not low <= value <= high:
            if strict:
                raise _NoMeaning(range_expected)
            note(value, range_expected)
        return value

    def _from_text(raw: str) -> float | None:
        text = _clean(raw, expected)
        value = number_of(text)
        if value is not None and value - value == 0.0:
            return value
        if fold(text) in missing:
            return None
        raise _NoMeaning(expected)

    def _native(raw: Any) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
            raise _NoMeaning(expected)
        try:
            value = float(raw) + 0.0
        except OverflowError:
            raise _NoMeaning(expected) from None
        if value - value != 0.0:
            raise _NoMeaning("a finite number, or null where it is missing")
        return value

    return read


def _boolean_reader(rules: Rules) -> Read:
    words, missing, expected = boolean_words(), rules.missing, rules.expected

    def read(raw: Any, note: Note) -> Value:
        if raw is True or raw is False:
            return bool(raw)
        word = fold(without_zeros(_as_text(raw, expected)))
        if word in missing:
            return None
        if word in words:
            return words[word]
        raise _NoMeaning(expected)

    return read


def _moment_reader(rules: Rules) -> Read:
    missing, missing_moments, expected = rules.missing, rules.missing_moments, rules.expected
    moment_in = moment_reader(rules.forms)

    def read(raw: Any, note: Note) -> Value:
        moment = _of_datetime(raw, expected) if isinstance(raw, date) else _from_text(raw)
        return None if moment in missing_moments else moment

    def _from_text(raw: Any) -> int | None:
        if raw is True or raw is False:
            raise _NoMeaning(expected)
        text = without_zeros(_as_text(raw, expected))
        if fold(text) in missing:
            return None
        moment = moment_in(text)
        if moment is None:
            raise _NoMeaning(expected)
        return moment

    return read


def _text_reader(column: Column, rules: Rules) -> Read:
    strip, lower, strict = column.strip, column.lower, column.strict
    missing, spelling, allowed = rules.missing, rules.spelling, rules.allowed
    expected, allowed_expected = rules.expected, rules.allowed_expected

    def meaning(raw: str) -> str | None:
        text = without_zeros(_clean(raw, expected, strip=strip))
        if fold(text if strip else without_zeros(clean_text(text))) in missing:
            return None
        if lower:
            text = fold(text)
        return spelling.get(text, text) or None

    known = {text: text for text in allowed or () if _reads_as_itself(meaning, text)}

    def read(raw: Any, note: Note) -> Value:
        if type(raw) is str:
            if raw in known:
                return known[raw]
            value = meaning(raw)
        elif raw is True or raw is False:
            value = meaning("true" if raw else "false")
        else:
            value = meaning(_as_text(raw, expected))
        if allowed is not None and value is not None and value not in allowed:
            if strict:
                raise _NoMeaning(allowed_expected)
            note(value, allowed_expected)
        return value

    return read


def _reads_as_itself(meaning: Callable[[str], str | None], text: str) -> bool:
    try:
        return meaning(text) == text
    except _NoMeaning:
        return False


def _clean(raw: str, expected: str, *, strip: bool = True) -> str:
    try:
        return clean_text(raw, strip=strip)
    except UnicodeEncodeError:
        raise _NoMeaning(f"{expected}, in valid Unicode") from None


def _as_text(raw: Any, expected: str) -> str:
    """A scalar as a text column holds it. Raises _NoMeaning for what nests and for what isn't finite."""
    if isinstance(raw, str):
        return _clean(raw, expected)
    if isinstance(raw, float) and raw - raw != 0.0:
        raise _NoMeaning(f"{expected}, or null where it is missing")
    if isinstance(raw, int | float):
        try:
            return text_of_number(raw)
        except ValueError:
            raise _NoMeaning(expected) from None
    if isinstance(raw, Decimal) and raw.is_finite():
        return without_zeros(f"{raw:f}")
    if isinstance(raw, datetime):
        text = _naive_utc(raw).isoformat(sep=" ")
        return text.rstrip("0") if "." in text else text
    if isinstance(raw, date):
        return raw.isoformat()
    raise _NoMeaning(expected)


def _of_datetime(raw: date, expected: str) -> int:
    moment = _naive_utc(raw) if isinstance(raw, datetime) else datetime(raw.year, raw.month, raw.day)
    micros = (moment - EPOCH) // MICROSECOND
    if not FIRST_US <= micros <= LAST_US:  # pragma: no cover - no datetime is outside, unless a zone moved it
        raise _NoMeaning(expected)
    return micros


def _naive_utc(raw: datetime) -> datetime:
    return raw if raw.tzinfo is None else raw.astimezone(UTC).replace(tzinfo=None)
