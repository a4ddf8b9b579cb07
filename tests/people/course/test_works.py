"""What is missing, late, unmarked or unreadable is shown as such and never counted as something else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fullcycle.people.course.course_file import LateRules
from fullcycle.people.course.lateness import counted, days_late, moment_of
from fullcycle.people.course.seen import HomeworkSeen, Problem, ProjectSeen, QuizSeen
from fullcycle.people.course.tasks import SETS, TASKS, parts_of, shown_of
from fullcycle.people.course.works import Mark
from fullcycle.people.report.records import Records
from tests.people.course.factory import (
    TODAY,
    assessed,
    course,
    full_marks,
    graded,
    learner,
    project_seen,
    seen,
)
from tests.people.evidence_factory import churn

DEADLINE = {"homework_1": "2026-11-20", "project": "2026-11-20", "quiz": "2026-11-20"}
NOTHING = (HomeworkSeen(),) * len(SETS)


def test_a_whole_course_has_the_grade_of_the_formula() -> None:
    result = graded()
    assert result.homework_mean == 10
    assert (result.project_mean, result.quiz.counted) == (7, 7)
    assert result.grade is not None
    assert result.grade.exact == Fraction("8.5")
    assert (result.grade.ten, result.grade.five, result.grade.passed) == (9, 5, True)
    assert result.open == ()


def test_each_set_has_five_tasks_of_two_points() -> None:
    assert {
        number: [sum(part.worth for part in task) for task in tasks] for number, tasks in TASKS.items()
    } == {number: [2] * 5 for number in SETS}
    ids = [part.id for number in SETS for part in parts_of(number)]
    assert len(ids) == len(set(ids))


def test_evidence_judges_what_it_can_and_nothing_proves_nothing() -> None:
    assert all(each.proven for each in shown_of(churn()).values())
    assert not any(each.proven for each in shown_of(Records()).values())
    judged = {part.id for number in (2, 3) for part in parts_of(number) if not part.by_teacher}
    assert set(shown_of(Records())) == judged


def test_an_essay_without_a_mark_leaves_the_grade_open() -> None:
    result = graded(marks={})
    assert [work.state for work in result.homework] == ["unmarked"] * 3
    assert (result.grade, result.homework_mean) == (None, None)
    assert [work.id for work in result.open] == ["homework_1", "homework_2", "homework_3"]


@pytest.mark.parametrize(
    ("found", "work", "state"),
    [
        ({"homework": NOTHING}, "homework_1", "missing"),
        ({"projects": (ProjectSeen(address="", missing=True),)}, "project", "missing"),
        ({"quiz": QuizSeen(missing=True)}, "quiz", "missing"),
        ({"quiz": QuizSeen(problem=Problem(code="attempt_unreadable"))}, "quiz", "unreadable"),
        (
            {"projects": (ProjectSeen(address="a", problem=Problem(code="link_outside")),)},
            "project",
            "unreadable",
        ),
    ],
)
@pytest.mark.parametrize("missing", ["open", "zero"])
def test_work_that_is_not_there_or_unreadable_has_no_points(
    found: dict[str, Any], work: str, state: str, missing: str
) -> None:
    of = course(missing=missing, deadlines=DEADLINE)
    result = graded({}, seen(**found), of)
    told = next(each for each in result.works if each.id == work)
    assert (told.state, told.earned) == (state, None)
    # What is unreadable is the teacher's to look at, whatever the course says of missing work.
    assert told.counted == (0 if (missing, state) == ("zero", "missing") else None)
    assert [item.state for item in told.items] == [state] * len(told.items)


def test_missing_work_counts_zero_only_after_its_deadline_and_only_if_the_course_says_so() -> None:
    found = seen(quiz=QuizSeen(missing=True))
    for rules, today, counts in (
        ({"missing": "zero", "deadlines": DEADLINE}, TODAY, Fraction(0)),
        ({"missing": "zero", "deadlines": DEADLINE}, date(2026, 11, 20), None),
        ({"missing": "zero"}, TODAY, None),
        ({"missing": "open", "deadlines": DEADLINE}, TODAY, None),
    ):
        result = graded(None, found, course(**rules), today)
        assert (result.quiz.counted, result.quiz.state) == (counts, "missing")
        assert (result.grade is None) == (counts is None)


def test_parts_that_are_missing_leave_the_others_their_points() -> None:
    without_texts = seen(homework=NOTHING)
    result = graded({}, without_texts, course(missing="zero", deadlines={"homework_2": "2026-11-20"}))
    second = result.homework[1]
    assert (second.state, second.earned, second.counted) == ("missing", 8, 8)
    assert [item.state for item in second.items].count("missing") == 2
    assert graded({}, without_texts).homework[1].counted is None


def test_the_teachers_mark_holds_in_the_place_of_evidence_and_of_what_could_not_be_read() -> None:
    broken = seen(projects=(ProjectSeen(address="a", problem=Problem(code="clone_failed")),))
    names = ("data_quality", "analysis", "experiments", "model_preparation", "automation")
    marks = {**full_marks(), **{("anna", f"project.{name}"): Mark(Fraction("1.5"), "seen") for name in names}}
    lent = {("anna", f"homework_{n}.{part.id}"): Mark(part.worth) for n in SETS for part in parts_of(n)}
    result = graded({**marks, **lent}, broken)
    assert (result.projects[0].counted, result.projects[0].state, result.projects[0].problem) == (
        Fraction("7.5"),
        "scored",
        None,
    )
    overruled = graded({**full_marks(), ("anna", "project.analysis"): Mark(Fraction(0))})
    item = overruled.projects[0].items[1]
    assert (item.evidence, item.mark, item.points) == (Fraction("1.4"), 0, 0)
    assert overruled.projects[0].counted == Fraction("5.6")


def test_a_comment_alone_is_no_mark() -> None:
    result = graded({("anna", "homework_1.fields"): Mark(None, "where is the third?")})
    assert result.homework[0].items[0].state == "unmarked"
    assert result.homework[0].items[0].comment == "where is the third?"


def test_two_projects_count_as_their_mean() -> None:
    of = course(learner(projects=["a", "b"]))
    better = project_seen(assessed=assessed(20.0))
    result = graded(None, seen(projects=(project_seen(), better)), of)
    assert [work.id for work in result.projects] == ["project", "project_2"]
    assert result.project_mean == Fraction("8.5")


@pytest.mark.parametrize(
    ("handed_in", "days"),
    [
        ("2026-11-20T23:59:59+03:00", 0),
        ("2026-11-21T00:00:00+03:00", 0),
        ("2026-11-21T00:00:01+03:00", 1),
        ("2026-11-20T21:30:00+00:00", 1),  # half past midnight in Moscow
        ("2026-11-22T00:00:01+03:00", 2),
        ("2026-11-20T10:00:00", None),  # nobody knows where
        ("soon", None),
        (None, None),
    ],
)
def test_a_day_ends_at_midnight_in_the_zone_of_the_course(handed_in: str | None, days: int | None) -> None:
    assert days_late(moment_of(handed_in), date(2026, 11, 20), ZoneInfo("Europe/Moscow")) == days


def test_a_change_of_the_clocks_makes_no_day_longer() -> None:
    # On 25 October 2026 a day had 25 hours in Berlin.
    late = moment_of("2026-10-26T00:00:01+01:00")
    assert days_late(late, date(2026, 10, 24), ZoneInfo("Europe/Berlin")) == 2


@pytest.mark.parametrize(
    ("count", "days", "counts"),
    [
        ("full", 3, 8),
        ("less", 3, 5),
        ("less", 30, 0),
        ("nothing", 1, 0),
        ("nothing", 0, 8),
        ("less", None, 8),
    ],
)
def test_late_work_counts_as_the_course_says(count: str, days: int | None, counts: int) -> None:
    assert counted(Fraction(8), days, LateRules.model_validate({"count": count})) == counts


def test_late_work_is_shown_as_late_and_a_date_of_the_teacher_wins() -> None:
    late = seen(projects=(project_seen(handed_in="2026-11-22T12:00:00+00:00"),))
    rules: dict[str, Any] = {"deadlines": DEADLINE, "late": {"count": "less", "points_a_day": 1.5}}
    work = graded(None, late, course(**rules)).projects[0]
    assert (work.late, work.days_late, work.earned, work.counted) == (True, 2, 7, 4)
    known = course(learner(submitted={"project": "2026-11-20"}), **rules)
    assert graded(None, late, known).projects[0].counted == 7
    unknown = graded(None, None, course(**rules)).projects[0]
    assert (unknown.days_late, unknown.counted) == (None, 7)
