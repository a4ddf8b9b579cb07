"""A course file proposed from a folder: a learner for each folder in it, with what lies there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings_yaml import scalar
from fullcycle.people.course.course_file import COURSE_FILE
from fullcycle.people.course.folder import find_project
from fullcycle.people.course.seen import Refused
from fullcycle.people.course.tasks import SETS

ID_AT_MOST = 64  # characters
ATTEMPT_AT_MOST = 10**6  # bytes of a JSON file that may be an attempt
HOMEWORK = re.compile(r"homework|hw|дз|домашние", re.IGNORECASE)
HEAD = """# The one file of the course: who learns, what is due when, how grades are made.
# `fullcycle assess course form` writes the form for the teacher's marks, `fullcycle assess course` grades.
version: 1
title: Production ML
language: en          # of feedback and gradebook; one of en, ru
timezone: UTC         # a day ends at midnight there, such as Europe/Moscow
rounding: half_up     # of the final grade, once; one of half_up, half_even, half_down, up, down
missing: open         # open: the grade waits; zero: counts zero after the deadline, and is shown as missing
marks: marks.xlsx     # the teacher's form, .xlsx or .yaml
late:
  count: full         # full: counts, and is shown as late; less: points off; nothing: counts zero
  points_a_day: 1     # with `less`: off ten points for each day begun
deadlines:            # such as 2026-09-30; without one nothing is late
  # homework_1:
  # homework_2:
  # homework_3:
  # project:
  # quiz:
quiz:
  questions: 10       # a shorter attempt doesn't count
  # seed: 7           # the draw that everybody must have taken
# Projects are folders or git URLs (https, ssh); what is left out was not handed in.
learners:
"""


def propose(folder: Path) -> str:
    """The text of the file. UserError where there is nothing to propose from."""
    if not folder.is_dir():
        raise UserError(
            where=str(folder), found="no such folder", expected="one with a folder for each learner"
        )
    learners = [each for each in sorted(folder.iterdir()) if each.is_dir() and not each.name.startswith(".")]
    found = [line for number, each in enumerate(learners, 1) for line in _learner(folder, each, number)]
    if not found:
        raise UserError(
            where=str(folder),
            found="no folder with a project, homework or an attempt at the quiz",
            expected="a folder for each learner, such as anna/churn/fullcycle.yaml or anna/homework/1.md",
            hint=f"or write {COURSE_FILE} by hand: docs/guide/course.md describes it",
        )
    return HEAD + "\n".join(found) + "\n"


def _learner(root: Path, folder: Path, number: int) -> Iterator[str]:
    name = folder.name
    project, homework, quiz = _project(folder), _homework(folder, name), _quiz(folder)
    if not (project or homework or quiz):
        return
    yield f"  - id: {scalar(_as_id(name) or f'learner-{number}')}"
    yield f"    name: {scalar(name)}"
    if project:
        yield f"    projects: [{scalar(str(project.relative_to(root)))}]"
    if homework:
        yield f"    homework: {scalar(str(homework.relative_to(root)))}"
    if quiz:
        yield f"    quiz: {scalar(str(quiz.relative_to(root)))}"


def _as_id(name: str) -> str:
    """As near to the name as an id may be (`ID`).

    >>> _as_id("Anna B. Smith"), _as_id("…")
    ('Anna-B-Smith', '')
    """
    return re.sub(r"[^\w-]+", "-", name).strip("-_")[:ID_AT_MOST]


def _project(folder: Path) -> Path | None:
    try:
        return find_project(folder)
    except Refused:  # several: a person chooses, and the whole folder says so until then
        return folder


def _homework(folder: Path, name: str) -> Path | None:
    """A folder that is called so, or this one with essays in it."""
    called = [each for each in sorted(folder.iterdir()) if each.is_dir() and HOMEWORK.search(each.name)]
    if called:
        return called[0]
    return folder if any((folder / f"{number}.md").is_file() for number in SETS) else None


def _quiz(folder: Path) -> Path | None:
    return next((each for each in sorted(folder.glob("*.json")) if _is_attempt(each)), None)


def _is_attempt(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > ATTEMPT_AT_MOST:
            return False
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and {"seed", "language", "answers"} <= content.keys()
