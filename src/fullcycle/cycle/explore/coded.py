"""A column as small whole numbers by row, and rows counted by them, by fold and by the target.

What columns say about the target and about each other rests on these codes: one byte or two for each cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.engines.arrays import Floats, Whole
from fullcycle.core.engines.measures import Spread
from fullcycle.core.engines.ordered import Ordered
from fullcycle.cycle.explore.target import FOLDS, Target


@dataclass(frozen=True)
class Coded:
    """`places` by row, shape (n,), in 0 to `parts` - 1 and -1 where missing.

    Of a number they are bins between inner `edges`, with the lowest and highest value of each; of a text the
    places among its frequent values, the last for all others.
    """

    places: NDArray[Any]
    parts: int
    edges: tuple[float, ...] = ()
    low: Floats | None = None
    high: Floats | None = None

    def first(self, parts: int) -> Whole:
        """With so many places at most, of which the last is for all others; missing is -1."""
        places: Whole = np.minimum(self.places, min(parts, self.parts) - 1).astype(np.int64)
        return places


def code_number(values: Floats, ordered: Ordered, spread: Spread) -> Coded:
    """By the quantiles of `spread`; the lowest value opens no bin of its own."""
    edges: tuple[float, ...] = ()
    if spread.quantiles is not None and (low := spread.min) is not None:
        edges = tuple(sorted({quantile for quantile in spread.quantiles.values() if quantile > low}))
    places = np.where(np.isnan(values), -1, np.searchsorted(np.array(edges), values, "right"))
    return Coded(places.astype(np.int8), len(edges) + 1, edges, *ordered.ends(edges))


def code_text(places: Whole, values: Sequence[str]) -> Coded:
    """By place among `values`."""
    return Coded(places.astype(np.int16), len(values) + 1)


@dataclass(frozen=True)
class Counted:
    """Rows by the places of a column that have some, ascending, the missing one (-1) last.

    `n` has shape (n_places, FOLDS, parts of the target) and leaves other classes out, `rows` (n_places,) has
    all; `t` and `tt`, shape (n_places, FOLDS), are sums of the target's steps and of their squares. `low` and
    `high` are the ends of bins, shape (n_places,).
    """

    places: Whole
    rows: Whole
    n: Floats
    t: Floats | None = None
    tt: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None


def count(coded: Coded, target: Target) -> Counted:
    """Each column's places by fold and target."""
    size, width = coded.parts + 1, target.parts + 1
    place = np.where(coded.places < 0, coded.parts, coded.places).astype(np.int64)
    cells = np.bincount(place * (FOLDS * width) + target.cell, minlength=size * FOLDS * width)
    n = cells.reshape(size, FOLDS, width)
    there = np.flatnonzero(n.sum(axis=(1, 2)))
    sums: list[Any] = [None, None]
    if target.steps is not None:
        folded = place * FOLDS + target.fold
        sums = [
            np.bincount(folded, each, size * FOLDS).reshape(size, FOLDS)[there] for each in target.weights
        ]
    ends = [None if end is None else np.append(end, np.nan)[there] for end in (coded.low, coded.high)]
    return Counted(
        places=np.where(there == coded.parts, -1, there),
        rows=n[there].sum(axis=(1, 2)),
        n=n[there, :, : target.parts].astype(np.float64),
        t=sums[0],
        tt=sums[1],
        low=ends[0],
        high=ends[1],
    )
