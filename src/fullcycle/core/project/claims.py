"""What a project claims: hypotheses, decided by an experiment, and gates, checked on the test set."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from fullcycle.core.project.clean_settings import ColumnCleanSettings, OutlierAction, OutlierRule
from fullcycle.core.project.section import MetricName, ModelName, Section, Share

ClaimTest = Literal["corrected_t", "paired_bootstrap"]


class Gate(Section):
    """A check that a bundle must pass before release, on the test set: of a metric, of the value in money, or
    of what a metric loses against the bundle in production (`verify.champion`)."""

    metric: MetricName | None = None
    value: Literal["total", "per_row"] | None = Field(
        None, description="Of `value`: what the model earns on all test rows, or on one"
    )
    loss_against: Literal["champion"] | None = Field(
        None, description="The metric's loss against it; with no champion yet there is none"
    )
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.metric is None) == (self.value is None):
            raise ValueError("a criterion needs either a metric or a value: {metric: roc_auc, at_least: 0.8}")
        if self.loss_against is not None and (self.metric is None or self.at_least is not None):
            raise ValueError(
                "a loss needs a metric and at_most: {metric: roc_auc, loss_against: champion, at_most: 0.01}"
            )
        return self


class Gain(Section):
    """What each outcome of two classes is worth; the last class is the positive one that is acted on.

    A number, or an expression over the columns of the row, as features are written: `0.3 * amount - 5`.
    """

    tp: float | str = Field(0.0, description="Acted on, and right")
    fp: float | str = Field(0.0, description="Acted on in vain")
    fn: float | str = Field(0.0, description="Not acted on, and missed")
    tn: float | str = Field(0.0, description="Not acted on, and right")


class ValueSettings(Section):
    """What answers are worth in money: the decision threshold follows from it."""

    unit: str = Field("", description="Of the money, such as EUR")
    gain: Gain | None = Field(None, description="By outcome, for two classes")
    gains: dict[str, dict[str, float | str]] | None = Field(
        None, description="By true class, then by answered class; what is left out is worth 0"
    )

    @model_validator(mode="after")
    def _one_matrix(self) -> Self:
        if (self.gain is None) == (self.gains is None):
            raise ValueError("value needs either gain or gains, such as `gain: {tp: 40, fp: -5}`")
        return self


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
