"""What a table holds, column by column, in a handful of aggregates over the whole table.

One Ibis execution costs about 10 ms and a pass over the data far more, so a question is asked for
all columns at once, and only of the columns for which the answer matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis

from fullcycle.core.contract.cells import Physical, number_of, physical_type, read_columns
from fullcycle.core.contract.epochs import epoch_form, epoch_measures
from fullcycle.core.contract.grammar import DASHES, DATE_FORMS, NO_BREAK
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.contract.rules import FLOAT_MAX
from fullcycle.core.contract.styles import (
    NEGATIVE_LIKE,
    Decimal,
    Style,
    is_one_scale,
    other_reading,
    rank_of,
    styled,
    styles_of,
)
from fullcycle.core.contract.vocabulary import (
    AGE_AT_MOST,
    AGE_WORDS,
    HIGH_SENTINELS,
    LOW_SENTINELS,
    NEVER_NEGATIVE,
    UNITS,
    words_of,
)
from fullcycle.core.engines.functions import (
    full_match,
    histogram,
    is_one_of,
    truncate,
)
from fullcycle.core.engines.tables import ROW

Expression = Any

LISTED_AT_MOST = 400  # distinct values that are counted one by one
ODD_AT_MOST = 100  # distinct texts among numbers or dates that are counted one by one
NEARLY_UNIQUE = 0.8  # of the values are distinct: counted exactly, as it may be a key
LEADING_ZEROS = r"[+-]?0[0-9]+"
COMMAS = r"[+-]?[0-9]*,[0-9]+"
THOUSANDS = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+"
DATE_LIKE = r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}(?:,?[ T].*)?"
NAMED_DATE = f"{DATE_FORMS['dmy_name'].pattern}|{DATE_FORMS['mdy_name'].pattern}"
DOTTED_DATE = r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2,4}(?:,?[ T].*)?"
SHORT_DATE = r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2}(?:,?[ T].*)?"
BESIDE_DIGITS = f"0-9.,'’ +(){DASHES}{NO_BREAK}-"
NUMBER_LIKE = f"[^0-9\n]{{0,8}}[0-9][0-9.,'’ {NO_BREAK}]*[^0-9\n]{{0,8}}"
FORM_CHOICES: tuple[tuple[str, ...], ...] = (
    ("iso",),
    ("ymd",),
    ("dmy",),
    ("mdy",),
    ("iso", "ymd"),
    ("iso", "dmy"),
    ("iso", "mdy"),
    ("ymd", "dmy"),
    ("ymd", "mdy"),
)
SHORT_CHOICES: tuple[tuple[str, ...], ...] = (
    ("dmy2",),
    ("mdy2",),
    ("dmy", "dmy2"),
    ("mdy", "mdy2"),
    ("iso", "dmy2"),
    ("iso", "mdy2"),
)
NAMED_CHOICES: tuple[tuple[str, ...], ...] = (
    ("dmy_name",),
    ("mdy_name",),
    ("dmy_name", "mdy_name"),
    ("iso", "dmy_name"),
    ("iso", "mdy_name"),
    ("dmy", "dmy_name"),
    ("mdy", "mdy_name"),
)
COLUMNS_AT_ONCE = 100  # the cost of compiling one query grows faster than the number of its columns
BOUNDS = ("low", "high", "above_low", "below_high", "epoch_first")  # null where there is no value
PROBED_AS: dict[Physical, ColumnType] = {
    "text": ColumnType.categorical,
    "integer": ColumnType.numeric,
    "float": ColumnType.numeric,
    "decimal": ColumnType.numeric,
    "boolean": ColumnType.boolean,
    "date": ColumnType.datetime,
    "timestamp": ColumnType.datetime,
    "other": ColumnType.categorical,
}
CACHED_CELLS = 20_000_000  # a table up to here is read once and kept while its columns are surveyed
IMPOSSIBLE_DISTINCT = 5  # more numbers below zero are no slips
FIRST_DATE, LAST_DATE = 19_000_101, 21_001_231  # a whole number between may be a date without separators


@dataclass
class ColumnSurvey:
    """One column in numbers; a count is of rows. `present` leaves out nulls, NaN and empty texts.

    `numbers` are values that read as finite numbers, `odd` the other texts, each with its count, where they
    are few. `values` are all texts with their counts, where they are few. `forms` are date forms with the
    number of texts that they read.
    """

    name: str
    physical: Physical
    rows: int
    style: Style = field(default_factory=Style)
    ambiguous: Style | None = None  # another style that reads as many
    number_like: int = 0
    plain_numbers: int = 0  # without a unit
    brackets: int = 0  # (5), as accountants write -5
    trailing: int = 0  # 5-
    dash: int = 0  # with a true minus, or what word processors make of a hyphen
    unit_and_dash: int = 0  # $-, as accountants write zero
    units: dict[str, int] | None = None
    present: int = 0
    distinct: int = 0  # estimated within some percent, unless few or nearly all are distinct
    numbers: int = 0
    whole: int = 0
    low: float | None = None
    high: float | None = None
    infinite: int = 0
    leading_zeros: int = 0
    commas: int = 0
    thousands: int = 0
    date_like: int = 0
    named_dates: int = 0
    short_dates: int = 0
    dotted: int = 0
    characters: int = 0
    longest: int = 0
    words: int = 0
    odd_distinct: int = 0
    values: dict[str, int] | None = None
    odd: dict[str, int] | None = None
    forms: dict[tuple[str, ...], int] = field(default_factory=dict)
    low_rows: int = 0
    above_low: float | None = None
    high_rows: int = 0
    below_high: float | None = None
    epoch_rows: int = 0  # numbers that are moments of our time since 1970
    epoch_first: float | None = None
    epoch_minutes: int = 0  # those that are whole minutes
    never: int = 0
    impossible: dict[float, int] = field(default_factory=dict)  # numbers that the name rules out, by count

    @property
    def is_text(self) -> bool:
        return self.physical == "text"

    @property
    def all_numbers(self) -> bool:
        return self.numbers == self.present > 0


def survey(table: ibis.Table, decimal: Decimal) -> list[ColumnSurvey]:
    """Every column but the row number. `decimal` is the mark that texts are first read with."""
    kinds, rows = table.schema(), int(table.count().to_pyarrow().as_py())
    columns = [
        ColumnSurvey(name, physical_type(kinds[name]), rows=rows, style=Style(decimal))
        for name in table.columns
        if name != ROW
    ]
    for start in range(0, len(columns) if rows else 0, COLUMNS_AT_ONCE):
        _survey_some(table, columns[start : start + COLUMNS_AT_ONCE])
    return columns


def _survey_some(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    probed = _probe(table, columns)
    _ask(probed, columns, _counts)
    _ask(probed, columns, _text_counts)
    turned = [column for column in columns if column.is_text and _reads_better_turned(column)]
    if turned:
        _turn(table, turned)
        probed = _probe(table, columns)
    marked = [column for column in columns if column.is_text and column.number_like > column.numbers]
    if _restyle(table, probed, marked, columns):
        probed = _probe(table, columns)
    _ask(probed, columns, _lists)
    _settle_distinct(columns)
    _ask(probed, columns, _ends)
    _list_impossible(probed, columns)
    _read_dates(table, columns)


@dataclass(frozen=True)
class Probe:
    """A column as expressions: its text, number, and moment or truth, as far as its type has them."""

    text: Expression = None
    number: Expression = None
    infinite: Expression = None
    other: Expression = None


Measures = dict[str, Expression]


def _probe(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> ibis.Table:
    """Columns text0, number0, infinite0 or other0 for the first column, and so on."""
    probing = [Column(name=column.name, type=PROBED_AS[column.physical]) for column in columns]
    parsed, reads = read_columns(table, probing)
    read = parsed.select(
        **{f"value{at}": read.value for at, read in enumerate(reads)},
        **{
            f"infinite{at}": read.out_of_type
            for at, read in enumerate(reads)
            if columns[at].physical == "float"
        },
    )
    probed = read.select(
        **{key: part for at, column in enumerate(columns) for key, part in _parts(read, at, column).items()}
    )
    return probed.cache() if columns[0].rows * len(columns) <= CACHED_CELLS else probed


def _parts(read: ibis.Table, at: int, column: ColumnSurvey) -> dict[str, Expression]:
    value = read[f"value{at}"]
    match column.physical:
        case "text":
            number = number_of(value, styled(column.name, column.style))
            return {
                f"text{at}": value,
                f"number{at}": (number.abs() <= FLOAT_MAX).ifelse(number, ibis.null()),
            }
        case "float":
            return {f"number{at}": value, f"infinite{at}": read[f"infinite{at}"]}
        case "integer" | "decimal":
            return {f"number{at}": value}
        case "boolean" | "date" | "timestamp":
            return {f"other{at}": value}
    return {f"text{at}": value}


def _ask(
    probed: ibis.Table,
    columns: Sequence[ColumnSurvey],
    measures_of: Callable[[ColumnSurvey, Probe], Measures],
) -> None:
    """Measure and store, in one aggregate: each measure goes to the attribute of its name."""
    there = set(probed.columns)
    measures = {
        f"{name}__{at}": measure
        for at, column in enumerate(columns)
        for name, measure in measures_of(column, _probe_of(probed, there, at)).items()
    }
    if measures:
        [row] = probed.aggregate(**measures).to_pyarrow().to_pylist()
        _store(row, columns)


def _probe_of(probed: ibis.Table, there: set[str], at: int) -> Probe:
    roles = ("text", "number", "infinite", "other")
    return Probe(**{role: probed[f"{role}{at}"] for role in roles if f"{role}{at}" in there})


def _store(row: dict[str, Any], columns: Sequence[ColumnSurvey]) -> None:
    for key, value in row.items():
        name, _, at = key.rpartition("__")
        if name in ("values", "odd", "units"):
            setattr(columns[int(at)], name, dict(value or []))
        else:  # a sum over no rows is null
            setattr(columns[int(at)], name, 0 if value is None and name not in BOUNDS else value)


# --- what is asked, of which columns


def _counts(column: ColumnSurvey, probe: Probe) -> Measures:
    if column.is_text:
        return {
            "present": probe.text.count(),
            "distinct": probe.text.approx_nunique(),
            "numbers": probe.number.count(),
            "leading_zeros": full_match(probe.text, LEADING_ZEROS).sum(),
            **_bounds(probe.number),
        }
    if probe.number is not None:
        present = {"present": probe.number.count(), "numbers": probe.number.count()}
        infinite = {} if probe.infinite is None else {"infinite": probe.infinite.sum()}
        distinct = {"distinct": probe.number.approx_nunique()}
        return present | infinite | distinct | _bounds(probe.number)
    if probe.other is not None:
        return {"present": probe.other.count(), "distinct": probe.other.nunique()}
    return {"present": probe.text.count(), "distinct": probe.text.approx_nunique()}


def _bounds(number: Expression) -> Measures:
    return {"low": number.min(), "high": number.max(), "whole": (number == truncate(number)).sum()}


def _text_counts(column: ColumnSurvey, probe: Probe) -> Measures:
    if not column.is_text or (column.all_numbers and column.style.decimal == "."):
        return {}
    length = probe.text.length()
    return {
        "commas": full_match(probe.text, COMMAS).sum(),
        "thousands": full_match(probe.text, THOUSANDS).sum(),
        "number_like": full_match(probe.text, NUMBER_LIKE).sum(),
        "date_like": full_match(probe.text, DATE_LIKE).sum(),
        "named_dates": full_match(probe.text, NAMED_DATE).sum(),
        "short_dates": full_match(probe.text, SHORT_DATE).sum(),
        "dotted": full_match(probe.text, DOTTED_DATE).sum(),
        "characters": length.sum(),
        "longest": length.max(),
        "words": (length - probe.text.replace(" ", "").length()).sum(),
        "odd_distinct": probe.text.approx_nunique(where=probe.number.isnull()),
    }


def _turn(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    """Columns whose texts read better with the other decimal mark are counted again with it."""
    other: dict[Decimal, Decimal] = {".": ",", ",": "."}
    for column in columns:
        column.style = column.style._replace(decimal=other[column.style.decimal])
    probed = _probe(table, columns)
    _ask(probed, columns, _counts)
    _ask(probed, columns, _text_counts)


def _restyle(
    table: ibis.Table, probed: ibis.Table, marked: Sequence[ColumnSurvey], columns: Sequence[ColumnSurvey]
) -> bool:
    """Find how marked columns write numbers, and count them again; whether any reads better so."""
    if not marked:
        return False
    _ask(probed, columns, lambda column, probe: _beside_digits(probe) if column in marked else {})
    choices = [(column, style) for column in marked for style in styles_of(column)]
    counts = _count_numbers(table, choices)
    better = []
    for column in marked:
        found = {style: counts[at] for at, (other, style) in enumerate(choices) if other is column}
        best = min(found, key=lambda style: rank_of(style, found[style], column.style.decimal))
        if found[best] > column.numbers and is_one_scale(column, best):
            column.ambiguous = other_reading(column, best, found)
            column.style = best
            better.append(column)
    if better:
        probed = _probe(table, better)
        _ask(probed, better, _counts)
        _ask(probed, better, _text_counts)
    return bool(better)


def _beside_digits(probe: Probe) -> Measures:
    """What stands beside digits, without the digits and their marks; texts of one number only."""
    beside = probe.text.lower().re_replace(f"[{BESIDE_DIGITS}]", "")
    one_number = full_match(probe.text, NUMBER_LIKE)
    known = is_one_of(beside, UNITS)
    return {
        "units": histogram(beside, where=one_number & known),
        "plain_numbers": (one_number & (beside == "")).sum(),
        "unit_and_dash": (known & full_match(probe.text, "[^0-9-]*-[^0-9-]*")).sum(),
        **{
            name: (one_number & (known | (beside == "")) & full_match(probe.text, pattern)).sum()
            for name, pattern in NEGATIVE_LIKE.items()
        },
    }


def _count_numbers(table: ibis.Table, choices: Sequence[tuple[ColumnSurvey, Style]]) -> list[int]:
    probing = [styled(column.name, style) for column, style in choices]
    parsed, reads = read_columns(table, probing)
    counts = parsed.aggregate(**{f"c{at}": read.value.count() for at, read in enumerate(reads)})
    [row] = counts.to_pyarrow().to_pylist()
    return [int(row[f"c{at}"]) for at in range(len(choices))]


def _list_impossible(probed: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    """Numbers that a column's name rules out, where they are few: an age of -5 or 250."""
    for at, column in enumerate(columns):
        words = set(words_of(column.name))
        if not column.numbers or column.low is None or column.high is None:
            continue
        number = probed[f"number{at}"]
        broken: Expression = ibis.literal(False)
        if words & NEVER_NEGATIVE and column.low < 0:
            broken = broken | (number < 0)
        if words & AGE_WORDS and column.high > AGE_AT_MOST:
            broken = broken | (number > AGE_AT_MOST)
        if isinstance(broken, ibis.expr.types.BooleanScalar):
            continue
        chosen = probed.select(value=number).filter(broken.fill_null(False))
        counted = chosen.group_by("value").aggregate(rows=chosen.count()).order_by("value")
        listed = counted.limit(IMPOSSIBLE_DISTINCT + 1).to_pyarrow().to_pylist()
        if len(listed) <= IMPOSSIBLE_DISTINCT:
            column.impossible = {row["value"]: int(row["rows"]) for row in listed}


def _reads_better_turned(column: ColumnSurvey) -> bool:
    unread = column.present - column.numbers
    if column.style.decimal == ".":  # and "1,234" is as likely a thousand
        return column.commas * 2 > unread > 0 and column.thousands < column.commas
    return column.numbers * 2 < column.present and column.commas == 0


def _lists(column: ColumnSurvey, probe: Probe) -> Measures:
    measures: Measures = {}
    words = column.is_text and (not column.all_numbers or column.leading_zeros > 0)
    if words and column.distinct <= LISTED_AT_MOST:
        measures["values"] = histogram(probe.text)
    if column.numbers and 0 < column.odd_distinct <= ODD_AT_MOST:
        measures["odd"] = histogram(probe.text, where=probe.number.isnull())
    if column.distinct >= NEARLY_UNIQUE * column.present and probe.other is None:
        measures["distinct"] = (probe.number if probe.text is None else probe.text).nunique()
    return measures


def _settle_distinct(columns: Sequence[ColumnSurvey]) -> None:
    for column in columns:
        if column.values is not None:
            column.distinct = len(column.values)
        elif column.all_numbers and column.low == column.high:
            column.distinct = 1


def _ends(column: ColumnSurvey, probe: Probe) -> Measures:
    """How many rows hold a suspicious lowest or highest number, and which number comes next."""
    measures: Measures = {}
    if column.low in LOW_SENTINELS:
        measures["low_rows"] = (probe.number == column.low).sum()
        measures["above_low"] = probe.number.min(where=probe.number > column.low)
    if column.high in HIGH_SENTINELS:
        measures["high_rows"] = (probe.number == column.high).sum()
        measures["below_high"] = probe.number.max(where=probe.number < column.high)
    form = epoch_form(column.high)
    if form is not None and column.whole == column.numbers:
        measures |= epoch_measures(probe.number, form)
    return measures


def _read_dates(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    choices = [(column, forms) for column in columns for forms in _forms_to_try(column)]
    counts = count_moments(table, choices)
    for (column, forms), count in zip(choices, counts, strict=True):
        column.forms[forms] = count


def _forms_to_try(column: ColumnSurvey) -> Iterable[tuple[str, ...]]:
    dates = max(column.date_like, column.named_dates, column.date_like + column.named_dates)
    if column.is_text and dates * 2 >= column.present > 0:
        short = SHORT_CHOICES if column.short_dates else ()
        return (*FORM_CHOICES, *short, *(NAMED_CHOICES if column.named_dates else ()))
    if column.low is None or column.high is None or column.whole < column.numbers:
        return ()
    return (("ymd",),) if FIRST_DATE <= column.low <= column.high <= LAST_DATE else ()


def count_moments(table: ibis.Table, choices: Sequence[tuple[ColumnSurvey, tuple[str, ...]]]) -> list[int]:
    """For each column and choice of forms, the number of rows that read as moments."""
    if not choices:
        return []
    probing = [Column(name=column.name, type=ColumnType.datetime, formats=forms) for column, forms in choices]
    parsed, reads = read_columns(table, probing)
    counts = parsed.aggregate(**{f"c{at}": read.value.count() for at, read in enumerate(reads)})
    [row] = counts.to_pyarrow().to_pylist()
    return [int(row[f"c{at}"]) for at in range(len(choices))]


def list_unread(table: ibis.Table, column: ColumnSurvey, forms: tuple[str, ...]) -> dict[str, int]:
    """Texts that are no moments in any of the forms, with their counts."""
    text = Column(name=column.name, type=ColumnType.categorical)
    moment = Column(name=column.name, type=ColumnType.datetime, formats=forms)
    parsed, [read_text, read_moment] = read_columns(table, [text, moment])
    unread = parsed.select(text=read_text.value, moment=read_moment.value)
    unread = unread.filter(unread["moment"].isnull() & unread["text"].notnull())
    counted = unread.group_by("text").aggregate(rows=unread.count())
    listed = counted.order_by([ibis.desc("rows"), "text"]).limit(ODD_AT_MOST + 1).to_pyarrow().to_pylist()
    return {row["text"]: int(row["rows"]) for row in listed}
