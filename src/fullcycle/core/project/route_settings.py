"""Who answers, what happens when a model fails, and how a challenger's share grows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from fullcycle.core.project.section import Section, Share

Latency = Annotated[float, Field(gt=0)]


class FallbackRule(Section):
    """An answer for rows whose `column` is one of `values`, or from `at_least` to below `below`."""

    column: str = Field(description="A column of the contract, as coerced")
    values: list[str | float | bool] | None = Field(None, description="The rule holds for these values")
    at_least: float | None = Field(None, description="The rule holds from this number on")
    below: float | None = Field(None, description="The rule holds below this number")
    answer: str | float = Field(description="A class, or a number in regression")

    @model_validator(mode="after")
    def _asks_something(self) -> FallbackRule:
        if self.values is None and self.at_least is None and self.below is None:
            raise ValueError("a rule needs values, at_least or below")
        return self


class FallbackSettings(Section):
    """What answers for a model that fails or takes too long, marked `fallback`: the champion before it, then
    rules, then a constant."""

    previous: bool = Field(True, description="Whether the champion before this one is kept ready")
    rules: list[FallbackRule] = Field(default=[], description="The first that holds for a row answers it")
    constant: str | float | None = Field(None, description="A class, or a number; default: no such answer")


class BreakerSettings(Section):
    """When a model that fails is left alone for a while: its share of failures within a window."""

    window_s: float = Field(30.0, gt=0, description="Seconds that are looked back")
    failures: int = Field(5, ge=1, description="Failures within the window, at least")
    share: Share = Field(0.5, description="Failures among the requests of the window, at least")
    open_s: float = Field(10.0, gt=0, description="Seconds until one request tries it again")


class RouteSettings(Section):
    """How requests find their bundle."""

    header: str = Field("x-route-key", description="Requests with the same value get the same bundle")
    column: str | None = Field(
        None, description="Rows with the same value of this column get the same bundle, instead of the header"
    )
    timeout_ms: Latency | None = Field(1000.0, description="A model that takes longer falls back")
    follow_s: float = Field(0.2, gt=0, le=1, description="Seconds between two looks at deploy/routes.json")
    fallback: FallbackSettings = FallbackSettings()
    breaker: BreakerSettings = BreakerSettings()


class CanaryLimits(Section):
    """How much worse than the champion a challenger may be."""

    errors: float = Field(0.01, ge=0, le=1, description="Share of failed answers above the champion's")
    slower: float = Field(
        2.0, ge=1, description="95 of 100 answers come within the champion's time times this"
    )
    latency_ms: Latency | None = Field(None, description="95 of 100 answers come within; default: no bound")
    odd: float = Field(
        0.1, ge=0, le=1, description="Share of answers far from the champion's on the same row (by 0.15)"
    )
    distribution: float = Field(
        0.15, ge=0, le=1, description="Largest difference of shares: of answers up to a value, or of a class"
    )
    quality: float = Field(
        0.02, ge=0, le=1, description="Mean loss (0 to 1) of answers with known outcome, above the champion's"
    )


class CanarySettings(Section):
    """How a challenger's share widens by itself, and when it goes back by itself."""

    shares: list[Share] = Field(default=[0.05, 0.25, 0.5], min_length=1, description="Of traffic, in order")
    minutes: float = Field(60.0, ge=0, description="At each share, at least")
    answers: int = Field(500, ge=1, description="Of the challenger at each share, at least")
    outcomes: int = Field(
        0, ge=0, description="Answers of the challenger with known outcome, before it goes on"
    )
    promote: bool = Field(True, description="Whether it becomes champion after the last share")
    false_alarms: Share = Field(
        0.05, description="Chance that a challenger as good as the champion goes back"
    )
    limits: CanaryLimits = CanaryLimits()

    @model_validator(mode="after")
    def _widens(self) -> CanarySettings:
        if sorted(set(self.shares)) != self.shares:
            raise ValueError("shares grow")
        return self


class ReleaseSettings(Section):
    """How bundles are released."""

    name: str | None = Field(
        None, pattern=r"^[^/:.%\"'\s]+$", description="In MLflow's registry; default: the project's name"
    )
    canary: CanarySettings = CanarySettings()
