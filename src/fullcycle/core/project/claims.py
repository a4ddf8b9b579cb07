"""What a project claims: hypotheses, decided by an experiment, and gates, checked on the test set."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator

from fullcycle.core.project.clean_settings import ColumnCleanSettings, OutlierAction, OutlierRule
from fullcycle.core.project.section import MetricName, ModelName, Section, Share

ClaimTest = Literal["corrected_t", "paired_bootstrap"]


class Gate(Section):
    """A check that a bundle must pass before release: the metric on the test set, against a bound."""

    metric: MetricName
    at_least: float | None = None
    at_most: float | None = None


class Window(Section):
    """Part of the training rows, by time; folds are judged on the same rows whatever an arm learns from."""

    since: str | None = Field(None, description="Learn from rows of this moment or later, such as 2024-01-31")
    until: str | None = Field(None, description="Learn from rows before this moment")
    column: str | None = Field(None, description="A datetime column; default: the one of role time")

    @field_validator("since", "until", mode="before")
    @classmethod
    def _as_text(cls, given: Any) -> Any:
        """YAML reads 2024-01-31 as a date."""
        return given.isoformat() if isinstance(given, date) else given


class ArmClean(Section):
    """What an arm does otherwise about outliers, gaps and scales than the project's `clean`."""

    outliers: OutlierAction | None = None
    outlier_rule: OutlierRule | None = None
    outlier_factor: float | None = Field(None, gt=0)
    scaling: Literal["standard", "robust", "quantile", "none"] | None = None
    rare_share: float | None = Field(None, ge=0, lt=1)
    columns: dict[str, ColumnCleanSettings] = Field({}, description="What differs for a column")


class Arm(Section):
    """One side of a comparison: what it does otherwise than the project."""

    model: ModelName = Field("lightgbm", description="The model that is fitted, with its defaults")
    parameters: dict[str, str | int | float | bool | None] = Field(
        {}, description="Parameters of the model beside its defaults"
    )
    features: dict[str, str | None] = Field(
        {}, description="Expressions put beside the project's features; null takes one out"
    )
    without: list[str] = Field([], description="Columns or features that the model doesn't see")
    clean: ArmClean = ArmClean()
    window: Window | None = Field(None, description="The training rows that are learned from")
    seed: int | None = Field(None, ge=0, le=2**31 - 1, description="Of the model; default: the project's")


class Hypothesis(Section):
    """A claim that an experiment decides: the treatment scores better than the control."""

    claim: str = Field(min_length=1, description="In words, for people")
    metric: MetricName
    control: Arm = Arm()
    treatment: Arm
    minimum_effect: float = Field(
        gt=0, description="The smallest gain of the metric that would matter, in its own units"
    )
    alpha: Share = Field(0.05, description="Chance of a false claim that is accepted, for all hypotheses")
    test: ClaimTest = Field(
        "corrected_t", description="Of fold differences, or of out-of-fold predictions of the same rows"
    )
    repeats: int = Field(4, ge=1, le=50, description="Times that the folds are drawn anew; by time only once")
