"""Running the drill: quiet days, then days with one fault, looked at day by day as in earnest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.store import evidence_path, read_evidence
from fullcycle.core.evidence.verify import VerifyEvidence
from fullcycle.core.progress import progress
from fullcycle.core.project.files import scratch_folder
from fullcycle.core.project.monitor_settings import SinkSettings, Window
from fullcycle.core.project.project import Project
from fullcycle.core.routes.store import Deploy, answering
from fullcycle.live.log.table import FORMAT, SOURCES, schema
from fullcycle.live.monitor.drill.faults import Fault, faults_of
from fullcycle.live.monitor.drill.responses import Response, responses
from fullcycle.live.monitor.drill.traffic import DAY, Traffic, a_day, read_traffic, records_of
from fullcycle.live.monitor.stage import Asked, run

if TYPE_CHECKING:
    from fullcycle.core.evidence.monitor import MonitorEvidence

QUIET_DAYS, BROKEN_DAYS = 21, 10
ROWS_A_DAY = 300
TURNED_DAYS = 6  # to learn from, with a fifth of them and more to compare on
FIRST = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday; the days are nobody's
ONE_DAY = Window(count=1, unit="day")


@dataclass(frozen=True)
class Rang:
    """One fault: `expected` are codes of which one should ring, `rang` those that did, each with how many
    days of the fault had passed; `late` is when the first expected one rang, None where none did."""

    fault: str
    column: str | None
    expected: tuple[str, ...]
    rang: dict[str, int]
    late: int | None


@dataclass(frozen=True)
class Drilled:
    """What rang of each fault, and how each automatic response went."""

    bundle: str
    faults: tuple[Rang, ...]
    responses: tuple[Response, ...]

    @property
    def passed(self) -> bool:
        """Whether every fault rang an alarm that should ring, and every response that is set up worked."""
        return all(each.late is not None for each in self.faults) and all(
            each.works is not False for each in self.responses
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "passed": self.passed}


def drill(project: Project) -> Drilled:
    """Break copies of the log in every way that its rows allow; nothing of the project is changed, and no
    alarm is sent. Raises UserError where nothing was answered yet."""
    folder = answering(Deploy(project.paths.deploy), project.paths.bundle)
    traffic = read_traffic(project.paths.predictions, read_bundle(folder))
    faults = faults_of(traffic, _weightiest(project))
    found = []
    with progress(len(faults), "drilling") as advance:
        for fault in faults:
            found.append(_rang(project, folder, traffic, fault))
            advance(note=fault.kind)
    with scratch_folder(project.root / ".fullcycle") as scratch:
        exercised = responses(project, folder, scratch)
    return Drilled(traffic.bundle.version, tuple(found), exercised)


def _rang(project: Project, folder: Path, traffic: Traffic, fault: Fault) -> Rang:
    expected = {code.value for code in fault.expected}
    rang: dict[str, int] = {}
    with scratch_folder(project.root / ".fullcycle") as scratch:
        for days, evidence in _looks(_beside(project, scratch), folder, traffic, fault):
            ringing = {alarm.finding.code for alarm in evidence.ringing if _is_new(alarm.first_window)}
            for code in ringing:
                rang.setdefault(code, days)
            if expected & ringing:
                break
    late = [days for code, days in rang.items() if code in expected]
    codes = tuple(sorted(expected))
    return Rang(fault.kind, fault.column, codes, dict(sorted(rang.items())), min(late, default=None))


def _is_new(window: str) -> bool:
    """Whether an alarm began in a broken day, rather than before."""
    return datetime.fromisoformat(window) >= FIRST + QUIET_DAYS * DAY


def _looks(
    project: Project, folder: Path, traffic: Traffic, fault: Fault
) -> Iterator[tuple[int, MonitorEvidence]]:
    """How many broken days there were, and what a look at their end found."""
    random = np.random.default_rng(len(fault.kind))
    waiting: list[dict[str, Any]] = []
    asked = Asked(window=ONE_DAY, bundle=folder)
    for number in range(QUIET_DAYS + BROKEN_DAYS):
        day = a_day(traffic, FIRST + number * DAY, ROWS_A_DAY, random)
        if number >= QUIET_DAYS:
            fault.breaks(day, random)
        said, outcomes = records_of(traffic.bundle, day)
        waiting += outcomes
        over = day.start + DAY
        came = [each for each in waiting if each["time"] <= over]
        waiting = [each for each in waiting if each["time"] > over]
        _write(project.paths.predictions, day.start, [*said, *came])
        if number == QUIET_DAYS - 1:
            run(project, asked, over)
        if number >= QUIET_DAYS:
            yield number - QUIET_DAYS + 1, run(project, asked, over)


def write_turned_days(project: Project, predictions: Path, now: datetime) -> None:
    """Some days before `now` whose outcomes, or else whose inputs, are of another world: what a retraining
    may learn from. They are drawn from the project's log, and written into another one."""
    folder = answering(Deploy(project.paths.deploy), project.paths.bundle)
    traffic = read_traffic(project.paths.predictions, read_bundle(folder))
    faults = {fault.kind: fault for fault in faults_of(traffic, _weightiest(project))}
    fault = faults.get("stale_model") or faults.get("unit") or faults["missing_column"]
    random = np.random.default_rng(0)
    for back in range(TURNED_DAYS, 0, -1):
        day = a_day(traffic, now - back * DAY, ROWS_A_DAY, random)
        fault.breaks(day, random)
        day.delays_s = [0.0] * ROWS_A_DAY
        said, outcomes = records_of(traffic.bundle, day)
        _write(predictions, day.start, [*said, *outcomes])


def _write(folder: Path, day: datetime, records: Sequence[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(exist_ok=True)
    described = schema().with_metadata({SOURCES: b"[]", FORMAT: b"1"})
    pq.write_table(pa.Table.from_pylist(list(records), described), folder / f"{day:%Y-%m-%d}_1.parquet")


def _beside(project: Project, scratch: Path) -> Project:
    """A project with the same settings, contract and verdict, and a log of its own; its alarms go nowhere."""
    place = scratch / "project"
    (place / "evidence").mkdir(parents=True)
    known = evidence_path(project.paths.evidence, VerifyEvidence.stage)
    if known.exists():
        shutil.copy(known, place / "evidence")
    for path in (project.paths.settings, project.paths.contract):
        if path.exists():
            shutil.copy(path, place)
    monitor = project.settings.monitor.model_copy(update={"sinks": SinkSettings(), "window": ONE_DAY})
    return Project(place).with_settings(project.settings.model_copy(update={"monitor": monitor}))


def _weightiest(project: Project) -> list[str]:
    """Columns by importance, as verify found it; an empty list where it is not known."""
    try:
        found = read_evidence(project.paths.evidence, VerifyEvidence).importance
    except UserError:
        return []
    return [each.column for each in sorted(found, key=lambda each: -each.fall)]
