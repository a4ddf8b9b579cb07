"""How categories go with each other (Cramér's V) and with numbers (the correlation ratio), as matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.engines.arrays import Floats, Whole, added
from fullcycle.core.engines.sample import mixed
from fullcycle.core.evidence.explore import Association, Correlations
from fullcycle.cycle.explore.coded import Coded

CATEGORIES_AT_MOST = 30  # columns; pairs grow with the square
NUMBERS_AT_MOST = 30
VALUES_TOLD_APART = 50  # the rarer values of a column are one
PLACES = 64  # a power of two above VALUES_TOLD_APART
CELLS_AT_MOST = 25_000_000  # pairs x rows: more pairs are counted on fewer rows


@dataclass(frozen=True)
class Columns:
    """Texts by code and numbers in [-1, 1] (NaN where missing) of the same rows, and these rows' numbers."""

    row: Whole
    texts: Mapping[str, Coded]
    numbers: Mapping[str, Floats]


def associations(columns: Columns) -> tuple[Correlations | None, Association | None]:
    """Cramér's V of the first texts, and the correlation ratios of texts and numbers, over rows where both
    are there; None where there aren't two texts, or no text and number."""
    texts = {name: text for name, text in columns.texts.items() if text.parts > 1}
    codes = {
        name: texts[name].first(VALUES_TOLD_APART + 1).astype(np.int8)
        for name in list(texts)[:CATEGORIES_AT_MOST]
    }
    numbers = {name: columns.numbers[name] for name in list(columns.numbers)[:NUMBERS_AT_MOST]}
    if not codes or len(codes) + len(numbers) < 2:
        return None, None
    return _cramers(codes, columns.row), _ratios(codes, numbers, columns.row)


def _thinned(row: Whole, at_most: int) -> Whole | slice:
    """The places of as many rows, chosen by their numbers; all of them where they are no more."""
    if len(row) <= at_most:
        return slice(None)
    return np.sort(np.lexsort((row, mixed(row)))[:at_most])


def _cramers(codes: Mapping[str, NDArray[np.int8]], row: Whole) -> Correlations | None:
    texts = list(codes)
    pairs = list(combinations(range(len(texts)), 2))
    if not pairs:
        return None
    few = _thinned(row, CELLS_AT_MOST // len(pairs))
    # Missing is a place of its own, which is left out of each table.
    shifted = [(codes[name][few] + 1).astype(np.int64) for name in texts]
    values: list[list[float | None]] = [[None] * len(texts) for _name in texts]
    for i, j in pairs:
        joint = np.bincount(shifted[i] * PLACES + shifted[j], minlength=PLACES**2).reshape(PLACES, PLACES)
        values[i][j] = values[j][i] = cramers_v(joint[1:, 1:].astype(np.float64))
    for i in range(len(texts)):
        values[i][i] = 1.0
    return Correlations(columns=tuple(texts), values=tuple(map(tuple, values)))


def cramers_v(joint: NDArray[np.float64]) -> float | None:
    """Cramér's V of a table of counts, corrected for its size (Bergsma 2013), in [0, 1]; None where a side
    has one value. The plain V of two unrelated columns grows with their categories.

    >>> cramers_v(np.array([[10.0, 0.0], [0.0, 10.0]]))
    1.0
    """
    joint = joint[joint.sum(axis=1) > 0][:, joint.sum(axis=0) > 0]
    (r, c), n = joint.shape, joint.sum()
    if min(r, c) < 2 or n < 2:
        return None
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0)) / n
    phi_square = float(((joint - expected) ** 2 / expected).sum() / n)
    corrected = max(phi_square - (r - 1) * (c - 1) / (n - 1), 0.0)
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return round(min(sqrt(corrected / least), 1.0), 6) if least > 0 else None


def _ratios(
    codes: Mapping[str, NDArray[np.int8]], numbers: Mapping[str, Floats], row: Whole
) -> Association | None:
    if not numbers:
        return None
    # A sum is cheaper than a pair.
    few = _thinned(row, CELLS_AT_MOST * 4 // (len(codes) * len(numbers)))
    shifted = [(codes[name][few] + 1).astype(np.int64) for name in codes]
    cells: list[list[float | None]] = [[] for _text in shifted]
    for number in numbers.values():
        there = np.isfinite(number[few])
        known = slice(None) if there.all() else there
        z = number[few][known]
        parts = (np.ones_like(z), z, z * z)
        for text, line in zip(shifted, cells, strict=True):
            line.append(correlation_ratio(*(added(text[known], part, PLACES)[1:] for part in parts)))
    return Association(rows=tuple(codes), columns=tuple(numbers), values=tuple(map(tuple, cells)))


def correlation_ratio(
    n: NDArray[np.float64], sums: NDArray[np.float64], squares: NDArray[np.float64]
) -> float | None:
    """Pearson's eta: the root of the share of a number's variance that lies between categories.

    Each has shape (n_categories,): rows, sums and sums of squares. In [0, 1]; None where nothing varies.
    """
    there = n > 0
    n, sums, squares = n[there], sums[there], squares[there]
    if len(n) < 2:
        return None
    mean = sums.sum() / n.sum()
    total = squares.sum() - n.sum() * mean**2
    between = float((n * (sums / n - mean) ** 2).sum())
    return round(sqrt(min(between / total, 1.0)), 6) if total > 1e-15 * n.sum() else None
