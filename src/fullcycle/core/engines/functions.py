# mypy: disable-error-code="untyped-decorator,empty-body"
"""Functions of DuckDB that Ibis has no name for. Another backend needs a line here for each of them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.datatypes as dt

PATTERN_AT_MOST = 50_000  # characters; RE2 refuses programs of some megabytes


@ibis.udf.scalar.builtin(name="nfc_normalize")
def nfc_normalize(text: str) -> str:
    """Unicode normal form C. DuckDB's ends at a NUL character, so those go first."""


@ibis.udf.scalar.builtin(name="trim")
def trim(text: str, characters: str) -> str:
    """Without any of `characters` at both ends."""


@ibis.udf.scalar.builtin(name="replace")
def replace(text: str, old: str, new: str) -> str:
    """Every `old` as `new`."""


@ibis.udf.scalar.builtin(name="translate")
def translate(text: str, old: str, new: str) -> str:
    """Each character of `old` as the one at the same place in `new`."""


@ibis.udf.scalar.builtin(name="regexp_full_match")
def full_match(text: str, pattern: str) -> bool:
    """Whether the whole text matches; RE2, which shares the syntax that we use with Python."""


@ibis.udf.scalar.builtin(name="regexp_replace")
def regexp_replace(text: str, pattern: str, replacement: str) -> str:
    """The first match as the replacement, where \\1 is the first group."""


@ibis.udf.scalar.builtin(name="strlen")
def bytes_of(text: str) -> int:
    """The length in bytes of UTF-8."""


@ibis.udf.scalar.builtin(name="trunc")
def truncate(number: float) -> float:
    """Without its fraction, still a float: Ibis' own floor goes through int64 and fails beyond it."""


@ibis.udf.scalar.builtin(name="make_timestamp")
def moment_at(micros: int) -> datetime:
    """The moment so many microseconds after 1970, without a zone."""


def stripped(text: Any, characters: str) -> Any:
    """Without any of `characters` at both ends. `trim` alone is slow: it compares with all of them."""
    some = re.escape(characters)
    return text.re_search(f"^[{some}]|[{some}]$").ifelse(trim(text, characters), text)


def ascii_lower(text: Any) -> Any:
    """ASCII letters in lower case and nothing else. `translate` is thirty times slower than `lower`, which is
    right only where every character is ASCII."""
    folded = translate(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
    return (bytes_of(text) == text.length()).ifelse(text.lower(), folded)


def is_one_of(text: Any, options: Iterable[str]) -> Any:
    """Whether the text is one of the options; null where it is null.

    A pattern, as DuckDB makes a join of each IN list and each list_contains: with 200 columns that took 2.6
    seconds for 2,000 rows against 0.04, and with 900 all memory.
    """
    pattern = "|".join(re.escape(option) for option in sorted(options))
    return full_match(text, pattern) if len(pattern) <= PATTERN_AT_MOST else text.isin(sorted(options))


def is_number_of(number: Any, options: Iterable[float]) -> Any:
    """Whether the number equals one of a few options."""
    return reduce(or_, [number == option for option in sorted(options)])


@ibis.udf.scalar.builtin(name="list_position")
def position_in(values: list[str], text: str) -> int:
    """The place of a text in a list, from 1; 0 or null where it isn't in it."""


def place_of(text: Any, values: Sequence[str]) -> Any:
    """The place of a text in `values`, from 0, their number where it is another; null where it is null."""
    if not values:
        return text.isnull().ifelse(ibis.null("int64"), 0)
    found = position_in(ibis.literal(list(values), "array<string>"), text).nullif(0)
    return text.isnull().ifelse(ibis.null("int64"), ibis.coalesce(found - 1, len(values)).cast("int64"))


@ibis.udf.scalar.builtin(name="hash")
def hash_of(value) -> dt.uint64:  # type: ignore[no-untyped-def]
    """64 bits of a value of any type, null included, without the cast through bits that Ibis' own adds."""


@ibis.udf.agg.builtin(name="histogram")
def histogram(text: str) -> dt.Map(dt.string, dt.int64):  # type: ignore[valid-type]
    """Every value with its number of rows; for columns of few values, as it stands in one cell."""
