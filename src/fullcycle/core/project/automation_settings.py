"""How the model is used, where it answers, and what CI may spend: what `plan` and `ci` follow from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from fullcycle.core.project.section import Section

DAYS_LOOKED_BACK = 367  # for the last time of a schedule
CRON_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def _cron(text: str) -> str:
    """Five fields of numbers, `*`, lists, ranges and steps: what GitHub, Kubernetes and Jenkins all read."""
    fields = text.split()
    if len(fields) != len(CRON_FIELDS):
        raise ValueError("five fields: minute, hour, day of month, month, day of week")
    for field, bounds in zip(fields, CRON_FIELDS, strict=True):
        for part in field.split(","):
            _cron_part(part, *bounds)
    return text


def _cron_part(part: str, low: int, high: int) -> None:
    span, _, step = part.partition("/")
    ends = [] if span == "*" else span.split("-")
    numbers = [*ends, *([step] if "/" in part else [])]
    if len(ends) > 2 or not all(number.isdigit() for number in numbers):
        raise ValueError(f"{part!r} is no number, *, list, range or step")
    if any(not low <= int(end) <= high for end in ends) or (step and int(step) == 0):
        raise ValueError(f"{part!r} is not within {low} to {high}")


def cron_numbers(field: str, low: int, high: int) -> frozenset[int]:
    """The numbers that a field stands for.

    >>> sorted(cron_numbers("1-10/4,30", 0, 59))
    [1, 5, 9, 30]
    """
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = low if span == "*" else int(first)
        end = int(last) if last else high if span == "*" or step else begin
        found |= set(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


def last_time(cron: str, now: datetime) -> datetime | None:
    """The last whole minute up to `now` that a cron line names, within a year; days of month and week are
    alternatives where both are given, as cron has it.

    >>> last_time("0 3 * * 1", datetime(2026, 6, 3, 12)).isoformat()
    '2026-06-01T03:00:00'
    """
    minutes, hours, days, months, weekdays = (
        cron_numbers(field, *bounds) for field, bounds in zip(cron.split(), CRON_FIELDS, strict=True)
    )
    any_day, any_weekday = cron.split()[2] == "*", cron.split()[4] == "*"
    clock = sorted(((hour, minute) for hour in hours for minute in minutes), reverse=True)
    for back in range(DAYS_LOOKED_BACK):
        day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        of_week = {day.isoweekday() % 7, day.isoweekday()} & weekdays
        fits = [day.day in days or any_day, bool(of_week) or any_weekday]
        either = not any_day and not any_weekday
        if day.month not in months or not (any(fits) if either else all(fits)):
            continue
        for hour, minute in clock:
            moment = day.replace(hour=hour, minute=minute)
            if moment <= now:
                return moment
    return None


Cron = Annotated[str, AfterValidator(_cron)]
SecretName = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$")]


class OnlineSettings(Section):
    """Answers by request: the load that replicas are planned for."""

    requests_per_s: float = Field(1.0, gt=0, description="At the busiest time of a usual day")
    rows_per_request: float = Field(1.0, ge=1, description="On average")
    spare: float = Field(2.0, ge=1, description="How many times the load the replicas can take")
    replicas_at_least: int = Field(2, ge=1, description="So that one may end while the others answer")


class BatchSettings(Section):
    """Answers for a whole table on a schedule."""

    source: str | None = Field(None, description="The table to score, as data.source; needed for a batch")
    output: str = Field("scores/scores.parquet", description="Where the answers go, relative to the project")
    schedule: Cron = Field("0 4 * * *", description="When, as cron writes it, UTC")
    rows_per_day: float = Field(100_000, gt=0, description="Rows that come in a day")


class UseSettings(Section):
    """How the model is trained and answers: what `fullcycle plan` plans for."""

    answers: Literal["online", "batch", "both"] = Field(
        "online", description="online: by request; batch: a table on a schedule"
    )
    retrain: Cron | None = Field(
        "0 3 * * 1", description="When it is trained anew, as cron, UTC; null: never"
    )
    training_rows: int | None = Field(
        None, ge=1, description="Rows to train on by then, for the plan; default: as many as now"
    )
    keep_log_days: float = Field(
        90, gt=0, description="Days that logged answers are kept: the disk they take"
    )
    online: OnlineSettings = OnlineSettings()
    batch: BatchSettings = BatchSettings()


class TargetSettings(Section):
    """A place where the model answers: a folder that its servers follow, and the address they answer at."""

    folder: str = Field(description="Its deploy/ folder, as the runner sees it; relative to the project")
    url: str = Field(description="Its service, such as http://staging:8000; ${NAME} from the environment")
    runner: str = Field("self-hosted", description="Label of the CI machines that reach both")


class Targets(Section):
    """Where CI deploys to; without a target, CI ends with the proven bundle."""

    staging: TargetSettings | None = Field(None, description="First: smoke and contract test")
    production: TargetSettings | None = Field(None, description="Then: a canary that promotes or goes back")


class TrainingBudget(Section):
    """What `fullcycle run --budget` spends at most, as in a pull request; settings of experiment go on to
    hold where they ask for less."""

    trials: int = Field(8, ge=1, description="Trials of the search")
    time_budget_s: float = Field(120.0, gt=0, description="Seconds of the search")


class CiSettings(Section):
    """What CI checks, spends and may know."""

    branch: str = Field("main", pattern=r"^[A-Za-z0-9._/-]+$", description="The branch that is deployed")
    runner: str = Field("ubuntu-latest", description="Label of the machines that check and train")
    minutes: int = Field(120, ge=1, description="Of a job at most")
    canary_minutes: int = Field(240, ge=1, description="That a canary is waited for; then it goes back")
    secrets: list[SecretName] = Field(
        default=[], description="Names of secrets that steps get as variables; values are CI's to keep"
    )
    new_data: str | None = Field(
        None, description="A table to hold against the contract, as data.source; default: that one"
    )
    tests: list[str] = Field(default=[], description="Commands of your own tests, such as python -m pytest")
    image: str | None = Field(
        None, description="Name of the image to build and push, such as registry.example.org/churn"
    )
    budget: TrainingBudget = TrainingBudget()
