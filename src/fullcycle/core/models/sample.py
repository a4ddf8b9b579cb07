"""Which training rows models are compared on, where there are more than that needs; the refit sees all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.models.folds import FoldKind, latest_first

Positions = NDArray[np.int64]


def sample_positions(
    kind: FoldKind,
    codes: NDArray[Any],
    groups: pd.Series | None,
    times: pd.Series | None,
    *,
    at_most: int,
    keep: int,
    seed: int,
) -> Positions:
    """Positions in the order of the table: the latest rows, whole groups, or shares of classes as they are.

    `keep` rows of each class are there whatever its share (all of them where there are fewer), so that
    folds stay possible.
    """
    rows = len(codes)
    if rows <= at_most:
        return np.arange(rows)
    if kind == "time" and times is not None:
        return np.sort(latest_first(times)[:at_most])
    random = np.random.default_rng(seed)
    if groups is not None:
        labels = pd.factorize(groups, use_na_sentinel=False)[0]
        rank = random.permutation(labels.max() + 1)[labels].astype(np.float64)
    elif kind == "stratified":
        rank = _rank_in_class(codes, keep, random)
    else:
        rank = random.random(rows)
    return np.sort(np.argsort(rank, kind="stable")[:at_most])


def _rank_in_class(codes: NDArray[Any], keep: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Ranks whose smallest n hold each class by its share: the place in the class over the class's size."""
    shuffled = random.permutation(len(codes))
    places = pd.Series(codes[shuffled]).groupby(codes[shuffled]).cumcount().to_numpy()
    rank = np.empty(len(codes))
    rank[shuffled] = np.where(places < keep, -1.0, (places + 1) / np.bincount(codes)[codes[shuffled]])
    return rank
