"""What a table holds, column by column, in a handful of aggregates over the whole table.

One Ibis execution costs about 10 ms and a pass over the data far more, so a question is asked for
all columns at once, and only of the columns for which the answer matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import ibis

from fullcycle.core.contract.cells import Physical, physical_type, read_columns
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.contract.vocabulary import HIGH_SENTINELS, LOW_SENTINELS
from fullcycle.core.engines.functions import full_match, histogram, truncate
from fullcycle.core.engines.tables import ROW

Expression = Any
Decimal = Literal[".", ","]

LISTED_AT_MOST = 400  # distinct values that are counted one by one
ODD_AT_MOST = 100  # distinct texts among numbers or dates that are counted one by one
NEARLY_UNIQUE = 0.8  # of the values are distinct: counted exactly, as it may be a key
LEADING_ZEROS = r"[+-]?0[0-9]+"
COMMAS = r"[+-]?[0-9]*,[0-9]+"
THOUSANDS = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+"
DATE_LIKE = r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}(?:[ T][^a-z]*)?"
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
FIRST_DATE, LAST_DATE = 19_000_101, 21_001_231  # a whole number between may be a date without separators


@dataclass
class ColumnSurvey:
    """One column in numbers; a count is of rows. `present` leaves out nulls, NaN and empty texts.

    `numbers` are values that read as finite numbers, `odd` the other texts, each with its count, where they are
    few. `values` are all texts with their counts, where they are few. `forms` are date forms with the number
    of texts that they read.
    """

    name: str
    physical: Physical
    rows: int
    decimal: Decimal = "."
    present: int = 0
    distinct: int = 0
    distinct_is_exact: bool = False
    numbers: int = 0
    whole: int = 0
    low: Any = None
    high: Any = None
    infinite: int = 0
    leading_zeros: int = 0
    commas: int = 0
    thousands: int = 0
    date_like: int = 0
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

    @property
    def is_text(self) -> bool:
        return self.physical == "text"


def survey(table: ibis.Table, decimal: Decimal) -> list[ColumnSurvey]:
    """Every column but the row number. `decimal` is the mark that texts are first read with."""
    kinds = table.schema()
    columns = [
        ColumnSurvey(name, physical_type(kinds[name]), rows=0, decimal=decimal)
        for name in table.columns
        if name != ROW
    ]
    rows = int(table.count().to_pyarrow().as_py())
    for column in columns:
        column.rows = rows
    if rows:
        _count(table, columns)
        _read_commas(table, columns)
        _look_closer(table, columns)
    return columns


# --- the first pass: counts of every column


def _count(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    probed = probe(table, columns)
    measures = {
        f"{name}__{at}": measure
        for at, column in enumerate(columns)
        for name, measure in _measures(probed, at, column).items()
    }
    _store(probed.aggregate(**measures), columns)
    for column in columns:
        if column.physical in ("integer", "decimal", "float"):
            column.numbers = column.present


def probe(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> ibis.Table:
    """t{i}: the text of column i, n{i}: its number, v{i}: its moment or truth, as far as its type has them."""
    asked: list[tuple[str, Column]] = []
    for at, column in enumerate(columns):
        for prefix, kind in _probes(column.physical):
            probing = Column(name=column.name, type=kind, decimal=column.decimal)
            asked.append((f"{prefix}{at}", probing))
    parsed, reads = read_columns(table, [probing for _, probing in asked])
    selected = {key: read.value for (key, _), read in zip(asked, reads, strict=True)}
    for (key, _), read in zip(asked, reads, strict=True):
        if key.startswith("n"):
            selected["b" + key[1:]] = read.out_of_type
    if not selected:
        return parsed.select(nothing=ibis.literal(0))
    return parsed.select(**selected)


def _probes(physical: Physical) -> list[tuple[str, ColumnType]]:
    match physical:
        case "text":
            return [("t", ColumnType.categorical), ("n", ColumnType.numeric)]
        case "integer" | "float" | "decimal":
            return [("n", ColumnType.numeric)]
        case "boolean":
            return [("v", ColumnType.boolean)]
        case "date" | "timestamp":
            return [("v", ColumnType.datetime)]
    return [("t", ColumnType.categorical)]


def _measures(probed: ibis.Table, at: int, column: ColumnSurvey) -> dict[str, Expression]:
    measures: dict[str, Expression] = {}
    if f"v{at}" in probed.columns:
        value = probed[f"v{at}"]
        return {"present": value.count(), "distinct": value.nunique(), **_ends(value, column)}
    if f"n{at}" in probed.columns:
        number = probed[f"n{at}"]
        measures |= {
            "whole": (number == truncate(number)).sum(),
            "low": number.min(),
            "high": number.max(),
        }
        if not column.is_text:
            return measures | {
                "present": number.count(),
                "distinct": number.approx_nunique(),
                "infinite": probed[f"b{at}"].sum(),
            }
        measures["numbers"] = number.count()
    return measures | _text_measures(probed, at)


def _ends(value: Expression, column: ColumnSurvey) -> dict[str, Expression]:
    return {} if column.physical == "boolean" else {"low": value.min(), "high": value.max()}


def _text_measures(probed: ibis.Table, at: int) -> dict[str, Expression]:
    text = probed[f"t{at}"]
    length = text.length()
    measures = {
        "present": text.count(),
        "distinct": text.approx_nunique(),
        "leading_zeros": full_match(text, LEADING_ZEROS).sum(),
        "commas": full_match(text, COMMAS).sum(),
        "thousands": full_match(text, THOUSANDS).sum(),
        "date_like": full_match(text, DATE_LIKE).sum(),
        "characters": length.sum(),
        "longest": length.max(),
        "words": (length - text.replace(" ", "").length()).sum(),
    }
    if f"n{at}" in probed.columns:
        measures["odd_distinct"] = text.approx_nunique(where=probed[f"n{at}"].isnull())
    return measures


# --- a decimal comma in a column of a file that has points, or the other way round


def _read_commas(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    """Columns whose texts read better with the other decimal mark are counted again with it."""
    other: dict[Decimal, Decimal] = {".": ",", ",": "."}
    turned = [column for column in columns if column.is_text and _reads_better_turned(column)]
    if not turned:
        return
    for column in turned:
        column.decimal = other[column.decimal]
    _count(table, turned)
    for column in turned:  # "1,234" is as likely a thousand
        if column.decimal == "," and column.thousands == column.commas > 0:
            column.decimal, column.numbers = ".", 0


def _reads_better_turned(column: ColumnSurvey) -> bool:
    unread = column.present - column.numbers
    if column.decimal == ".":
        return column.commas * 2 > unread > 0
    return unread > 0 and column.numbers * 2 < column.present and column.commas == 0


# --- the second pass: values, odd texts, dates, keys and sentinels, where they matter


def _look_closer(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    probed = probe(table, columns)
    _list_values(probed, columns)
    _measure_ends(probed, columns)
    _read_dates(table, columns)


def _list_values(probed: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    measures: dict[str, Expression] = {}
    for at, column in enumerate(columns):
        if column.is_text and 0 < column.distinct <= LISTED_AT_MOST:
            measures[f"values__{at}"] = histogram(probed[f"t{at}"])
        if column.numbers and 0 < column.odd_distinct <= ODD_AT_MOST:
            measures[f"odd__{at}"] = histogram(probed[f"t{at}"], where=probed[f"n{at}"].isnull())
        if column.present and column.distinct >= NEARLY_UNIQUE * column.present:
            key = f"t{at}" if f"t{at}" in probed.columns else f"n{at}" if f"n{at}" in probed.columns else None
            if key:
                measures[f"distinct__{at}"] = probed[key].nunique()
    _store(probed.aggregate(**measures) if measures else None, columns)
    for at, column in enumerate(columns):
        column.distinct_is_exact = f"distinct__{at}" in measures or column.physical in ("boolean", "date", "timestamp")
        if column.values is not None:
            column.distinct, column.distinct_is_exact = len(column.values), True
        elif column.numbers == column.present and column.low is not None and column.low == column.high:
            column.distinct, column.distinct_is_exact = 1, True


def _measure_ends(probed: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    """How many rows hold a suspicious lowest or highest number, and which number comes next."""
    measures: dict[str, Expression] = {}
    for at, column in enumerate(columns):
        if not column.numbers:
            continue
        number = probed[f"n{at}"]
        if column.low in LOW_SENTINELS:
            measures[f"low_rows__{at}"] = (number == column.low).sum()
            measures[f"above_low__{at}"] = number.min(where=number > column.low)
        if column.high in HIGH_SENTINELS:
            measures[f"high_rows__{at}"] = (number == column.high).sum()
            measures[f"below_high__{at}"] = number.max(where=number < column.high)
    _store(probed.aggregate(**measures) if measures else None, columns)


def _read_dates(table: ibis.Table, columns: Sequence[ColumnSurvey]) -> None:
    choices = [(column, forms) for column in columns for forms in _forms_to_try(column)]
    counts = count_moments(table, choices)
    for (column, forms), count in zip(choices, counts, strict=True):
        column.forms[forms] = count


def _forms_to_try(column: ColumnSurvey) -> Iterable[tuple[str, ...]]:
    if column.is_text and column.date_like * 2 >= column.present > 0:
        return FORM_CHOICES
    whole = column.numbers and column.whole == column.numbers and not column.leading_zeros
    if whole and FIRST_DATE <= column.low <= column.high <= LAST_DATE:
        return (("ymd",),)
    return ()


def count_moments(
    table: ibis.Table, choices: Sequence[tuple[ColumnSurvey, tuple[str, ...]]]
) -> list[int]:
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


def _store(aggregate: ibis.Table | None, columns: Sequence[ColumnSurvey]) -> None:
    """Each measure `name__i` into attribute `name` of column i."""
    if aggregate is None:
        return
    [row] = aggregate.to_pyarrow().to_pylist()
    for key, value in row.items():
        name, _, at = key.rpartition("__")
        stored: Callable[[Any], Any] = dict if isinstance(value, list) else lambda given: given
        if value is None and name in ("values", "odd"):
            value = []
        setattr(columns[int(at)], name, stored(value) if value is not None else _nothing(name))


def _nothing(name: str) -> Any:
    """An aggregate over no rows: no bounds, and otherwise zero."""
    return None if name in ("low", "high", "above_low", "below_high") else 0
