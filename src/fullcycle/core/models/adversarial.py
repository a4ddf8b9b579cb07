"""Rows that are hard on purpose, as coerced frames: what converters and runtimes are known to get wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fullcycle.core.contract.model import Column, ColumnType, Contract

RANDOM_ROWS = 400
SEED = 20240229

HARD_NUMBERS = (
    *(np.nan, 0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1e-45, 1e-30, 2.0**24 + 1, -(2.0**31), 2.0**53 + 1, 1e15),
    *(1e30, -1e30, 3.4028234663852886e38, -3.4028234663852886e38, 1e300, -1e300),
)
HARD_STRINGS = (
    *(None, "", " ", "no such category", "0", "nan", "None", "null", "'; DROP TABLE x; --", "<b>&amp;</b>"),
    *("кириллица", "é", "e\u0301", "🙂", "\u200b", "line\nbreak", "x" * 20_000),
)
HARD_MOMENTS = (
    *(None, np.datetime64("1970-01-01", "us"), np.datetime64("1969-12-31T23:59:59.999999", "us")),
    *(
        np.datetime64("1900-01-01", "us"),
        np.datetime64("0001-01-01", "us"),
        np.datetime64("2000-02-29", "us"),
    ),
    *(np.datetime64("2038-01-19T03:14:08", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")),
)
HARD_BOOLEANS = (None, True, False)
MISSING_MOMENT = np.datetime64("NaT", "us")


def adversarial_frame(contract: Contract, ordinary: pd.DataFrame) -> pd.DataFrame:
    """All missing; hard values in every column at once; and ordinary rows in which one column, or about half
    of them, became hard. The same rows for the same arguments.

    `ordinary` is a coerced frame with at least one row.
    """
    random = np.random.default_rng(SEED)
    features = contract.features
    hard = {column.name: _hard_values(column) for column in features}
    rows: list[dict[str, Any]] = [dict.fromkeys(hard, None)]
    longest = max(len(values) for values in hard.values())
    rows += [{name: values[turn % len(values)] for name, values in hard.items()} for turn in range(longest)]
    usual = ordinary.iloc[random.integers(0, len(ordinary), RANDOM_ROWS)][list(hard)].to_dict("records")
    rows += [_mixed(row, hard, random) for row in usual]  # type: ignore[arg-type]
    return coerced_frame(contract, {name: [row[name] for row in rows] for name in hard})


def coerced_frame(contract: Contract, columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Coerced values by column (None is missing, moments as microseconds or datetime64) as the frame that a
    candidate takes."""
    return pd.DataFrame({column.name: _typed(column, columns[column.name]) for column in contract.features})


def _hard_values(column: Column) -> list[Any]:
    """The hard values for a column's type, and the ends of its range."""
    match column.type:
        case ColumnType.numeric:
            return [*HARD_NUMBERS, *(column.range or ()), *(2 * bound for bound in column.range or ())]
        case ColumnType.boolean:
            return list(HARD_BOOLEANS)
        case ColumnType.datetime:
            return list(HARD_MOMENTS)
        case _:
            return [*HARD_STRINGS, *(column.allowed or ())[:20]]


def _mixed(row: dict[str, Any], hard: dict[str, list[Any]], random: np.random.Generator) -> dict[str, Any]:
    """An ordinary row in which one column, or about half of them, has a hard value."""
    names = list(hard)
    chosen = random.random(len(names)) < 0.5
    if random.random() < 0.5:
        chosen = np.arange(len(names)) == random.integers(len(names))
    for name in np.array(names, dtype=object)[chosen]:
        row[name] = hard[name][random.integers(len(hard[name]))]
    return row


def _typed(column: Column, values: Sequence[Any]) -> pd.Series[Any]:
    """A list of values in the type that a coerced frame has."""
    gone = list(pd.isna(np.array([*values, None], dtype=object))[:-1])
    if column.type is ColumnType.numeric:
        numbers = [np.nan if lost else value for value, lost in zip(values, gone, strict=True)]
        return pd.Series(numbers, dtype="float64")
    if column.type is ColumnType.datetime:
        moments = [
            MISSING_MOMENT if lost else np.datetime64(value, "us")
            for value, lost in zip(values, gone, strict=True)
        ]
        return pd.Series(np.array(moments, dtype="datetime64[us]"))
    return pd.Series(
        [None if lost else value for value, lost in zip(values, gone, strict=True)], dtype=object
    )
