"""Gauges for Prometheus, in a file: servers hand it on at /metrics, and node_exporter's textfile collector
can read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.monitor import MonitorEvidence

if TYPE_CHECKING:
    from prometheus_client import Gauge


def write_gauges(evidence: MonitorEvidence, path: Path, now: datetime) -> None:
    """Replace the file: alarms that are not over, effects of the newest window, what answers were worth, and
    when somebody looked."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()
    bundle = ("bundle",)

    def gauge(name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"fullcycle_monitor_{name}", told, (*bundle, *labels), registry=registry)

    told = "1 while an alarm rings, 0 when it was acknowledged"
    alarm = gauge("alarm", told, "id", "code", "severity", "about")
    for each in evidence.alarms:
        found = each.finding
        about = ",".join(found.columns) or str(found.facts.get("score") or found.facts.get("metric") or "")
        labels = (evidence.bundle, each.id, found.code, found.severity.value, about)
        alarm.labels(*labels).set(each.state == "open")
    ringing = gauge("alarms_ringing", "Alarms that nobody acknowledged")
    ringing.labels(evidence.bundle).set(len(evidence.ringing))
    gauge("last_look_timestamp_seconds", "When somebody looked").labels(evidence.bundle).set(now.timestamp())
    _of_newest(evidence, gauge)
    _of_performance(evidence, gauge)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_to_textfile(str(path), registry)
    except OSError as error:
        raise UserError(
            where="monitor.sinks.prometheus",
            found=f"{path}, which can't be written ({error.strerror or error})",
            expected="a file for the textfile collector",
        ) from error


def _of_performance(evidence: MonitorEvidence, gauge: Callable[..., Gauge]) -> None:
    facts = evidence.performance
    if facts is None:
        return
    value = gauge("performance", "A metric, realised or foreseen without outcomes", "metric", "kind")
    for kind, metrics in (("realised", facts.realised), ("foreseen", facts.estimated)):
        for each in metrics:
            if each.value.value is not None:
                value.labels(evidence.bundle, each.metric, kind).set(each.value.value)
    sliced = gauge("slice_performance", "The headline metric of a slice, realised", "slice")
    for slice_ in facts.by_slice:
        if slice_.fact.value.value is not None and slice_.name:
            named = slice_.name + (f"={slice_.known.value}" if slice_.known and slice_.known.value else "")
            sliced.labels(evidence.bundle, named).set(slice_.fact.value.value)
    if facts.delay is not None:
        outcomes = gauge("outcomes", "Answered rows of the window by whether their outcome came", "state")
        outcomes.labels(evidence.bundle, "known").set(facts.delay.labelled)
        outcomes.labels(evidence.bundle, "waiting").set(facts.delay.waiting)


def _of_newest(evidence: MonitorEvidence, gauge: Callable[..., Gauge]) -> None:
    judged = [window for window in evidence.windows if window.judged]
    if not judged:
        return
    newest = judged[-1]
    gauge("window_rows", "Rows of the newest window").labels(evidence.bundle).set(newest.rows)
    effect = gauge("effect", "Distance of a column from training, 0 to 1", "column", "part")
    missing = gauge("missing_rate", "Share of missing values", "column")
    for column in newest.columns:
        if column.effect is not None:
            effect.labels(evidence.bundle, column.name, column.part).set(column.effect)
        if column.missing_rate is not None and column.part != "score":
            missing.labels(evidence.bundle, column.name).set(column.missing_rate)
