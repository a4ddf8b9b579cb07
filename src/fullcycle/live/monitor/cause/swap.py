"""What each column's move does to the scores: Shapley values of distributions, through the model itself.

Rows of reference values become rows of current values, a column at a time, in several orders there and back
(Castro, Gómez and Tejada 2009; Mitchell et al. 2022); a column's contribution is what its steps change on
average. That is the distribution change attribution of Budhathoki, Janzing, Blöbaum and Ng (2021), with
columns taken as independent: the reference keeps no more than each column's own distribution. On both sides
values are dealt out to rows anew, so that only distributions differ. What dealing out does by itself is in
`together`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.live.monitor.cause.cells import Floats

Columns = Mapping[str, NDArray[Any]]
Score = Callable[[Columns], Floats]

ORDERS = 4  # there and back
ROWS_ASKED_AT_MOST = 200_000
SEED = 2021


@dataclass(frozen=True)
class Swapped:
    """`contribution` and `impact` by column: the change of the mean score, and the mean of absolute changes.
    `before` and `now` are mean scores of rows whose columns are independent."""

    contribution: dict[str, float]
    impact: dict[str, float]
    before: float
    now: float


def swap(score: Score, before: Columns, now: Columns, moved: Sequence[str]) -> Swapped:
    """Both sides have the same columns, all of shape (n,) and paired by row; only `moved` ones are
    swapped."""
    random = np.random.default_rng(SEED)
    rows = len(next(iter(now.values())))
    places = {name: random.permutation(rows) for name in now}
    first = {name: before[name][places[name]] if name in moved else now[name][places[name]] for name in now}
    last = {name: now[name][places[name]] for name in now}
    orders = _orders(len(moved), rows, random)
    changes = {name: np.zeros(rows) for name in moved}
    begins, ends = score(first), score(last)
    for order in orders:
        walked, scores = dict(first), begins
        for at in order:
            name = moved[at]
            walked[name] = last[name]
            after = score(walked)
            changes[name] += (after - scores) / len(orders)
            scores = after
    return Swapped(
        contribution={name: float(change.mean()) for name, change in changes.items()},
        impact={name: float(np.abs(change).mean()) for name, change in changes.items()},
        before=float(begins.mean()),
        now=float(ends.mean()),
    )


def _orders(columns: int, rows: int, random: np.random.Generator) -> list[NDArray[np.int64]]:
    affordable = max(1, min(ORDERS, ROWS_ASKED_AT_MOST // max(2 * columns * rows, 1)))
    forward = [random.permutation(columns) for _ in range(affordable)]
    return [*forward, *(order[::-1] for order in forward)]
