"""The target as the engine sees it: classes by number, or a number in whole steps of its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.measures import as_label, as_number
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import fetch

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Steps of the target's range: sums of whole numbers are exact in any order, and their squares stay in 64 bits
# for 67 million rows.
STEPS = 2**18
TENTHS = [tenth / 10 for tenth in range(1, 10)]
FOLDS = 5
_SPREAD, _MODULUS = 2_654_435_761, 2**32  # Knuth's multiplicative hash of the row number


@dataclass(frozen=True)
class Target:
    """Expressions over the training table: `keep` to group by and `sums` to add, as `measures` takes them.

    For classes `k` is the place in `classes`; for a number `t` counts steps of width `step` from `low`, and
    `k` is the tenth of its values that it lies in.
    """

    column: str
    task: Task
    classes: tuple[str, ...]
    label: ir.Value | None
    keep: dict[str, Any]
    sums: dict[str, Any]
    low: float = 0.0
    step: float = 1.0
    of: str | None = None

    @property
    def shown(self) -> int:
        """The place of the class whose rate is drawn over time and in segments."""
        return self.classes.index(self.of) if self.of else len(self.classes) - 1

    @property
    def positive(self) -> str | None:
        """The class whose rate is drawn where there are two."""
        return self.classes[-1] if self.task is Task.binary else None


def target_of(table: ibis.Table, contract: Contract) -> Target:
    """The target of a table's rows, and each row's fold: columns are judged on rows of other folds."""
    column = table[contract.target.name]
    fold = {"fold": _fold(table, contract)}
    if contract.task is not Task.regression:
        label = as_label(column)
        classes = contract.classes or ()
        place = label.cases(*[(name, place) for place, name in enumerate(classes)], else_=-1)
        return Target(contract.target.name, contract.task, classes, label, {**fold, "k": place}, {})
    number = as_number(column)
    [ends] = fetch(table.aggregate(low=number.min(), high=number.max(), tenths=number.quantile(TENTHS)))
    low, high = float(ends["low"]), float(ends["high"])
    step = (high - low) / STEPS or 1.0
    place = ((number - low) / step).round().cast("int64")
    sums = {"t": place, "tt": place * place}
    tenth = sum(((number >= edge).cast("int64") for edge in ends["tenths"]), start=ibis.literal(0, "int64"))
    return Target(contract.target.name, contract.task, (), None, {**fold, "k": tenth}, sums, low, step)


def _fold(table: ibis.Table, contract: Contract) -> ir.Value:
    """Rows of a group share a fold; else rows are scattered by their number."""
    if contract.group is not None:
        key = table[contract.group.name].hash().cast("int64") % FOLDS
        return ibis.coalesce((key + FOLDS) % FOLDS, 0)
    return scattered(table[ROW]) * FOLDS // _MODULUS


def scattered(row: ir.Value) -> ir.Value:
    """A number below 2**32 that neighbours in the source don't share; the same on every engine."""
    return (row * _SPREAD) % _MODULUS


def class_counts(table: ibis.Table, target: Target) -> dict[str, int]:
    """Rows of each class, in the contract's order; empty in regression."""
    if target.label is None:
        return {}
    counted = fetch(table.group_by(label=target.label).aggregate(n=table.count()))
    found = {row["label"]: row["n"] for row in counted}
    return {name: int(found.get(name, 0)) for name in target.classes}
