"""How the sealed test set is judged: what is looked at, the bounds, and what a failed test means."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fullcycle.core.project.section import Section, Share

CheckSeverity = Literal["gate", "warning", "info"]


class VerifySeverity(Section):
    """What a failed test means: a gate closes the way to release, a warning asks for a look, info tells."""

    champion: CheckSeverity = Field("warning", description="No worse than `champion`, row by row")
    calibration: CheckSeverity = Field("warning", description="Probabilities can be read as shares")
    slices: CheckSeverity = Field("warning", description="No part of the rows is answered worse")
    fairness: CheckSeverity = Field("warning", description="Rates of declared groups are near each other")
    robustness: CheckSeverity = Field("info", description="Small changes of a row change its answer little")
    behaviour: CheckSeverity = Field("gate", description="Unless a test of the file says otherwise")
    leaks: CheckSeverity = Field("warning", description="Test rows and training rows are apart")
    stability: CheckSeverity = Field("info", description="Fitted again, the model answers alike")
    size: CheckSeverity = Field("info", description="Bytes of the graph")
    budget: CheckSeverity = Field(
        "gate", description="Latency, size and loss that `prepare` allows, if it does"
    )


class VerifyLimits(Section):
    """Bounds of the tests. What an answer moves by is a mean over rows: of a probability (0 to 1), or of a
    number in standard deviations of the answers."""

    calibration_error: float = Field(0.05, ge=0, description="Expected calibration error at most")
    fairness_ratio: float = Field(
        0.8, ge=0, le=1, description="Lowest rate of a group over the highest, at least (four fifths rule)"
    )
    noise: float = Field(0.1, ge=0, description="Moved by noise of a twentieth of a deviation, at most")
    missing: float = Field(0.3, ge=0, description="Moved where one column is missing, at most")
    unit: float = Field(0.2, ge=0, description="Moved by a slip of unit (x 1000) that the contract misses")
    unseen: float = Field(0.3, ge=0, description="Moved by a category that training never saw, at most")
    stability: float = Field(0.1, ge=0, description="Moved by fitting again, at most")
    size_mb: float = Field(50.0, gt=0, description="Megabytes of the graph, at most")


class VerifySettings(Section):
    """How the sealed test set is judged."""

    bootstrap: int = Field(1000, ge=100, description="Resamples behind each interval")
    confidence: Share = Field(0.95, description="Confidence of the intervals")
    champion: str | None = Field(
        None, description="Folder of the bundle in production, to be compared on the same rows"
    )
    slices: dict[str, str] = Field(
        {},
        description="Parts of the rows by name, as expressions: `young: age < 25`, `plan: plan` (each value)",
    )
    false_alarms: Share = Field(
        0.05, description="Chance of telling a weak slice where there is none, over all that are looked at"
    )
    fairness: list[str] = Field([], description="Columns whose values are groups to be treated alike")
    behaviour: str = Field("tests/behaviour.yaml", description="File with tests of behaviour, if it exists")
    rows_at_most: int = Field(
        1000, ge=50, description="Test rows asked again in changed form: robustness, behaviour, explanations"
    )
    refits: int = Field(2, ge=0, le=50, description="Times the model is fitted again to see how stable it is")
    severity: VerifySeverity = VerifySeverity()
    limits: VerifyLimits = VerifyLimits()
