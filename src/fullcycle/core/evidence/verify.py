"""The verdict on the sealed test set."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Histogram, Interval, Scalar
from fullcycle.core.evidence.explore import Condition
from fullcycle.core.evidence.prepare import Importance, Parity, Speed
from fullcycle.core.evidence.value import ValueFacts

CheckSeverity = Literal["gate", "warning", "info"]


class MetricResult(Facts):
    """A metric on the test rows with its bootstrap interval, beside the trivial baseline."""

    metric: str
    higher_is_better: bool
    model: Interval
    baseline: float | None


class GateResult(Facts):
    """One test: `id` is a catalogue key; `found` and `bound` are what it compared (in `metric`, if any).

    A failed gate closes the way to release, a failed warning asks for a look, and info only tells. `about`
    is the name that a person gave (a slice, a test of behaviour).
    """

    id: str
    passed: bool
    found: str
    bound: str
    columns: tuple[str, ...] = ()
    metric: str | None = None
    severity: CheckSeverity = "gate"
    about: str = ""


class ChampionMetric(Facts):
    """A metric of both bundles on the same rows; `difference` is ours less the champion's, paired."""

    metric: str
    higher_is_better: bool
    ours: float | None
    champion: float | None
    difference: Interval


class ChampionComparison(Facts):
    """The bundle in production on the same test rows. `reason` says why there are no metrics.

    `same_test_rows` is false where its own test set was another one: it may have learned from these rows.
    """

    bundle: str
    metrics: tuple[ChampionMetric, ...] = ()
    same_test_rows: bool = True
    reason: Literal["", "other_target", "no_column"] = ""
    columns: tuple[str, ...] = ()


class CoverageOfPart(Facts):
    """Test rows whose prediction lies between two values, and the share of them that their bounds hold, with
    Wilson's interval of 95%."""

    lowest: float
    highest: float
    rows: int
    covered: float
    low: float
    high: float


class IntervalCoverage(Facts):
    """The share of test rows between the bounds, beside what was claimed.

    `by_chance` is what a true claim stays above in 99 of 100 samples of this size; `low` to `high` is
    Wilson's interval of 95%. The claim is about all rows together: `parts` are fifths by what was predicted.
    """

    claimed: float
    covered: float
    by_chance: float
    median_width: float
    low: float | None = None
    high: float | None = None
    parts: tuple[CoverageOfPart, ...] = ()


class CalibrationSummary(Facts):
    """Of two classes the probability of the second; of several that of the class that was said.

    `error` is the expected calibration error over the bins; `error_by_chance` what it stays under in 95 of
    100 samples of this size if every probability is true. Brier = reliability - resolution + uncertainty
    (Murphy 1973), up to what differs inside of bins.
    """

    error: float
    error_by_chance: float
    brier: float
    reliability: float
    resolution: float
    uncertainty: float


class Slice(Facts):
    """Test rows that meet an expression or conditions, beside all other rows.

    `loss` is a mean over rows (squared error of the probabilities, or absolute error), `difference` is slice
    less rest. `p_value` is corrected for all slices looked at with it. `expected` is the loss that the
    model's own probabilities foresee: a slice is `surprising` where it is worse than that,
    else its rows are hard.
    """

    name: str = ""
    value: str = ""
    expression: str = ""
    conditions: tuple[Condition, ...] = ()
    rows: int
    loss: float
    rest: float
    difference: Interval
    expected: float | None = None
    p_value: float
    weak: bool
    surprising: bool
    metric: Interval
    metric_rest: float | None = None


class SliceSearch(Facts):
    """Declared slices and those that were found, among how many, at which chance of a false alarm."""

    loss: Literal["brier", "mae"]
    declared: tuple[Slice, ...] = ()
    found: tuple[Slice, ...] = ()
    looked_at: int
    rows_at_least: int
    false_alarms: float


class GroupRate(Facts):
    """What a group of rows gets, by name of the rate."""

    group: str
    rows: int
    rates: dict[str, Interval]


class GroupGap(Facts):
    """A rate between the groups with the lowest and the highest one, each with its interval."""

    rate: str
    lowest: str
    highest: str
    difference: Interval
    ratio: Interval


class FairnessOfColumn(Facts):
    """Rates by the values of one column; groups of few rows are left out and counted."""

    column: str
    groups: tuple[GroupRate, ...]
    gaps: tuple[GroupGap, ...]
    rows_left_out: int = 0


class Disturbance(Facts):
    """Rows changed in one way: how far answers move (see VerifyLimits), the share of other labels, the
    headline metric afterwards, and of a slip of unit the share of rows that the contract marks."""

    kind: Literal["noise", "missing", "unit", "unseen"]
    columns: tuple[str, ...]
    moved: float
    flipped: float | None = None
    metric: float | None = None
    noticed: float | None = None


class BehaviourResult(Facts):
    """One test of the file of behaviour. `found` is the share of rows that obey, or an example's answer."""

    kind: Literal["invariance", "direction", "example"]
    name: str
    columns: tuple[str, ...]
    passed: bool
    rows: int
    found: str
    wanted: str
    line: int
    worst: float | None = None


class Refit(Facts):
    """The model fitted again: how far its answers lie from the bundle's, and what it scores."""

    kind: Literal["seed", "bootstrap"]
    moved: float
    flipped: float | None = None
    metric: float | None = None


class PartialPoint(Facts):
    """Mean answer where the column has this value in every row, and where 8 of 10 rows lie between."""

    label: str = ""
    value: float | None = None
    answer: float
    low: float
    high: float


class PartialDependence(Facts):
    """How the answer goes with one column (Friedman 2001): the probability of class `of`, or a number."""

    column: str
    of: str | None = None
    kind: Literal["number", "moment", "category"]
    points: tuple[PartialPoint, ...]


class CalibrationBin(Facts):
    """Rows with a predicted probability in one bin: what was predicted, what happened (Wilson interval)."""

    rows: int
    predicted: float
    observed: float
    low: float
    high: float


class VerifyEvidence(Evidence):
    """What the bundle does on rows that nothing has seen."""

    stage: ClassVar[str] = "verify"
    rows: int
    openings: int
    headline: str
    metrics: tuple[MetricResult, ...]
    gates: tuple[GateResult, ...]
    parity: Parity
    passed: bool
    bundle: str
    threshold: float | None = None
    roc: tuple[tuple[float, float], ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    confusion: dict[str, dict[str, int]] = {}
    residuals: Histogram | None = None
    predicted_actual: tuple[tuple[float, float], ...] = ()
    value: ValueFacts | None = None
    checks: tuple[GateResult, ...] = ()
    champion: ChampionComparison | None = None
    calibration_summary: CalibrationSummary | None = None
    slices: SliceSearch | None = None
    fairness: tuple[FairnessOfColumn, ...] = ()
    disturbances: tuple[Disturbance, ...] = ()
    behaviour: tuple[BehaviourResult, ...] = ()
    refits: tuple[Refit, ...] = ()
    importance: tuple[Importance, ...] = ()
    partial: tuple[PartialDependence, ...] = ()
    coverage: IntervalCoverage | None = None
    rows_asked: int | None = None  # that changed forms were made of
    speed: Speed | None = None
    example: dict[str, Scalar] = {}  # a golden row, synthetic like all of them, to ask the model about


Verdict = Literal["passed", "failed"]
