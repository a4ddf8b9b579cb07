"""What both compilers prepare from a column before they see a value, so that neither can differ in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fullcycle.core.contract.grammar import (
    DATE_FORMS,
    FALSE_WORDS,
    THOUSANDS,
    TRUE_WORDS,
    clean_text,
    fold,
    moment_of,
    number_pattern,
    number_rewrites,
    without_zeros,
)
from fullcycle.core.contract.model import Column, ColumnType

SHOWN = 8  # categories named in a message
FLOAT_MAX = 1.7976931348623157e308


@dataclass(frozen=True)
class Rules:
    """A column's coercions, ready to compare with.

    `missing` are cleaned and folded texts, `missing_numbers` those of them that are numbers, by value,
    and `missing_moments` those that are moments, in microseconds since 1970 UTC;
    `spelling` is keyed by text as it stands after cleaning and lowering; `low` and `high` are finite.
    """

    missing: frozenset[str]
    missing_numbers: frozenset[float]
    missing_moments: frozenset[int]
    spelling: dict[str, str]
    allowed: frozenset[str] | None
    low: float | None
    high: float | None
    forms: tuple[str, ...]
    expected: str
    allowed_expected: str
    range_expected: str


def rules_of(column: Column) -> Rules:
    """Everything that coercing a cell of this column needs."""
    tokens = frozenset(folded_token(token) for token in column.missing) | {""}
    low, high = column.range if column.range is not None else (None, None)
    return Rules(
        missing=tokens,
        missing_numbers=frozenset(_numbers(tokens, column)),
        missing_moments=frozenset(_moments(column)),
        spelling={spelling_key(variant, column): meant for variant, meant in column.spelling.items()},
        allowed=None if column.allowed is None else frozenset(column.allowed),
        low=None if low is None else max(low, -FLOAT_MAX),
        high=None if high is None else min(high, FLOAT_MAX),
        forms=column.formats or ("iso",),
        expected=_expected(column),
        allowed_expected=_allowed_expected(column),
        range_expected="" if low is None else f"a number from {low:g} to {high:g}",
    )


def folded_token(token: str) -> str:
    """A text as missing tokens are compared: cleaned, whole numbers without ".0", ASCII case folded."""
    return fold(without_zeros(clean_text(token)))


def number_reader(column: Column) -> Callable[[str], float | None]:
    """A function from a cleaned text to the number that it means in this column, or None."""
    pattern, marks = re.compile(number_pattern(column.decimal, column.thousands)), _marks(column)
    rewrites = [
        (re.compile(each), template)
        for each, template in number_rewrites(column.unit, column.negative, column.zero)
    ]
    comma = column.decimal == ","

    def read(text: str) -> float | None:
        for rewritten, template in rewrites:
            match = rewritten.fullmatch(text)
            text = text if match is None else match.expand(template)
        if pattern.fullmatch(text) is None:
            return None
        for mark in marks:
            text = text.replace(mark, "")
        return float(text.replace(",", ".") if comma else text) + 0.0

    return read


def _marks(column: Column) -> str:
    """Every character that stands for the column's mark of thousands."""
    return "" if column.thousands is None else THOUSANDS[column.thousands].strip("[]")


def boolean_words() -> dict[str, bool]:
    """Folded words of truth and what they mean."""
    return {**dict.fromkeys(TRUE_WORDS, True), **dict.fromkeys(FALSE_WORDS, False)}


def _numbers(tokens: frozenset[str], column: Column) -> list[float]:
    if column.type is not ColumnType.numeric:
        return []
    read = number_reader(column)
    return [number for token in tokens if (number := read(token)) is not None]


def moment_reader(forms: Sequence[str]) -> Callable[[str], int | None]:
    """A function from a cleaned text to the moment that it means in one of the forms, or None."""
    patterns = [(DATE_FORMS[name], re.compile(DATE_FORMS[name].pattern)) for name in forms]

    def read(text: str) -> int | None:
        for form, pattern in patterns:
            match = pattern.fullmatch(text)
            if match is not None and (moment := moment_of(text, form, match)) is not None:
                return moment
        return None

    return read


def _moments(column: Column) -> list[int]:
    if column.type is not ColumnType.datetime:
        return []
    read = moment_reader(column.formats or ("iso",))
    return [moment for token in column.missing if (moment := read(clean_text(token))) is not None]


def spelling_key(variant: str, column: Column) -> str:
    """A text as `spelling` looks it up: cleaned, and folded if the column is lowered."""
    text = without_zeros(clean_text(variant, strip=column.strip))
    return fold(text) if column.lower else text


def _expected(column: Column) -> str:
    match column.type:
        case ColumnType.numeric:
            unit = f" (with or without {column.unit})" if column.unit else ""
            return f"a number, such as 12 or 12{column.decimal}5{unit}"
        case ColumnType.boolean:
            return "true or false"
        case ColumnType.datetime:
            forms = [DATE_FORMS[form].like for form in column.formats or ("iso",)]
            return "a date, such as " + " or ".join(forms)
        case _:
            return "a text or a number"


def _allowed_expected(column: Column) -> str:
    allowed = column.allowed or ()
    more = f" and {len(allowed) - SHOWN} more" if len(allowed) > SHOWN else ""
    return "one of " + ", ".join(allowed[:SHOWN]) + more
