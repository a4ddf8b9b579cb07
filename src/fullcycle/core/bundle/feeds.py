"""Coerced values as the graph's inputs: arrays of shape [N, 1] (DECISIONS 18).

Missing is NaN for numbers and booleans, "" for strings, -2**63 for datetimes. Finite numbers beyond float32
saturate instead of turning infinite, exactly as in the pipeline that the graph was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
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
    # Two ufuncs: np.clip gives the same, NaN too, and takes three times as long on a single row.
    return np.minimum(np.maximum(numbers, -FLOAT32_MAX), FLOAT32_MAX).astype(np.float32)


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

    Inputs of one type travel as one matrix of shape (inputs, N, 1), whose slices are fed: an array and a clip
    for each of 80 columns would cost as much as the model.
    """
    position = {name: index for index, name in enumerate(names)}
    blocks: dict[str, list[str]] = {}
    for given in inputs:
        blocks.setdefault(given.dtype, []).append(given.name)
    picks = [
        (named, _picker([position[name] for name in named]), MATRICES[dtype])
        for dtype, named in blocks.items()
    ]

    def convert(rows: Sequence[Sequence[Any]]) -> Feeds:
        fed: Feeds = {}
        for named, pick, matrix in picks:
            columns = matrix([pick(row) for row in rows]).T.reshape(len(named), -1, 1)
            fed.update(zip(named, columns, strict=True))
        return fed

    return convert


def _picker(positions: list[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if len(positions) == 1:  # itemgetter of one position gives no tuple
        [only] = positions
        return lambda row: (row[only],)
    return itemgetter(*positions)


def _narrow(rows: list[tuple[Any, ...]]) -> NDArray[np.float32]:
    try:
        with np.errstate(over="raise"):
            return np.array(rows, dtype=np.float32)
    except FloatingPointError:  # rare, and looking for it each time took longer than the array
        return to_float32(np.array(rows, dtype=np.float64))


def _wide(rows: list[tuple[Any, ...]]) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64)


def _texts(rows: list[tuple[Any, ...]]) -> NDArray[np.object_]:
    return np.array([[value or "" for value in row] for row in rows], dtype=object)


def _moments(rows: list[tuple[Any, ...]]) -> NDArray[np.int64]:
    return np.array(
        [[DATETIME_MISSING if value is None else value for value in row] for row in rows], dtype=np.int64
    )


MATRICES: dict[str, Callable[[list[tuple[Any, ...]]], NDArray[Any]]] = {
    "float32": _narrow,
    "float64": _wide,
    "string": _texts,
    "int64": _moments,
}
