"""What is known of A/B tests: how each was planned, and what came out.

Fields with a default came later: evidence without them stays readable.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Interval

Kind = Literal["conversion", "mean", "ratio"]
Correction = Literal["holm", "bonferroni", "dunnett"]
Verdict = Literal["mismatch", "early", "harmed", "better", "worse", "no_effect", "undecided"]
GuardVerdict = Literal["holds", "broken", "open"]

ROUTES_TEST = "champion and challenger"  # the name of the test that the current routes are


class PowerPoint(Facts):
    """The chance that a true `effect` is found with the planned units."""

    effect: float
    power: float


class DurationPoint(Facts):
    """The smallest effect that is found with the planned power after so many units of all variants."""

    units: int
    effect: float


class MetricPlan(Facts):
    """What one metric needs. `effect` is the smallest that matters, in its own units.

    `units` are those of all variants; `kept_by_cuped` and `kept_by_strata` the parts of the variance that
    these leave, as the history shows it.
    """

    name: str
    kind: Kind
    base: float
    sd: float
    effect: float
    relative_effect: float | None = None
    level: float
    units: int
    per_variant: dict[str, int]
    kept_by_cuped: float | None = None
    kept_by_strata: float | None = None
    found: float  # the smallest effect that the planned units find
    power: float  # at `effect`, with the planned units
    curve: tuple[PowerPoint, ...] = ()
    durations: tuple[DurationPoint, ...] = ()


class DesignFacts(Facts):
    """A design. `fixed` and `hash` are set where this very text is on record."""

    name: str
    claim: str = ""
    shares: dict[str, float]
    alpha: float
    power: float
    correction: Correction
    comparisons: int
    peeking: bool
    metrics: tuple[MetricPlan, ...]
    guards: tuple[MetricPlan, ...] = ()
    units: int
    per_day: float | None = None
    per_day_from: Literal["said", "log", "history"] | None = None
    days: int | None = None
    history: str | None = None
    history_units: int | None = None
    fixed: str | None = None
    hash: str | None = None


class VariantShare(Facts):
    """A variant's planned share, its units, and where its true share lies at any look."""

    variant: str
    planned: float
    units: int
    share: Interval
    broken: bool


class MismatchFacts(Facts):
    """Whether variants got their shares; less than `smallest` (a part of the share) is no matter."""

    found: bool
    p_value: float
    smallest: float
    alpha: float
    shares: tuple[VariantShare, ...]


class ArmFacts(Facts):
    """A metric in one variant; `missing` are units that have no value."""

    variant: str
    units: int
    value: float
    standard_error: float
    missing: int = 0


class PathPoint(Facts):
    """What was known at a moment (ISO 8601): the effect with the interval that holds at every look."""

    at: str
    units: int
    effect: float
    low: float
    high: float


class SegmentEffect(Facts):
    """An effect among the units with one value of a column; `level` shares alpha over all segments."""

    column: str
    value: str
    units: int
    effect: Interval
    p_value: float
    p_adjusted: float


class Comparison(Facts):
    """A treatment beside the control on one metric. `effect` is at the `level` that decides it.

    `sequential` holds at every look, `bootstrap` makes no assumption on the shape of values. `kept` is the
    part of the variance that CUPED leaves. `few` says that a normal approximation has too few events.
    """

    treatment: str
    effect: Interval
    relative: Interval | None = None
    p_value: float
    p_adjusted: float
    level: float
    sequential: Interval | None = None
    sequential_p: float | None = None
    bootstrap: Interval | None = None
    kept: float | None = None
    few: bool = False
    guard: GuardVerdict | None = None
    path: tuple[PathPoint, ...] = ()
    segments: tuple[SegmentEffect, ...] = ()


class MetricResult(Facts):
    """One metric with all its comparisons; `smallest` is the change that matters, or a guard's limit."""

    name: str
    kind: Kind
    guard: bool = False
    lower_is_better: bool = False
    smallest: float | None = None
    test: Literal["z", "welch", "delta"]
    arms: tuple[ArmFacts, ...]
    comparisons: tuple[Comparison, ...]


class Decision(Facts):
    """What follows for one treatment, by the first metric and the guards.

    `broken` names guards that are shown to be broken, `open` those that are not shown to hold. `rule` is
    the interval that decides: of the planned number of units, or one that holds at every look.
    """

    treatment: str
    verdict: Verdict
    rule: Literal["fixed", "sequential"]
    metric: str
    broken: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


class AnalysisFacts(Facts):
    """What came out. `crossing` units met more than one variant, `unknown` rows name no variant or no unit:
    both count nowhere.

    `since` is the first moment that is looked at. `design` is the hash of the fixed design, `changed` says
    that the text was changed: before any result, or after one.
    """

    name: str
    claim: str = ""
    source: str
    control: str
    rows: int
    units: int
    unit: str | None = None
    crossing: int = 0
    unknown: int = 0
    since: str | None = None
    until: str | None = None
    alpha: float
    correction: Correction
    comparisons: int
    planned_units: int | None = None
    strata: str | None = None
    strata_used: int = 1
    mismatch: MismatchFacts
    metrics: tuple[MetricResult, ...]
    decisions: tuple[Decision, ...]
    design: str | None = None
    fixed: str | None = None
    changed: Literal["no", "before_result", "after_result"] = "no"
    versions: dict[str, str] = {}  # bundles behind the variants, where champion and challenger are compared


class AbtestEvidence(Evidence):
    """Each command of `fullcycle abtest` writes the part of one test and keeps the others."""

    stage: ClassVar[str] = "abtest"
    designs: tuple[DesignFacts, ...] = ()
    analyses: tuple[AnalysisFacts, ...] = ()
