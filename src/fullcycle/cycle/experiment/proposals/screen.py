"""A short list of proposals, cheaply: those that tell something about what the champion gets wrong.

Bins of a proposal's values are given the mean residual of other rows; how much of the residuals' square that
explains is its promise. Zhang et al., "OpenFE" (ICML 2023), rank proposals in the same spirit, by trees that
start from the predictions of a model. A promise is no measurement: it only saves fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import ColumnType
from fullcycle.cycle.experiment.proposals.interactions import as_number
from fullcycle.cycle.experiment.proposals.pool import Proposal

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

BINS = 16
CATEGORIES = 100
SHRINKAGE = 10.0  # rows of mean 0 that each bin is given
PARTS = 4  # each is told from the others
CLIP = 0.01  # share of residuals at each end that count as the last one inside
MISSING_AT_MOST = 0.9
ALIKE = 0.98  # rank correlation above which two proposals are one
UNARY = ("log", "missing", "date_part")  # what these say, their own column may say too


def shortlist(
    proposals: Sequence[Proposal],
    features: pd.DataFrame,
    types: Mapping[str, ColumnType],
    residuals: Floats,
    *,
    at_most: int,
    seed: int,
) -> list[Proposal]:
    """The most promising proposals that say different things; `residuals` have shape (rows, outputs)."""
    part = np.random.default_rng(seed).permutation(len(residuals)) % PARTS
    clipped = clip_tails(residuals)
    promise_of: dict[str, float] = {}

    def promise(name: str, kind: ColumnType) -> float:
        if name not in promise_of:
            promise_of[name] = explained(bin_codes(features[name], kind), clipped, part)
        return promise_of[name]

    ranked = []
    for each in proposals:
        if not _varies(features[each.name]):
            continue
        alone = max((promise(name, types[name]) for name in each.columns), default=0.0)
        gain = promise(each.name, each.type) - (0.0 if each.kind in UNARY else max(alone, 0.0))
        ranked.append((gain, each))
    ranked.sort(key=lambda pair: -pair[0])
    return _different([each for _, each in ranked], features, at_most)


def explained(codes: Codes, residuals: Floats, part: Codes) -> float:
    """Share of the residuals' square that bins explain on rows that they were not learned from.

    >>> residuals = np.array([[1.0], [-1.0]] * 100)
    >>> part = np.arange(200) // 2 % 4
    >>> round(explained(np.array([0, 1] * 100), residuals, part), 2)
    0.99
    """
    total = float((residuals**2).sum())
    if total == 0:
        return 0.0
    left = 0.0
    for number in range(PARTS):
        mine = part == number
        guess = _bin_means(codes[~mine], residuals[~mine], int(codes.max()) + 1)[codes[mine]]
        left += float(((residuals[mine] - guess) ** 2).sum())
    return 1 - left / total


def _bin_means(codes: Codes, residuals: Floats, bins: int) -> Floats:
    counts = np.bincount(codes, minlength=bins)
    sums = np.column_stack(
        [np.bincount(codes, weights=residuals[:, at], minlength=bins) for at in range(residuals.shape[1])]
    )
    return sums / (counts + SHRINKAGE)[:, None]


def bin_codes(values: pd.Series, kind: ColumnType) -> Codes:
    """Bins of about equal size, or the commonest categories; what is missing is the first bin."""
    numbers = as_number(values, kind)
    there = np.isfinite(numbers)
    codes = np.zeros(len(numbers), dtype=np.int64)
    if not there.any():
        return codes
    if kind is ColumnType.categorical:
        codes[there] = 1 + np.minimum(numbers[there], CATEGORIES).astype(np.int64)
        return codes
    edges = np.unique(np.quantile(numbers[there], np.linspace(0, 1, BINS + 1)[1:-1]))
    codes[there] = 1 + np.searchsorted(edges, numbers[there], side="left")
    return codes


def clip_tails(residuals: Floats) -> Floats:
    """A few rows that are far off must not decide alone."""
    low, high = np.quantile(residuals, [CLIP, 1 - CLIP], axis=0)
    return np.clip(residuals, low, high)


def _varies(values: pd.Series) -> bool:
    return bool(values.nunique() > 1 and values.isna().mean() <= MISSING_AT_MOST)


def _different(ranked: Sequence[Proposal], features: pd.DataFrame, at_most: int) -> list[Proposal]:
    chosen: list[Proposal] = []
    ranks: list[Any] = []
    for each in ranked:
        if len(chosen) == at_most:
            break
        own = features[each.name].rank() if each.type is ColumnType.numeric else None
        if own is not None and any(abs(own.corr(other)) > ALIKE for other in ranks):
            continue
        chosen.append(each)
        ranks += [] if own is None else [own]
    return chosen
