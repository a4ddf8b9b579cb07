"""A learner's work with its points: what evidence, quiz and teacher say together, late or missing or open.

Nothing is counted as something else: work that is missing, unmarked or unreadable has no points, and the
grade stays open, unless the course says that what is missing after its deadline counts zero; it is shown as
missing then, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from fullcycle.people.course.course_file import Course, Learner, project_works
from fullcycle.people.course.grade import Grade, grade, mean
from fullcycle.people.course.lateness import counted, days_late, exactly, moment_of
from fullcycle.people.course.seen import HomeworkSeen, LearnerSeen, Problem, ProjectSeen, QuizSeen, Shown
from fullcycle.people.course.tasks import CRITERIA, CRITERION_WORTH, SETS, TaskPart, parts_of

TEN, CENT = Fraction(10), Fraction(1, 10)
State = Literal["scored", "unmarked", "unreadable", "missing"]
SERIOUS: tuple[State, ...] = (
    "unreadable",
    "unmarked",
    "missing",
)  # what is told first of work that has several


@dataclass(frozen=True)
class Mark:
    """What the teacher wrote; without points it is a comment alone."""

    points: Fraction | None
    comment: str = ""


Marks = Mapping[tuple[str, str], Mark]  # by learner and item


@dataclass(frozen=True)
class Item:
    """A part of a work. `evidence` is what was proven (None: it doesn't judge this), `mark` the teacher's."""

    id: str
    worth: Fraction
    state: State
    evidence: Fraction | None = None
    shown: Shown | None = None
    mark: Fraction | None = None
    comment: str = ""
    by_teacher: bool = False
    handed_in: tuple[str, ...] = ()

    @property
    def points(self) -> Fraction | None:
        """The teacher's mark where there is one; evidence otherwise."""
        return self.evidence if self.mark is None else self.mark


@dataclass(frozen=True)
class Work:
    """One work. `earned` is of ten; `counted` is what goes into the grade, and None leaves that open."""

    id: str
    state: State
    earned: Fraction | None
    counted: Fraction | None
    days_late: int | None = None
    deadline: date | None = None
    due: bool = False
    items: tuple[Item, ...] = ()
    problem: Problem | None = None

    @property
    def late(self) -> bool:
        return bool(self.days_late)


@dataclass(frozen=True)
class Result:
    """A learner with everything that the gradebook and feedback tell."""

    learner: Learner
    homework: tuple[Work, ...]
    projects: tuple[Work, ...]
    quiz: Work
    seen: LearnerSeen
    grade: Grade | None

    @property
    def works(self) -> tuple[Work, ...]:
        """In the order of the formula."""
        return (*self.homework, *self.projects, self.quiz)

    @property
    def open(self) -> tuple[Work, ...]:
        """Works that leave the grade open."""
        return tuple(work for work in self.works if work.counted is None)

    @property
    def homework_mean(self) -> Fraction | None:
        return _mean(self.homework)

    @property
    def project_mean(self) -> Fraction | None:
        return _mean(self.projects)


def _mean(works: Sequence[Work]) -> Fraction | None:
    points = [work.counted for work in works if work.counted is not None]
    return mean(points) if len(points) == len(works) else None


def result(course: Course, learner: Learner, seen: LearnerSeen, marks: Marks, today: date) -> Result:
    """A learner's works and grade."""
    maker = _Maker(course, learner, marks, today)
    homework = tuple(maker.homework(number, seen) for number in SETS)
    works = zip(project_works(learner), seen.projects, strict=True)
    projects = tuple(maker.project(name, project) for (name, _), project in works)
    quiz = maker.quiz(seen.quiz)
    final = _final(_mean(homework), _mean(projects), quiz.counted, course)
    return Result(learner, homework, projects, quiz, seen, final)


def _final(
    homework: Fraction | None, project: Fraction | None, quiz: Fraction | None, course: Course
) -> Grade | None:
    """None where any of the three is open."""
    if homework is None or project is None or quiz is None:
        return None
    return grade(homework, project, quiz, course.rounding)


@dataclass(frozen=True)
class _Maker:
    course: Course
    learner: Learner
    marks: Marks
    today: date

    def homework(self, number: int, seen: LearnerSeen) -> Work:
        name, handed = f"homework_{number}", seen.homework[number - 1]
        items = tuple(self._task(name, part, handed, seen.projects[0]) for part in parts_of(number))
        return self._work(name, items, handed.problem, None)

    def _task(self, name: str, part: TaskPart, handed: HomeworkSeen, project: ProjectSeen) -> Item:
        notes = tuple(f"notes/{note}.md" for note in part.notes if note in project.notes)
        if part.by_teacher:
            given = (*handed.written, *notes)
            return self._marked(_to_mark(f"{name}.{part.id}", part.worth, given, handed.problem))
        shown = (project.shown if handed.shown is None else handed.shown).get(part.id)
        if shown is None:
            unreadable = handed.problem or project.problem
            return self._marked(
                Item(f"{name}.{part.id}", part.worth, "unreadable" if unreadable else "missing")
            )
        earned = part.worth if shown.proven else Fraction(0)
        return self._marked(Item(f"{name}.{part.id}", part.worth, "scored", earned, shown))

    def project(self, name: str, seen: ProjectSeen) -> Work:
        items = tuple(self._criteria(name, seen))
        return self._work(name, items, seen.problem, moment_of(seen.handed_in))

    def _criteria(self, name: str, seen: ProjectSeen) -> Iterator[Item]:
        found = {each.id: each for each in seen.assessed.criteria} if seen.assessed else {}
        for criterion in CRITERIA:
            item = Item(f"{name}.{criterion}", CRITERION_WORTH, "unreadable" if seen.problem else "missing")
            if criterion in found:
                earned = [check.earned for check in found[criterion].checks]
                points = CENT * exactly(found[criterion].points)
                shown = Shown(proven=all(earned), count=sum(earned))
                item = Item(f"{name}.{criterion}", CRITERION_WORTH, "scored", points, shown)
            yield self._marked(item)

    def quiz(self, seen: QuizSeen) -> Work:
        state: State = "unreadable" if seen.problem else "missing" if seen.missing else "scored"
        points = TEN * Fraction(seen.right, seen.questions) if state == "scored" else None
        items = (self._marked(Item("quiz", TEN, state, points)),)
        return self._work("quiz", items, seen.problem, moment_of(seen.taken))

    def _marked(self, item: Item) -> Item:
        """With the teacher's mark, which holds whatever was or was not found."""
        mark = self.marks.get((self.learner.id, item.id))
        if mark is None:
            return item
        state: State = item.state if mark.points is None else "scored"
        return replace(item, mark=mark.points, comment=mark.comment, state=state)

    def _work(
        self, name: str, items: tuple[Item, ...], problem: Problem | None, handed_in: datetime | None
    ) -> Work:
        deadline = self.course.deadlines.of(name)
        due = deadline is not None and self.today > deadline
        state = _worst(items)
        late = days_late(self.learner.submitted.of(name) or handed_in, deadline, self.course.zone)
        if all(item.state == "missing" for item in items):
            late = None
        zero_counts = due and self.course.missing == "zero"
        points = [item.points for item in items if item.state == "scored" and item.points is not None]
        is_whole = len(points) == len(items)
        earned = sum(points, Fraction(0)) if is_whole or (points and state == "missing") else None
        settled = is_whole or (state == "missing" and zero_counts)
        full = sum(points, Fraction(0)) if settled else None
        after = None if full is None else counted(full, late, self.course.late)
        return Work(
            name, state, earned, after, late, deadline, due, items, problem if state == "unreadable" else None
        )


def _to_mark(name: str, worth: Fraction, given: tuple[str, ...], problem: Problem | None) -> Item:
    state: State = "unreadable" if problem else "unmarked" if given else "missing"
    return Item(name, worth, state, by_teacher=True, handed_in=given)


def _worst(items: Sequence[Item]) -> State:
    states = {item.state for item in items}
    return next((each for each in SERIOUS if each in states), "scored")
