"""The same rows as JSON, CSV, Parquet and as every kind of data frame are coerced to the same values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from fullcycle.core.contract.frames import as_arrow, like
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.row import compile_row
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.tables import from_arrow, read_parquet
from fullcycle.core.errors import UserError

FRAME = pd.DataFrame(
    {
        "code": pd.array([1, None, 3], dtype="Int64"),
        "zip": ["00501", None, "99999"],
        "rate": [0.1, None, 1e-7],
        "truth": pd.array([True, None, False], dtype="boolean"),
        "plan": ["Café", " basic ", None],
        "since": ["2013-01-31T10:15:00+03:00", None, "2024-02-29"],
        "number as word": [1.0, None, 2.5],
    }
)
KINDS = [
    ColumnType.numeric,
    ColumnType.categorical,
    ColumnType.numeric,
    ColumnType.boolean,
    ColumnType.categorical,
    ColumnType.datetime,
    ColumnType.categorical,
]
TARGET = Column(name="y", type=ColumnType.categorical, role=Role.target)
COLUMNS = tuple(Column(name=name, type=kind) for name, kind in zip(FRAME, KINDS, strict=True))
CONTRACT = Contract(task=Task.binary, classes=("a", "b"), columns=(*COLUMNS, TARGET))


def coerced(table: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = coerce_table(table, CONTRACT, with_target=False).to_pyarrow().to_pylist()
    return rows


def expected() -> list[dict[str, Any]]:
    return coerced(from_arrow(as_arrow(FRAME)))


def csv_as_text(path: Path) -> pa.Table:
    options = pc.ConvertOptions(
        column_types=dict.fromkeys(FRAME, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    return pc.read_csv(path, convert_options=options)


def test_the_values_are_what_the_contract_promises() -> None:
    first, second, third = expected()
    assert set(second.values()) == {None, "basic"}
    assert (first["code"], first["zip"], first["truth"], first["number as word"]) == (1.0, "00501", True, "1")
    assert (first["since"].isoformat(), third["number as word"]) == ("2013-01-31T07:15:00", "2.5")


def test_parquet_and_csv_give_the_same_values(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "t.parquet")
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    assert coerced(read_parquet(tmp_path / "t.parquet")) == expected()
    assert coerced(from_arrow(csv_as_text(tmp_path / "t.csv"))) == expected()


def test_json_gives_the_same_values() -> None:
    rows = json.loads(FRAME.to_json(orient="records"))
    answers = [compile_row(CONTRACT)(row).values for row in rows]
    for answer, row in zip(answers, expected(), strict=True):
        since = (
            None
            if row["since"] is None
            else int(row["since"].replace(tzinfo=pd.Timestamp.now("UTC").tzinfo).timestamp() * 1e6)
        )
        assert answer == tuple({**row, "since": since}.values())


@pytest.mark.parametrize(
    "frame",
    [
        FRAME.astype({"code": "float64", "truth": "object"}),
        FRAME.convert_dtypes(),
        FRAME.convert_dtypes(dtype_backend="pyarrow"),
        FRAME.astype({"plan": "category", "zip": "category"}),
        pl.from_pandas(FRAME),
        pl.from_pandas(FRAME).with_columns(pl.col("plan").cast(pl.Categorical)),
        pa.Table.from_pandas(FRAME),
        pa.Table.from_pandas(FRAME).to_batches()[0],
        FRAME.set_index(pd.Index([5, 5, 7])),
    ],
    ids=[
        "NumPy",
        "nullable",
        "Arrow types",
        "categories",
        "polars",
        "polars categories",
        "Arrow",
        "batch",
        "index",
    ],
)
def test_every_kind_of_frame_gives_the_same_values(frame: Any) -> None:
    assert coerced(from_arrow(as_arrow(frame))) == expected()


def test_answers_come_back_as_the_kind_that_came_in() -> None:
    answers = pa.table({"prediction": ["a", "b", "a"], "probability_a": [0.9, 0.1, 0.8]})
    indexed = FRAME.set_index(pd.Index([5, 6, 7]))
    plain = like(answers, indexed[["zip"]])
    assert list(plain.index) == [5, 6, 7]
    assert plain["probability_a"].dtype == "float64"
    assert like(answers, FRAME.convert_dtypes())["probability_a"].dtype == pd.Float64Dtype()
    arrow = like(answers, FRAME.convert_dtypes(dtype_backend="pyarrow"))
    assert all(isinstance(kind, pd.ArrowDtype) for kind in arrow.dtypes)
    assert isinstance(like(answers, pl.from_pandas(FRAME)), pl.DataFrame)
    assert like(answers, answers) is answers


def test_mixed_objects_become_texts_as_in_a_csv() -> None:
    mixed = pd.DataFrame({"x": [1, "two", None, 2.5, True, float("nan")]})
    assert as_arrow(mixed)["x"].to_pylist() == ["1", "two", None, "2.5", "true", None]


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        ([1, 2], "found a list"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "found columns of one name"),
        (pd.DataFrame({"x": [1, [2]]}), "found a list in a cell"),
    ],
)
def test_what_is_no_table_is_said_in_words(frame: Any, found: str) -> None:
    with pytest.raises(UserError, match=found):
        from_arrow(as_arrow(frame))


def test_parquet_dictionaries_and_large_texts_are_texts(tmp_path: Path) -> None:
    table = pa.table(
        {"plan": pa.array(["a", None]).dictionary_encode(), "zip": pa.array(["1", "2"], pa.large_string())}
    )
    pq.write_table(table, tmp_path / "t.parquet")
    kept = [column for column in CONTRACT.columns if column.name in ("plan", "zip", "y")]
    contract = CONTRACT.model_copy(update={"columns": tuple(kept)})
    read = coerce_table(read_parquet(tmp_path / "t.parquet"), contract, with_target=False).to_pyarrow()
    assert read.to_pylist() == [{"zip": "1", "plan": "a"}, {"zip": "2", "plan": None}]
