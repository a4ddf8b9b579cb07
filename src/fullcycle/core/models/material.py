"""The training rows that models are compared on: a sample where there are many, with their folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from fullcycle.core.contract.model import Contract
from fullcycle.core.errors import UserError
from fullcycle.core.models.evaluate import Rows, codes_of
from fullcycle.core.models.folds import FoldKind, fold_kind, make_folds
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.keys import keys_of
from fullcycle.core.models.sample import sample_positions
from fullcycle.core.project.project import Project


@dataclass(frozen=True)
class Material:
    """What the search works on: the rows it sees, and how many there were."""

    rows: Rows
    kind: FoldKind
    available: int


def read_material(project: Project, *, at_most: int | None = None) -> Material:
    """The rows that the search sees, or `at_most` of them, with their folds.

    UserError where nothing can be learned from them.
    """
    settings, contract = project.settings, project.contract
    features, target, groups, times = read_frame(project.paths.train, contract)
    _check_target(target, contract)
    kind, codes = fold_kind(contract, settings), codes_of(target, contract)
    seen = sample_positions(
        kind,
        codes,
        groups,
        times,
        at_most=min(at_most or settings.experiment.rows_at_most, settings.experiment.rows_at_most),
        keep=2 * settings.experiment.folds,
        seed=settings.seed,
    )
    target = target.iloc[seen]
    groups, times = (None if each is None else each.iloc[seen] for each in (groups, times))
    folds = make_folds(contract, settings, target, groups, times, seed=settings.seed)
    keys = keys_of(contract, settings, groups, times)
    return Material(Rows(features.iloc[seen], target, codes[seen], folds, keys), kind, len(codes))


def _check_target(target: pd.Series[Any], contract: Contract) -> None:
    if target.nunique() < 2:
        only = target.iloc[0] if len(target) else "no rows"
        raise UserError(
            where=f"data/train.parquet, column {contract.target.name}",
            found=f"one value in all {len(target)} training rows ({only})",
            expected="a target that varies: there is nothing to learn otherwise",
            hint="look at how the table was made, or choose another target with `fullcycle init`",
        )
