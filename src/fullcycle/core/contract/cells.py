"""One column of a table as the contract reads it: Ibis expressions for value, missing and out of type.

Three selects (four where texts are dates), one on the other, each for all columns at once: `plain` (what
the source holds, as a number, a moment, or a cleaned text), `parsed` (the value that the text means), and
then the value itself. In one select
every expression would be written out as often as it is used. Any change of meaning here is a change
in `row` too, and a property test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Any, Literal, NamedTuple

import ibis
import ibis.expr.datatypes as dt

from fullcycle.core.contract.grammar import (
    AFTERNOON,
    CENTURIES,
    DATE_FORMS,
    FALSE_WORDS,
    HALF,
    HALVED,
    MONTH_PATTERNS,
    NOON,
    NUL,
    THOUSANDS,
    TRUE_WORDS,
    US_PER_S,
    WHITE,
    WHOLE,
    WHOLE_TEMPLATE,
    DateForm,
    number_pattern,
    number_rewrites,
)
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.contract.rules import FLOAT_MAX, Rules, rules_of
from fullcycle.core.engines.functions import (
    ascii_lower,
    full_match,
    is_number_of,
    is_one_of,
    moment_at,
    nfc_normalize,
    regexp_replace,
    stripped,
    truncate,
)
from fullcycle.core.engines.measures import epoch_us

Expression = Any  # Ibis has no types for checkers
Physical = Literal["text", "integer", "float", "decimal", "boolean", "date", "timestamp", "other"]
TYPES = {
    ColumnType.numeric: dt.float64,
    ColumnType.boolean: dt.boolean,
    ColumnType.datetime: dt.Timestamp(),
    ColumnType.categorical: dt.string,
    ColumnType.text: dt.string,
}
WORDED = (ColumnType.categorical, ColumnType.text)  # types whose values are texts
WHOLE_LINE = f"^(?:{WHOLE})$"
INFINITE = {"inf": inf, "-inf": -inf}  # tokens that a table of floats may hold as values
FIRST_MOMENT, LAST_MOMENT = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)


class Read(NamedTuple):
    """A column after reading: its `value` (null is missing or out of type), and whether it is out of type."""

    value: Expression
    out_of_type: Expression


def read_columns(
    table: ibis.Table,
    columns: Sequence[Column],
    keep: Sequence[str] = (),
    known: Mapping[str, Expression] | None = None,
) -> tuple[ibis.Table, list[Read]]:
    """A table to select from, and for each column its expressions over that table.

    `keep` names columns of the source that stay as they are, `known` has further expressions over it. Every
    column must be in the table.
    """
    numbered = list(enumerate(columns))
    kept = {name: table[name] for name in keep} | dict(known or {})
    keep = list(kept)
    plain = table.select(
        **kept, **{key: part for at, column in numbered for key, part in _plain(table, at, column).items()}
    )
    if any(column.type is ColumnType.datetime for column in columns):
        kept = {name: plain[name] for name in keep}
        plain = plain.select(
            **kept,
            **{key: part for at, column in numbered for key, part in _shaped(plain, at, column).items()},
        )
    kept = {name: plain[name] for name in keep}
    parsed = plain.select(
        **kept, **{key: part for at, column in numbered for key, part in _parsed(plain, at, column).items()}
    )
    return parsed, [_read(parsed, at, column) for at, column in numbered]


def physical_type(kind: dt.DataType) -> Physical:
    """How the source holds a column, in our few words. Ibis reads huge integers as decimals."""
    tests: dict[Physical, bool] = {
        "text": kind.is_string(),
        "boolean": kind.is_boolean(),
        "integer": kind.is_integer(),
        "float": kind.is_floating(),
        "decimal": kind.is_decimal(),
        "date": kind.is_date(),
        "timestamp": kind.is_timestamp(),
    }
    return next((name for name, is_it in tests.items() if is_it), "other")


# --- plain: v{at} is a value that needs no reading, t{at} a cleaned text; p{at} says where the source has one


def _plain(table: ibis.Table, at: int, column: Column) -> dict[str, Expression]:
    raw = table[column.name]
    physical = physical_type(raw.type())
    present = raw.notnull() & ~raw.isnan() if physical == "float" else raw.notnull()
    if physical == "float" and column.type is ColumnType.numeric:
        for token in rules_of(column).missing & INFINITE.keys():
            present = present & (raw != INFINITE[token])
    native = _native(raw, physical, column)
    if native is not None:
        return {f"p{at}": present, f"v{at}": native}
    text = _cleaned(raw, column) if physical == "text" else as_text(raw, physical)
    if text is None or (physical == "boolean" and column.type is ColumnType.datetime):
        return {f"p{at}": present, f"v{at}": ibis.null(TYPES[column.type])}
    return {f"p{at}": present, f"t{at}": text}


def _native(raw: Expression, physical: Physical, column: Column) -> Expression | None:
    """The value where the source's type already is the contract's; None where it goes by its text."""
    match column.type, physical:
        case ColumnType.numeric, _:
            return _native_number(raw, physical)
        case ColumnType.boolean, "boolean":
            return raw
        case ColumnType.datetime, "date" | "timestamp":
            return _in_our_years(raw.cast(dt.Timestamp(scale=6)))
    return None


def _native_number(raw: Expression, physical: Physical) -> Expression | None:
    match physical:
        case "text":
            return None
        case "integer" | "float":
            return raw.cast("float64")
        case "decimal":  # by its digits: DuckDB's own cast divides, and rounds twice
            return raw.cast("string").cast("float64")
    return ibis.null("float64")


def _cleaned(raw: Expression, column: Column) -> Expression:
    text = nfc_normalize(raw.replace(NUL, ""))
    if column.strip or column.type not in WORDED:
        text = stripped(text, WHITE)
    return text if column.type is ColumnType.numeric else _without_zeros(text)


def _without_zeros(text: Expression) -> Expression:
    return text.endswith("0").ifelse(regexp_replace(text, WHOLE_LINE, WHOLE_TEMPLATE), text)


def as_text(raw: Expression, physical: Physical) -> Expression | None:
    """A scalar as a text column holds it, null where it isn't finite; None for what nests."""
    match physical:
        case "integer" | "boolean" | "date":
            return raw.cast("string")
        case "float":
            number = raw.cast("float64")
            whole = (number == truncate(number)) & (number.abs() < 2.0**63)
            text = whole.ifelse(number.try_cast("int64").cast("string"), number.cast("string"))
            return (number.abs() <= FLOAT_MAX).ifelse(text, ibis.null())
        case "decimal":
            return _without_zeros(raw.cast("string"))
        case "timestamp":
            return raw.cast(dt.Timestamp(scale=6)).cast("string")
    kind = raw.type()
    return raw.cast("string") if kind.is_uuid() or kind.is_time() else None


# --- parsed: x{at} is what a text means, before missing tokens; m{at} says that it is a missing token


def _parsed(plain: ibis.Table, at: int, column: Column) -> dict[str, Expression]:
    passed = {f"p{at}": plain[f"p{at}"]}
    if f"v{at}" in plain.columns:
        return {**passed, f"x{at}": plain[f"v{at}"], f"m{at}": ibis.literal(False)}
    text, rules = plain[f"t{at}"], rules_of(column)
    meaning, token = _meaning(plain, at, column, rules), _is_token(text, column, rules)
    if (
        column.type in WORDED and "" in rules.spelling.values()
    ):  # a spelling may also say that a text means nothing
        token = token | text.notnull() & meaning.isnull()
    return {**passed, f"x{at}": meaning, f"m{at}": token}


def _is_token(text: Expression, column: Column, rules: Rules) -> Expression:
    if not column.strip and column.type in WORDED:
        text = _without_zeros(stripped(text, WHITE))
    if len(rules.missing) == 1:
        return text == ""
    return is_one_of(ascii_lower(text), rules.missing)


def _meaning(plain: ibis.Table, at: int, column: Column, rules: Rules) -> Expression:
    text = plain[f"t{at}"]
    match column.type:
        case ColumnType.numeric:
            return number_of(text, column)
        case ColumnType.boolean:
            word = ascii_lower(text)
            return ibis.cases((is_one_of(word, TRUE_WORDS), True), (is_one_of(word, FALSE_WORDS), False))
        case ColumnType.datetime:
            moments = [
                _moment(plain[f"d{at}_{number}"], plain[f"f{at}_{number}"], DATE_FORMS[name])
                for number, name in enumerate(rules.forms)
            ]
            return ibis.coalesce(*moments) if len(moments) > 1 else moments[0]
    if column.lower:
        text = ascii_lower(text)
    if rules.spelling:
        text = text.substitute(rules.spelling, else_=text)
    return text.nullif("")


def number_of(text: Expression, column: Column) -> Expression:
    """The number that a cleaned text means, or null; what is too big for a float is infinite."""
    for pattern, template in number_rewrites(column.unit, column.negative, column.zero):
        text = regexp_replace(text, f"^(?:{pattern})$", template)
    plain = text
    for mark in () if column.thousands is None else THOUSANDS[column.thousands].strip("[]"):
        plain = plain.replace(mark, "")
    plain = plain.replace(",", ".") if column.decimal == "," else plain
    fits = full_match(text, number_pattern(column.decimal, column.thousands))
    return fits.ifelse(plain.try_cast("float64"), ibis.null())


def _shaped(plain: ibis.Table, at: int, column: Column) -> dict[str, Expression]:
    """What came, and for each date form of a text: d is the plain moment, f whether the text has it."""
    passed = {key: plain[key] for key in (f"p{at}", f"v{at}", f"t{at}") if key in plain.columns}
    if column.type is not ColumnType.datetime or f"t{at}" not in passed:
        return passed
    text = passed[f"t{at}"]
    for number, name in enumerate(rules_of(column).forms):
        form = DATE_FORMS[name]
        templated = regexp_replace(text, f"^(?:{form.pattern})$", form.template)
        passed[f"d{at}_{number}"] = _spelled_out(templated, form)
        passed[f"f{at}_{number}"] = full_match(text, form.pattern)
    return passed


def _spelled_out(plain: Expression, form: DateForm) -> Expression:
    """With a year of four digits and a month of two. A chain: an `if` would write all before it out twice."""
    if form.short:
        for century, years in CENTURIES.items():
            plain = regexp_replace(plain, f"^({years})-", rf"{century}\1-")
    if form.named:
        for number, names in MONTH_PATTERNS.items():
            plain = regexp_replace(plain, f"-(?:{names})-", f"-{number}-")
    return plain


def _moment(plain: Expression, fits: Expression, form: DateForm) -> Expression:
    if form.units_per_s is None:
        moment = _calendar(plain)
    else:
        unit_us = US_PER_S // form.units_per_s
        micros = (plain.try_cast(dt.Decimal(24, 6)) * unit_us).cast("int64")
        moment = moment_at(micros)
    return fits.ifelse(_in_our_years(moment), ibis.null())


def _calendar(plain: Expression) -> Expression:
    """The moment of a plain text; one with a half of the day is read as a morning, then moved."""
    # A timestamp without a zone would drop the zone of the text; with one, DuckDB applies it.
    zoned = dt.Timestamp(timezone="UTC")
    moment = plain.try_cast(zoned).cast(dt.Timestamp(scale=6))
    morning = regexp_replace(plain, f"^(?:{HALVED})$", r"\1\2\3").try_cast(zoned)
    hours = full_match(plain, AFTERNOON).ifelse(12, 0) - full_match(plain, NOON).ifelse(12, 0)
    halved = moment_at(epoch_us(morning.cast(dt.Timestamp(scale=6))) + hours * (3600 * US_PER_S))
    return ibis.cases(
        (full_match(plain, HALVED), halved), (full_match(plain, f".*{HALF}"), ibis.null()), else_=moment
    )


def _in_our_years(moment: Expression) -> Expression:
    """Null outside the years 1 to 9999."""
    return moment.between(FIRST_MOMENT, LAST_MOMENT).ifelse(moment, ibis.null())


def _read(parsed: ibis.Table, at: int, column: Column) -> Read:
    value, token, rules = parsed[f"x{at}"], parsed[f"m{at}"], rules_of(column)
    if column.type is ColumnType.numeric:
        finite = value.abs() <= FLOAT_MAX  # '1e999' is no number
        if rules.missing_numbers:
            token = token | is_number_of(value, rules.missing_numbers).fill_null(False)
        value = finite.ifelse(value + 0.0, ibis.null())
    if rules.missing_moments:
        token = token | is_number_of(epoch_us(value), rules.missing_moments).fill_null(False)
    present = parsed[f"p{at}"]
    kept = token.ifelse(ibis.null(), value)
    token = token.fill_null(False)
    return Read(kept, present & value.isnull() & ~token)
