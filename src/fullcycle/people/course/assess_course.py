"""From a course file to results, and from results to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from fullcycle.core.project.files import write_text_atomically
from fullcycle.people.course.attempts import bank_of
from fullcycle.people.course.course_file import Course, Place
from fullcycle.people.course.feedback import as_html, as_markdown
from fullcycle.people.course.form import read_marks
from fullcycle.people.course.gradebook import rules_text, write_csv, write_xlsx
from fullcycle.people.course.readers import read_all
from fullcycle.people.course.rebuild import rebuild_all
from fullcycle.people.course.works import Result, Work, result
from fullcycle.people.report.words import Words

Told = Callable[[str], None]


def assess_course(
    place: Place, today: date, *, rebuild: bool = False, told: Told = lambda _: None
) -> list[Result]:
    """Every learner, in the order of the course. UserError for a form or bank that can't be read."""
    course = place.course
    marks = read_marks(place.folder / course.marks, course)
    bank_of(course.quiz, place.folder)  # a mistake in it is told before anything else is done
    seen = read_all(place)
    if rebuild:
        seen = rebuild_all(place, seen, told)
    return [
        result(course, learner, each, marks, today)
        for learner, each in zip(course.learners, seen, strict=True)
    ]


def write_results(
    folder: Path, course: Course, results: Sequence[Result], language: str | None
) -> list[Path]:
    """Gradebook and feedback; `language` wins over those of the course and of learners."""
    words = {each: Words(each) for each in ("en", "ru")}
    own = words[language or course.language]
    tables = [folder / "gradebook.xlsx", folder / "gradebook.csv"]
    write_xlsx(tables[0], course, results, own)
    write_csv(tables[1], course, results, own)
    pages = []
    for each in results:
        spoken = words[language or each.learner.language or course.language]
        for suffix, text in (
            (".html", as_html(course, each, spoken)),
            (".md", as_markdown(course, each, spoken)),
        ):
            pages.append(folder / "feedback" / f"{each.learner.id}{suffix}")
            write_text_atomically(pages[-1], text)
    return [*tables, *pages]


def as_dict(course: Course, results: Sequence[Result]) -> dict[str, Any]:
    """For JSON: points of ten as numbers, None where they are open."""
    return {
        "course": course.title,
        "rounding": course.rounding,
        "rules": list(rules_text(course, Words("en"))),
        "learners": [_result(each) for each in results],
    }


def _result(each: Result) -> dict[str, Any]:
    grade = each.grade
    return {
        "id": each.learner.id,
        "name": each.learner.name,
        "homework": _number(each.homework_mean),
        "project": _number(each.project_mean),
        "quiz": _number(each.quiz.counted),
        "exact": _number(grade.exact) if grade else None,
        "final": grade.ten if grade else None,
        "five_point": grade.five if grade else None,
        "passed": grade.passed if grade else None,
        "open": [work.id for work in each.open],
        "works": [_work(work) for work in each.works],
    }


def _work(work: Work) -> dict[str, Any]:
    return {
        "id": work.id,
        "state": work.state,
        "earned": _number(work.earned),
        "counted": _number(work.counted),
        "days_late": work.days_late,
        "problem": work.problem.model_dump() if work.problem else None,
        "items": [
            {
                "id": item.id,
                "of": _number(item.worth),
                "state": item.state,
                "points": _number(item.points),
                "evidence": _number(item.evidence),
                "mark": _number(item.mark),
                "comment": item.comment,
            }
            for item in work.items
        ],
    }


def _number(points: Any) -> float | None:
    return None if points is None else float(points)
