"""Reference values beside current ones, so that a column that did not move has equal ones in nearly every
pair.

Of a column the reference keeps only the distribution. Pairing its quantiles with those of the current rows
(for categories: as many equal pairs as both sides have) is the cheapest way to turn one distribution into
the other (optimal transport in one dimension), and leaves no sampling noise in what a swap of the column
does.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.reference import QUANTILES, ColumnReference, Shape
from fullcycle.live.monitor.cause.cells import Floats

UNLISTED = "no listed category"  # stands for all that were too rare to be listed


def paired(column: ColumnReference, now: NDArray[Any]) -> NDArray[Any]:
    """For each current value (as `values_of` gives them) one of the reference: shape (n,).

    Where the reference says nothing of the column, the current values themselves: it can't be blamed.
    """
    if column.categories is not None and column.rows:
        return _pair_categories(column, column.categories, now)
    if column.shape is not None:
        return _pair_numbers(column, column.shape, now)
    return now.copy()


def _pair_numbers(column: ColumnReference, shape: Shape, now: Floats) -> Floats:
    """Present values meet quantiles of the same rank; as many missing ones meet missing ones as both have."""
    rows = len(now)
    missing_before = round(column.missing_rate * rows)
    there = np.flatnonzero(~np.isnan(now))
    gone = np.flatnonzero(np.isnan(now))
    before = np.full(rows, np.nan)
    both = min(len(there), rows - missing_before)
    ranked = there[np.argsort(now[there], kind="stable")]
    kept = ranked[_spread(len(ranked), both)]
    levels = (np.arange(rows - missing_before) + 0.5) / max(rows - missing_before, 1)
    values = _at(column, shape, levels)
    chosen = _spread(len(values), both)
    before[kept] = values[chosen]
    # Reference values that are left meet rows that are missing now.
    left = np.delete(values, chosen)
    before[gone[: len(left)]] = left
    return before


def _pair_categories(column: ColumnReference, listed: dict[str, int], now: NDArray[Any]) -> NDArray[Any]:
    wanted = _counts(column, listed, len(now))
    before = np.empty(len(now), dtype=object)
    open_places = []
    for at, value in enumerate(now):
        name = value if value in listed or value == "" else UNLISTED
        if wanted[name] > 0:
            wanted[name] -= 1
            before[at] = value
        else:
            open_places.append(at)
    left = [name for name, count in wanted.items() for _ in range(count)]
    for at, name in zip(open_places, left, strict=True):
        before[at] = name
    return before


def _counts(column: ColumnReference, listed: dict[str, int], rows: int) -> Counter[str]:
    """Reference counts scaled to so many rows, by largest remainders."""
    counts = {**listed, UNLISTED: column.other, "": column.missing}
    exact = {name: count * rows / column.rows for name, count in counts.items()}
    whole = Counter({name: int(value) for name, value in exact.items()})
    by_remainder = sorted(exact, key=lambda name: exact[name] - int(exact[name]), reverse=True)
    whole.update(by_remainder[: rows - whole.total()])
    return whole


def _at(column: ColumnReference, shape: Shape, levels: Floats) -> Floats:
    values = np.interp(levels * (QUANTILES - 1), np.arange(QUANTILES), shape.quantiles)
    return np.asarray(np.round(values) if column.whole else values)


def _spread(length: int, wanted: int) -> NDArray[np.int64]:
    """So many different places, evenly over a length."""
    return np.floor((np.arange(wanted) + 0.5) * length / max(wanted, 1)).astype(np.int64)
