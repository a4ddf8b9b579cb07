"""Gradebook and feedback: whole, in one language, and harmless whatever a learner is called."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from markdown_it import MarkdownIt

from fullcycle.people.course.assess_course import as_dict, write_results
from fullcycle.people.course.course_file import Course
from fullcycle.people.course.feedback import as_html, as_markdown
from fullcycle.people.course.said import PARTS, PROBLEMS, ROUNDING, SHOWN, STATES, problem_text
from fullcycle.people.course.seen import HomeworkSeen, Problem, ProjectSeen, QuizSeen
from fullcycle.people.course.tasks import SETS, parts_of
from fullcycle.people.course.works import Mark, Result
from fullcycle.people.report.words import Words
from tests.people.course.factory import HOSTILE, course, full_marks, graded, learner, project_seen, seen
from tests.people.languages import foreign, prose, theirs
from tests.people.reading import our_words, read

RULES: dict[str, Any] = {
    "missing": "zero",
    "late": {"count": "less"},
    "deadlines": dict.fromkeys(("homework_1", "homework_2", "project", "quiz"), "2026-11-20"),
}


def several(course_: Course) -> list[Result]:
    """Everything that may befall a learner."""
    late = project_seen(handed_in="2026-11-22T10:00:00+00:00", claimed=90.0)
    broken = ProjectSeen(address="a", problem=Problem(code="clone_failed", said="fatal: no such thing"))
    comment = {("anna", "homework_1.fields"): Mark(Fraction(1), HOSTILE)}
    overruled = {("anna", "project.analysis"): Mark(Fraction(1, 3))}
    return [
        graded({**full_marks(), **comment, **overruled}, seen(projects=(late,)), course_),
        graded({}, seen(projects=(broken,), homework=(HomeworkSeen(),) * 3), course_),
        graded({}, seen(quiz=QuizSeen(missing=True)), course_, date(2026, 11, 1)),
        graded(None, seen(quiz=QuizSeen(questions=10, right=9, weak=("drift", "risks"))), course_),
    ]


@pytest.fixture(scope="module", params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_feedback_is_in_one_language_and_keeps_names_and_comments_as_they_are(language: str) -> None:
    of = course(learner(name=HOSTILE), title="Production ML", **RULES)
    for result in several(of):
        html = as_html(of, result, Words(language))
        page = read(html)
        assert "<script>alert" not in html
        assert HOSTILE in page.text
        assert foreign(our_words(page), language) == set()
        told = prose(as_markdown(of, result, Words(language)).replace(of.title, ""))
        assert foreign(told, language, theirs(html)) == set()
        assert [len(page.all(tag)) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
        ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
        assert len(ids) == len(set(ids))
        assert {link.attributes["href"][1:] for link in page.all("a")} <= set(ids)


def test_markdown_says_the_same_and_runs_nothing(language: str) -> None:
    of = course(learner(name=HOSTILE), **RULES)
    result = several(of)[0]
    text = as_markdown(of, result, Words(language))
    html = MarkdownIt("default", {"html": True}).render(text)
    assert "<script>" not in html
    assert html.count("<h2>") == 7
    assert "<table>" in html


def test_every_part_state_problem_and_rule_has_words() -> None:
    parts = [part for number in SETS for part in parts_of(number)]
    assert {part.id for part in parts} | {"quiz"} == set(PARTS)
    assert {part.id for part in parts if not part.by_teacher} == set(SHOWN)
    assert set(PROBLEMS) == set(Problem.model_fields["code"].annotation.__args__)  # type: ignore[union-attr]
    assert set(STATES) == {"scored", "unmarked", "unreadable", "missing"}
    assert set(ROUNDING) == {"half_up", "half_even", "half_down", "up", "down"}
    for code in PROBLEMS:
        problem = Problem(code=code, about="<b>", said="<i>")  # type: ignore[arg-type]
        assert "<b>" not in problem_text(Words("ru"), problem)


Written = tuple[Any, list[dict[str, str]]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, language: str) -> Written:
    """Both gradebooks as they were written: the workbook, and the lines of the other."""
    folder = tmp_path_factory.mktemp("grades")
    of = course(learner(name=HOSTILE), **RULES)
    write_results(folder, of, several(of), language)
    text = (folder / "gradebook.csv").read_text(encoding="utf-8-sig")
    return openpyxl.load_workbook(folder / "gradebook.xlsx"), list(csv.DictReader(text.splitlines()))


def test_no_cell_of_a_gradebook_is_a_formula(written: Written) -> None:
    book, lines = written
    assert not [cell for line in lines for cell in line.values() if cell.startswith(("=", "+", "-", "@"))]
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert types <= {"s", "n"}
    assert book.worksheets[0]["B2"].value == HOSTILE
    assert lines[0][list(lines[0])[1]] == f"'{HOSTILE}"


def test_both_gradebooks_have_the_same_cells_and_state_how_grades_are_rounded(
    written: Written, language: str
) -> None:
    book, lines = written
    said = Words(language).gettext(ROUNDING["half_up"])
    table = list(book.worksheets[0].iter_rows(values_only=True))
    assert list(table[0]) == list(lines[0])
    for cells, line in zip(table[1:], lines, strict=True):
        for cell, text in zip(cells, line.values(), strict=True):
            if isinstance(cell, int | float):
                assert float(text) == pytest.approx(cell, abs=1e-6)
            else:
                assert (cell or "") == text.removeprefix("'")
        assert said in cells
    rules = " ".join(str(row[0]) for row in book.worksheets[2].iter_rows(values_only=True))
    assert said in rules


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_what_is_open_is_empty_and_what_is_missing_or_late_says_so(written: Written) -> None:
    _, lines = written
    whole, broken, early, good = lines
    assert whole["Final (of ten)"] == "7"
    assert "Project: 2 days late: less by 1 of ten points for each day" in whole["Notes"]
    assert (broken["Final (of ten)"], broken["Project"], broken["Homework 1: ML in industry"]) == (
        "",
        "",
        "0",
    )
    assert "Homework 1: ML in industry: not handed in, counts zero" in broken["Notes"]
    assert "Project: can't be judged" in broken["Notes"]
    assert (early["Quiz"], early["Final (of ten)"]) == ("", "")
    assert "Quiz: not handed in, not due yet" in early["Notes"]
    assert "nobody knows when it came" in good["Notes"]


def test_a_learner_has_the_language_that_was_chosen(tmp_path: Path) -> None:
    of = course(learner(language="ru"), learner(id="b", name="B"))
    results = [graded(of=of), graded(full_marks("b"), of=course(of.learners[1]))]
    write_results(tmp_path, of, results, None)
    assert 'lang="ru"' in (tmp_path / "feedback/anna.html").read_text(encoding="utf-8")
    assert 'lang="en"' in (tmp_path / "feedback/b.html").read_text(encoding="utf-8")
    write_results(tmp_path, of, results, "en")
    assert 'lang="en"' in (tmp_path / "feedback/anna.html").read_text(encoding="utf-8")


def test_json_has_exact_and_final_grades(tmp_path: Path) -> None:
    told = as_dict(course(), [graded()])
    [one] = told["learners"]
    assert (told["rounding"], one["exact"], one["final"], one["five_point"], one["passed"]) == (
        "half_up", 8.5, 9, 5, True,
    )  # fmt: skip
    assert [work["id"] for work in one["works"]] == [
        "homework_1",
        "homework_2",
        "homework_3",
        "project",
        "quiz",
    ]
