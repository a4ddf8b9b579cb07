"""All columns together: can a classifier tell current rows from training rows?

Two samples of equal size; trees learn on one half of both, and their AUC on the other half is compared with
what it is when the labels of that half are dealt out anew (Lopez-Paz and Oquab 2017), without a second fit.
Needs training rows themselves, which no bundle has: they are those of the project, if the bundle was made of
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.monitor import JointFacts

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_MOST = 2_000  # of each side
ROWS_AT_LEAST = 200
PERMUTATIONS = 5_000
TREES = 100
CATEGORIES = 20
NAMED = 3  # columns that it looks at most

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Sides:
    """Both samples as numbers, one below the other: `x` (N, k), and whether a row is current, `y` (N,)."""

    x: Numbers
    y: NDArray[np.bool_]
    columns: tuple[str, ...]


def told_together(reference: pa.Table, current: pa.Table, columns: Sequence[Column], seed: int) -> JointFacts:
    """The verdict on two samples of coerced columns; moments are left out, as they always differ."""
    rows = min(reference.num_rows, current.num_rows)
    used = [column for column in columns if column.type in USED and not column.personal]
    if rows < ROWS_AT_LEAST or not used:
        return JointFacts(ran=False, why_not="too_few_rows", rows=rows)
    random = np.random.default_rng(seed)
    sides = _sides(reference.slice(0, rows), current.slice(0, rows), used)
    order = random.permutation(len(sides.y))
    learn, judge = order[::2], order[1::2]
    model = _fitted(sides, learn, seed)
    said = model.predict_proba(sides.x[judge])[:, 1]
    auc = area(said, sides.y[judge])
    chance = [area(said, random.permutation(sides.y[judge])) for _ in range(PERMUTATIONS)]
    p = (1 + sum(each >= auc for each in chance)) / (1 + PERMUTATIONS)
    return JointFacts(
        ran=True,
        auc=auc,
        p=p,
        permutations=PERMUTATIONS,
        rows=rows,
        columns=_looked_at(model, sides, judge, auc, random),
    )


USED = (ColumnType.numeric, ColumnType.categorical, ColumnType.boolean)


def _fitted(sides: Sides, rows: NDArray[np.int64], seed: int) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    model = ExtraTreesClassifier(TREES, min_samples_leaf=5, random_state=seed, n_jobs=1)
    return model.fit(sides.x[rows], sides.y[rows])


def area(said: Numbers, current: NDArray[np.bool_]) -> float:
    """The area under the ROC curve, by ranks; ties count half.

    >>> area(np.array([0.1, 0.4, 0.8]), np.array([False, False, True]))
    1.0
    """
    _, places, sizes = np.unique(said, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[places]
    n = int(current.sum())
    others = len(current) - n
    return float((ranks[current].sum() - n * (n + 1) / 2) / (n * others)) if n and others else 0.5


def _looked_at(
    model: Any, sides: Sides, rows: NDArray[np.int64], auc: float, random: np.random.Generator
) -> tuple[str, ...]:
    """Columns without which it would be worse, shuffled one at a time (Breiman 2001)."""
    losses = {}
    for at, name in enumerate(sides.columns):
        shuffled = sides.x[rows].copy()
        shuffled[:, at] = random.permutation(shuffled[:, at])
        losses[name] = auc - area(model.predict_proba(shuffled)[:, 1], sides.y[rows])
    best = sorted(losses, key=lambda name: -losses[name])[:NAMED]
    return tuple(name for name in best if losses[name] > 0)


def _sides(reference: pa.Table, current: pa.Table, columns: Sequence[Column]) -> Sides:
    parts = [_numbers(reference[each.name], current[each.name], each) for each in columns]
    y = np.r_[np.zeros(reference.num_rows, dtype=bool), np.ones(current.num_rows, dtype=bool)]
    return Sides(np.column_stack(parts), y, tuple(each.name for each in columns))


def _numbers(before: pa.ChunkedArray, now: pa.ChunkedArray, column: Column) -> Numbers:
    """A missing value lies below all others; a category is its place among the frequent ones."""
    values = [*before.to_pylist(), *now.to_pylist()]
    if column.type is ColumnType.categorical:
        known, counts = np.unique([each for each in values if each is not None], return_counts=True)
        frequent = known[np.argsort(-counts, kind="stable")][:CATEGORIES]
        place = {text: at for at, text in enumerate(frequent.tolist())}
        return np.array([-1.0 if each is None else place.get(each, CATEGORIES) for each in values])
    numbers = np.array([np.nan if each is None else float(each) for each in values])
    finite = numbers[np.isfinite(numbers)]
    lowest = float(finite.min()) - 1 if len(finite) else 0.0
    return np.asarray(np.nan_to_num(np.clip(numbers, -1e30, 1e30), nan=lowest))
