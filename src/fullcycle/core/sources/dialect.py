"""How a text table is written: its separator, its decimal mark, its header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from fullcycle.core.errors import UserError
from fullcycle.core.sources.scan import HEADER_AND_ROWS, Scan

SEPARATORS = (",", ";", "\t", "|")
SAMPLE_RECORDS = 500
CELL_LIMIT = 1 << 30  # Python's own limit of 131,072 characters refuses cells that people do have
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")
DECIMAL_POINT = re.compile(r"\s*[+-]?\d+\.\d+\s*")
THOUSANDS = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")

Decimal = Literal[".", ","]


@dataclass(frozen=True)
class Dialect:
    """What a reader must know; `header` holds the names as written."""

    separator: str
    decimal: Decimal
    header: tuple[str, ...]


def find_dialect(scan: Scan, encoding: str, separator: str, decimal: str, where: str) -> Dialect:
    """From the sample at the file's start; `auto` is found out, anything else is obeyed."""
    text = _sample_text(scan, encoding, where)
    chosen = _find_separator(text, scan.whole) if separator == "auto" else _checked(separator)
    records = _records(text, chosen, scan.whole)
    if not records:
        raise UserError(where=where, found="no header line", expected=HEADER_AND_ROWS, hint="write it again")
    return Dialect(chosen, _find_decimal(records[1:], decimal), tuple(records[0]))


def _sample_text(scan: Scan, encoding: str, where: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(scan.sample, final=scan.whole)
    except UnicodeError as error:
        raise wrong_encoding(where, encoding, error) from error


def wrong_encoding(where: str, encoding: str, error: UnicodeError, lines_before: int = 0) -> UserError:
    """Bytes that the encoding doesn't have; the line is counted where the error knows its place."""
    line = ""
    found = f"bytes that are no {encoding}"
    if isinstance(error, UnicodeDecodeError):
        line = f", line {lines_before + error.object[: error.start].count(10) + 1}"
        found = f"byte {error.object[error.start : error.start + 1].hex(' ')}, which is no {encoding}"
    return UserError(
        where=where + line,
        found=found,
        expected=f"text in {encoding}",
        hint="set data.encoding in fullcycle.yaml (`encoding: auto` finds it out)",
    )


def _checked(separator: str) -> str:
    plain = {"\\t": "\t", "tab": "\t"}.get(separator, separator)
    if len(plain) == 1 and plain not in '"\r\n':
        return plain
    raise UserError(
        where="fullcycle.yaml, key data.separator",
        found=repr(separator),
        expected='one character, such as "," or ";" or "\\t"',
        hint="`separator: auto` finds it out",
    )


def _find_separator(text: str, whole: bool) -> str:
    """The one that cuts most records into as many fields as the header has; more fields win a draw."""
    ranked = [(_agreement(_records(text, separator, whole)), separator) for separator in SEPARATORS]
    best = max(score for score, _ in ranked)
    if best[0] > 0:
        return next(separator for score, separator in ranked if score == best)
    uncut = (s for s in SEPARATORS if all(len(record) == 1 for record in _records(text, s, whole)))
    return next(uncut, SEPARATORS[0])


def _agreement(records: Sequence[list[str]]) -> tuple[float, int]:
    width = len(records[0]) if records else 1
    if width < 2:
        return 0.0, 1
    rows = records[1:]
    return (sum(len(row) == width for row in rows) + 1) / (len(rows) + 1), width


def _records(text: str, separator: str, whole: bool) -> list[list[str]]:
    """The first records; where the sample ends within one, that one is left out (unless it is the header)."""
    records: list[list[str]] = []
    with long_cells():
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for record in reader:
            if record:
                records.append(record)
            if len(records) > SAMPLE_RECORDS:
                return records
    return records if whole or len(records) < 2 else records[:-1]


def _find_decimal(rows: Sequence[Sequence[str]], wanted: str) -> Decimal:
    """A comma, if more cells have one inside a number than a point, and not all of those are thousands."""
    if wanted in (".", ","):
        return "," if wanted == "," else "."
    forms: Counter[str] = Counter()
    for row in rows:
        for cell in row:
            if len(cell) > 40:
                continue
            if DECIMAL_POINT.fullmatch(cell):
                forms["point"] += 1
            elif DECIMAL_COMMA.fullmatch(cell):
                forms["thousands" if THOUSANDS.fullmatch(cell) else "comma"] += 1
    return "," if forms["comma"] and forms["comma"] + forms["thousands"] > forms["point"] else "."


@contextmanager
def long_cells() -> Iterator[None]:
    """Let csv read cells of any length, and put its limit back."""
    before = csv.field_size_limit(CELL_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)
