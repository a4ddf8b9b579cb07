"""What the analysis of a table adds to its profiles: matrices, gaps, trends, segments, a column of time."""

from __future__ import annotations

import random
from collections.abc import Sequence

from fullcycle.core.contract.model import ColumnType, Role
from fullcycle.core.evidence.explore import (
    Association,
    ColumnProfile,
    Condition,
    Correlations,
    ExploreEvidence,
    LeakSuspect,
    MissingMap,
    MissingPattern,
    Segment,
    TimeBin,
    Trend,
)

DAY_US = 86_400 * 1_000_000
YEAR_2013_US = 1_356_998_400_000_000
PERIODS = 12


def analysed(explore: ExploreEvidence) -> ExploreEvidence:
    """The same analysis with every part that explore can write."""
    numbers = tuple(p.name for p in explore.columns if p.type is ColumnType.numeric)
    categories = tuple(p.name for p in explore.columns if p.type is ColumnType.categorical)
    regression = explore.columns[0].relation is None or explore.columns[0].relation.of is None
    pair = LeakSuspect(
        column=numbers[0],
        kind="pair",
        strength=0.97,
        columns=numbers[:2],
        operation="difference",
        blocks=True,
    )
    order = LeakSuspect(column="", kind="order", strength=0.7, blocks=False)
    return explore.model_copy(
        update={
            "columns": tuple(_with_more(p) for p in (*explore.columns, time_column(regression))),
            "spearman": matrix(numbers, 1),
            "cramers_v": matrix(categories, 2, lowest=0.0),
            "correlation_ratios": Association(
                rows=categories, columns=numbers, values=_values(len(categories), len(numbers), 3)
            ),
            "missing_map": gaps(numbers),
            "trends": trends(numbers, categories),
            "segments": segments(numbers, categories, regression),
            "sample_rows": 4_000,
            "suspects": (*explore.suspects, pair, order),
        }
    )


def matrix(columns: Sequence[str], seed: int, lowest: float = -1.0) -> Correlations:
    """A symmetric matrix with ones on its diagonal, and one number that could not be computed."""
    chance = random.Random(seed)
    values: list[list[float | None]] = [[1.0] * len(columns) for _ in columns]
    for i in range(len(columns)):
        for j in range(i):
            values[i][j] = values[j][i] = round(chance.uniform(lowest, 1), 6)
    if len(columns) > 1:
        values[1][0] = values[0][1] = None
    return Correlations(columns=tuple(columns), values=tuple(map(tuple, values)))


def _values(rows: int, columns: int, seed: int) -> tuple[tuple[float | None, ...], ...]:
    chance = random.Random(seed)
    return tuple(tuple(round(chance.random(), 6) for _ in range(columns)) for _ in range(rows))


def gaps(columns: Sequence[str]) -> MissingMap:
    return MissingMap(
        columns=tuple(columns),
        missing=tuple(900 // (i + 1) for i in range(len(columns))),
        together=matrix(columns, 4).values,
        patterns=(
            MissingPattern(columns=(), rows=4_400),
            MissingPattern(columns=tuple(columns[:1]), rows=700),
            MissingPattern(columns=tuple(columns[:2]), rows=9),
        ),
    )


def periods(low: float, high: float, spread: float = 0.02, count: int = PERIODS) -> tuple[TimeBin, ...]:
    """A line from low to high with a gap in it."""
    step = 30 * DAY_US
    line = []
    for i in range(count):
        value = None if i == 3 else low + (high - low) * i / (count - 1)
        line.append(
            TimeBin(
                start=float(YEAR_2013_US + step * i),
                end=float(YEAR_2013_US + step * (i + 1)),
                rows=400 + i,
                target=value,
                low=None if value is None else value - spread,
                high=None if value is None else value + spread,
            )
        )
    return tuple(line)


def time_column(regression: bool) -> ColumnProfile:
    return ColumnProfile(
        name="signup",
        type=ColumnType.datetime,
        role=Role.time,
        rows=5_617,
        missing=0,
        distinct=5_000,
        first="2013-01-01T05:00:00+00:00",
        last="2013-12-26T05:00:00+00:00",
        timeline=periods(180_000.0, 210_000.0, 4_000.0) if regression else periods(0.2, 0.3),
    )


def _with_more(profile: ColumnProfile) -> ColumnProfile:
    more: dict[str, float | int] = {"mutual_information": 0.0421}
    if profile.type is ColumnType.numeric:
        more |= {"kurtosis": -1.2, "zeros": 11, "negative": 3}
    return profile.model_copy(update=more)


def trends(numbers: Sequence[str], categories: Sequence[str]) -> tuple[Trend, ...]:
    return (
        Trend(column=numbers[1], over="signup", kind="mean", periods=periods(58.2, 71.9, 1.5), slope=1.3),
        Trend(
            column=categories[0],
            over="signup",
            kind="share",
            value="Two year",
            periods=periods(0.3, 0.2),
            slope=-0.2,
        ),
    )


def segments(numbers: Sequence[str], categories: Sequence[str], regression: bool) -> tuple[Segment, ...]:
    scale, of = (200_000.0, None) if regression else (1.0, "Yes")
    first = Condition(column=categories[0], label="Month-to-month")
    second = Condition(column=numbers[0], label="", start=1.0, end=6.0)
    gap = Condition(column=numbers[1], label="", kind="missing")
    return tuple(
        Segment(
            conditions=conditions,
            rows=831,
            target=target * scale,
            low=(target - 0.05) * scale,
            high=(target + 0.05) * scale,
            overall=0.265 * scale,
            of=of,
        )
        for conditions, target in (((first, second), 0.58), ((gap,), 0.06), ((first,), 0.43))
    )
