"""Settings of `fullcycle features propose`, and what it leaves in `fullcycle.yaml` for a person to decide."""

from __future__ import annotations

from pydantic import Field

from fullcycle.core.project.section import MetricName, Section, Share


class ProposalSettings(Section):
    """How features are proposed: ended by its proposals first, by time as a ceiling."""

    at_most: int = Field(5, ge=1, description="Suggestions that are written at most")
    tested: int = Field(8, ge=1, le=50, description="Expressions that are tested on rows that had no say")
    repeats: int = Field(3, ge=1, le=20, description="Times that the folds are drawn anew; by time only once")
    confidence: Share = Field(0.95, description="Of all suggestions together, and of each interval")
    rows_at_most: int = Field(20_000, ge=100, description="Training rows that are looked at")
    time_budget_s: float = Field(300.0, gt=0, description="Seconds after which no new one is tested")


class SuggestedFeature(Section):
    """An expression that earned its place out of fold: how much the metric gained, positive is better."""

    expression: str
    metric: MetricName
    gain: float
    low: float
    high: float
