"""A column in cells: the same few for the reference and for current rows, so that they can be compared.

Categories are cells, and what the reference never listed is the cell "other". Numbers and moments fall
between the deciles of the reference, below or above all that it had, or, where it had whole numbers alone,
between those. Missing is a cell of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import DATETIME_MISSING, as_moments, as_numbers, as_strings
from fullcycle.core.bundle.reference import QUANTILES, ColumnReference, Shape
from fullcycle.core.contract.model import ColumnType

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
DECILES = np.linspace(0, QUANTILES - 1, 11).astype(int)
ATOM = 0.05  # of the rows have the lowest value


@dataclass(frozen=True)
class Cells:
    """Shares by cell, of shape (n_cells,) each and adding up to 1; the last cell is missing. Categories have
    `names`, of which the last but one, "other", is None. Cell k of numbers lies between bounds k and k + 1
    (above the first, up to and with the second) and the last but one holds what is not whole.

    `known_to` is the smallest share of the reference that can be told from none.
    """

    before: Floats
    now: Floats
    known_to: float
    names: tuple[str | None, ...] = ()
    bounds: tuple[float, ...] = ()


def values_of(column: ColumnReference, raw: Any) -> NDArray[Any]:
    """Coerced values as compared: texts with "" for missing (truth values as true and false), or float64."""
    if column.type is ColumnType.numeric:
        return as_numbers(raw)
    if column.type is ColumnType.datetime:
        moments = as_moments(raw)
        return np.where(moments == DATETIME_MISSING, np.nan, moments.astype(np.float64))
    if column.type is ColumnType.boolean:
        flags = as_numbers(raw)
        return np.where(np.isnan(flags), "", np.where(flags == 1, "true", "false")).astype(object)
    return as_strings(raw)


def cells_of(column: ColumnReference, values: NDArray[Any]) -> Cells | None:
    """None where the reference has nothing to compare with: personal columns, or nothing but missing."""
    if not column.rows or not len(values):
        return None
    if column.categories is not None:
        return _of_categories(column, column.categories, values)
    return None if column.shape is None else _of_numbers(column, column.shape, values)


def place(column: ColumnReference, cells: Cells, values: NDArray[Any]) -> NDArray[np.int64]:
    """The cell of each value, as `values_of` gives them."""
    if cells.bounds:
        return _places(values, np.array(cells.bounds), whole=column.whole)
    last = len(cells.before) - 1
    number = {name: at for at, name in enumerate(column.categories or ())} | {"": last}
    return np.array([number.get(value, last - 1) for value in values], dtype=np.int64)


def percents(column: ColumnReference, shape: Shape) -> Floats:
    """A hundred values that stand for a percent of the reference each; one that many rows have stands there
    as often."""
    quantiles = np.array(shape.quantiles)
    middles = quantiles[:-1] / 2 + quantiles[1:] / 2
    return np.asarray(np.round(middles) if column.whole else middles)


def _of_categories(column: ColumnReference, listed: dict[str, int], values: NDArray[Any]) -> Cells:
    before = np.array([*listed.values(), column.other, column.missing]) / column.rows
    cells = Cells(before, before, known_to=0.5 / column.rows, names=(*listed, None, ""))
    return _with_now(column, cells, values)


def _of_numbers(column: ColumnReference, shape: Shape, values: Floats) -> Cells:
    middles = percents(column, shape)
    bounds = _bounds(middles, np.unique(np.array(shape.quantiles)[DECILES]))
    placed = _places(middles, bounds, whole=column.whole)
    before = np.bincount(placed, minlength=len(bounds) + 1) / len(middles) * (1 - column.missing_rate)
    before[-1] = column.missing_rate
    cells = Cells(before, before, known_to=0.5 / len(middles), bounds=tuple(bounds.tolist()))
    return _with_now(column, cells, values)


def _bounds(middles: Floats, edges: Floats) -> Floats:
    """The deciles with no end at either side. The lowest value is a cell of its own only if many rows have
    it: a percent is the least that is known of the reference."""
    atom = float((middles == edges[0]).mean()) >= ATOM
    below = np.nextafter(edges[0], -np.inf)
    inner = [below, *edges] if atom else [below, *edges[1:]]
    return np.array([-np.inf, *inner, np.inf])


def _places(values: Floats, bounds: Floats, *, whole: bool) -> NDArray[np.int64]:
    """0 to n_bounds - 2 between bounds, then one for what is not whole and one for what is missing."""
    placed = np.maximum(np.searchsorted(bounds, values, side="left") - 1, 0)
    if whole:
        placed = np.where(values == np.round(values), placed, len(bounds) - 1)
    return np.where(np.isnan(values), len(bounds), placed)


def _with_now(column: ColumnReference, cells: Cells, values: NDArray[Any]) -> Cells:
    placed = place(column, cells, values)
    return replace(cells, now=np.bincount(placed, minlength=len(cells.before)) / len(values))
