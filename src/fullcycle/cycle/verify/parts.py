"""The test rows cut along their columns: numbers into fifths, categories by name, gaps apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.explore import Condition, span_label

FIFTHS = (0.2, 0.4, 0.6, 0.8)
CATEGORIES = 10
LABEL_CHARACTERS = 60


@dataclass(frozen=True)
class Part:
    """Rows that meet one condition or two; `rows` has shape (n,)."""

    conditions: tuple[Condition, ...]
    rows: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """How many."""
        return int(self.rows.sum())


def cut_rows(
    frame: pd.DataFrame, columns: Sequence[Column], pairs_of: Sequence[str], rows_at_least: int
) -> list[Part]:
    """Every part of one column, and of two of `pairs_of`, that has enough rows, and leaves enough."""
    singles = {column.name: _cut(frame[column.name], column) for column in columns}
    parts = [part for own in singles.values() for part in own]
    paired = [singles[name] for name in pairs_of if name in singles]
    parts += [
        Part((*one.conditions, *other.conditions), one.rows & other.rows)
        for first, second in combinations(paired, 2)
        for one in first
        for other in second
    ]
    rows = len(frame)
    return [part for part in parts if rows_at_least <= part.size <= rows - rows_at_least]


def _cut(values: pd.Series[Any], column: Column) -> list[Part]:
    missing = np.asarray(pd.isna(values))
    if column.type in (ColumnType.numeric, ColumnType.datetime):
        parts = _cut_numbers(column.name, _numbers(values, column.type), missing)
    else:
        parts = _cut_categories(column.name, values.astype(object).to_numpy(), missing)
    gap = Part((Condition(column=column.name, label="", kind="missing"),), missing)
    return [*parts, gap]


def _numbers(values: pd.Series[Any], kind: ColumnType) -> NDArray[np.float64]:
    """Moments in microseconds since 1970."""
    if kind is ColumnType.datetime:
        return values.to_numpy().astype("datetime64[us]").astype(np.int64).astype(np.float64)
    return values.to_numpy(dtype=np.float64)


def _cut_numbers(name: str, values: NDArray[np.float64], missing: NDArray[np.bool_]) -> list[Part]:
    """About a fifth of the rows in each part, told from its lowest number to its highest."""
    present = values[~missing]
    if not len(present):
        return []
    inner = sorted(
        {float(q) for q in np.quantile(present, FIFTHS, method="nearest")} - {float(present.min())}
    )
    code = np.searchsorted(inner, values, side="right")
    rows = [(code == at) & ~missing for at in range(len(inner) + 1)]
    return [Part((_from_to(name, values[chosen]),), chosen) for chosen in rows]


def _from_to(name: str, values: NDArray[np.float64]) -> Condition:
    start, end = float(values.min()), float(values.max())
    return Condition(column=name, label=span_label(start, end), start=start, end=end)


def _cut_categories(name: str, values: NDArray[Any], missing: NDArray[np.bool_]) -> list[Part]:
    texts = np.array([_text(value) for value in values], dtype=object)
    names, counts = np.unique(texts[~missing].astype(str), return_counts=True)
    few = [str(each) for each in names[np.argsort(-counts, kind="stable")][:CATEGORIES]]
    parts = [
        Part((Condition(column=name, label=each[:LABEL_CHARACTERS]),), (texts == each) & ~missing)
        for each in few
    ]
    rest = ~missing & ~np.isin(texts.astype(str), few)
    return [*parts, Part((Condition(column=name, label="", kind="rest"),), rest)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
