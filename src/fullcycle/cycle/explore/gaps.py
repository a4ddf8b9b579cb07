"""Which columns have gaps, and which gaps come together: counted by pattern, so in one pass and exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.explore import ColumnProfile, MissingMap, MissingPattern

if TYPE_CHECKING:
    import ibis

COLUMNS_MAPPED = 40  # a pattern is one bit for each in an int64
PATTERNS_SHOWN = 20
TOGETHER = 0.9  # phi, from where gaps are one


def missing_map(table: ibis.Table, profiles: Sequence[ColumnProfile]) -> MissingMap | None:
    """Of the columns with most gaps, in the order of the table; None where no column has some."""
    gaps = sorted((p for p in profiles if 0 < p.missing < p.rows), key=lambda p: (-p.missing, p.name))
    names = {p.name for p in gaps[:COLUMNS_MAPPED]}
    columns = [name for name in table.columns if name in names]
    if not columns:
        return None
    bits, rows = _patterns(table, columns)
    order = sorted(range(len(rows)), key=lambda i: (-rows[i], tuple(~bits[i])))
    shown = [i for i in order if bits[i].any()][:PATTERNS_SHOWN]
    together = phi(bits, rows)
    return MissingMap(
        columns=tuple(columns),
        missing=tuple(int(count) for count in rows @ bits),
        together=tuple(tuple(_digits(value) for value in line) for line in together),
        patterns=tuple(
            MissingPattern(
                columns=tuple(name for name, gap in zip(columns, bits[i], strict=True) if gap),
                rows=int(rows[i]),
            )
            for i in shown
        ),
    )


def _patterns(table: ibis.Table, columns: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which columns are missing, shape (n_patterns, n_columns), and in how many rows, shape (n_patterns,)."""
    flags = [table[name].isnull().cast("int64") * 2**place for place, name in enumerate(columns)]
    grouped = table.group_by(mask=sum(flags[1:], start=flags[0])).aggregate(n=table.count())
    found = fetch(grouped.order_by("mask"))
    masks = np.array([row["mask"] for row in found], dtype=np.int64)
    bits = (masks[:, None] >> np.arange(len(columns))) & 1
    return bits.astype(bool), np.array([row["n"] for row in found], dtype=np.int64)


def phi(bits: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """The phi coefficient of each pair of flags (Yule 1912): Pearson's r of two columns of 0 and 1.

    `bits` has shape (n_patterns, n_columns) and `rows` (n_patterns,); NaN where a flag never changes.
    """
    flags = bits.astype(np.int64)
    n = int(rows.sum())
    both = (flags * rows[:, None]).T @ flags
    ones = np.diag(both)
    # Python's integers: the products of four counts of millions of rows pass 64 bits.
    top = n * both.astype(object) - np.outer(ones.astype(object), ones.astype(object))
    spread = np.array([float(k * (n - k)) for k in ones.tolist()]) ** 0.5
    bottom = np.outer(spread, spread)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.where(bottom > 0, top.astype(float) / bottom, np.nan)
    return found


def missing_together(found: MissingMap | None) -> list[tuple[tuple[str, ...], int]]:
    """Groups of columns whose gaps are one, and rows in which all of a group are missing; largest first."""
    if found is None:
        return []
    left, groups = set(range(len(found.columns))), []
    for i in range(len(found.columns)):
        group = [j for j in sorted(left) if i in left and _is_one(found.together[i][j], same=i == j)]
        left -= set(group)
        if len(group) > 1:
            names = tuple(found.columns[j] for j in group)
            groups.append((names, sum(p.rows for p in found.patterns if set(names) <= set(p.columns))))
    return sorted(groups, key=lambda group: (-group[1], group[0]))


def _is_one(value: float | None, *, same: bool) -> bool:
    return same or (value is not None and value >= TOGETHER)


def _digits(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
