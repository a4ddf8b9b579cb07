"""What the order of rows, or time, tells: neighbours that share the target, columns made of neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from fullcycle.core.contract.model import ColumnType, Role
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.core.models.groups import neighbours
from fullcycle.cycle.explore.leaks.bounds import Bounds
from fullcycle.cycle.explore.leaks.sample import MODULUS, SPREAD, Floats, Sample, Whole
from fullcycle.cycle.explore.leaks.strength import binned, correlation, strength
from fullcycle.cycle.explore.leaks.values import suspect

DATE = re.compile(r"^(?:19|20)\d\d[-/.]?[01]\d(?:[-/.]?[0-3]\d)?(?:[ T].*)?$|^(?:19|20)\d\d[- ]?[QW]\d\d?$")
MOMENTS_AT_LEAST = 12
PERIODS = (2, 3, 4, 5, 6, 7, 8, 10, 12)
SOON = 0.85  # the correlation of a column with the target of the next row
STEP, STEP_CLEAR = 0.4, 0.1  # the strength of a column's change from the row before
ROWS_AHEAD = 4
ORDERS_AT_MOST = 4


def order_of_rows(sample: Sample, bounds: Bounds) -> Iterator[LeakSuspect]:
    """The number of a row tells its target: sorted, in blocks, or by turns."""
    found = strength(sample, binned(sample.row.astype(float)))
    apart = np.diff(sample.row, prepend=-10) != 1
    blocks = neighbours(sample.answers, apart)
    by_turns = max(strength(sample, sample.row % period) for period in PERIODS)
    if max(found, by_turns) >= bounds.order or blocks >= max(bounds.order, 0.6):
        yield suspect("", "order", max(found, blocks, by_turns), blocks=False)


def times(sample: Sample, bounds: Bounds) -> Iterator[LeakSuspect]:
    """A random split although the target goes with time, and columns that know the next row's target."""
    moments = {name: moment for name in sample.names if (moment := _moment(sample, name)) is not None}
    if sample.contract.time is None:
        for name, moment in moments.items():
            found = _near_in_time(sample, moment)
            told = strength(sample, binned(moment))
            if found >= bounds.near or told >= (bounds.near + 0.1):
                kind = "group" if sample.contract.group else "random"
                yield suspect(name, "time", max(found, told), blocks=False, facts={"split": kind})
    orders = [_sorted(order) for order in list(moments.values())[: ORDERS_AT_MOST - 1]]
    orders.insert(0, np.arange(len(sample.row)))
    for name, values in sample.numbers.items():
        if name in moments or sample.contract.column(name).role is not Role.feature:
            continue
        found = max(_made_of_neighbours(sample, values, order) for order in orders)
        if found:
            yield suspect(name, "time", found, blocks=False, facts={"split": "random"})


def _moment(sample: Sample, name: str) -> Floats | None:
    """A column's moments as sortable numbers; None where it is no time."""
    column = sample.contract.column(name)
    if sample.distinct(name) < MOMENTS_AT_LEAST or column.role is Role.identifier:
        return None
    codes = np.where(sample.missing(name), np.nan, sample.codes[name].astype(float))
    if column.type is ColumnType.datetime:
        return sample.numbers[name]
    if column.type is ColumnType.boolean:
        return None
    if name in sample.texts:
        first = sample.texts[name].places[:500]
        some = sample.words[name][first[first >= 0]].tolist()
        return codes if some and all(DATE.match(text) for text in some) else None
    some_numbers = sample.numbers[name][np.isfinite(sample.numbers[name])][:500]
    dated = (
        len(some_numbers) and np.all(some_numbers == np.floor(some_numbers)) and some_numbers.min() >= 190_001
    )
    return codes if dated and all(DATE.match(f"{number:.0f}") for number in some_numbers) else None


def _near_in_time(sample: Sample, moment: Floats) -> float:
    known = np.isfinite(moment)
    if known.mean() < 0.5:
        return 0.0
    scattered = sample.row[known] * SPREAD % MODULUS  # rows of a moment in no order of the source's
    return neighbours(sample.answers[known][np.lexsort((scattered, moment[known]))])


def _sorted(order: Floats) -> Whole:
    """Rows in an order, without those that have no place in it."""
    known = np.flatnonzero(np.isfinite(order))
    return known[np.argsort(order[known], kind="stable")]


def _made_of_neighbours(sample: Sample, values: Floats, order: Whole) -> float:
    """Strength of a column that is the next row's target, or changes with this row's; 0 if it is neither."""
    at = order[np.isfinite(values[order])]
    if len(at) < 50:
        return 0.0
    number, answers = values[at], sample.answers[at]
    now = max(abs(correlation(number, answer)) for answer in answers.T)
    soon = max(abs(correlation(number[:-1], answer[1:])) for answer in answers.T)
    adjoining = np.diff(sample.row[at]) == 1
    if adjoining.sum() >= 50:
        soon = max(
            soon, *(abs(correlation(number[:-1][adjoining], answer[1:][adjoining])) for answer in answers.T)
        )
    if soon >= SOON and soon >= now + 0.1:
        return soon
    return _changes_with(sample, number, at) if _is_of_the_target(sample, number) else 0.0


def _is_of_the_target(sample: Sample, number: Floats) -> bool:
    """Whether it lies where means of the target lie."""
    target = sample.answers[:, 0] if not sample.is_regression else sample.target
    near = abs(number.mean() - target.mean()) <= 0.1 * target.std()
    inside = number.min() >= target.min() and number.max() <= target.max()
    return bool(near and inside and number.std() < target.std())


def _changes_with(sample: Sample, number: Floats, at: Whole) -> float:
    """How well the change of a column since the row before tells the row's target: a running mean rises
    with it. 0 where its level tells as much."""
    level = np.full(len(sample.row), np.nan)
    level[at] = number
    known = strength(sample, binned(level), np.isfinite(level))
    for ahead in range(ROWS_AHEAD):  # a mean around the present rises with a row to come
        change = np.full(len(sample.row), np.nan)
        change[at[1 + ahead :]] = np.diff(number)[: len(at) - 1 - ahead]
        moved = strength(sample, binned(change), np.isfinite(change))
        # A row to come is told by no honest change; the present one is by the change of any telling column.
        if moved >= STEP and (ahead or moved >= known + STEP_CLEAR):
            return moved
    return 0.0
