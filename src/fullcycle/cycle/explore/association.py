"""How categories go with each other (Cramér's V) and with numbers (the correlation ratio), as matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Any

import ibis
import numpy as np
from ibis import _
from numpy.typing import NDArray

from fullcycle.core.engines.exact import exact_sum
from fullcycle.core.engines.functions import place_of
from fullcycle.core.engines.grouped import counted
from fullcycle.core.engines.measures import Spread
from fullcycle.core.engines.sample import stored, thinned
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import fetch, row_count, tall_table
from fullcycle.core.evidence.explore import Association, Correlations

CATEGORIES_AT_MOST = 30  # columns; pairs grow with the square
NUMBERS_AT_MOST = 30
VALUES_TOLD_APART = 50  # the rarer values of a column are one
PLACES = 64  # a power of two above VALUES_TOLD_APART
CELLS_AT_MOST = 25_000_000  # pairs x rows: more pairs are counted on fewer rows


@dataclass(frozen=True)
class Columns:
    """Expressions over one table: texts with their frequent values, numbers with what is known of them."""

    texts: Mapping[str, Any]
    values: Mapping[str, Sequence[str]]
    numbers: Mapping[str, Any]
    spread: Mapping[str, Spread]


def associations(table: ibis.Table, columns: Columns) -> tuple[Correlations | None, Association | None]:
    """Cramér's V of the first texts, and the correlation ratios of texts and numbers, over rows where both
    are there; None where there aren't two texts, or no text and number."""
    texts = [name for name in columns.texts if columns.values.get(name)][:CATEGORIES_AT_MOST]
    numbers = {name: scaled for name in columns.numbers if (scaled := _scaled(columns, name)) is not None}
    shown = list(numbers)[:NUMBERS_AT_MOST]
    if not texts or len(texts) + len(shown) < 2:
        return None, None
    codes = {
        f"c{i}": place_of(columns.texts[name], list(columns.values[name])[:VALUES_TOLD_APART])
        for i, name in enumerate(texts)
    }
    scaled = {f"z{i}": numbers[name] for i, name in enumerate(shown)}
    with stored(table.select(ROW, **codes, **scaled)) as kept:
        return _cramers(kept, texts), _ratios(kept, texts, shown)


def _scaled(columns: Columns, name: str) -> Any:
    """A number in [-1, 1] about its median, whose sums are exact; None where it has one value or none."""
    spread = columns.spread.get(name)
    if spread is None or spread.min is None or spread.max is None or spread.median is None:
        return None
    reach = spread.max - spread.min
    return (columns.numbers[name] - spread.median) / reach if 0 < reach < float("inf") else None


def _cramers(kept: ibis.Table, texts: Sequence[str]) -> Correlations | None:
    pairs = list(combinations(range(len(texts)), 2))
    if not pairs:
        return None
    few = thinned(kept, CELLS_AT_MOST // len(pairs)) if len(pairs) * row_count(kept) > CELLS_AT_MOST else kept
    found = counted(few, {f"{i},{j}": few[f"c{i}"] * PLACES + few[f"c{j}"] for i, j in pairs})
    values: list[list[float | None]] = [[None] * len(texts) for _name in texts]
    for i, j in pairs:
        joint = np.zeros((PLACES, PLACES))
        for code, rows in found[f"{i},{j}"].items():
            joint[divmod(code, PLACES)] = rows
        values[i][j] = values[j][i] = cramers_v(joint)
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


def _ratios(kept: ibis.Table, texts: Sequence[str], numbers: Sequence[str]) -> Association | None:
    if not numbers:
        return None
    cells = len(texts) * len(numbers) * row_count(kept) // 4  # a sum is cheaper than a pair
    few = thinned(kept, CELLS_AT_MOST * 4 // (len(texts) * len(numbers))) if cells > CELLS_AT_MOST else kept
    sums = {f"z{i}": few[f"z{i}"] for i in range(len(numbers))}
    tall = tall_table(few, {f"c{i}": few[f"c{i}"] for i in range(len(texts))}, **sums).filter(_.v.notnull())
    measures: dict[str, Any] = {}
    for name in sums:
        z = tall[name]
        measures |= {f"n_{name}": z.count(), f"s_{name}": exact_sum(z), f"q_{name}": exact_sum(z * z)}
    rows = fetch(tall.group_by("c", "v").aggregate(**measures))
    values = tuple(
        tuple(
            correlation_ratio(
                *(_column([row for row in rows if row["c"] == c], f"{part}_z{i}") for part in "nsq")
            )
            for i in range(len(numbers))
        )
        for c in range(len(texts))
    )
    return Association(rows=tuple(texts), columns=tuple(numbers), values=values)


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> NDArray[np.float64]:
    """In an order of its own: groups come in any, and floats are added below."""
    ordered = sorted(rows, key=lambda row: row["v"])
    return np.array([row[name] or 0.0 for row in ordered], dtype=np.float64)


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
