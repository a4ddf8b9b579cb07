"""Rows that choose proposals and rows that judge them: never the same (Cox 1975, of data splitting).

What wins a choice among many looks better than it is on the rows that chose it. So one half chooses; folds of
the other half judge, while models learn from all other rows. Groups stay together; with a time, the rows that
judge are the later ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fullcycle.core.contract.model import Contract
from fullcycle.core.models.folds import FoldKind, Folds, Indices, fold_kind, make_folds
from fullcycle.core.project.settings import Settings

CHOOSING_FOLDS = 3


@dataclass(frozen=True)
class Parts:
    """Positions of rows. `judging` are folds of `judges`, each trained on all that may be known then."""

    choosers: Indices
    judges: Indices
    choosing: Folds
    judging: Folds
    repeats: int

    @property
    def test_share(self) -> float:
        """The share of the judging rows that one fold judges: what folds share in the end is those rows."""
        return float(np.mean([len(valid) for _, valid in self.judging])) / len(self.judges)


def part_rows(
    contract: Contract,
    settings: Settings,
    target: pd.Series,
    groups: pd.Series | None,
    times: pd.Series | None,
) -> Parts:
    """Halves of the rows and folds of each; UserError where they are too few for it."""
    seed, repeats = settings.seed, settings.proposals.repeats
    if fold_kind(contract, settings) == "time":
        repeats = 1  # there is one order of time

    def folds_of(rows: Indices, count: int, seed: int) -> Folds:
        own = settings.model_copy(
            update={"experiment": settings.experiment.model_copy(update={"folds": count})}
        )
        there = (None if each is None else each.iloc[rows] for each in (groups, times))
        found = make_folds(contract, own, target.iloc[rows], *there, seed=seed)
        return [(rows[train], rows[valid]) for train, valid in found]

    choosers, judges = folds_of(np.arange(len(target)), 2, seed)[-1]
    judging = [
        (np.sort(np.concatenate([choosers, train])), valid)
        for repeat in range(repeats)
        for train, valid in folds_of(judges, settings.experiment.folds, seed + repeat)
    ]
    return Parts(choosers, judges, folds_of(choosers, CHOOSING_FOLDS, seed), judging, repeats)


__all__ = ["FoldKind", "Parts", "part_rows"]
