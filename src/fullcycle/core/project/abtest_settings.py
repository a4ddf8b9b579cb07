"""A/B tests: what is compared, which change matters, and how it will be decided."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from fullcycle.core.project.section import Section, Share

MetricKind = Literal["conversion", "mean", "ratio"]
Correction = Literal["holm", "bonferroni", "dunnett"]
VARIANTS_AT_MOST = 20


class AbMetric(Section):
    """What is measured of each unit, and the smallest change of it that matters."""

    kind: MetricKind = Field("mean", description="A share of units, a mean of units, or a ratio of two means")
    value: str | None = Field(None, description="Column; default: the metric's own name")
    per: str | None = Field(None, description="Column below the line of a ratio, such as visits")
    covariate: str | None = Field(
        None,
        description="Column known before the test: CUPED takes away the variance that it explains. A unit "
        "without it counts as an average one",
    )
    covariate_per: str | None = Field(None, description="Column below the line of a ratio's covariate")
    lower_is_better: bool = False
    effect: float | None = Field(
        None, gt=0, description="Smallest change that matters; of a guard, the largest harm that is allowed"
    )
    relative_effect: float | None = Field(None, gt=0, description="The same as a part of the control's value")
    base: float | None = Field(None, description="The control's value, where there is no table of history")
    sd: float | None = Field(None, gt=0, description="Standard deviation of a unit, without a history")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.kind == "ratio") != (self.per is not None):
            raise ValueError("a ratio needs `per`, and nothing else has it: {kind: ratio, value: a, per: b}")
        if self.effect is not None and self.relative_effect is not None:
            raise ValueError("one of effect and relative_effect")
        if self.covariate_per is not None and (self.per is None or self.covariate is None):
            raise ValueError("covariate_per belongs to a ratio with a covariate")
        if self.kind == "conversion" and self.base is not None and not 0 < self.base < 1:
            raise ValueError("the base of a conversion is a share between 0 and 1")
        return self

    def smallest(self, base: float | None) -> float | None:
        """The smallest change that matters in the metric's own units; None where none was said."""
        if self.relative_effect is None:
            return self.effect
        return None if base is None else self.relative_effect * abs(base)


class AbTest(Section):
    """A test of variants beside a control: the first of `shares`."""

    claim: str = Field("", description="In words, for people")
    data: str | None = Field(
        None, description="Where results are, as data.source; default: named at each analysis"
    )
    variant: str = Field("variant", description="Column that says which variant a row met")
    shares: dict[str, float] = Field(
        default={"control": 0.5, "treatment": 0.5},
        min_length=2,
        max_length=VARIANTS_AT_MOST,
        description="Planned share of the units for each variant, the control first",
    )
    unit: str | None = Field(
        None,
        description="Column of what was drawn, such as a customer; its rows count as one. Default: a row",
    )
    time: str | None = Field(None, description="Column with the moment of a row, for what was known when")
    metrics: dict[str, AbMetric] = Field(min_length=1, description="What decides, the first one above all")
    guards: dict[str, AbMetric] = Field(default={}, description="What must not get worse by `effect` or more")
    strata: str | None = Field(None, description="Column known before the test: variants are compared within")
    segments: list[str] = Field(default=[], description="Columns by whose values effects are shown apart")
    alpha: Share = Field(0.05, description="Chance of a false difference, over all variants and metrics")
    power: Share = Field(0.8, description="Chance that an effect which matters is found")
    correction: Correction = Field("holm", description="How alpha is shared by several comparisons")
    peeking: bool = Field(
        False, description="Decide by intervals that hold at every look; they need more units"
    )
    units: int | None = Field(None, ge=4, description="Planned units of all variants; design --save sets it")
    per_day: float | None = Field(None, gt=0, description="Units a day, of all variants")
    mismatch: Share = Field(
        0.01,
        description="A share may be off by this part of itself; more than that, if shown, is a broken draw",
    )

    @field_validator("shares")
    @classmethod
    def _is_whole(cls, shares: dict[str, float]) -> dict[str, float]:
        if any(share <= 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-6:
            raise ValueError("shares are above 0 and add up to 1")
        return shares

    @model_validator(mode="after")
    def _guards_have_limits(self) -> Self:
        for name, guard in self.guards.items():
            if guard.effect is None and guard.relative_effect is None:
                raise ValueError(f"guard {name} needs effect or relative_effect: the largest harm allowed")
        twice = self.metrics.keys() & self.guards.keys()
        if twice:
            raise ValueError(f"{min(twice)} is a metric and a guard")
        return self

    @property
    def control(self) -> str:
        """The variant that the others are compared with."""
        return next(iter(self.shares))

    @property
    def treatments(self) -> list[str]:
        """The other variants, in order."""
        return list(self.shares)[1:]

    @property
    def comparisons(self) -> int:
        """Tests that share alpha: each treatment on each metric. Guards don't: all of them must hold."""
        return len(self.treatments) * len(self.metrics)
