"""The rows that the finer tests look at: a stated sample, the same on every run.

Many tests compare values of a row with each other, or rows with neighbours, which sums by bin can't tell.
At most 50,000 rows are drawn, in runs of consecutive rows, so that neighbours in the source stay neighbours;
a smaller table is looked at whole. Texts are cut, and nothing of them reaches evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.engines.arrays import Texts, told_apart
from fullcycle.core.engines.measures import as_number
from fullcycle.core.engines.plain import numbers_of
from fullcycle.core.engines.tables import ROW, to_arrow
from fullcycle.core.engines.tall import fetch
from fullcycle.core.models.groups import answers_of, number_in
from fullcycle.cycle.explore.target import answer_of

if TYPE_CHECKING:
    import ibis

SAMPLE_ROWS = 50_000
RUN = 250  # consecutive rows
CHARACTERS = 48  # of a text
FOLDS = 5
SPREAD, MODULUS = 2_654_435_761, 2**32  # as explore.target scatters rows over folds

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Rows in the order of the source. `rows` counts the table; `target` has shape (n,) and is the place of a
    class or a number; `numbers` hold NaN where a value is missing."""

    contract: Contract
    rows: int
    row: Whole
    target: Floats
    numbers: dict[str, Floats]
    texts: dict[str, Texts]
    strengths: dict[str, float] = field(default_factory=dict)  # of numbers by their value, as they are asked

    @property
    def names(self) -> list[str]:
        """Every column that could leak, in the contract's order."""
        return [c.name for c in self.contract.columns if c.name in self.numbers or c.name in self.texts]

    @property
    def whole(self) -> bool:
        """Whether the sample is the table."""
        return len(self.row) == self.rows

    @property
    def is_regression(self) -> bool:
        return self.contract.task is Task.regression

    @cached_property
    def fold(self) -> Whole:
        """The fold that a row is judged in; its neighbours lie in others."""
        return (self.row * SPREAD % MODULUS) * FOLDS // MODULUS

    @cached_property
    def answers(self) -> Floats:
        """The target as columns to average, shape (n, k): one for each class (only the positive one of two),
        or the rank of a number in [0, 1]."""
        return answers_of(self.target, self.contract.task, len(self.contract.classes or ()))

    @cached_property
    def codes(self) -> dict[str, Whole]:
        """Each column as the places of its values in order, -1 where missing."""
        return {name: self._codes(name) for name in self.names}

    def _codes(self, name: str) -> Whole:
        if name in self.numbers:
            present = ~np.isnan(self.numbers[name])
            values: NDArray[Any] = self.numbers[name][present]
        else:
            places = self.texts[name].places
            present = places >= 0
            rank = np.empty(len(self.words[name]), dtype=np.int64)
            rank[np.argsort(self.words[name], kind="stable")] = np.arange(len(rank))
            values = rank[places[present]]
        codes = np.full(len(present), -1)
        codes[present] = np.unique(values, return_inverse=True)[1]
        return codes

    @cached_property
    def words(self) -> dict[str, NDArray[np.str_]]:
        """The distinct values of each text, in the order of its places."""
        return {name: np.array(text.values.to_pylist(), dtype=np.str_) for name, text in self.texts.items()}

    @cached_property
    def digits(self) -> dict[str, Floats]:
        """The digits of each text as one number by row, NaN where there are none."""
        return {
            name: np.append(number_in(self.words[name]), np.nan)[text.places]
            for name, text in self.texts.items()
        }

    def distinct(self, name: str) -> int:
        """How many values a column has in the sample."""
        return int(self.codes[name].max(initial=-1)) + 1

    def missing(self, name: str) -> NDArray[np.bool_]:
        """Where the column has no value."""
        return self.codes[name] < 0


def draw(table: ibis.Table, contract: Contract) -> Sample | None:
    """The sample of a training table; None where there is nothing to look at."""
    columns = [column for column in contract.columns if _is_looked_at(column, table)]
    [ends] = fetch(table.aggregate(rows=table.count(), last=table[ROW].max()))
    rows, last = ends["rows"], ends["last"]
    if not columns or not rows:
        return None
    chosen = {ROW: table[ROW], "_t": answer_of(table, contract).cast("float64")}
    chosen |= {f"c{at}": _expression(table, column) for at, column in enumerate(columns)}
    picked = table if rows <= SAMPLE_ROWS else table.filter(_in_runs(table, int(last) + 1, int(rows)))
    arrow = to_arrow(picked.select(**chosen).order_by(ROW))
    answers = numbers_of(arrow["_t"]).astype(float)
    known = np.isfinite(answers) if contract.task is Task.regression else answers >= 0
    if not known.any():
        return None
    numbers, texts = {}, {}
    for at, column in enumerate(columns):
        values = arrow[f"c{at}"]
        if _is_number(column):
            numbers[column.name] = numbers_of(values).astype(float)[known]
        else:
            whole = told_apart(values)
            texts[column.name] = Texts(whole.places[known], whole.values)
    return Sample(contract, int(rows), numbers_of(arrow[ROW])[known], answers[known], numbers, texts)


def _is_looked_at(column: Column, table: ibis.Table) -> bool:
    return column.role not in (Role.target, Role.constant, Role.ignore) and column.name in table.columns


def _is_number(column: Column) -> bool:
    return column.type in (ColumnType.numeric, ColumnType.datetime, ColumnType.boolean)


def _expression(table: ibis.Table, column: Column) -> Any:
    return (
        as_number(table[column.name])
        if _is_number(column)
        else table[column.name].cast("string")[:CHARACTERS]
    )


def _in_runs(table: ibis.Table, span: int, rows: int) -> Any:
    """Runs of rows, scattered evenly: every so many, all rows of one run."""
    every = max(round(span / RUN / (SAMPLE_ROWS / RUN * span / rows)), 1)
    return (table[ROW] // RUN) % every == 0
