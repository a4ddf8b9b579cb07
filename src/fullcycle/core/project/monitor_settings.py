"""How a model that works is watched: windows, the alarm budget, what counts as a change, where alarms go."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from fullcycle.core.project.automation_settings import Cron
from fullcycle.core.project.section import Section, Share

Unit = Literal["hour", "day", "week", "month"]
Period = Literal["day", "week", "month", "quarter", "year"]
SECONDS: dict[str, float] = {
    "hour": 3600.0,
    "day": 86400.0,
    "week": 7 * 86400.0,
    "month": 365.25 * 86400 / 12,
    "quarter": 365.25 * 86400 / 4,
    "year": 365.25 * 86400,
}
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
PROMISE = re.compile(
    r"(?:at most\s+)?(?P<count>\d+(?:\.\d+)?|[a-z]+)\s*(?:false\s+)?(?:alarms?\s+)?"
    r"(?:a|an|per|each|every|in a)\s+(?P<per>day|week|month|quarter|year)"
)
WINDOW = re.compile(r"(?P<count>\d+)?\s*(?P<unit>rows?|hours?|days?|weeks?|months?)")


class Promise(Section):
    """How many false alarms a person can live with: of the whole table, at all looks together."""

    count: float = Field(1.0, gt=0, description="False alarms at most, on average")
    per: Period = "quarter"

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        match = PROMISE.fullmatch(" ".join(given.lower().split()))
        count = None if match is None else _number(match["count"])
        if match is None or count is None:
            raise ValueError(
                "say it as `at most 1 a quarter`: a number, then day, week, month, quarter, year"
            )
        return {"count": count, "per": match["per"]}

    @property
    def rate_per_s(self) -> float:
        """False alarms a second."""
        return self.count / SECONDS[self.per]


def _number(word: str) -> float | None:
    return float(word) if word[0].isdigit() else NUMBERS.get(word)


class Window(Section):
    """What is judged at once: so many rows, or the rows of so much time."""

    count: int = Field(1, ge=1)
    unit: Literal["rows", "hour", "day", "week", "month"] = "day"

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        match = WINDOW.fullmatch(" ".join(given.lower().split()))
        if match is None:
            raise ValueError("say it as `1 day`, `6 hours`, `1 month` or `5000 rows`")
        unit = match["unit"].removesuffix("s")
        return {"count": int(match["count"] or 1), "unit": "rows" if unit == "row" else unit}

    @property
    def seconds(self) -> float | None:
        """How long it is; None where it is counted in rows."""
        return None if self.unit == "rows" else self.count * SECONDS[self.unit]

    def __str__(self) -> str:
        """As a person would write it."""
        if self.unit == "rows":
            return f"{self.count} rows"
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


class MonitorLimits(Section):
    """The smallest changes that matter, whatever the number of rows: with millions of them everything differs
    significantly."""

    distribution: Share = Field(
        0.05, description="Distance of two distributions, 0 to 1 (Kolmogorov-Smirnov, Jensen-Shannon)"
    )
    missing: Share = Field(0.02, description="Difference of two shares of missing values")
    contract: Share = Field(
        0.02, description="Share of values that the contract does not expect, beyond before"
    )
    together: float = Field(
        0.6, gt=0.5, lt=1, description="AUC of a classifier that tells current rows from reference rows"
    )


class SinkSettings(Section):
    """Where alarms go, beside the exit code."""

    file: str | None = Field(None, description="A file that gets a line of JSON for each alarm")
    webhook: str | None = Field(
        None,
        description="URL that gets each alarm as JSON (as Slack takes it); ${NAME} from the environment",
    )
    prometheus: str | None = Field(
        None, description="A file of gauges for node_exporter's textfile collector, *.prom"
    )


class RetrainSettings(Section):
    """When `fullcycle monitor` trains anew, on which rows, and what becomes of the result."""

    on: list[Literal["drift", "performance", "schedule", "labels"]] = Field(
        min_length=1,
        description="What starts it: drift that rings, performance that fell, the schedule use.retrain, so"
        " many new outcomes",
    )
    then: Literal["challenger", "ask"] = Field(
        "ask", description="challenger: released beside the champion, as a canary; ask: a proposal is left"
    )
    effect: float = Field(
        0.1,
        ge=0,
        le=1,
        description="on drift: distance of what rings, at least; of all columns, their AUC",
    )
    fall: float = Field(0.0, ge=0, description="on performance: fall of the headline metric, at least")
    labels: int = Field(1000, ge=1, description="on labels: new outcomes since training, at least")
    labels_at_least: int = Field(
        200, ge=30, description="Fewer new outcomes than these start nothing, but on the schedule"
    )
    newest: Share = Field(
        0.3,
        description="Share of the new outcomes, the newest, that training does not see: on them champion and"
        " challenger are compared",
    )
    pause: Window = Field(Window(count=1, unit="week"), description="Time between two retrainings, at least")
    look: Cron = Field("0 4 * * *", description="When CI looks, as cron, UTC")

    @field_validator("on", mode="before")
    @classmethod
    def _one_alone(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given

    @field_validator("pause")
    @classmethod
    def _is_time(cls, given: Window) -> Window:
        if given.unit == "rows":
            raise ValueError("a time, such as `1 week`")
        return given


class MonitorSettings(Section):
    """How answered rows are watched."""

    window: Window = Field(Window(), description="What is judged at once: `1 day`, `1 month`, `5000 rows`")
    every: Window | None = Field(
        None,
        description="How often somebody looks; default: once a window, or once a day for windows of rows",
    )
    false_alarms: Promise = Field(
        Promise(), description="At most so many, over all columns and looks: `at most 1 a quarter`"
    )
    rows_at_least: int = Field(50, ge=10, description="A window of fewer rows is not judged")
    limits: MonitorLimits = MonitorLimits()
    cooldown: Window = Field(
        Window(count=1, unit="day"), description="An alarm that still rings is not sent again before"
    )
    sinks: SinkSettings = SinkSettings()
    retrain: RetrainSettings | None = Field(
        None, description="Train anew when it is due: {on: [drift, performance], then: challenger}"
    )

    @field_validator("every", "cooldown")
    @classmethod
    def _is_time(cls, given: Window | None) -> Window | None:
        if given is not None and given.unit == "rows":
            raise ValueError("a time, such as `1 day`")
        return given

    @property
    def look_s(self) -> float:
        """Seconds between two looks."""
        if self.every is not None and self.every.seconds is not None:
            return self.every.seconds
        return self.window.seconds or SECONDS["day"]
