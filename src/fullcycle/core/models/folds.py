"""Inner folds: whatever a split of train and test respects, they respect too (DESIGN, contract).

With a time, training is always earlier than judging (expanding window); with a group, its rows stay together;
else classes are spread evenly, and numbers at random.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import Settings

Indices = NDArray[np.int64]
Folds = list[tuple[Indices, Indices]]
FoldKind = Literal["stratified", "random", "group", "time"]

FEWEST = 2


def fold_kind(contract: Contract, settings: Settings) -> FoldKind:
    """`split.kind` if a person chose one, else what the contract asks for."""
    if settings.split.kind != "auto":
        kind: FoldKind = settings.split.kind
        return "random" if kind == "stratified" and contract.task is Task.regression else kind
    if contract.time is not None:
        return "time"
    if contract.group is not None:
        return "group"
    return "random" if contract.task is Task.regression else "stratified"


def make_folds(
    contract: Contract,
    settings: Settings,
    y: pd.Series,
    groups: pd.Series | None,
    times: pd.Series | None,
    *,
    seed: int,
) -> Folds:
    """Positions of training and validation rows of each fold, at most `experiment.folds` of them.

    Fewer where classes, groups or moments are too few for it; a UserError where not even two are possible.
    Rows whose time is missing count as the earliest; a row without a group is a group of its own.
    """
    kind = fold_kind(contract, settings)
    classes = None if contract.task is Task.regression else _class_codes(y)
    if classes is not None:
        _check_classes(y, contract)
    if (kind == "time" and times is None) or (kind == "group" and groups is None):
        raise _no_column(kind)
    rows = _Rows(len(y), classes, None if groups is None else group_codes(groups), times)
    for count in range(min(settings.experiment.folds, len(y)), FEWEST - 1, -1):
        split = list(_split(kind, rows, count, seed))
        folds = [(train, valid) for train, valid in split if _usable(train, valid, classes)]
        # The first blocks of time may hold one class only: the later ones still tell.
        if len(folds) == count or (kind == "time" and len(folds) >= FEWEST):
            return folds
    raise _no_folds(kind, len(y))


@dataclass(frozen=True)
class _Rows:
    """What a split looks at: positions only, with codes of classes and groups."""

    count: int
    classes: Indices | None
    groups: Indices | None
    times: pd.Series | None


def _split(kind: FoldKind, rows: _Rows, count: int, seed: int) -> Iterator[tuple[Indices, Indices]]:
    if kind == "time" and rows.times is not None:
        yield from _without_shared_groups(_expanding_window(rows.times, count), rows.groups)
        return
    classes, shuffled = rows.classes, {"n_splits": count, "shuffle": True, "random_state": seed}
    splitter: Any
    if rows.groups is not None:
        # Groups stay together whatever else is asked for: rows of one customer in two folds are a leak.
        if len(np.unique(rows.groups)) < count:
            return
        splitter = GroupKFold(**shuffled) if classes is None else StratifiedGroupKFold(**shuffled)
    elif kind == "stratified" and classes is not None:
        if np.bincount(classes).min() < count:
            return
        splitter = StratifiedKFold(**shuffled)
    else:
        splitter = KFold(**shuffled)
    yield from splitter.split(np.zeros(rows.count), classes, rows.groups)


def _expanding_window(times: pd.Series, count: int) -> Iterator[tuple[Indices, Indices]]:
    """Blocks of about equal size in order of time, rows of one moment in one block; the first only trains."""
    moments = sortable(times)
    order = np.argsort(moments, kind="stable")
    ordered = moments[order]
    even = [len(order) * block // (count + 1) for block in range(1, count + 1)]
    cuts = np.unique(np.searchsorted(ordered, ordered[even]))
    bounds = [*(int(cut) for cut in cuts if cut > 0), len(order)]
    for start, end in pairwise(bounds):
        yield np.sort(order[:start]), np.sort(order[start:end])


def _without_shared_groups(
    folds: Iterator[tuple[Indices, Indices]], members: Indices | None
) -> Iterator[tuple[Indices, Indices]]:
    """Training rows whose group is judged are left out of that fold."""
    for train, valid in folds:
        yield (train if members is None else train[~np.isin(members[train], members[valid])]), valid


def latest_first(times: pd.Series) -> Indices:
    """Positions from the latest row to the earliest; equal moments by position, missing ones last."""
    return np.argsort(sortable(times), kind="stable")[::-1]


def sortable(times: pd.Series) -> NDArray[Any]:
    """Moments as numbers, or other values by their rank; missing comes first."""
    if times.dtype.kind == "M":
        return times.to_numpy().astype("datetime64[us]").astype(np.int64)
    ranked = pd.Series(times.to_numpy()).rank(method="dense", na_option="top")
    return ranked.to_numpy(dtype=np.float64)


def _usable(train: Indices, valid: Indices, classes: Indices | None) -> bool:
    """Something to learn from and to judge: for classes at least two in training."""
    if len(train) < FEWEST or len(valid) == 0:
        return False
    return classes is None or len(np.unique(classes[train])) >= FEWEST


def _class_codes(y: pd.Series) -> Indices:
    return np.unique(y.to_numpy(dtype=object).astype(str), return_inverse=True)[1].astype(np.int64)


def group_codes(groups: pd.Series) -> Indices:
    """A number for each group; a row without a group is one of its own."""
    codes = pd.factorize(groups)[0].astype(np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=0) + 1 + np.arange(alone.sum())
    return codes


def _check_classes(y: pd.Series, contract: Contract) -> None:
    counts = y.value_counts()
    for name in contract.classes or sorted(counts.index):
        if counts.get(name, 0) < FEWEST:
            raise UserError(
                where=f"data/train.parquet, column {contract.target.name}",
                found=f"class {name!r} in {counts.get(name, 0)} training rows",
                expected="at least 2 training rows of every class: one to learn from, one to judge",
                hint="collect more rows of it, or join it with another class by `spelling` of the target in "
                "contract.yaml (and take it out of `classes`), then run `fullcycle run`",
            )


def _no_column(kind: FoldKind) -> UserError:
    return UserError(
        where="fullcycle.yaml, key split.kind",
        found=f"{kind}, and no column of contract.yaml has role {kind}",
        hint=f"give a column `role: {kind}` in contract.yaml, or choose another kind",
    )


def _no_folds(kind: FoldKind, rows: int) -> UserError:
    return UserError(
        where="data/train.parquet",
        found=f"{rows} training rows that can't be parted into two folds ({kind})",
        expected="at least two groups or moments, and two classes in the training part of each fold",
        hint="collect more rows, or choose another split.kind in fullcycle.yaml",
    )
