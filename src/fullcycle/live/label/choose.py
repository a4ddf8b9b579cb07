"""Which rows teach a model most: uncertain ones, and not the same one fifty times.

Greedy k-center over the most uncertain rows, each distance weighted by uncertainty: as in BADGE (Ash et al.,
"Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020), where a row counts by
its doubt and its distance to the rows that were chosen already; but deterministic, and in the space of the
columns (Gower 1971), as a graph of trees has no gradients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import DATETIME_MISSING, as_moments, as_numbers, as_strings
from fullcycle.core.bundle.reference import ColumnReference, Reference
from fullcycle.core.contract.model import Column, ColumnType

Floats = NDArray[np.float64]
Measure = Literal["entropy", "margin", "distance"]


@dataclass(frozen=True)
class Space:
    """Rows of shape (n,) as columns to compare: `places` are ranks 0 to 1 among training rows (NaN is
    missing), `codes` are categories (-1 is missing)."""

    places: Floats  # (n, numbers)
    codes: NDArray[np.int64]  # (n, categories)

    def distances(self, at: int) -> Floats:
        """Gower's distance of each row to row `at`, 0 to 1: the mean over columns of differing."""
        here = self.places[at]
        apart = np.abs(self.places - here)
        # Missing beside a value is as far as can be; missing beside missing is no difference.
        apart = np.where(np.isnan(apart), np.isnan(self.places) != np.isnan(here), apart)
        columns = self.places.shape[1] + self.codes.shape[1]
        differing: Floats = apart.sum(axis=1) + (self.codes != self.codes[at]).sum(axis=1)
        shares: Floats = differing / max(columns, 1)
        return shares


def entropy(probabilities: Floats) -> Floats:
    """Shannon entropy of each row of (n, k), as a share of that of k equal classes.

    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).round(3).tolist()
    [1.0, 0.0]
    """
    safe = np.clip(probabilities, 1e-12, 1.0)
    shares: Floats = -(safe * np.log(safe)).sum(axis=1) / np.log(probabilities.shape[1])
    return np.clip(shares, 0.0, 1.0)


def margin(probabilities: Floats) -> Floats:
    """1 less the distance of the two likeliest classes: 1 where they are as likely.

    >>> margin(np.array([[0.5, 0.5, 0.0], [0.9, 0.1, 0.0]])).round(3).tolist()
    [1.0, 0.2]
    """
    ordered = np.sort(probabilities, axis=1)
    closeness: Floats = 1.0 - (ordered[:, -1] - ordered[:, -2])
    return np.clip(closeness, 0.0, 1.0)


def strangeness(columns: Mapping[str, Any], features: Sequence[Column], reference: Reference) -> Floats:
    """How far rows lie from the training rows, 0 to 1: the mean over columns of how unusual each value is.

    It stands for uncertainty where a model gives a number and no spread: a model is least to be trusted
    where it has seen little.
    """
    known = {column.name: column for column in reference.columns}
    parts = [_unusual(columns[each.name], known[each.name]) for each in features if each.name in known]
    return np.mean(parts, axis=0) if parts else np.zeros(len(next(iter(columns.values()))))


def _unusual(values: Any, known: ColumnReference) -> Floats:
    """0 at the median or the commonest category, 1 at the extremes and beyond, by one column."""
    if known.type in (ColumnType.numeric, ColumnType.datetime):
        if known.shape is None:
            return np.zeros(len(values))
        numbers = _numbers(values, known.type)
        place = np.interp(numbers, known.shape.quantiles, np.linspace(0, 1, len(known.shape.quantiles)))
        return np.where(np.isnan(numbers), 1 - known.missing_rate, np.abs(2 * place - 1))
    if not known.categories:
        return np.zeros(len(values))
    most = max(known.categories.values())
    shares = {name: count / most for name, count in known.categories.items()} | {"": known.missing / most}
    texts = _texts(values, known.type)
    return np.array([1 - min(shares.get(text, 0.0), 1.0) for text in texts])


def space_of(columns: Mapping[str, Any], features: Sequence[Column], reference: Reference) -> Space:
    """Coerced columns as a space to measure distances in. Numbers become ranks: no unit weighs more."""
    known = {column.name: column for column in reference.columns}
    rows = len(next(iter(columns.values()))) if columns else 0
    places: list[Floats] = []
    codes: list[NDArray[np.int64]] = []
    for column in features:
        values = columns[column.name]
        if column.type in (ColumnType.numeric, ColumnType.datetime):
            places.append(_places(_numbers(values, column.type), known.get(column.name)))
        else:
            codes.append(np.unique(_texts(values, column.type).astype(str), return_inverse=True)[1])
    return Space(
        np.column_stack(places) if places else np.zeros((rows, 0)),
        np.column_stack(codes).astype(np.int64) if codes else np.zeros((rows, 0), dtype=np.int64),
    )


def _places(numbers: Floats, known: ColumnReference | None) -> Floats:
    """Ranks among training rows, or, where the reference has none (personal columns), among these rows."""
    if known is not None and known.shape is not None:
        quantiles = np.array(known.shape.quantiles)
    else:
        present = numbers[~np.isnan(numbers)]
        quantiles = np.quantile(present, np.linspace(0, 1, 101)) if len(present) else np.zeros(2)
    ranks: Floats = np.interp(numbers, quantiles, np.linspace(0, 1, len(quantiles)))
    return np.where(np.isnan(numbers), np.nan, ranks)


def _numbers(values: Any, kind: ColumnType) -> Floats:
    if kind is not ColumnType.datetime:
        return as_numbers(values)
    moments = as_moments(values)
    return np.where(moments == DATETIME_MISSING, np.nan, moments.astype(np.float64))


def _texts(values: Any, kind: ColumnType) -> NDArray[np.object_]:
    if kind is not ColumnType.boolean:
        return as_strings(values)
    flags = as_numbers(values)
    return np.where(np.isnan(flags), "", np.where(flags == 1, "true", "false")).astype(object)


def choose(space: Space, uncertainty: Floats, count: int) -> list[int]:
    """Positions of at most `count` rows: the most uncertain first, then each the largest product of
    uncertainty and distance to the nearest row chosen before. Ties go to the earlier row."""
    left = np.ones(len(uncertainty), dtype=bool)
    nearest = np.ones(len(uncertainty))
    chosen: list[int] = []
    for _ in range(min(count, len(uncertainty))):
        gain = np.where(left, uncertainty * nearest, -1.0)
        if gain.max() <= 0:  # only copies of chosen rows, or no doubt, are left
            gain = np.where(left, uncertainty, -1.0)
        at = int(np.argmax(gain))
        chosen.append(at)
        left[at] = False
        nearest = np.minimum(nearest, space.distances(at))
    return chosen


def apart(space: Space, positions: Sequence[int]) -> Floats:
    """The distance of each of these rows to the nearest other one of them, 0 to 1; NaN for a single row."""
    few = Space(space.places[list(positions)], space.codes[list(positions)])
    nearest = np.full(len(positions), np.nan)
    for at in range(len(positions) if len(positions) > 1 else 0):
        nearest[at] = np.delete(few.distances(at), at).min()
    return nearest
