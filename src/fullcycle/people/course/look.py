"""The process that reads learners' work: a request a line, an answer a line, nothing of theirs is run.

It runs apart (`readers.py`), with limits on memory, so that a folder which is made to break a reader breaks
this one alone: `python -m fullcycle.people.course.look FOLDER`.
"""

from __future__ import annotations

import re
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.git import git
from fullcycle.core.project.paths import Paths
from fullcycle.people.assess.assess import measure
from fullcycle.people.assess.repository import Repository, read_repository
from fullcycle.people.course.attempts import bank_of, look_at_attempt
from fullcycle.people.course.clone import MEGABYTE, clone
from fullcycle.people.course.course_file import CloneRules, Learner, QuizRules, protocol_of
from fullcycle.people.course.folder import check_folder, check_git, find_project, has_content
from fullcycle.people.course.seen import (
    HomeworkSeen,
    LearnerSeen,
    Part,
    Problem,
    ProjectSeen,
    QuizSeen,
    Refused,
)
from fullcycle.people.course.tasks import SETS, shown_of
from fullcycle.people.quiz.bank import Question
from fullcycle.people.report.records import Records, read_records

MEMORY_AT_MOST = 4 * 1024**3  # bytes of address space; reading two hundred projects takes a tenth
NAMED = "homework|hw|set|дз|домашнее задание"


class Request(Part):
    """One learner, with the rules that reading needs."""

    learner: Learner
    clone: CloneRules = CloneRules()
    quiz: QuizRules = QuizRules()


def look_at(request: Request, folder: Path, bank: Sequence[Question]) -> LearnerSeen:
    """Everything of one learner; paths start from `folder`."""
    learner = request.learner
    projects = tuple(look_at_project(each, folder, request.clone) for each in learner.projects or ("",))
    quiz = QuizSeen(missing=True)
    if learner.quiz is not None:
        quiz = look_at_attempt(folder / learner.quiz, request.quiz, bank)
    homework = tuple(look_at_homework(folder, learner.homework, number) for number in SETS)
    return LearnerSeen(projects=projects, homework=homework, quiz=quiz)


def look_at_project(address: str, folder: Path, rules: CloneRules) -> ProjectSeen:
    """A project by its evidence and repository; a problem where it can't be read."""
    if not address:
        return ProjectSeen(address=address, missing=True)
    try:
        if protocol_of(address) is None:
            return _seen(address, folder / address)
        with tempfile.TemporaryDirectory(prefix="fullcycle-course-") as scratch:
            return _seen(address, clone(address, Path(scratch) / "clone", rules))
    except Refused as refused:
        return ProjectSeen(address=address, problem=refused.problem)


def _seen(address: str, root: Path) -> ProjectSeen:
    if not has_content(root):
        return ProjectSeen(address=address, missing=True)
    check_folder(root)
    project = find_project(root)
    if project is None:
        raise Refused(Problem(code="no_project", about=address))
    check_git(project)
    return ProjectSeen(address=address, **_read(project))


def _read(project: Path) -> dict[str, Any]:
    paths = Paths(project)
    try:
        records = read_records(paths.evidence)
        repository = read_repository(project)
        handed_in = git(project, "log", "-1", "--format=%cI", check=False) or None
    except UserError as error:
        about = error.where.removeprefix(f"{project}/")
        raise Refused(Problem(code="evidence_unreadable", about=about, said=error.found[:200])) from error
    except (OSError, RecursionError, MemoryError, ValueError) as error:
        raise Refused(Problem(code="evidence_unreadable", about="evidence", said=str(error)[:200])) from error
    return {
        "handed_in": handed_in,
        "assessed": measure(records, repository),
        "shown": shown_of(believed(records, repository)),
        "notes": tuple(sorted(name for name, words in repository.notes.items() if words)),
    }


def believed(records: Records, repository: Repository) -> Records:
    """Without evidence that was edited by hand or overtaken: it proves nothing of homework either."""
    nothing: dict[str, Any] = dict.fromkeys(repository.doubts)
    return replace(records, **nothing)


def look_at_homework(folder: Path, homework: str | None, number: int) -> HomeworkSeen:
    """What lies there for one set: files or folders that its number names, and a project in such a folder."""
    if homework is None:
        return HomeworkSeen()
    root = folder / homework
    try:
        if not has_content(root):
            return HomeworkSeen()
        check_folder(root)
        written = tuple(_of_set(root, number))
        own = [found for name in written if (root / name).is_dir() and (found := find_project(root / name))]
        shown = _read(own[0])["shown"] if own else None
    except Refused as refused:
        return HomeworkSeen(problem=refused.problem)
    return HomeworkSeen(written=tuple(f"{Path(homework) / name}" for name in written), shown=shown)


def _of_set(root: Path, number: int) -> Iterator[str]:
    named = re.compile(rf"(?:{NAMED})?[-_ ]*0?{number}(?![0-9])", re.IGNORECASE)
    for path in sorted(root.iterdir()):
        if named.match(path.name) and (has_content(path) if path.is_dir() else path.stat().st_size):
            yield path.name


def main(folder: Path) -> None:
    """Limit this process and what it starts, then answer each line of JSON with another."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, MEMORY_AT_MOST)
    bank = cache(partial(bank_of, folder=folder))
    for line in sys.stdin:
        request = Request.model_validate_json(line)
        _lower(resource.RLIMIT_FSIZE, int(request.clone.size_mb * MEGABYTE))
        seen = look_at(request, folder, bank(request.quiz))
        print(seen.model_dump_json(), flush=True)  # noqa: T201 - this is how it answers


def _lower(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
