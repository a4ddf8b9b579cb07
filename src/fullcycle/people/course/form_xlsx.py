"""The form as a table of Excel: found by its columns, so rows may be sorted, filtered and left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import written_aside
from fullcycle.people.course.form import HINT, Known, Row
from fullcycle.people.course.sheets import column_letter, open_book, read_sheet
from fullcycle.people.course.works import Mark, Marks
from fullcycle.people.report.words import Words

SHEET = "marks"
# Keys stand in the first row, hidden, whatever the language of the second.
KEYS = ("learner", "name", "item", "what", "at_most", "handed_in", "evidence", "mark", "comment")
WIDTHS = (14, 24, 30, 60, 8, 36, 12, 10, 60)
FIRST_ROW = 2  # below keys and titles, from 0


def _(message: str) -> str:
    return message


TITLES = (
    _("Learner"),
    _("Name"),
    _("Key"),
    _("What"),
    _("At most"),
    _("Handed in"),
    _("By evidence"),
    _("Mark"),
    _("Comment"),
)


def write_xlsx(path: Path, rows: Sequence[Row], words: Words) -> None:
    """One sheet; marks outside their bounds are refused where they are typed."""
    with written_aside(path) as aside, open_book(aside) as book:
        sheet = book.add_worksheet(SHEET)
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        wanted = book.add_format({"bg_color": "#fbf0dc", "border": 1, "border_color": "#b26a00"})
        for column, (key, title, width) in enumerate(zip(KEYS, TITLES, WIDTHS, strict=True)):
            sheet.write_string(0, column, key)
            sheet.write_string(1, column, words.gettext(title), head)
            sheet.set_column(column, column, width, wrap)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.freeze_panes(FIRST_ROW, 0)
        sheet.autofilter(1, 0, max(1, len(rows) + 1), len(KEYS) - 1)
        for number, row in enumerate(rows, start=FIRST_ROW):
            _write_row(sheet, number, row, wanted)


def _write_row(sheet: Any, number: int, row: Row, wanted: Any) -> None:
    texts = {
        "learner": row.learner,
        "name": row.name,
        "item": row.item,
        "what": row.what,
        "handed_in": row.handed_in,
        "evidence": row.evidence,
        "comment": row.comment,
    }
    for key, text in texts.items():
        sheet.write_string(number, KEYS.index(key), text)
    sheet.write_number(number, KEYS.index("at_most"), float(row.at_most))
    place = number, KEYS.index("mark")
    if row.mark is not None:
        sheet.write_number(*place, float(row.mark))
    elif row.to_mark:
        sheet.write_blank(*place, None, wanted)
    bounds = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": float(row.at_most)}
    sheet.data_validation(*place, *place, bounds)


def read_xlsx(path: Path, known: Known) -> Marks:
    """What stands in the columns `mark` and `comment`. UserError names sheet and cell."""
    table = read_sheet(path, HINT)
    keys = [str(cell) for cell in table[0]] if table else []
    missing = [key for key in ("learner", "item", "mark", "comment") if key not in keys]
    if missing:
        raise UserError(
            where=f"{path.name}, row 1",
            found=f"no column {missing[0]!r}",
            expected=f"the hidden row of keys: {', '.join(KEYS)}",
            hint="`fullcycle assess course form` writes the form again and keeps its marks",
        )
    place = {key: keys.index(key) for key in keys}
    marks: dict[tuple[str, str], Mark] = {}
    seen: set[tuple[str, str]] = set()
    for number, cells in enumerate(table[FIRST_ROW:], start=FIRST_ROW + 1):
        learner, item = (str(cells[place[key]]).strip() for key in ("learner", "item"))
        if not learner and not item:
            continue
        at = {key: f"{path.name}, cell {column_letter(column)}{number}" for key, column in place.items()}
        known.check_learner(learner, at["learner"])
        given = cells[place["mark"]], str(cells[place["comment"]])
        mark = known.mark(learner, item, given, (at["item"], at["mark"]))
        _check_once(seen, (learner, item), at["item"])
        if mark.points is not None or mark.comment:
            marks[learner, item] = mark
    return marks


def _check_once(seen: set[tuple[str, str]], key: tuple[str, str], where: str) -> None:
    """Each part once: of two rows nobody could tell which holds."""
    if key in seen:
        raise UserError(
            where=where, found=f"{key[1]} of {key[0]} a second time", expected="each part once", hint=HINT
        )
    seen.add(key)
