"""The teacher's form: written, filled, read back; mistakes name their cell or line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from fullcycle.core.errors import UserError
from fullcycle.people.course.form import read_marks, write_form
from fullcycle.people.course.works import Mark
from fullcycle.people.report.words import Words
from tests.people.course.factory import HOSTILE, course, full_marks, graded, learner

COURSE = course(learner(name=HOSTILE))
FORMS = ["marks.xlsx", "marks.yaml"]


@pytest.mark.parametrize(("name", "language"), [("marks.xlsx", "ru"), ("marks.yaml", "en")])
def test_marks_and_comments_come_back_as_they_were(tmp_path: Path, name: str, language: str) -> None:
    marks = {
        **full_marks(),
        ("anna", "quiz"): Mark(Fraction("7.25")),
        ("anna", "project.analysis"): Mark(None, f'{HOSTILE} "quoted": # no remark\nсм. notes'),
    }
    path = tmp_path / name
    write_form(path, [graded(marks, of=COURSE)], Words(language))
    read = read_marks(path, COURSE)
    assert read == marks
    write_form(path, [graded(read, of=COURSE)], Words(language))
    assert read_marks(path, COURSE) == marks


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_nobody_filled_has_no_marks_and_neither_has_none(tmp_path: Path, name: str) -> None:
    assert read_marks(tmp_path / name, COURSE) == {}
    write_form(tmp_path / name, [graded({}, of=COURSE)], Words("en"))
    assert read_marks(tmp_path / name, COURSE) == {}


def filled(path: Path, cells: dict[str, object]) -> Path:
    write_form(path, [graded({}, of=COURSE)], Words("en"))
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book["marks"][cell] = value
    book.save(path)
    return path


@pytest.mark.parametrize("given", [1.5, "1.5", "1,5 "])
def test_a_mark_may_be_a_number_or_its_text(tmp_path: Path, given: object) -> None:
    path = filled(tmp_path / "marks.xlsx", {"H3": given, "I3": "good"})
    assert read_marks(path, COURSE) == {("anna", "homework_1.fields"): Mark(Fraction(3, 2), "good")}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"H3": 2.5}, ["cell H3", "a number from 0 to 2"]),
        ({"H4": -1}, ["cell H4"]),
        ({"H5": "good"}, ["cell H5", "'good'"]),
        ({"H5": True}, ["cell H5"]),
        ({"H5": "nan"}, ["cell H5"]),
        ({"A4": "ana"}, ["cell A4", "learner 'ana'", "did you mean 'anna'?"]),
        ({"C6": "homework_1.caze"}, ["cell C6", "did you mean 'homework_1.case'?"]),
        ({"C4": "homework_1.fields"}, ["cell C4", "a second time"]),
        ({"H1": "grade"}, ["row 1", "no column 'mark'"]),
    ],
)
def test_a_mistake_in_the_table_names_its_cell(
    tmp_path: Path, cells: dict[str, object], said: list[str]
) -> None:
    path = filled(tmp_path / "marks.xlsx", cells)
    with pytest.raises(UserError) as caught:
        read_marks(path, COURSE)
    assert [part for part in ["marks.xlsx", *said] if part not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("anna:\n  homework_1.fields: {mark: 3}", ["line 2", "a number from 0 to 2"]),
        ("ana:\n  homework_1.fields: {mark: 1}", ["line 1", "did you mean 'anna'?"]),
        ("anna:\n  homework_1.field: {mark: 1}", ["line 2", "did you mean 'homework_1.fields'?"]),
        ("anna:\n  homework_1.fields: {marks: 1}", ["line 2", "mark or comment"]),
        ("anna:\n  homework_1.fields: 1", ["line 2", "keys with values"]),
        ("- anna", ["line 1", "keys with values"]),
    ],
)
def test_a_mistake_in_yaml_names_its_line(tmp_path: Path, text: str, said: list[str]) -> None:
    path = tmp_path / "marks.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_marks(path, COURSE)
    assert [part for part in ["marks.yaml", *said] if part not in str(caught.value)] == []


def test_a_form_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.xlsx or \.yaml"):
        read_marks(tmp_path / "marks.csv", COURSE)


def test_no_cell_of_the_form_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "marks.xlsx"
    write_form(path, [graded({}, of=COURSE)], Words("en"))
    sheet = openpyxl.load_workbook(path)["marks"]
    assert sheet["B3"].value == HOSTILE
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
