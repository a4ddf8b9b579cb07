"""Coerced values as the graph's inputs: arrays of shape [N, 1] (DECISIONS 18).

Missing is NaN for numbers and booleans, "" for strings, -2**63 for datetimes. Finite numbers beyond float32
saturate instead of turning infinite, exactly as in the pipeline that the graph was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import ColumnType, GraphInput

Feeds = dict[str, NDArray[Any]]
Values = Sequence[object] | NDArray[Any]

FLOAT32_MAX = float(np.finfo(np.float32).max)
DATETIME_MISSING = int(np.iinfo(np.int64).min)


def feeds(inputs: Sequence[GraphInput], columns: Mapping[str, Values]) -> Feeds:
    """Columns of coerced values (None or NaN is missing) by name, as the graph's inputs of shape [N, 1].

    Takes sequences, NumPy arrays and pandas columns alike. Raises KeyError for a column that is not there.
    """
    return {given.name: as_input(given, columns[given.name]).reshape(-1, 1) for given in inputs}


def as_input(given: GraphInput, values: Values) -> NDArray[Any]:
    """One column in the type of its input, shape (N,)."""
    if given.type is ColumnType.datetime:
        return as_moments(values)
    if given.dtype == "string":
        return as_strings(values)
    numbers = as_numbers(values)
    return numbers if given.dtype == "float64" else to_float32(numbers)


def as_numbers(values: Values) -> NDArray[np.float64]:
    """Numbers or booleans as float64; None becomes NaN."""
    return np.asarray(values, dtype=np.float64)


def to_float32(numbers: NDArray[np.float64]) -> NDArray[np.float32]:
    """float64 as float32; what lies beyond its range saturates."""
    return np.clip(numbers, -FLOAT32_MAX, FLOAT32_MAX).astype(np.float32)


def as_moments(values: Values) -> NDArray[np.int64]:
    """Datetimes as microseconds since 1970 UTC: integers with None, or datetime64 with NaT."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        return array.astype("datetime64[us]").astype(np.int64)  # NaT is -2**63, our mark for missing
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    return np.array([DATETIME_MISSING if value is None else value for value in values], dtype=np.int64)


def as_strings(values: Values) -> NDArray[np.object_]:
    """Strings as objects; whatever is none (None, NaN) becomes the empty one."""
    return np.array([value if isinstance(value, str) else "" for value in values], dtype=object)


def compile_feeds(
    inputs: Sequence[GraphInput], names: Sequence[str]
) -> Callable[[Sequence[Sequence[Any]]], Feeds]:
    """The same for a few rows at a time, prepared once: rows are tuples of values in the order of `names`.

    Numbers of one width travel as one matrix: a clip for each of 80 columns would cost more than the model.
    """
    position = {name: index for index, name in enumerate(names)}
    narrow = [(given.name, position[given.name]) for given in inputs if given.dtype == "float32"]
    others = [(given, position[given.name]) for given in inputs if given.dtype != "float32"]
    chosen = [index for _, index in narrow]

    def convert(rows: Sequence[Sequence[Any]]) -> Feeds:
        matrix = to_float32(np.array([[row[index] for row in rows] for index in chosen], dtype=np.float64))
        fed: Feeds = {name: matrix[at].reshape(-1, 1) for at, (name, _) in enumerate(narrow)}
        for given, index in others:
            fed[given.name] = as_input(given, [row[index] for row in rows]).reshape(-1, 1)
        return fed

    return convert
