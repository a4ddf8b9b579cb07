"""Columns of few distinct texts, read once for each text instead of once for each cell.

Reading a cell by the contract takes regular expressions. Which few texts a column has is a GROUP BY, cheap
where Parquet keeps a dictionary of them; what each of them means is then a lookup, and mostly nothing at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ibis

from fullcycle.core.contract.cells import TYPES, WORDED, physical_type, read_columns
from fullcycle.core.contract.grammar import NUL
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.plain import small_table
from fullcycle.core.engines.tables import to_arrow
from fullcycle.core.engines.tall import known_row_count
from fullcycle.core.engines.values import few_counts

LONG_ROWS = 200_000  # below, reading every cell costs less than asking for the texts of each column
SPELLED_OUT = 32  # texts that mean something else; more are read cell by cell
LOOKED_UP = (*WORDED, ColumnType.boolean)
READING = (
    *("type", "missing", "decimal", "thousands", "unit", "negative", "zero", "formats"),
    *("strip", "lower", "spelling"),
)
CHEAP = ("integer", "float", "boolean", "date", "timestamp")  # read by a cast and a comparison


class TextRead(NamedTuple):
    """A text of a column: how many rows have it, what it means (None: nothing), whether it is out of type."""

    rows: int
    value: Any
    out_of_type: bool


TextsRead = Mapping[str, Mapping[str, TextRead]]


def read_few_texts(table: ibis.Table, contract: Contract) -> dict[str, dict[str, TextRead]]:
    """By column of a long table, all its texts, most frequent first, where they are few."""
    if known_row_count(table) < LONG_ROWS:
        return {}
    asked = {c.name: c for c in contract.columns if c.type in LOOKED_UP and _is_text(table, c)}
    counts = few_counts(table, list(asked))
    return _read(asked, counts)


def reads_every_cell(table: ibis.Table, contract: Contract, texts: TextsRead) -> bool:
    """Whether coercing the table costs more than reading it again."""
    there = [column for column in contract.columns if column.name in table.columns]
    return any(
        physical_type(table[column.name].type()) not in CHEAP
        and meaning_of(table[column.name], column, texts) is None
        for column in there
    )


def meaning_of(raw: Any, column: Column, texts: TextsRead) -> Any:
    """The coerced column as a lookup of its texts; None where they aren't known, or too many mean another."""
    read = texts.get(column.name)
    if read is None:
        return None
    worded = column.type in WORDED
    other = {text: found.value for text, found in read.items() if not worded or found.value != text}
    if len(other) > SPELLED_OUT or any(NUL in text for text in other):
        return None
    kind = TYPES[column.type]
    rest = raw if worded else ibis.null(kind)
    if not other:
        return rest.cast(kind)
    return raw.cases(*((text, ibis.literal(value, kind)) for text, value in other.items()), else_=rest)


def _is_text(table: ibis.Table, column: Column) -> bool:
    return column.name in table.columns and physical_type(table[column.name].type()) == "text"


def _read(
    asked: Mapping[str, Column], counts: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, TextRead]]:
    """Columns that are read alike are read together: compiling that costs more than reading few texts."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        alike[_as_read(asked[name]).model_dump_json()].append(name)
    found = {}
    for names in alike.values():
        read = _meanings(_as_read(asked[names[0]]), sorted({text for name in names for text in counts[name]}))
        for name in names:
            found[name] = {text: TextRead(n, *read[text]) for text, n in counts[name].items()}
    return {name: found[name] for name in counts}


def _as_read(column: Column) -> Column:
    """What decides how a cell is read, under one name for every column."""
    return Column(name="raw", **{key: getattr(column, key) for key in READING})


def _meanings(column: Column, texts: Sequence[str]) -> dict[str, tuple[Any, bool]]:
    listed = small_table(raw=list(texts))
    parsed, [read] = read_columns(listed, [column], keep=["raw"])
    rows = to_arrow(parsed.select("raw", value=read.value, out=read.out_of_type))
    return {row["raw"]: (row["value"], row["out"]) for row in rows.to_pylist()}
