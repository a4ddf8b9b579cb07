"""Three sets of five tasks, and the five criteria of a project: what each part is worth, and who judges it.

A task is worth 2 of a set's 10 points. A part with a function is judged by evidence of the learner's project,
one without by the teacher. To add a part: write its line, and its words in `said.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

from fullcycle.core.evidence.assess import CriterionId
from fullcycle.people.course.seen import Shown
from fullcycle.people.report.records import Records

SETS = (1, 2, 3)


def cleaning(records: Records) -> Shown:
    decisions = records.clean.decisions if records.clean else ()
    return Shown(
        proven=records.clean is not None and all(each.reason for each in decisions), count=len(decisions)
    )


def statistics(records: Records) -> Shown:
    columns = records.explore.columns if records.explore else ()
    return _counted(
        sum(None not in (each.mean, each.median, each.std) for each in columns),
    )


def pictures(records: Records) -> Shown:
    """Histograms, box plots and scatter plots: all three."""
    if records.explore is None:
        return Shown(proven=False)
    columns = records.explore.columns
    kinds = (
        sum(each.histogram is not None for each in columns),
        sum(each.box is not None or bool(each.box_by_class) for each in columns),
        len(records.explore.scatters),
    )
    return Shown(proven=all(kinds), count=sum(kinds))


def gaps_and_outliers(records: Records) -> Shown:
    return _counted(len(records.clean.policies) if records.clean else 0)


def scaling(records: Records) -> Shown:
    policies = records.clean.policies if records.clean else ()
    return _counted(sum(each.scaling != "none" for each in policies))


def hypothesis(records: Records) -> Shown:
    """With a minimum effect, fixed before its result."""
    claims = records.hypotheses.claims if records.hypotheses else ()
    return _counted(sum(bool(each.hash) and each.changed != "after_result" for each in claims))


def tracking(records: Records) -> Shown:
    tracked = records.experiment is not None and bool(records.experiment.tracking)
    return Shown(proven=tracked, count=len(records.experiment.trials) if records.experiment else 0)


def settings_compared(records: Records) -> Shown:
    trials = records.experiment.trials if records.experiment else ()
    return _counted(len(trials), at_least=2)


def optimised(records: Records) -> Shown:
    return _counted(len(records.prepare.variants) if records.prepare else 0, at_least=2)


def api(records: Records) -> Shown:
    smoke = records.automation.smoke if records.automation else ()
    return _counted(sum(each.passed for each in smoke))


def _counted(count: int, at_least: int = 1) -> Shown:
    return Shown(proven=count >= at_least, count=count)


@dataclass(frozen=True)
class TaskPart:
    """`look` is None for what the teacher judges; `notes` are a project's own where its text may stand."""

    id: str
    worth: Fraction
    look: Callable[[Records], Shown] | None = None
    notes: tuple[str, ...] = ()

    @property
    def by_teacher(self) -> bool:
        return self.look is None


def _whole(name: str, look: Callable[[Records], Shown] | None = None) -> tuple[TaskPart, ...]:
    return (TaskPart(name, Fraction(2), look),)


def _half_written(name: str, look: Callable[[Records], Shown], *notes: str) -> tuple[TaskPart, ...]:
    return (TaskPart(name, Fraction(1), look), TaskPart(f"{name}_written", Fraction(1), None, notes))


TASKS: Mapping[int, tuple[tuple[TaskPart, ...], ...]] = {
    1: (_whole("fields"), _whole("roles"), _whole("tools"), _whole("case"), _whole("skills")),
    2: (
        _whole("cleaning", cleaning),
        _whole("statistics", statistics),
        _half_written("pictures", pictures, "explore"),
        _whole("gaps_and_outliers", gaps_and_outliers),
        _half_written("scaling", scaling, "clean"),
    ),
    3: (
        _whole("hypothesis", hypothesis),
        _half_written("tracking", tracking, "experiment"),
        _half_written("settings", settings_compared, "experiment"),
        _whole("optimised", optimised),
        _half_written("api", api, "prepare", "automation"),
    ),
}
CRITERIA: tuple[CriterionId, ...] = get_args(CriterionId)
CRITERION_WORTH = Fraction(2)


def parts_of(number: int) -> Iterator[TaskPart]:
    """Of a set, in order."""
    for task in TASKS[number]:
        yield from task


def shown_of(records: Records) -> dict[str, Shown]:
    """What evidence says of every part that it judges."""
    return {part.id: part.look(records) for number in SETS for part in parts_of(number) if part.look}
