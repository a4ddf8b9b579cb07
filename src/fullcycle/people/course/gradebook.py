"""The gradebook: a line for each learner as XLSX and CSV, and in the workbook every part and the rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from fullcycle.core.project.files import write_text_atomically, written_aside
from fullcycle.people.course.course_file import WORKS, Course, project_works
from fullcycle.people.course.grade import HOMEWORK, PROJECT, QUIZ
from fullcycle.people.course.said import (
    CREDIT,
    FIVE_POINT,
    ROUNDING,
    STATES,
    item_title,
    late_rule,
    missing_rule,
    notes_of,
    problem_text,
    shown_text,
    work_title,
)
from fullcycle.people.course.sheets import harmless, open_book
from fullcycle.people.course.works import Result
from fullcycle.people.report.words import Words

Value = str | Fraction | int | None
DECIMALS = 6  # of a fraction in CSV: a third has no end, and no grade is made of what stands there

NARROWEST, WIDEST = 12, 60  # widths of columns, in characters


def _(message: str) -> str:
    return message


def columns(course: Course, words: Words) -> list[str]:
    """Titles of the gradebook."""
    works = [work_title(words, work) for work in _works(course)]
    means = [words.gettext(title) for title in (_("Mean of homework"), _("Mean of projects"))]
    final = (
        _("Learner"), _("Name"), _("Exact"), _("Final (of ten)"), _("Five-point"), _("In words"), _("Credit"),
        _("Notes"), _("Rounding"),
    )  # fmt: skip
    titles = [words.gettext(title) for title in final]
    return [*titles[:2], *works, *means, *titles[2:]]


def _works(course: Course) -> list[str]:
    """Of the learner with most projects: who has fewer has empty cells."""
    projects = max((list(project_works(each)) for each in course.learners), key=len)
    return [*(work for work in WORKS if work.startswith("homework")), *(name for name, _ in projects), "quiz"]


def line(course: Course, result: Result, words: Words) -> list[Value]:
    """A learner's cells, in the order of `columns`; what is open is empty."""
    points = {work.id: work.counted for work in result.works}
    grade = result.grade
    final: list[Value] = [None] * 5
    if grade is not None:
        five, credit = words.gettext(FIVE_POINT[grade.five]), words.gettext(CREDIT[grade.passed])
        final = [grade.exact, grade.ten, grade.five, five, credit]
    return [
        result.learner.id,
        result.learner.name,
        *(points.get(work) for work in _works(course)),
        result.homework_mean,
        result.project_mean,
        *final,
        notes(course, result, words),
        words.gettext(ROUNDING[course.rounding]),
    ]


def notes(course: Course, result: Result, words: Words) -> str:
    """What is missing, late or open, work by work."""
    told = [(work, ", ".join(notes_of(words, work, course))) for work in result.works]
    return "; ".join(f"{work_title(words, work.id)}: {text}" for work, text in told if text)


def write_csv(path: Path, course: Course, results: Sequence[Result], words: Words) -> None:
    """UTF-8 with a mark, by which Excel knows it; no cell can become a formula."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([harmless(title) for title in columns(course, words)])
    for result in results:
        table.writerow([_plain(value) for value in line(course, result, words)])
    write_text_atomically(path, "\N{ZERO WIDTH NO-BREAK SPACE}" + text.getvalue())


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Fraction):
        shown = f"{float(value):.{DECIMALS}f}".rstrip("0")
        return shown.removesuffix(".")
    return str(value) if isinstance(value, int) else harmless(value)


def write_xlsx(path: Path, course: Course, results: Sequence[Result], words: Words) -> None:
    """Three sheets: grades, every part, the rules."""
    with written_aside(path) as aside, open_book(aside) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        formats = {"number": book.add_format({"num_format": "0.00"}), "text": book.add_format()}
        grades = [line(course, each, words) for each in results]
        _sheet(book, words.gettext("Grades"), [columns(course, words), *grades], head, formats)
        parts = [cells for each in results for cells in _parts(course, each, words)]
        _sheet(book, words.gettext("Parts"), [_part_columns(words), *parts], head, formats)
        rules: list[list[Value]] = [[rule] for rule in rules_text(course, words)]
        _sheet(book, words.gettext("Rules"), [[words.gettext("How grades are made")], *rules], head, formats)


def _sheet(
    book: Any, title: str, rows: Sequence[Sequence[Value]], head: Any, formats: dict[str, Any]
) -> None:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 2 if len(rows[0]) > 2 else 0)
    for number, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if isinstance(value, Fraction | int):
                shape = formats["number" if isinstance(value, Fraction) else "text"]
                sheet.write_number(number, column, float(value), shape)
            elif value:
                sheet.write_string(number, column, value, formats["text"] if number else head)
    for column, cells in enumerate(zip(*rows, strict=True)):
        longest = max((len(cell) for cell in cells[1:] if isinstance(cell, str)), default=0)
        sheet.set_column(column, column, max(NARROWEST, min(WIDEST, longest + 2)))


def _part_columns(words: Words) -> list[str]:
    titles = (
        _("Learner"), _("Name"), _("Work"), _("What"), _("At most"), _("Points"), _("By evidence"), _("Mark"),
        _("State"), _("Found"), _("Comment"),
    )  # fmt: skip
    return [words.gettext(title) for title in titles]


def _parts(course: Course, result: Result, words: Words) -> Iterator[list[Value]]:
    for work in result.works:
        found = str(problem_text(words, work.problem).striptags()) if work.problem else ""
        for item in work.items:
            yield [
                result.learner.id,
                result.learner.name,
                work_title(words, work.id),
                item_title(words, item.id),
                item.worth,
                item.points,
                item.evidence,
                item.mark,
                words.gettext(STATES[item.state]),
                shown_text(words, item) or found,
                item.comment,
            ]


def rules_text(course: Course, words: Words) -> Iterator[str]:
    """How a grade is made, in sentences."""
    yield words.gettext(
        "Final grade = %(homework)s × homework + %(project)s × projects + %(quiz)s × quiz."
    ) % {
        "homework": words.number(float(HOMEWORK)),
        "project": words.number(float(PROJECT)),
        "quiz": words.number(float(QUIZ)),
    }
    yield words.gettext("Each is a mean of ten points and is not rounded.")
    yield words.gettext("The final grade alone is rounded, once: %(rounding)s.") % {
        "rounding": words.gettext(ROUNDING[course.rounding])
    }
    yield words.gettext(
        "8 to 10 of ten are excellent (5), 6 and 7 good (4), 4 and 5 satisfactory (3), less is not passed "
        "(2). Credit is given from 4 on."
    )
    yield missing_rule(words, course)
    yield words.gettext("Late work: %(rule)s.") % {"rule": late_rule(words, course)}
