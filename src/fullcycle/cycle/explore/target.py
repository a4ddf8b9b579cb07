"""The target of the held rows: classes by number, or a number in whole steps of its range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import ibis
import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.arrays import Floats, Whole, number_arrays
from fullcycle.core.engines.measures import as_label, as_number
from fullcycle.core.engines.ordered import Ordered
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import fetch

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Steps of the target's range: sums of whole numbers are exact in any order, and their squares stay in 53 bits
# for 130,000 rows.
STEPS = 2**18
TENTHS = [tenth / 10 for tenth in range(1, 10)]
FOLDS = 5
_SPREAD, _MODULUS = 2_654_435_761, 2**32  # Knuth's multiplicative hash of the row number

Rows = TypeVar("Rows", "ir.Value", NDArray[np.int64])


@dataclass(frozen=True)
class Target:
    """The target by row, each array of shape (n,).

    For classes `k` is the place in `classes`, -1 for another; for a number `steps` counts steps of width
    `step` from `low`, and `k` is the tenth of its values that it lies in. `fold` is the row's fold: columns
    are judged on rows of other folds.
    """

    column: str
    task: Task
    classes: tuple[str, ...]
    fold: Whole
    k: Whole
    steps: Floats | None = None
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

    @property
    def parts(self) -> int:
        """How many values `k` can have, that of other classes aside."""
        return len(self.classes) if self.classes else len(TENTHS) + 1

    @cached_property
    def cell(self) -> Whole:
        """Fold and `k` as one place, below `FOLDS * (parts + 1)`: other classes come last."""
        places: Whole = self.fold * (self.parts + 1) + np.where(self.k < 0, self.parts, self.k)
        return places

    @cached_property
    def hits(self) -> Floats:
        """1 where the class is the one that is shown."""
        hits: Floats = (self.k == self.shown).astype(np.float64)
        return hits

    @cached_property
    def weights(self) -> tuple[Floats, ...]:
        """What is added up over rows: those of the class that is shown, or steps and their squares."""
        return (self.hits,) if self.steps is None else (self.steps, self.steps**2)


def target_of(table: ibis.Table, contract: Contract) -> Target:
    """The target of a table's rows, in their order."""
    wanted = {"fold": _fold(table, contract), "answer": answer_of(table, contract)}
    columns = dict(number_arrays(table, wanted))
    fold, answer = columns["fold"].astype(np.int64), columns["answer"]
    name = contract.target.name
    if contract.task is not Task.regression:
        return Target(name, contract.task, contract.classes or (), fold, answer.astype(np.int64))
    ordered = Ordered(answer)
    low, high = float(ordered.known[0]), float(ordered.known[-1])
    step = (high - low) / STEPS or 1.0
    edges = [ordered.quantile(tenth) for tenth in TENTHS]
    tenths = np.searchsorted(edges, answer, "right")
    return Target(name, contract.task, (), fold, tenths, np.floor((answer - low) / step + 0.5), low, step)


def answer_of(table: ibis.Table, contract: Contract) -> Any:
    """The place of the target's class among the contract's, -1 for another; in regression its number."""
    column = table[contract.target.name]
    if contract.task is Task.regression:
        return as_number(column)
    places = [(name, place) for place, name in enumerate(contract.classes or ())]
    return as_label(column).cases(*places, else_=-1)


def _fold(table: ibis.Table, contract: Contract) -> ir.Value:
    """Rows of a group share a fold; else rows are scattered by their number."""
    if contract.group is not None:
        key = table[contract.group.name].hash().cast("int64") % FOLDS
        return ibis.coalesce((key + FOLDS) % FOLDS, 0)
    return scattered(table[ROW]) * FOLDS // _MODULUS


def scattered(row: Rows) -> Rows:
    """A number below 2**32 that neighbours in the source don't share; the same on every engine."""
    return (row * _SPREAD) % _MODULUS


def class_counts(table: ibis.Table, contract: Contract) -> dict[str, int]:
    """Rows of each class, in the contract's order; empty in regression."""
    if contract.task is Task.regression:
        return {}
    counted = fetch(
        table.group_by(label=as_label(table[contract.target.name])).aggregate(n=lambda t: t.count())
    )
    found = {row["label"]: row["n"] for row in counted}
    return {name: int(found.get(name, 0)) for name in contract.classes or ()}
