"""Which jobs and resources follow from how the model is used: measured costs for a stated load."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fullcycle.core.evidence.automation import Assumption, Measured, PlanFacts, PlannedJob
from fullcycle.core.project.automation_settings import CRON_FIELDS, cron_numbers

if TYPE_CHECKING:
    from fullcycle.core.project.settings import Settings

BUSY_SHARE = 1 / 3  # of the busiest load, over a day: people sleep
HEADROOM = 1.5  # times the measured peak of memory: another table, another version
CORE_SHARE = 0.7  # of a core that a replica may use before another one is wanted: the rest is for peaks
CPU_LEAST = 0.1
MEMORY_STEP_MB = 64
LOG_ROW_BYTES = 600.0  # where nothing is logged yet: a row of some twenty columns with its answer
GROWS_TO = 3  # times the planned replicas that an autoscaler may start
DAY_S = 86_400
YEAR_DAYS = 366


def plan_of(settings: Settings, measured: Measured) -> PlanFacts:
    """The plan as a function of its arguments: the same load and costs give the same plan."""
    use = settings.use
    online, batch = use.answers != "batch", use.answers != "online"
    return PlanFacts(
        answers=use.answers,
        requests_per_s=use.online.requests_per_s if online else None,
        rows_per_request=use.online.rows_per_request if online else None,
        rows_per_day=use.batch.rows_per_day if batch else None,
        log_days=use.keep_log_days if online else None,
        jobs=tuple(_jobs(settings, measured)),
        measured=measured,
        assumptions=tuple(_assumptions(settings, measured)),
    )


def runs_per_day(cron: str) -> float:
    """How often a schedule starts, on average over a year.

    >>> runs_per_day("0 */6 * * *"), round(runs_per_day("0 3 * * 1"), 2)
    (4.0, 0.14)
    """
    minutes, hours, days, months, weekdays = (
        cron_numbers(field, *bounds) for field, bounds in zip(cron.split(), CRON_FIELDS, strict=True)
    )
    _, _, day_field, _, weekday_field = cron.split()
    sundays_first = {each % 7 for each in weekdays}
    # As cron has it: where both are given, the day of the month or the day of the week suffices.
    either = any if "*" not in (day_field, weekday_field) else all
    start = datetime(2024, 1, 1, tzinfo=UTC)
    year = [start + timedelta(days=number) for number in range(YEAR_DAYS)]
    matching = sum(
        day.month in months and either((day.day in days, day.isoweekday() % 7 in sundays_first))
        for day in year
    )
    return round(len(minutes) * len(hours) * matching / YEAR_DAYS, 4)


def _jobs(settings: Settings, measured: Measured) -> Iterator[PlannedJob]:
    use = settings.use
    if use.retrain is not None:
        yield _training(settings, use.retrain, measured)
    if use.answers != "batch":
        yield _answering(settings, measured)
    if use.answers != "online":
        yield _scoring(settings, measured)


def _training(settings: Settings, schedule: str, measured: Measured) -> PlannedJob:
    """The measured training, in proportion to the rows that there will be; a search that time ended takes
    as long again. What stages take however few rows there are is taken to grow, too, so that a larger table
    is overestimated. Memory grows above what libraries take."""
    rows = settings.use.training_rows or measured.training_rows
    times, search = rows / max(measured.training_rows, 1), measured.search_s or 0.0
    return PlannedJob(
        kind="train",
        schedule=schedule,
        runs_per_day=runs_per_day(schedule),
        rows=rows,
        seconds=round(search + (measured.training_s - search) * times, 1),
        memory_mb=_memory(_training_memory_mb(measured, max(times, 1.0))),
        cpu=float(settings.experiment.workers),
    )


def _training_memory_mb(measured: Measured, times: float) -> float | None:
    """Without a measurement of what libraries take, all of it grows."""
    peak = measured.training_memory_mb
    if peak is None:
        return None
    libraries = min(peak, measured.libraries_mb or 0.0)
    return libraries + (peak - libraries) * times


def _answering(settings: Settings, measured: Measured) -> PlannedJob:
    online = settings.use.online
    request_ms = measured.request_cpu_ms + (online.rows_per_request - 1) * measured.row_cpu_ms
    cores = online.requests_per_s * request_ms / 1000 * online.spare
    replicas = max(online.replicas_at_least, math.ceil(cores / CORE_SHARE))
    rows = online.requests_per_s * online.rows_per_request * DAY_S * BUSY_SHARE
    log = rows * settings.use.keep_log_days * (measured.log_row_bytes or LOG_ROW_BYTES)
    return PlannedJob(
        kind="answer",
        rows=rows,
        cpu=round(max(CPU_LEAST, cores / replicas), 2),
        memory_mb=_memory(measured.server_memory_mb),
        replicas=replicas,
        replicas_at_most=replicas * GROWS_TO,
        disk_gb=round(log / 1e9, 2) if settings.log.enabled else 0.0,
    )


def _scoring(settings: Settings, measured: Measured) -> PlannedJob:
    batch = settings.use.batch
    often = runs_per_day(batch.schedule)
    rows = batch.rows_per_day / often if often else None
    start, per_row = measured.score_start_s, measured.score_row_ms
    seconds = None
    if rows is not None and start is not None and per_row is not None:
        seconds = round(start + rows * per_row / 1000, 1)
    return PlannedJob(
        kind="score",
        schedule=batch.schedule,
        runs_per_day=often,
        rows=None if rows is None else round(rows),
        seconds=seconds,
        memory_mb=_memory(measured.score_memory_mb),
        cpu=1.0,
    )


def _memory(measured_mb: float | None) -> int | None:
    """With headroom, in whole steps."""
    if measured_mb is None:
        return None
    return math.ceil(measured_mb * HEADROOM / MEMORY_STEP_MB) * MEMORY_STEP_MB


def _assumptions(settings: Settings, measured: Measured) -> Iterator[Assumption]:
    yield Assumption(code="this_machine", value=measured.cores)
    yield Assumption(code="headroom", value=HEADROOM)
    if settings.use.retrain is not None and settings.use.training_rows not in (None, measured.training_rows):
        yield Assumption(code="training_linear", value=measured.training_rows)
        if measured.search_s is not None:
            yield Assumption(code="search_as_long", value=measured.search_s)
    if settings.use.answers != "batch":
        yield Assumption(code="requests_like_golden_rows")
        yield Assumption(code="one_core_per_replica", value=CORE_SHARE)
        yield Assumption(code="busy_share", value=BUSY_SHARE)
        if measured.log_row_bytes is None:
            yield Assumption(code="log_row_guessed", value=LOG_ROW_BYTES)
    if settings.use.answers != "online":
        yield Assumption(code="linear_in_rows")
