"""Between numpy, Arrow and small tables of constants, without pandas.

`pyarrow.array`, `to_numpy` and Ibis' own tables in memory look whether pandas is installed by importing it:
0.4 CPU seconds in each process that does so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fullcycle.core.engines.tables import from_arrow

TYPES = {"c": pa.int32(), "p": pa.int64(), "v": pa.string(), "by": pa.string()}  # as in a tall table


def small_table(**columns: Iterable[Any]) -> ibis.Table:
    """A table of numbers and texts, none of them missing."""
    arrays = [_array(list(values), TYPES.get(name)) for name, values in columns.items()]
    return from_arrow(pa.Table.from_arrays(arrays, names=list(columns)))


def text_array(texts: Sequence[str]) -> pa.Array:
    """Texts, none of them missing."""
    encoded = [text.encode() for text in texts]
    ends = np.array([0, *accumulate(map(len, encoded))], dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers).cast(pa.string())


def number_array(numbers: Any) -> pa.Array:
    """Numbers, none of them missing: whole ones as int64, others as float64."""
    array = np.asarray(numbers)
    whole = array.dtype.kind == "i"
    cells = np.ascontiguousarray(array, dtype=np.int64 if whole else np.float64)
    kind = pa.int64() if whole else pa.float64()
    return pa.Array.from_buffers(kind, len(cells), [None, pa.py_buffer(cells)])


def truth_array(truths: NDArray[np.bool_]) -> pa.Array:
    """Truths, none of them missing."""
    bits = np.packbits(truths, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(truths), [None, pa.py_buffer(bits)])


def numbers_of(column: pa.ChunkedArray) -> NDArray[Any]:
    """Numbers and truths, shape (n,), of the column's own type; float64 with NaN if any is missing."""
    array = _whole(column)
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    kind = np.dtype({"double": "float64", "float": "float32"}.get(str(array.type), str(array.type)))
    values = np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)
    return np.where(_missing(array), np.nan, values) if array.null_count else values


def missing_of(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Where a column has no value, shape (n,)."""
    return _missing(_whole(column))


def places_in(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[Any]]:
    """Each cell's place among the column's values, -1 where it is missing, and these values."""
    encoded = _whole(column).dictionary_encode()
    places = numbers_of(pa.chunked_array([encoded.indices]))
    return np.nan_to_num(places, nan=-1).astype(np.int64), encoded.dictionary.to_pylist()


def _whole(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    return array.chunk(0) if isinstance(array, pa.ChunkedArray) else array


def _missing(array: pa.Array) -> NDArray[np.bool_]:
    known = array.buffers()[0]
    if known is None or not array.null_count:
        return np.zeros(len(array), dtype=bool)
    bits = np.unpackbits(np.frombuffer(known, np.uint8), bitorder="little")
    return np.asarray(bits[array.offset : array.offset + len(array)] == 0)


def _array(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    if kind == pa.string() or (kind is None and values and isinstance(values[0], str)):
        return text_array(values)
    found = number_array(np.asarray(values, dtype=np.int64 if kind is not None else None))
    return found if kind is None else found.cast(kind)
