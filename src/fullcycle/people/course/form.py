"""The teacher's form: a row for each part of each learner's work, with what was handed in, and evidence.

It is written for the teacher, filled, and read back; writing it again keeps what was filled in. A mistake
names the cell or the line. A mark holds in the place of evidence, too; without one, evidence decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.people.course.course_file import Course, project_works
from fullcycle.people.course.said import item_title, points_text
from fullcycle.people.course.tasks import CRITERIA, CRITERION_WORTH, SETS, parts_of
from fullcycle.people.course.works import TEN, Item, Mark, Marks, Result
from fullcycle.people.report.words import Words

HINT = "mend the cell and save the form, then run the same command again"
SUFFIXES = (".xlsx", ".yaml", ".yml")


@dataclass(frozen=True)
class Row:
    """A line of the form. `mark` and `comment` are the teacher's."""

    learner: str
    name: str
    item: str
    what: str
    at_most: Fraction
    handed_in: str
    evidence: str
    to_mark: bool
    mark: Fraction | None
    comment: str


def rows(results: Sequence[Result], words: Words) -> Iterator[Row]:
    """Every part of every learner, in the order of the course; what waits for a mark says so."""
    for result in results:
        for work in result.works:
            yield from (_row(result, item, words) for item in work.items)


def _row(result: Result, item: Item, words: Words) -> Row:
    return Row(
        result.learner.id,
        result.learner.name,
        item.id,
        item_title(words, item.id),
        item.worth,
        ", ".join(item.handed_in),
        "" if item.evidence is None else points_text(words, item.evidence),
        item.state == "unmarked",
        item.mark,
        item.comment,
    )


def read_marks(path: Path, course: Course) -> Marks:
    """What the teacher filled in; nothing where there is no form yet. UserError names cell or line."""
    check_suffix(path)
    if not path.exists():
        return {}
    if path.suffix == ".xlsx":
        from fullcycle.people.course.form_xlsx import read_xlsx as read
    else:
        from fullcycle.people.course.form_yaml import read_yaml as read
    return read(path, Known.of(course))


def write_form(path: Path, results: Sequence[Result], words: Words) -> None:
    """The form with the marks that the results hold."""
    check_suffix(path)
    if path.suffix == ".xlsx":
        from fullcycle.people.course.form_xlsx import write_xlsx as write
    else:
        from fullcycle.people.course.form_yaml import write_yaml as write
    write(path, list(rows(results, words)), words)


def check_suffix(path: Path) -> None:
    """UserError for a form that is neither a table nor YAML."""
    if path.suffix not in SUFFIXES:
        raise UserError(
            where=f"marks: {path.name}", found=f"a file {path.suffix or 'without a suffix'}",
            expected=" or ".join(SUFFIXES), hint="set marks in the course file",
        )  # fmt: skip


@dataclass(frozen=True)
class Known:
    """Learners of the course and what may be marked of each, with the most that it is worth."""

    worth: Mapping[str, Mapping[str, Fraction]]

    @classmethod
    def of(cls, course: Course) -> Known:
        homework = {
            f"homework_{number}.{part.id}": part.worth for number in SETS for part in parts_of(number)
        }
        found = {}
        for learner in course.learners:
            criteria = {
                f"{work}.{criterion}": CRITERION_WORTH
                for work, _ in project_works(learner)
                for criterion in CRITERIA
            }
            found[learner.id] = {**homework, **criteria, "quiz": TEN}
        return cls(found)

    def check_learner(self, learner: str, where: str) -> None:
        """UserError for an id that the course doesn't have."""
        if learner not in self.worth:
            raise unknown(where, "learner", learner, self.worth)

    def mark(self, learner: str, item: str, given: tuple[Any, str], where: tuple[str, str]) -> Mark:
        """A mark and a comment as they were filled in. `where`: the place of the item, then of the mark."""
        self.check_learner(learner, where[0])
        if item not in self.worth[learner]:
            raise unknown(where[0], "item", item, self.worth[learner])
        return Mark(_points(given[0], self.worth[learner][item], where[1]), given[1].strip())


def unknown(where: str, kind: str, found: str, known: Mapping[str, object]) -> UserError:
    """A name that isn't there, with the nearest that is."""
    near = get_close_matches(found, known, n=1)
    return UserError(
        where=where,
        found=f"{kind} {found!r}",
        expected=f"a {kind} of the course file" if kind == "learner" else "a part of the work",
        hint="; ".join([*([f"did you mean {near[0]!r}?"] if near else []), HINT]),
    )


def _points(given: Any, worth: Fraction, where: str) -> Fraction | None:
    """A number of points, with a comma or a point; nothing is no mark yet."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    try:
        points = None if isinstance(given, bool) else Decimal(str(given).strip().replace(",", "."))
    except InvalidOperation:
        points = None
    if points is None or not points.is_finite() or not 0 <= Fraction(points) <= worth:
        raise UserError(
            where=where, found=repr(given), expected=f"a number from 0 to {float(worth):g}", hint=HINT
        )
    return Fraction(points)
