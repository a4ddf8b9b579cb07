"""What was found of a learner's work: facts that a reading process hands to the one that grades."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from fullcycle.core.evidence.assess import AssessEvidence

ProblemCode = Literal[
    "protocol_refused",
    "clone_failed",
    "clone_slow",
    "too_large",
    "too_many_files",
    "link_outside",
    "special_file",
    "git_elsewhere",
    "no_project",
    "several_projects",
    "evidence_unreadable",
    "attempt_unreadable",
    "attempt_of_another_bank",
    "attempt_of_another_draw",
    "too_few_questions",
    "reading_failed",
    "reading_slow",
    "rebuild_failed",
    "rebuild_slow",
]


class Part(BaseModel):
    """Frozen; travels as JSON between processes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(Part):
    """Why something that was handed in can't be judged. `about` is a path, `said` what a program answered."""

    code: ProblemCode
    about: str = ""
    said: str = ""


class Refused(Exception):
    """Raised where reading stops at a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, problem.about)
        self.problem = problem


class Shown(Part):
    """What evidence says of one thing: whether it proves it, and how many of what there are."""

    proven: bool
    count: int = 0


class ProjectSeen(Part):
    """A project as it was read; `assessed` is what `fullcycle assess` measures. Nothing there: missing.

    Once it was made again, `assessed` is of that, and `claimed` the points of what was handed in.
    """

    address: str
    missing: bool = False
    problem: Problem | None = None
    handed_in: str | None = None  # ISO 8601: the moment of its last commit
    assessed: AssessEvidence | None = None
    shown: dict[str, Shown] = {}
    notes: tuple[str, ...] = ()
    claimed: float | None = None


class HomeworkSeen(Part):
    """One set: what was written, and what a project of its own inside shows."""

    written: tuple[str, ...] = ()
    problem: Problem | None = None
    shown: dict[str, Shown] | None = None


class QuizSeen(Part):
    """A graded attempt; `right` of `questions`, by topic too."""

    missing: bool = False
    problem: Problem | None = None
    questions: int = 0
    right: int = 0
    taken: str | None = None
    weak: tuple[str, ...] = ()


class LearnerSeen(Part):
    """Everything of one learner."""

    projects: tuple[ProjectSeen, ...]
    homework: tuple[HomeworkSeen, ...]
    quiz: QuizSeen
