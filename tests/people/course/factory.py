"""A course with one learner, and what a reader would have found of the work."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from fullcycle.core.evidence.assess import AssessEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.people.assess.assess import measure
from fullcycle.people.assess.repository import Repository
from fullcycle.people.course.course_file import Course, Learner
from fullcycle.people.course.seen import HomeworkSeen, LearnerSeen, ProjectSeen, QuizSeen
from fullcycle.people.course.tasks import SETS, parts_of, shown_of
from fullcycle.people.course.works import Mark, Marks, Result, result
from fullcycle.people.report.records import Records
from tests.people.evidence_factory import churn

TODAY = date(2026, 11, 25)
HOSTILE = "=cmd|'/c calc'!A1<script>alert(1)</script>"


def learner(**changes: Any) -> Learner:
    given = {"id": "anna", "name": "Anna", "projects": ["anna"], "homework": "hw", "quiz": "quiz.json"}
    return Learner.model_validate({**given, **changes})


def course(*learners: Learner, **settings: Any) -> Course:
    return Course.model_validate(
        {"learners": [each.model_dump() for each in learners or (learner(),)], **settings}
    )


def project_seen(**changes: Any) -> ProjectSeen:
    """A project whose every criterion has 14 of 20 points."""
    seen = ProjectSeen(address="anna", assessed=assessed(14.0), shown=shown_of(churn()))
    return seen.model_copy(update=changes)


def assessed(points: float) -> AssessEvidence:
    """The first check of each criterion has so many points, the others have lost theirs."""
    nothing = measure(Records(), Repository())
    criteria = []
    for criterion in nothing.criteria:
        first = criterion.checks[0].model_copy(update={"earned": True, "worth": points})
        criteria.append(criterion.model_copy(update={"checks": (first, *criterion.checks[1:])}))
    return nothing.model_copy(update={"criteria": tuple(criteria)})


def seen(**changes: Any) -> LearnerSeen:
    """Everything was handed in."""
    homework = tuple(HomeworkSeen(written=(f"hw/{number}.md",)) for number in SETS)
    whole = LearnerSeen(projects=(project_seen(),), homework=homework, quiz=QuizSeen(questions=10, right=7))
    return whole.model_copy(update=changes)


def full_marks(id_: str = "anna", worth: Fraction = Fraction(1)) -> Marks:
    """So much of what each part is worth that the teacher judges."""
    return {
        (id_, f"homework_{number}.{part.id}"): Mark(part.worth * worth)
        for number in SETS
        for part in parts_of(number)
        if part.by_teacher
    }


def graded(
    marks: Mapping[tuple[str, str], Mark] | None = None,
    found: LearnerSeen | None = None,
    of: Course | None = None,
    today: date = TODAY,
) -> Result:
    of = of or course()
    return result(of, of.learners[0], found or seen(), full_marks() if marks is None else marks, today)


def write_project(folder: Path, records: Records | None = None) -> Path:
    """A folder that looks like a project that has run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fullcycle.yaml").write_text("name: churn\n", encoding="utf-8")
    for evidence in (records or churn()).in_order:
        write_evidence(folder / "evidence", evidence)
    return folder


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def committed(folder: Path) -> Path:
    """The folder as a repository with all of it in one commit."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "all")
    return folder
