"""Tables of Excel, written and read: what a learner is called can never become a formula or a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError

# Excel and others take a cell of CSV that starts so for a formula (OWASP, "CSV injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def open_book(path: Path) -> Iterator[Any]:
    """A workbook, written when the block ends. It has no time of its own, so that equal books are equal."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), OPTIONS)
    book.set_properties({"created": dt.datetime(2000, 1, 1)})
    try:
        yield book
    finally:
        book.close()


def read_sheet(path: Path, hint: str) -> list[list[Any]]:
    """Cells of the first sheet, from A1 on; empty cells are ''. UserError where it can't be read."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return list(sheet.to_python(skip_empty_area=False))
    except (CalamineError, OSError) as error:
        raise UserError(
            where=str(path),
            found=f"a table that can't be read ({error})",
            expected="an .xlsx file",
            hint=hint,
        ) from error


def column_letter(number: int) -> str:
    """A for 0.

    >>> [column_letter(number) for number in (0, 7, 25, 26)]
    ['A', 'H', 'Z', 'AA']
    """
    letters = ""
    number += 1
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def harmless(text: str) -> str:
    """Text for a cell of CSV: an apostrophe before what a table program would take for a formula.

    >>> harmless("=1+1"), harmless("Anna")
    ("'=1+1", 'Anna')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
