"""Whether retraining is due: the conditions of `monitor.retrain`, and what keeps one from beginning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fullcycle.core.evidence.base import Finding
from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.monitor import MonitorEvidence
from fullcycle.core.evidence.retrain import RetrainReason, Waits
from fullcycle.core.metrics import METRICS
from fullcycle.core.project.automation_settings import last_time
from fullcycle.core.project.monitor_settings import RetrainSettings

DRIFT = (Code.column_drifted, Code.score_drifted, Code.contract_broken, Code.rows_differ_together)
PERFORMANCE = (Code.performance_fell, Code.concept_drifted)


@dataclass(frozen=True)
class Standing:
    """What else decides. `last` is when a retraining was tried last, `trained` when the champion was made;
    `cron` is `use.retrain`."""

    now: datetime
    last: datetime | None
    trained: datetime | None
    new_labels: int
    cron: str | None = None
    has_challenger: bool = False


def reasons(settings: RetrainSettings, evidence: MonitorEvidence, at: Standing) -> tuple[RetrainReason, ...]:
    """The conditions that are met. An alarm that somebody acknowledged is none: a person has decided."""
    found: list[RetrainReason] = []
    ringing = [alarm.finding for alarm in evidence.ringing]
    if "drift" in settings.on:
        found += _drift(settings, ringing)
    if "performance" in settings.on:
        found += _performance(settings, ringing)
    if "labels" in settings.on and at.new_labels >= settings.labels:
        found.append(RetrainReason(on="labels", found=at.new_labels, bound=settings.labels))
    if "schedule" in settings.on:
        found += _schedule(at)
    return tuple(found)


def waits(settings: RetrainSettings, found: tuple[RetrainReason, ...], at: Standing) -> Waits | None:
    """Why nothing begins, though a condition is met."""
    if at.has_challenger:
        return "challenger"
    pause_s = settings.pause.seconds or 0.0
    if at.last is not None and (at.now - at.last).total_seconds() < pause_s:
        return "pause"
    # A schedule may have met new rows in the source; all else has the log alone to learn from.
    if at.new_labels < settings.labels_at_least and not any(each.on == "schedule" for each in found):
        return "labels"
    return None


def _schedule(at: Standing) -> Iterator[RetrainReason]:
    known = [moment for moment in (at.last, at.trained) if moment is not None]
    passed = None if at.cron is None else last_time(at.cron, at.now)
    if passed is not None and known and passed > max(known):
        yield RetrainReason(on="schedule", about=passed.isoformat(timespec="minutes"))


def _drift(settings: RetrainSettings, ringing: list[Finding]) -> Iterator[RetrainReason]:
    for each in ringing:
        effect = each.facts.get("effect", each.facts.get("auc"))
        if each.code in DRIFT and isinstance(effect, int | float) and effect >= settings.effect:
            about = ", ".join(each.columns) or str(each.facts.get("score") or "")
            yield RetrainReason(
                on="drift", code=each.code, about=about, found=float(effect), bound=settings.effect
            )


def _performance(settings: RetrainSettings, ringing: list[Finding]) -> Iterator[RetrainReason]:
    """A fall that chance does not explain, and that is as large as the settings ask; outcomes that follow
    inputs otherwise have no size of their own."""
    for each in ringing:
        if each.code == Code.concept_drifted:
            yield RetrainReason(on="performance", code=each.code)
        elif each.code == Code.performance_fell:
            fall = _fall(each)
            if fall is not None and fall >= settings.fall:
                yield RetrainReason(
                    on="performance",
                    code=each.code,
                    about=str(each.facts["metric"]),
                    found=fall,
                    bound=settings.fall,
                )


def _fall(found: Finding) -> float | None:
    value, before = found.facts.get("value"), found.facts.get("before")
    if not isinstance(value, int | float) or not isinstance(before, int | float):
        return None
    sign = 1 if METRICS[str(found.facts["metric"])].higher_is_better else -1
    return sign * (float(before) - float(value))
