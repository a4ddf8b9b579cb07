"""The tables of a project as a model takes them: a frame of features, the target, and what folds respect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fullcycle.core.contract.model import Column, ColumnType, Contract, Task
from fullcycle.core.engines.tables import from_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.models.derived import derived_features

ROW = "_row"


def read_frame(
    path: Path, contract: Contract
) -> tuple[pd.DataFrame, pd.Series, pd.Series | None, pd.Series | None]:
    """Features, target, group and time of `train.parquet` or `test.parquet`, indexed by source row number.

    dtypes are those of the docstring in `estimators`; classes are strings, a regression target is float64.
    Raises UserError where the file or one of its columns is absent.
    """
    wanted = [*contract.features, contract.target, contract.group, contract.time]
    table = _read(path, list(dict.fromkeys(column.name for column in wanted if column)))
    index = pd.Index(table[ROW].to_numpy(), name=ROW)
    features = pd.DataFrame(
        {column.name: _series(as_coerced(table[column.name], column), index) for column in contract.features},
        index=index,
    )
    derived = derived_features(contract)
    if derived is not None:
        features = pd.concat([features, derived.frame(from_arrow(table), index)], axis=1)
    target = _series(_target(table[contract.target.name], contract), index, contract.target.name)
    groups, times = (
        _series(as_coerced(table[column.name], column), index, column.name) if column else None
        for column in (contract.group, contract.time)
    )
    return features, target, groups, times


def as_coerced(values: pa.ChunkedArray, column: Column) -> Any:
    """A column of Arrow as the fitted pipeline takes it: NaN, None or NaT where missing."""
    match column.type:
        case ColumnType.numeric:
            return values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        case ColumnType.boolean:
            return _objects(values.cast(pa.bool_()))
        case ColumnType.datetime:
            moments = values if pa.types.is_integer(values.type) else values.cast(_microseconds(values.type))
            filled = moments.cast(pa.int64()).fill_null(np.iinfo(np.int64).min)
            return filled.to_numpy().astype("datetime64[us]")
        case _:
            return _objects(values.cast(pa.string()))


def class_names(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Class labels as the contract writes them: true and false, whole numbers without ".0"."""
    if pa.types.is_floating(values.type) and pc.all(pc.equal(pc.floor(values), values)).as_py() is not False:
        values = values.cast(pa.int64())
    return values.cast(pa.string())


def _read(path: Path, names: list[str]) -> pa.Table:
    where = f"{path.parent.name}/{path.name}"
    if not path.exists():
        raise UserError(where=where, found="no such file", hint="run `fullcycle run clean`")
    present = set(pq.read_schema(path).names)
    absent = [name for name in [ROW, *names] if name not in present]
    if absent:
        raise UserError(
            where=where,
            found=f"no column {absent[0]}",
            expected="every feature and the target of contract.yaml",
            hint="the table is older than the contract: run `fullcycle run clean`",
        )
    return pq.read_table(path, columns=[ROW, *names])


def _series(values: Any, index: pd.Index, name: str | None = None) -> pd.Series:
    """With the dtype of the array: pandas 3 would make its own strings of Python's."""
    series: pd.Series = pd.Series(values, index=index, name=name, dtype=values.dtype)
    return series


def _target(values: pa.ChunkedArray, contract: Contract) -> Any:
    if contract.task is Task.regression:
        return values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return _objects(class_names(values))


def _objects(values: pa.ChunkedArray) -> Any:
    """Strings or booleans as Python objects, each distinct value made once: 270,000 rows take 20 ms."""
    encoded = values.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    entries = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    return entries[encoded.indices.fill_null(len(entries) - 1).to_numpy(zero_copy_only=False)]


def _microseconds(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", tz=getattr(kind, "tz", None))
