"""The analysis of the training rows, as aggregates that charts and conclusions are drawn from."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.contract.model import ColumnType, Role
from fullcycle.core.evidence.base import Evidence, Facts, Histogram


class Box(Facts):
    """Tukey's box: whiskers at the last value within 1.5 interquartile ranges."""

    low: float
    q1: float
    median: float
    q3: float
    high: float
    outliers: int


class TargetBin(Facts):
    """The target in one bin or category: a rate with its Wilson interval, or a mean with its normal one.

    Numbers lie in [start, end] (datetimes in microseconds since 1970 UTC); a category is its `label`. Missing
    values and the rest of the categories are told by `kind`, and their label is empty.
    """

    label: str
    kind: Literal["value", "missing", "rest"] = "value"
    start: float | None = None
    end: float | None = None
    rows: int
    target: float
    low: float
    high: float


class Relation(Facts):
    """How much a column says about the target, alone.

    `strength` is in [0, 1]: |2 AUC - 1| of the binned column for classes (the largest over classes),
    the correlation ratio for a number. It is measured on rows that had no part in learning the bins' targets.
    Rates are of class `of`; in regression it is null, and `bins` hold means.
    """

    measure: Literal["auc_gini", "correlation_ratio"]
    strength: float
    of: str | None = None
    bins: tuple[TargetBin, ...]


class ColumnProfile(Facts):
    """One column of the training rows; statistics are null where the type has none."""

    name: str
    type: ColumnType
    role: Role
    rows: int
    missing: int
    distinct: int
    mean: float | None = None
    median: float | None = None
    std: float | None = None
    skew: float | None = None
    min: float | None = None
    max: float | None = None
    quantiles: dict[str, float] = {}
    first: str | None = None
    last: str | None = None
    histogram: Histogram | None = None
    box: Box | None = None
    box_by_class: dict[str, Box] = {}
    top: dict[str, int] = {}
    relation: Relation | None = None


class Correlations(Facts):
    """Pearson's r of numeric columns, shape (n, n), in the order of `columns`; null where undefined."""

    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]


class Scatter(Facts):
    """A sample of points; `group` is the class of each, or empty in regression."""

    x: str
    y: str
    points: tuple[tuple[float, float], ...]
    group: tuple[str, ...] = ()


class LeakSuspect(Facts):
    """A column that tells the target better than an honest one could.

    `decision` repeats what a person wrote in contract.yaml; undecided suspects fail a gate in verify.
    """

    column: str
    kind: Literal["value", "missingness"]
    strength: float
    decision: Literal["drop", "keep"] | None = None
    reason: str | None = None


class ExploreEvidence(Evidence):
    """The training rows by column, ordered by what they say about the target."""

    stage: ClassVar[str] = "explore"
    rows: int
    target: str
    columns: tuple[ColumnProfile, ...]
    correlations: Correlations | None = None
    scatters: tuple[Scatter, ...] = ()
    suspects: tuple[LeakSuspect, ...] = ()
