"""Answered rows in columns: what was said, and what turned out to be true where it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Task
from fullcycle.core.metrics import THRESHOLD

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Answered:
    """Rows that one bundle answered. `answer` has shape (n, k), probabilities in the order of classes, or
    (n,) in regression; `truth` (n,) holds class codes or numbers, NaN where no outcome is known yet."""

    task: Task
    answer: Floats
    truth: Floats
    threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        if len(self.answer) != len(self.truth):
            raise ValueError(f"{len(self.answer)} answers and {len(self.truth)} outcomes")

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def known(self) -> Truths:
        """Rows whose outcome is known."""
        return ~np.isnan(self.truth)

    @property
    def score(self) -> Floats:
        """One number for each row: of two classes the probability of the second, of more that of the most
        probable one, or the value."""
        if self.task is Task.regression:
            return self.answer
        return self.answer[:, 1] if self.answer.shape[1] == 2 else self.answer.max(axis=1)

    def where(self, rows: Truths | NDArray[np.int64]) -> Answered:
        """Some of the rows."""
        return Answered(self.task, self.answer[rows], self.truth[rows], self.threshold)

    def labelled(self) -> Answered:
        """Rows whose outcome is known."""
        return self.where(self.known)

    def codes(self) -> NDArray[Any]:
        """Outcomes as metrics take them: whole class codes, or numbers. Of labelled rows only."""
        return self.truth if self.task is Task.regression else self.truth.astype(np.int64)
