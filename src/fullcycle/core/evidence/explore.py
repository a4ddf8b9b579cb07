"""The analysis of the training rows, as aggregates that charts and conclusions are drawn from."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.contract.model import ColumnType, Role
from fullcycle.core.evidence.base import Evidence, Facts, Histogram, Scalar


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


class TimeBin(Facts):
    """A period [start, end) of a time line, in microseconds since 1970 UTC, and the target in it."""

    start: float
    end: float
    rows: int
    target: float | None = None
    low: float | None = None
    high: float | None = None


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
    kurtosis: float | None = None
    zeros: int | None = None
    negative: int | None = None
    mutual_information: float | None = None
    timeline: tuple[TimeBin, ...] = ()


class Correlations(Facts):
    """Pearson's r of numeric columns, shape (n, n), in the order of `columns`; null where undefined."""

    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]


class Association(Facts):
    """Shape (len(rows), len(columns)): the correlation ratio of categories (rows) and numbers (columns)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]


class MissingPattern(Facts):
    """Columns that are missing in the same rows, and how many rows are so."""

    columns: tuple[str, ...]
    rows: int


class MissingMap(Facts):
    """Which columns have gaps, and which gaps come together (phi coefficient, shape (n, n))."""

    columns: tuple[str, ...]
    missing: tuple[int, ...]
    together: tuple[tuple[float | None, ...], ...]
    patterns: tuple[MissingPattern, ...]


class Trend(Facts):
    """A column over time: its mean (a number) or the share of its commonest value, by equal periods.

    `slope` is the change of a straight line over all periods, in deviations of the column.
    """

    column: str
    over: str
    kind: Literal["mean", "share"]
    value: str | None = None
    periods: tuple[TimeBin, ...]
    slope: float


def span_label(low: float, high: float) -> str:
    """What numbers from `low` to `high` are called.

    >>> span_label(1.0, 1.0), span_label(0.5, 2.0)
    ('1', '0.5 – 2')
    """
    return f"{low:g}" if low == high else f"{low:g} – {high:g}"


class Condition(Facts):
    """A part of a column: a category, missing, or numbers in [start, end]."""

    column: str
    label: str
    kind: Literal["value", "missing", "rest"] = "value"
    start: float | None = None
    end: float | None = None


class Segment(Facts):
    """Rows that meet one or two conditions and whose target differs from that of all rows.

    `target` is a rate of the class that relations are of, or a mean, with its interval at 95%, corrected for
    the number of segments looked at; `overall` is that of all rows.
    """

    conditions: tuple[Condition, ...]
    rows: int
    target: float
    low: float
    high: float
    overall: float
    of: str | None = None


class Scatter(Facts):
    """A sample of points; `group` is the class of each, or empty in regression."""

    x: str
    y: str
    points: tuple[tuple[float, float], ...]
    group: tuple[str, ...] = ()


LeakKind = Literal["value", "missingness", "pair", "identifier", "group", "time", "aggregate", "order"]


class LeakSuspect(Facts):
    """A column that tells the target better than an honest one could.

    `columns` names all that take part: two in a pair (`operation` says how they are combined), none in a leak
    by the order of rows; `column` is the first of them, or empty. `decision` repeats what a person wrote in
    contract.yaml. Suspects that `blocks` and are undecided fail a gate in verify.
    """

    column: str
    kind: LeakKind
    strength: float
    columns: tuple[str, ...] = ()
    operation: Literal["difference", "ratio"] | None = None
    blocks: bool = True
    facts: dict[str, Scalar | list[Scalar]] = {}
    decision: Literal["drop", "keep"] | None = None
    reason: str | None = None


class ExploreEvidence(Evidence):
    """The training rows by column, ordered by what they say about the target."""

    stage: ClassVar[str] = "explore"
    rows: int
    target: str
    columns: tuple[ColumnProfile, ...]
    correlations: Correlations | None = None
    spearman: Correlations | None = None
    cramers_v: Correlations | None = None
    correlation_ratios: Association | None = None
    missing_map: MissingMap | None = None
    trends: tuple[Trend, ...] = ()
    segments: tuple[Segment, ...] = ()
    sample_rows: int | None = None  # rows that quantiles, charts and relations rest on; null: all
    scatters: tuple[Scatter, ...] = ()
    suspects: tuple[LeakSuspect, ...] = ()
