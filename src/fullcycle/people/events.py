"""What is on record as TensorBoard's event files: the search by trial and fold, how scores grow with rows,
the verdict, and monitoring by window. Each is a run of its own, so that steps mean one thing.

Written by TensorBoard's own writer (the extra `tensorboard`); nothing is computed here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fullcycle.core.errors import MissingExtra, UserError
from fullcycle.core.evidence.base import Evidence, Interval

if TYPE_CHECKING:
    from fullcycle.core.evidence.experiment import ExperimentEvidence
    from fullcycle.core.evidence.monitor import ControlFacts, MonitorEvidence, WindowFacts
    from fullcycle.core.evidence.verify import VerifyEvidence
    from fullcycle.people.report.records import Records

FILES = "events.out.tfevents.*"


class Point(NamedTuple):
    """A number under a tag; `seconds` is when it was, since 1970, None where that is not known."""

    tag: str
    step: int
    value: float
    seconds: float | None = None


def write_events(folder: Path, records: Records, windows: Sequence[WindowFacts] = ()) -> dict[str, int]:
    """Write a run for each part there is evidence of, in place of what an earlier export left; how many
    points each has, by the name of the run.

    `windows` is all that monitoring remembers; without, those of its evidence. Raises MissingExtra, and
    UserError for a folder that holds anything else.
    """
    writer = _writer()
    runs = {name: [*points] for name, points in _runs(records, windows)}
    for name, points in runs.items():
        place = folder / name
        _emptied(place)
        with closing(writer(str(place))) as run:
            for point in points:
                run.add_scalar(point.tag, point.value, point.step, wall_time=point.seconds)
    return {name: len(points) for name, points in runs.items()}


def _writer() -> Any:
    try:
        from tensorboard.summary import Writer
    except ImportError as error:
        raise MissingExtra(
            "event files for TensorBoard", install="pip install 'fullcycle[tensorboard]'"
        ) from error
    return Writer


def _emptied(place: Path) -> None:
    """TensorBoard reads every event file of a folder: those of an earlier export would be drawn twice."""
    others = [path.name for path in place.glob("*") if not path.match(FILES)] if place.exists() else []
    if others:
        raise UserError(
            where=str(place),
            found=f"files that are no export ({', '.join(sorted(others)[:3])})",
            expected="an empty folder, or an earlier export",
            hint="name another folder",
        )
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)


def _runs(records: Records, windows: Sequence[WindowFacts]) -> Iterator[tuple[str, Iterator[Point]]]:
    if records.experiment is not None:
        yield "search", _search(records.experiment)
        if records.experiment.learning:
            yield "learning", _learning(records.experiment)
    if records.verify is not None:
        yield "verdict", _verdict(records.verify)
    if records.monitor is not None:
        yield "monitoring", _monitoring(records.monitor, windows or records.monitor.windows)


def _search(experiment: ExperimentEvidence) -> Iterator[Point]:
    """A step is a trial."""
    made = _made(experiment)
    for trial in experiment.trials:
        yield Point(f"{experiment.metric}/{trial.model}", trial.number, trial.score, made)
        for fold, score in enumerate(trial.scores, start=1):
            yield Point(f"{experiment.metric} of fold {fold}/{trial.model}", trial.number, score, made)


def _learning(experiment: ExperimentEvidence) -> Iterator[Point]:
    """A step is a number of training rows."""
    made, tag = _made(experiment), f"{experiment.metric}/{experiment.learning_model}"
    for point in experiment.learning:
        yield from _interval(tag, point.rows, point.score, made)


def _verdict(verify: VerifyEvidence) -> Iterator[Point]:
    """A step is an opening of the test set."""
    for metric in verify.metrics:
        yield from _interval(metric.metric, verify.openings, metric.model, _made(verify))


def _monitoring(monitor: MonitorEvidence, windows: Sequence[WindowFacts]) -> Iterator[Point]:
    """A step is a window in order, at the moment when it began."""
    judged = [window for window in windows if window.judged]
    for step, window in enumerate(judged):
        began = _seconds(window.start)
        yield Point("rows", step, window.rows, began)
        yield Point("columns that moved", step, sum(each.drifted for each in window.columns), began)
        for column in window.columns:
            if column.effect is not None:
                yield Point(f"effect/{column.name}", step, column.effect, began)
            if column.missing_rate is not None and column.part != "score":
                yield Point(f"missing/{column.name}", step, column.missing_rate, began)
    for chart in monitor.control:
        yield from _charted(chart)


def _charted(chart: ControlFacts) -> Iterator[Point]:
    for step, (window, value) in enumerate(zip(chart.windows, chart.values, strict=True)):
        if value is not None:
            yield Point(f"control/{chart.metric}", step, value, _seconds(window))


def _interval(tag: str, step: int, value: Interval, seconds: float | None) -> Iterator[Point]:
    ends = {"": value.value, " (low)": value.low, " (high)": value.high}
    for name, end in ends.items():
        if end is not None:
            yield Point(tag + name, step, end, seconds)


def _made(evidence: Evidence) -> float | None:
    return None if evidence.run is None else _seconds(evidence.run.created)


def _seconds(moment: str | None) -> float | None:
    try:
        return None if moment is None else datetime.fromisoformat(moment).timestamp()
    except ValueError:  # a window that is told by its row
        return None
