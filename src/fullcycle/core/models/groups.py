"""Whether rows that share a value are rows of one thing: a person, a device, a house sold several times.

Explore asks it of the split, experiment of its folds: both by the same bounds.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import ColumnType, Task

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Correlation of the targets of rows that share a value, measured on tables as they are and on planted groups.
ALIKE = {Task.binary: 0.4, Task.multiclass: 0.5, Task.regression: 0.6}
FEW_ROWS = 25.0  # of a group on average: a neighbourhood or a plane has more
MANY_GROUPS = 30
REPEATED_SHARE = 0.4  # of rows whose group has another row
SMOOTH = 0.5  # part of the likeness that neighbouring values have too: a measure, not a group
NO_NAMES = (ColumnType.boolean, ColumnType.datetime)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def repeats(codes: Whole) -> bool:
    """Whether many values stand in a few rows each, as names of things do."""
    if not len(codes):
        return False
    count = np.unique(codes, return_counts=True)[1]
    repeated = count[count > 1].sum() / len(codes)
    return bool(
        len(count) >= MANY_GROUPS and repeated >= REPEATED_SHARE and len(codes) / len(count) <= FEW_ROWS
    )


def alike_within(codes: Whole, answers: Floats) -> float:
    """The intraclass correlation of rows that share a value (one-way analysis of variance, Fisher 1925).

    `answers` has shape (n, k): a column for each class, or the rank of a number.
    """
    count = np.bincount(codes)
    chosen = count[codes] > 1
    if not chosen.any():
        return 0.0
    _, codes = np.unique(codes[chosen], return_inverse=True)
    answers, count = answers[chosen], np.bincount(codes)
    groups, rows = len(count), len(codes)
    if groups < 2 or rows <= groups:
        return 0.0
    means = np.stack([np.bincount(codes, column) / count for column in answers.T], axis=1)
    between = (count[:, None] * (means - answers.mean(axis=0)) ** 2).sum() / (groups - 1)
    within = ((answers - means[codes]) ** 2).sum() / (rows - groups)
    size = (rows - (count**2).sum() / rows) / (groups - 1)
    total = between + (size - 1) * within
    return float(max((between - within) / total, 0.0)) if total > 0 else 0.0


def is_smooth(order: Floats, codes: Whole, answers: Floats, alike: float) -> bool:
    """Whether groups next to each other are alike too, as neighbouring values of a measure are."""
    known = np.isfinite(order)
    if known.mean() < 0.5:
        return False
    codes, answers = codes[known], answers[known]
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    count = np.bincount(codes)
    means = np.stack([np.bincount(codes, column) / count for column in answers.T], axis=1)
    return neighbours(means[np.argsort(order[known][first], kind="stable")]) >= SMOOTH * alike


def neighbours(answers: Floats, apart: NDArray[np.bool_] | None = None) -> float:
    """Correlation of the target with that of the row before, the largest over classes; `apart` says which
    rows don't follow the one before."""
    if len(answers) < 20:
        return 0.0
    centred = answers - answers.mean(axis=0)
    products = centred[1:] * centred[:-1]
    if apart is not None:
        products = products[~apart[1:]]
    spread = centred.var(axis=0)
    if not len(products) or not spread.any():
        return 0.0
    return float((products.mean(axis=0).sum()) / spread.sum())


def ranks(values: Floats) -> Floats:
    """Average ranks in [0, 1]."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2 - 0.5
    shares: Floats = (middle / len(values))[place]
    return shares


def answers_of(codes: NDArray[Any], task: Task, classes: int) -> Floats:
    """The target as columns to average, shape (n, k): one for each class (only the positive one of two), or
    the rank of a number in [0, 1]."""
    if task is Task.regression:
        return ranks(codes.astype(np.float64))[:, None]
    shown = [1] if classes == 2 else list(range(classes))
    return np.stack([(codes == k).astype(np.float64) for k in shown], axis=1)


def number_in(texts: NDArray[Any]) -> Floats:
    """The digits of each text as one number; NaN where there are none."""
    meant = {text: _digits_of(text) for text in set(texts)}  # categories are few
    return np.array([meant[text] for text in texts])


def _digits_of(text: str | None) -> float:
    if text is not None and text.isdecimal():
        return float(text[:15])
    digits = "" if text is None else "".join(NUMBER.findall(text))[:15]
    return float(digits) if digits and digits.count(".") < 2 else np.nan
