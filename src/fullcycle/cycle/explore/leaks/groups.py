"""Groups that a random split tears apart: a value stands in a few rows, and these share the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from fullcycle.core.contract.model import Role
from fullcycle.core.engines.plain import numbers_of
from fullcycle.core.engines.tables import to_arrow
from fullcycle.core.evidence.explore import ColumnProfile, LeakSuspect
from fullcycle.core.models.groups import (
    ALIKE,
    FEW_ROWS,
    MANY_GROUPS,
    NO_NAMES,
    alike_within,
    answers_of,
    is_smooth,
    repeats,
)
from fullcycle.cycle.explore.leaks.sample import Floats, Sample, Whole
from fullcycle.cycle.explore.leaks.values import suspect
from fullcycle.cycle.explore.target import answer_of

if TYPE_CHECKING:
    import ibis

GROUP_ROWS = 50_000
NEARLY_ALL = 0.95  # of rows: where two fifths of them have another of their value, 0.8 are different at most


def groups(table: ibis.Table, sample: Sample, profiles: Mapping[str, ColumnProfile]) -> Iterator[LeakSuspect]:
    """Columns whose values are entities with a target of their own, where nothing keeps them together."""
    if sample.contract.group is not None or sample.contract.time is not None:
        return
    for name in sample.names:
        if not _may_name(sample, name) or not _may_repeat(profiles[name]):
            continue
        codes, answers, order = _rows_of_groups(table, sample, name)
        if not repeats(codes):
            continue
        alike = alike_within(codes, answers)
        if alike >= ALIKE[sample.contract.task] and not is_smooth(order, codes, answers, alike):
            count = int(codes.max()) + 1
            facts = {"groups": count, "rows": len(codes)}
            yield suspect(name, "group", alike, blocks=False, facts=facts)


def _may_name(sample: Sample, name: str) -> bool:
    column = sample.contract.column(name)
    if column.role not in (Role.feature, Role.identifier) or column.leak == "drop":
        return False
    if column.type in NO_NAMES or sample.distinct(name) < MANY_GROUPS:
        return False
    number = sample.numbers.get(name)
    known = number[np.isfinite(number)] if number is not None else np.zeros(0)
    return bool(np.all(known == np.floor(known)))


def _may_repeat(profile: ColumnProfile) -> bool:
    """Whether so many values of all rows could stand in a few rows each, be their number an estimate."""
    known = profile.rows - profile.missing
    return known / (2 * FEW_ROWS) <= profile.distinct <= NEARLY_ALL * known


def _rows_of_groups(table: ibis.Table, sample: Sample, name: str) -> tuple[Whole, Floats, Floats]:
    """Codes, answers and sortable values of rows, whole groups of them."""
    if sample.whole:
        present = ~sample.missing(name)
        order = sample.numbers[name] if name in sample.numbers else sample.digits[name]
        return sample.codes[name][present], sample.answers[present], order[present]
    if sample.distinct(name) < 0.02 * len(sample.row):
        return np.zeros(0, dtype=np.int64), np.zeros((0, 1)), np.zeros(0)
    return _from_engine(table, sample, name)


def _from_engine(table: ibis.Table, sample: Sample, name: str) -> tuple[Whole, Floats, Floats]:
    """Rows whose value falls in a share of all hashes, about 50,000 of them."""
    value: Any = table[name]
    every = max(round(sample.rows / GROUP_ROWS), 1)
    chosen = table.filter(value.notnull() & (value.hash().cast("int64") % every == 0))
    answer = answer_of(chosen, sample.contract)
    picked = chosen.select(
        g=chosen[name].hash().cast("int64"), v=_sortable(chosen[name]), t=answer.cast("float64")
    )
    arrow = to_arrow(picked.limit(4 * GROUP_ROWS))
    codes = np.unique(numbers_of(arrow["g"]), return_inverse=True)[1]
    truth = numbers_of(arrow["t"]).astype(float)
    answers = answers_of(truth, sample.contract.task, len(sample.contract.classes or ()))
    return codes, answers, numbers_of(arrow["v"]).astype(float)


def _sortable(value: Any) -> Any:
    return value.cast("float64") if value.type().is_numeric() else value.hash().cast("float64")
