"""monitor: what is answered now beside the reference; leaves `evidence/monitor.json` and its memory."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.monitor import AlarmFacts, JointFacts, MonitorEvidence, Variation, WindowFacts
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.lineage import run_info
from fullcycle.core.project.monitor_settings import Window
from fullcycle.core.routes.store import Deploy, answering
from fullcycle.live.monitor.beyond import Beyond, of_log, of_rows
from fullcycle.live.monitor.budget import budget_of
from fullcycle.live.monitor.current import Current, from_source, logged
from fullcycle.live.monitor.history import History, open_history, utc_now
from fullcycle.live.monitor.joint import judge_together, rings, with_alarm
from fullcycle.live.monitor.judge import REMEMBERED, Look, look_at
from fullcycle.live.monitor.risks import register
from fullcycle.live.monitor.sinks.gauges import write_gauges
from fullcycle.live.monitor.sinks.message import Alarms
from fullcycle.live.monitor.sinks.send import send
from fullcycle.live.monitor.windows import cut

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.project import Project

LOG = logging.getLogger("fullcycle.monitor")
LIBRARIES = ("duckdb", "scipy", "numpy", "onnxruntime")
WINDOWS_KEPT = 90  # in evidence; history has them all


@dataclass(frozen=True)
class Asked:
    """What to look at: the log, or a source (relative to `here`), by windows of the settings or these."""

    source: str | None = None
    here: Path = field(default_factory=Path.cwd)
    window: Window | None = None
    bundle: Path | None = None


def run(project: Project, asked: Asked, now: datetime | None = None) -> MonitorEvidence:
    """Look at every window that nobody has looked at yet, and write what was found."""
    started, now = time.perf_counter(), now or utc_now()
    folder = asked.bundle or answering(Deploy(project.paths.deploy), project.paths.bundle)
    bundle = read_bundle(folder)
    settings = project.settings.monitor
    with open_history(project.paths.monitoring) as history:
        name = asked.source or "predictions"
        window = _window(project, asked)
        past = [] if asked.source is not None else history.windows(bundle.version, name, REMEMBERED)
        look = Look(bundle, settings, budget_of(settings), past, window.seconds if window else None)
        with _current(project, bundle, asked, history) as current:
            windows, beyond, joint = _look(project, look, current, asked, now)
        since = _judged_until(bundle, history) if current.kind == "log" else None
        history.remember(bundle.version, name, windows, now)
        for each in windows:
            if each.judged:
                history.ring(bundle.version, name, each, now)
        if current.kind == "log":
            beyond = _beyond(beyond, of_log(project, look, window, now, since))
        kept = history.windows(bundle.version, name, WINDOWS_KEPT)
        if kept:
            history.ring_look(bundle.version, name, beyond.findings, kept[-1], now)
        evidence = MonitorEvidence(
            source=name,
            kind=current.kind,
            bundle=bundle.version,
            reference_rows=bundle.reference.rows,
            window=str(window or "all rows"),
            budget=look.budget.facts(),
            variation=_variation(windows or past),
            windows=tuple(_short(kept)),
            alarms=tuple(history.alarms(bundle.version, name)),
            findings=tuple(_findings(history.alarms(bundle.version, name), windows, beyond.findings)),
            together=joint,
            causes=beyond.causes,
            performance=beyond.performance,
            performance_of=beyond.performance_of,
            control=beyond.control,
            skew=beyond.skew,
            risks=register(project),
            run=run_info(project, time.perf_counter() - started, LIBRARIES),
        )
        write_evidence(project.paths.evidence, evidence)
        wrong = _tell(project, evidence, history, now)
    for error in wrong:
        LOG.warning("an alarm did not get through: %s", error)
    return evidence


def _tell(project: Project, evidence: MonitorEvidence, history: History, now: datetime) -> list[str]:
    """Send what is new, or rings still after the cooldown; returns what went wrong."""
    settings, wrong = project.settings.monitor, []
    sinks, cooldown_s = settings.sinks, settings.cooldown.seconds or 0.0
    about = (evidence.bundle, evidence.source)
    alarms = history.unsent(*about, now, cooldown_s) if sinks.file or sinks.webhook else []
    if alarms:
        new = Alarms(project.settings.name, *about, now.isoformat(timespec="seconds"), alarms)
        wrong = send(new.told(), sinks, project.root)
        if not wrong:
            history.sent(alarms, now)
    places = [project.root / sinks.prometheus] if sinks.prometheus is not None else []
    if evidence.kind == "log":
        places.append(Deploy(project.paths.deploy).gauges)
    for place in places:
        try:
            write_gauges(evidence, place, now)
        except UserError as error:
            wrong.append(str(error))
    return wrong


def _window(project: Project, asked: Asked) -> Window | None:
    """A source is one window, unless somebody says how it is cut."""
    return asked.window if asked.source is not None else (asked.window or project.settings.monitor.window)


def _variation(windows: Sequence[WindowFacts]) -> Variation:
    """The least sure way in which natural variation of a column of the newest window is known."""
    found = {column.variation for column in windows[-1].columns} if windows else set()
    if "assumed" in found or not found - {None}:
        return "assumed"
    return "windows" if "windows" in found else "blocks"


def _short(windows: Sequence[WindowFacts]) -> Iterator[WindowFacts]:
    """Pictures of the newest window alone: of the others the verdicts."""
    nothing = {
        "reference": None,
        "current": None,
        "categories": (),
        "reference_shares": (),
        "current_shares": (),
    }
    for window in windows[:-1]:
        yield window.model_copy(
            update={"columns": tuple(column.model_copy(update=nothing) for column in window.columns)}
        )
    yield from windows[-1:]


def _current(
    project: Project, bundle: Bundle, asked: Asked, history: History
) -> AbstractContextManager[Current]:
    if asked.source is not None:
        history.forget(bundle.version, asked.source)
        return from_source(project, bundle, asked.source, asked.here)
    return logged(project, bundle, _judged_until(bundle, history))


def _judged_until(bundle: Bundle, history: History) -> datetime | None:
    """The end of the last window of the log that was judged."""
    judged = history.windows(bundle.version, "predictions", 1)
    return datetime.fromisoformat(judged[-1].end) if judged and judged[-1].end else None


def _look(
    project: Project, look: Look, current: Current, asked: Asked, now: datetime
) -> tuple[list[WindowFacts], Beyond, JointFacts | None]:
    if not current.rows:
        return [], Beyond(), None
    table, cuts = cut(current, _window(project, asked), now)
    whole = [each for each in cuts if each.whole]
    windows, joint = look_at(look, current, table, whole), None
    if windows and windows[-1].judged:
        joint = judge_together(project, look, current, table, whole[-1])
        windows = with_alarm(windows, rings(look, joint))
    return windows, of_rows(project, look, current, table, [*zip(whole, windows, strict=True)]), joint


def _beyond(rows: Beyond, log: Beyond) -> Beyond:
    """Causes are of the newest rows, all else is of the whole log."""
    return replace(log, causes=rows.causes)


def _findings(
    alarms: Sequence[AlarmFacts], windows: Sequence[WindowFacts], beyond: Sequence[Finding]
) -> list[Finding]:
    """What rings, and what else a person should know of the newest window and of the log."""
    told = [alarm.finding for alarm in alarms]
    if windows:
        told += [each for each in windows[-1].findings if each not in told]
    told += [each for each in beyond if each not in told]
    if windows and any(column.variation == "assumed" for column in windows[-1].columns):
        told.append(finding(Code.variation_unknown, Severity.info))
    return told
