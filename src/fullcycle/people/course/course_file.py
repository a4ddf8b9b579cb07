"""`course.yaml`: who learns, what is due when, and by which rules grades are made.

Paths are relative to the file's folder. A mistake is told with file, line, key and the nearest key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from fullcycle.core.errors import UserError
from fullcycle.core.project.section import Section
from fullcycle.core.project.yaml_document import Document, read_document
from fullcycle.core.project.yaml_errors import validated

COURSE_FILE = "course.yaml"
HINT = "mend it, then run the same command again"
Language = Literal["en", "ru"]
Rounding = Literal["half_up", "half_even", "half_down", "up", "down"]
Protocol = Literal["https", "ssh", "http", "file"]
WORKS = ("homework_1", "homework_2", "homework_3", "project", "quiz")
ID = r"^[^\W_][\w-]{0,63}$"  # it names files, on every system
# scp's way to write an address of ssh: git@host:path.
BY_SCP = re.compile(r"^[\w.-]+@(?P<host>[\w.-]+):(?P<path>[^:]+)$")
BY_URL = re.compile(r"^(?P<protocol>[a-z][a-z0-9+.-]*)://(?P<rest>.*)$")


class Dates(Section):
    """A day for each work; a day ends at midnight in the course's time zone."""

    homework_1: date | None = None
    homework_2: date | None = None
    homework_3: date | None = None
    project: date | None = None
    quiz: date | None = None

    def of(self, work: str) -> date | None:
        """Of `homework_2`, `project`, `project_2`, `quiz`."""
        found: date | None = getattr(self, "project" if work.startswith("project") else work)
        return found


class LateRules(Section):
    """What becomes of work that came after its deadline; it is shown as late in any case."""

    count: Literal["full", "less", "nothing"] = Field(
        "full", description="Late work counts in full, with points off for each day, or as zero"
    )
    points_a_day: float = Field(
        1, gt=0, le=10, description="With `less`: off the ten points for each day begun, down to zero"
    )


class QuizRules(Section):
    """What an attempt must be to count; it is graded again by these rules."""

    questions: int = Field(10, ge=1, description="So many at least")
    minutes: float | None = Field(None, gt=0, description="Answers after this time count as none")
    seed: int | None = Field(None, ge=0, description="The draw that everybody must have taken; default: any")
    bank: str | None = Field(None, description="A bank of your own, as in `fullcycle quiz --bank`")


class CloneRules(Section):
    """How git URLs of learners are fetched; nothing in a repository can start a program."""

    protocols: tuple[Protocol, ...] = Field(("https", "ssh"), description="Others are refused")
    time_s: float = Field(120, gt=0, description="For each")
    size_mb: float = Field(500, gt=0, description="Of the largest file, and of all files together")


class RebuildLimits(Section):
    """What `--rebuild` allows each project's `fullcycle run`."""

    time_s: float = Field(1800, gt=0)
    memory_gb: float = Field(16, gt=0, description="Of address space, for each process")
    file_mb: float = Field(2000, gt=0, description="Of each file")
    open_files: int = Field(1024, ge=64, description="At once, for each process")


class Learner(Section):
    """One learner and where the work lies; what is left out was not handed in."""

    id: str = Field(pattern=ID, description="Letters, digits, - and _; names the feedback's files")
    name: str = Field(min_length=1, description="As people write it")
    language: Language | None = Field(None, description="Of the feedback; default: the course's")
    projects: tuple[str, ...] = Field((), description="Folders or git URLs (URL#FOLDER: a folder inside)")
    homework: str | None = Field(None, description="A folder with 1.md, 2.md, 3.md, or folders 1, 2, 3")
    quiz: str | None = Field(None, description="What `fullcycle quiz --out FILE` wrote")
    submitted: Dates = Field(Dates(), description="Where you know better than commits and attempts do")


class Course(Section):
    """The whole file."""

    version: Literal[1] = 1
    title: str = Field("Production ML", min_length=1)
    language: Language = "en"
    timezone: str = Field("UTC", description="In which a day ends, such as Europe/Moscow")
    rounding: Rounding = Field("half_up", description="Of the final grade, the only thing that is rounded")
    missing: Literal["open", "zero"] = Field(
        "open", description="What was not handed in leaves the grade open, or counts zero after its deadline"
    )
    minimum: float | None = Field(None, ge=0, le=10, description="Exit 1 if a final grade is below")
    marks: str = Field("marks.xlsx", description="The form that the teacher fills, .xlsx or .yaml")
    deadlines: Dates = Dates()
    late: LateRules = LateRules()
    quiz: QuizRules = QuizRules()
    clone: CloneRules = CloneRules()
    rebuild: RebuildLimits = RebuildLimits()
    learners: tuple[Learner, ...] = Field(description="At least one")

    @property
    def zone(self) -> ZoneInfo:
        """In which days end."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Place:
    """The course with the folder that its paths start from."""

    course: Course
    folder: Path


def read_course(path: Path) -> Place:
    """The course, or a UserError that names file, line and key."""
    if not path.is_file():
        raise UserError(
            where=str(path),
            found="no such file",
            expected="a course file",
            hint=f"`fullcycle assess course init DIR` proposes DIR/{COURSE_FILE} from the folders in DIR",
        )
    document = read_document(path, hint=HINT)
    course = validated(document, Course, hint=HINT)
    _check_learners(course, document)
    if course.timezone not in available_timezones():
        raise _mistake(document, ("timezone",), repr(course.timezone), "a zone, such as Europe/Moscow")
    return Place(course, path.resolve().parent)


def _check_learners(course: Course, document: Document) -> None:
    if not course.learners:
        raise _mistake(document, ("learners",), "nobody", "at least one learner")
    first: dict[str, int] = {}
    for number, learner in enumerate(course.learners):
        # Files of feedback are named by ids, and some systems don't tell A from a.
        same = first.setdefault(learner.id.lower(), number)
        if same != number:
            raise _mistake(
                document,
                ("learners", number, "id"),
                f"{learner.id!r}, the id of learner {same + 1} too",
                "each id once, in capitals or not",
            )
        for place, wrong in enumerate(map(_wrong_address, learner.projects)):
            if wrong:
                raise _mistake(document, ("learners", number, "projects", place), wrong, _allowed(course))
        for place, address in enumerate(learner.projects):
            if protocol_of(address) not in (None, *course.clone.protocols):
                found = f"a git URL of the protocol {protocol_of(address)}"
                raise _mistake(document, ("learners", number, "projects", place), found, _allowed(course))


def _wrong_address(address: str) -> str:
    """What is wrong with it, if anything: a host or path that a program could take for an option."""
    if not address or address.startswith("-"):
        return f"{address!r}"
    found = BY_URL.match(address)
    if found is None:
        # `ext::sh -c ...` and its kin name a program
        return f"{address!r}, a transport that names a program" if "::" in address else ""
    host = found["rest"].split("/")[0].rpartition("@")[2]
    return f"a host that starts with a dash in {address!r}" if host.startswith("-") else ""


def _allowed(course: Course) -> str:
    return f"a folder, or a git URL by {', '.join(course.clone.protocols)} (clone.protocols)"


def _mistake(document: Document, key: tuple[str | int, ...], found: str, expected: str) -> UserError:
    return UserError(where=document.where(key), found=found, expected=expected, hint=HINT)


def protocol_of(address: str) -> str | None:
    """`https`, `ssh` and so on; None for a folder.

    >>> [protocol_of(each) for each in ("anna/churn", "https://x.org/a.git", "git@x.org:a.git")]
    [None, 'https', 'ssh']
    """
    if found := BY_URL.match(address):
        return found["protocol"]
    return "ssh" if BY_SCP.match(address) else None


def project_works(learner: Learner) -> Iterator[tuple[str, str]]:
    """`project`, `project_2` and so on with their addresses; a learner without one has `project` missing."""
    for number, address in enumerate(learner.projects or ("",), start=1):
        yield ("project" if number == 1 else f"project_{number}"), address
