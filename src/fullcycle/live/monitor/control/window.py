"""Control charts of what the log says by window: times, failures, scores, outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.monitor import ControlFacts, ControlSignal
from fullcycle.live.monitor.control.charts import Chart, chart, limits_for
from fullcycle.live.monitor.control.scores import FAR, rate_errors, standardise
from fullcycle.live.monitor.windows import Cut, W

if TYPE_CHECKING:
    import ibis

Floats = NDArray[np.float64]
Metric = Literal["latency", "fallbacks", "score", "outcome"]

WINDOWS_AT_LEAST = 10  # fewer have nothing to be compared with
DAY_S = 86_400.0
RUN_LENGTH_AT_MOST = 1e5  # windows: no promise is kept better by being longer


def control_charts(
    table: ibis.Table, cuts: Sequence[Cut], metrics: Sequence[tuple[Metric, Any]], alpha: float
) -> tuple[tuple[ControlFacts, ...], list[Finding]]:
    """A chart for each metric, an expression over the table that is null where it does not count; `alpha` is
    what all of them may ring falsely by chance at one look."""
    if len(cuts) < WINDOWS_AT_LEAST:
        return (), []
    run_length = min(len(metrics) / alpha, RUN_LENGTH_AT_MOST)
    measured = _measured(table, metrics)
    facts: list[ControlFacts] = []
    findings: list[Finding] = []
    for name, _ in metrics:
        found = _charted(name, cuts, measured, run_length)
        if found is not None:
            facts.append(found)
            findings += _ringing(found)
    return tuple(facts), findings


def _measured(table: ibis.Table, metrics: Sequence[tuple[Metric, Any]]) -> dict[int, dict[str, Any]]:
    """Rows, mean and spread of each metric in each window, in one pass."""
    from fullcycle.core.engines.tall import fetch

    asked: dict[str, Any] = {}
    for name, value in metrics:
        asked |= {f"{name}_n": value.count(), f"{name}_mean": value.mean(), f"{name}_std": value.std()}
    return {int(row[W]): row for row in fetch(table.group_by(W).aggregate(**asked))}


def _charted(
    name: Metric, cuts: Sequence[Cut], measured: dict[int, dict[str, Any]], run_length: float
) -> ControlFacts | None:
    def column(what: str) -> Floats:
        found = [measured.get(each.number, {}).get(f"{name}_{what}") for each in cuts]
        return np.array([np.nan if value is None else value for value in found], dtype=np.float64)

    rows, means = np.nan_to_num(column("n")), column("mean")
    if np.isfinite(means).sum() < WINDOWS_AT_LEAST:
        return None
    weekly = _is_daily(cuts)
    phases = [each.start.weekday() for each in cuts if each.start is not None] if weekly else None
    made = chart(
        standardise(means, _errors(name, rows, means, column("std")), phases=phases), limits_for(run_length)
    )
    shown = np.exp(means) if name == "latency" else means  # milliseconds again
    return _facts(name, cuts, shown, made, weekly=weekly)


def _errors(name: Metric, rows: Floats, means: Floats, stds: Floats) -> Floats:
    if name == "fallbacks":
        counted = [round(float(each)) for each in np.nan_to_num(means) * rows]
        return rate_errors(counted, [int(each) for each in rows])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(rows > 1, stds / np.sqrt(rows), np.nan))


def _is_daily(cuts: Sequence[Cut]) -> bool:
    first = cuts[0]
    if first.start is None or first.end is None:
        return False
    return (first.end - first.start).total_seconds() == DAY_S


def _facts(name: Metric, cuts: Sequence[Cut], means: Floats, made: Chart, *, weekly: bool) -> ControlFacts:
    signals = tuple(
        ControlSignal(chart=each.chart, at=each.at, since=each.since, side=each.side) for each in made.signals
    )
    return ControlFacts(
        metric=name,
        windows=tuple(each.key for each in cuts),
        values=_or_none(means),
        scores=_or_none(np.clip(made.scores, -FAR, FAR)),
        ewma=tuple(made.ewma.tolist()),
        ewma_limit=tuple(made.ewma_limit.tolist()),
        cusum_above=tuple(made.cusum_above.tolist()),
        cusum_below=tuple(made.cusum_below.tolist()),
        shewhart_limit=made.limits.shewhart,
        cusum_limit=made.limits.cusum,
        weekly=weekly,
        signals=signals,
        patterns={rule: tuple(ends) for rule, ends in made.patterns.items() if ends},
    )


def _or_none(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)


def _ringing(facts: ControlFacts) -> Iterator[Finding]:
    """One alarm for a metric, whichever charts ring at the last window: of several the one that looks back
    furthest says since when."""
    last = [signal for signal in facts.signals if signal.at == len(facts.windows) - 1]
    if not last:
        return
    earliest = min(last, key=lambda signal: signal.since)
    severity = Severity.info if facts.metric == "latency" and earliest.side == "below" else Severity.warning
    yield finding(
        Code.out_of_control,
        severity,
        metric=facts.metric,
        side=earliest.side,
        value=facts.values[-1],
        since=facts.windows[earliest.since],
        charts=[*sorted({signal.chart for signal in last})],
    )
