"""One GROUP BY in the engine: counts, sums and sums of products by day, variant and stratum.

Sums are exact in any order of rows, so that the same table gives the same evidence on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import combinations_with_replacement
from operator import and_
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from fullcycle.core.engines.exact import exact_sum
from fullcycle.core.engines.sample import mixed
from fullcycle.core.engines.tables import ROW, to_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.project.abtest_settings import AbTest
from fullcycle.live.abtest.moments import Sums
from fullcycle.live.abtest.units import (
    MOMENT,
    STRATUM,
    VARIANT,
    cell_name,
    measured,
    metric_columns,
    outcome_columns,
)

LOOKS_AT_MOST = 120  # points of a path: days, or as many days together as it takes
STRATA_AT_MOST = 200
PIVOT_STEPS = 1024
DAY, GROUP = "day", "group"


@dataclass(frozen=True)
class Scale:
    """A column less `pivot`, over `size`, lies in [-1, 1]."""

    pivot: float
    size: float


@dataclass(frozen=True)
class Cells:
    """`units` has shape (looks, variants, groups), and so have the sums of each metric.

    `moments` are the ends of looks, ISO dates; one empty text where no time is known. `groups` are strata,
    segments or buckets.
    """

    moments: tuple[str, ...]
    groups: tuple[str, ...]
    units: NDArray[np.float64]
    metrics: dict[str, Sums]


def scales_of(table: ibis.Table, test: AbTest) -> dict[str, Scale]:
    """A pivot near the mean for each column of each metric, rounded so that the order of rows can't move it.

    UserError for a conversion that is neither 0 nor 1."""
    names = [name for _, columns in _cells(test) for name in columns]
    parts = {
        f"{name}_{what}": getattr(table[name], what)() for name in names for what in ("min", "max", "mean")
    }
    [row] = to_arrow(table.aggregate(**parts)).to_pylist()
    for (name, metric), (_, columns) in zip(measured(test).items(), _cells(test), strict=True):
        ends = row[f"{columns[0]}_min"], row[f"{columns[0]}_max"]
        if metric.kind == "conversion" and ends[0] is not None and (ends[0] < 0 or ends[1] > 1):
            raise UserError(
                where=f"metric {name}, column {metric.value or name}",
                found=f"values from {ends[0]:g} to {ends[1]:g}",
                expected="0 and 1, or yes and no, for a conversion",
                hint="a mean of numbers is kind: mean (`--mean` instead of `--conversion`)",
            )
    return {name: _scale(row[f"{name}_min"], row[f"{name}_max"], row[f"{name}_mean"]) for name in names}


def _scale(low: float | None, high: float | None, mean: float | None) -> Scale:
    if low is None or high is None or mean is None or low == high:
        return Scale(low or 0.0, 1.0)
    pivot = low + (high - low) * round((mean - low) / (high - low) * PIVOT_STEPS) / PIVOT_STEPS
    return Scale(pivot, max(high - pivot, pivot - low))


def _cells(test: AbTest) -> Iterator[tuple[int, list[str]]]:
    for at, (name, metric) in enumerate(measured(test).items()):
        yield at, [cell_name(at, place) for place in range(len(metric_columns(metric, name)))]


def cells_of(
    table: ibis.Table, test: AbTest, scales: dict[str, Scale], *, by: str | None = None, by_time: bool = False
) -> Cells:
    """Sums by day (if the table has moments and `by_time`), variant and the column `by`."""
    looks = _looks(table) if by_time and MOMENT in table.columns else None
    group: Any = ibis.literal("") if by is None else table[by].cast("string").fill_null("")
    keyed = table.mutate(
        **{DAY: _look_of(table, looks), GROUP: group},
    )
    answer = to_arrow(keyed.group_by([DAY, VARIANT, GROUP]).aggregate(**_measures(keyed, test, scales)))
    rows = answer.to_pylist()
    groups = tuple(sorted({row[GROUP] for row in rows})) or ("",)
    if by == STRATUM and len(groups) > STRATA_AT_MOST:
        raise UserError(
            where=f"strata, column {test.strata}",
            found=f"{len(groups):,} values",
            expected=f"at most {STRATA_AT_MOST} strata",
            hint="group its values first, such as a country instead of a city",
        )
    return _filled(rows, test, scales, groups, looks)


def bucket(table: ibis.Table, buckets: int) -> ibis.Table:
    """The table with a column `bucket`: rows at random, by their numbers alone."""
    return table.mutate(bucket=(mixed(table[ROW]) % buckets).cast("string"))


@dataclass(frozen=True)
class Looks:
    """Days from `first` on, `step` of them at a time."""

    first: datetime
    count: int
    step: int

    def ends(self) -> tuple[str, ...]:
        """The last day of each, as ISO dates."""
        return tuple(
            (self.first + timedelta(days=(at + 1) * self.step - 1)).date().isoformat()
            for at in range(self.count)
        )


def _looks(table: ibis.Table) -> Looks | None:
    moment = table[MOMENT]
    [row] = to_arrow(table.aggregate(low=moment.min(), high=moment.max())).to_pylist()
    if row["low"] is None:
        return None
    first = row["low"].replace(hour=0, minute=0, second=0, microsecond=0)
    days = (row["high"] - first).days + 1
    step = -(-days // LOOKS_AT_MOST)
    return Looks(first, -(-days // step), step)


def _look_of(table: ibis.Table, looks: Looks | None) -> Any:
    """A unit without a moment is known at the last look."""
    if looks is None:
        return ibis.literal(0)
    days = (table[MOMENT].epoch_seconds() - int(looks.first.timestamp())) // 86_400
    return (days // looks.step).cast("int64").fill_null(looks.count - 1)


def _measures(table: ibis.Table, test: AbTest, scales: dict[str, Scale]) -> dict[str, Any]:
    made: dict[str, Any] = {"units": table.count()}
    for metric, (at, names) in zip(measured(test).values(), _cells(test), strict=True):
        outcomes = names[: outcome_columns(metric)]
        there = reduce(and_, (table[name].notnull() for name in outcomes))
        parts = [(table[name] - scales[name].pivot) / scales[name].size for name in names]
        # Whoever was not there before has no covariate. Any constant keeps the estimate unbiased, for nobody
        # knew the variant then; one near the mean adds no variance.
        parts[len(outcomes) :] = [part.fill_null(0.0) for part in parts[len(outcomes) :]]
        made[f"n{at}"] = there.sum()
        for i, part in enumerate(parts):
            made[f"s{at}_{i}"] = exact_sum(part, where=there)
        for i, j in combinations_with_replacement(range(len(parts)), 2):
            made[f"p{at}_{i}_{j}"] = exact_sum(parts[i] * parts[j], where=there)
    return made


def _filled(
    rows: Sequence[dict[str, Any]],
    test: AbTest,
    scales: dict[str, Scale],
    groups: tuple[str, ...],
    looks: Looks | None,
) -> Cells:
    variants = {name: at for at, name in enumerate(test.shares)}
    places = {name: at for at, name in enumerate(groups)}
    shape = (looks.count if looks else 1, len(variants), len(groups))
    units = np.zeros(shape)
    metrics = {}
    for name, (_, names) in zip(measured(test), _cells(test), strict=True):
        k = len(names)
        pivot = np.array([scales[each].pivot for each in names])
        metrics[name] = Sums(np.zeros(shape), np.zeros((*shape, k)), np.zeros((*shape, k, k)), pivot)
    for row in rows:
        cell = row[DAY], variants[row[VARIANT]], places[row[GROUP]]
        units[cell] = row["units"]
        for name, (at, names) in zip(measured(test), _cells(test), strict=True):
            _put(metrics[name], cell, row, at, np.array([scales[each].size for each in names]))
    return Cells(looks.ends() if looks else ("",), groups, units, metrics)


def _put(
    sums: Sums, cell: tuple[int, int, int], row: dict[str, Any], at: int, size: NDArray[np.float64]
) -> None:
    sums.count[cell] = row[f"n{at}"] or 0
    sums.sums[cell] = [(row[f"s{at}_{i}"] or 0.0) * size[i] for i in range(len(size))]
    for i, j in combinations_with_replacement(range(len(size)), 2):
        value = (row[f"p{at}_{i}_{j}"] or 0.0) * size[i] * size[j]
        sums.products[(*cell, i, j)] = sums.products[(*cell, j, i)] = value
