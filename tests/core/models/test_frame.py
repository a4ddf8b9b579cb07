"""A table on disk becomes the frame that the docstring of `estimators` promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.models.frame import as_coerced, class_names, read_frame

CONTRACT = Contract(
    task=Task.binary,
    classes=("false", "true"),
    columns=(
        Column(name="order", type=ColumnType.numeric),
        Column(name="plan", type=ColumnType.categorical),
        Column(name="member", type=ColumnType.boolean),
        Column(name="joined", type=ColumnType.datetime),
        Column(name="note", type=ColumnType.text),
        Column(name="leak", type=ColumnType.numeric, leak="drop"),
        Column(name="customer", type=ColumnType.categorical, role=Role.group),
        Column(name="at", type=ColumnType.datetime, role=Role.time),
        Column(name="late", type=ColumnType.boolean, role=Role.target),
    ),
)


def table() -> pa.Table:
    moment = pd.Timestamp("2024-02-29 12:30:00.000001")
    return pa.table(
        {
            "_row": pa.array([7, 3], pa.int64()),
            "order": pa.array([1.5, None], pa.float64()),
            "plan": pa.array(["кот", None]),
            "member": pa.array([None, True]),
            "joined": pa.array([moment, None], pa.timestamp("us")),
            "note": pa.array(["x", "y"]),
            "leak": pa.array([1.0, 2.0]),
            "customer": pa.array(["a", None]),
            "at": pa.array([None, moment], pa.timestamp("us", tz="UTC")),
            "late": pa.array([True, False]),
        }
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "data" / "train.parquet"
    place.parent.mkdir()
    pq.write_table(table(), place)
    return place


def test_values_have_the_dtypes_that_pipelines_take_and_rows_keep_their_number(path: Path) -> None:
    features, target, groups, times = read_frame(path, CONTRACT)
    assert features.index.tolist() == target.index.tolist() == [7, 3]
    assert features.index.name == "_row"
    assert features["order"].dtype == np.float64
    assert np.isnan(features["order"].iloc[1])
    assert features["plan"].tolist() == ["кот", None]
    assert features["member"].tolist() == [None, True]
    assert features["joined"].dtype == "datetime64[us]"
    assert features["joined"].iloc[0] == pd.Timestamp("2024-02-29 12:30:00.000001")
    assert features["joined"].isna().tolist() == [False, True]
    assert groups is not None
    assert groups.tolist() == ["a", None]
    assert times is not None
    assert times.dtype == "datetime64[us]"
    assert times.isna().tolist() == [True, False]


def test_only_features_reach_the_frame(path: Path) -> None:
    features, *_ = read_frame(path, CONTRACT)
    assert list(features.columns) == ["order", "plan", "member", "joined"]


def test_classes_are_the_strings_of_the_contract(path: Path) -> None:
    _, target, *_ = read_frame(path, CONTRACT)
    assert target.tolist() == ["true", "false"]
    assert class_names(pa.chunked_array([[0.0, 1.0, None]])).to_pylist() == ["0", "1", None]
    assert class_names(pa.chunked_array([[0.5]])).to_pylist() == ["0.5"]
    assert class_names(pa.chunked_array([["01", "b"]])).to_pylist() == ["01", "b"]


def test_datetimes_may_be_whole_microseconds() -> None:
    found = as_coerced(pa.chunked_array([[1_000_000, None]]), Column(name="at", type=ColumnType.datetime))
    assert found[0] == np.datetime64("1970-01-01T00:00:01", "us")
    assert np.isnat(found[1])


def test_strings_of_several_row_groups_are_one_column() -> None:
    chunks = pa.chunked_array([["a", "b"], ["b", None, "c"]])
    found = as_coerced(chunks, Column(name="plan", type=ColumnType.categorical))
    assert found.tolist() == ["a", "b", "b", None, "c"]


def test_a_missing_table_says_which_stage_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_frame(tmp_path / "data" / "train.parquet", CONTRACT)
    assert caught.value.where == "data/train.parquet"
    assert "fullcycle run clean" in caught.value.hint


@pytest.mark.parametrize("gone", ["plan", "late", "_row", "customer"])
def test_a_required_column_that_is_absent_is_an_error_that_names_it(path: Path, gone: str) -> None:
    pq.write_table(table().drop_columns([gone]), path)
    with pytest.raises(UserError, match=f"no column {gone}"):
        read_frame(path, CONTRACT)
