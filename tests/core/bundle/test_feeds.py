"""Coerced values enter the graph in one way, whatever holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullcycle.core.bundle import bundle_contract, feeds
from fullcycle.core.bundle.feeds import DATETIME_MISSING, FLOAT32_MAX, compile_feeds
from fullcycle.core.contract.model import ColumnType, Contract, GraphInput
from fullcycle.core.models.estimators import to_float32 as pipeline_to_float32

# Two cores are shared with the rest of the suite: slowness says nothing about these properties.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NARROW = GraphInput(name="x", type=ColumnType.numeric, dtype="float32")
WIDE = GraphInput(name="x", type=ColumnType.numeric, dtype="float64")
BOOLEAN = GraphInput(name="x", type=ColumnType.boolean, dtype="float32")
STRING = GraphInput(name="x", type=ColumnType.categorical, dtype="string")
MOMENT = GraphInput(name="x", type=ColumnType.datetime, dtype="int64")


def fed(given_input: GraphInput, values: Any) -> np.ndarray[Any, Any]:
    return feeds([given_input], {"x": values})["x"]


@pytest.mark.parametrize(
    ("given_input", "values", "expected", "dtype"),
    [
        (NARROW, [1.5, None, -2.0], [1.5, np.nan, -2.0], "float32"),
        (WIDE, [2.0**24 + 1, None], [2.0**24 + 1, np.nan], "float64"),
        (BOOLEAN, [True, False, None], [1, 0, np.nan], "float32"),
        (MOMENT, [0, None, -1], [0, DATETIME_MISSING, -1], "int64"),
        (STRING, ["a", None, "ё"], ["a", "", "ё"], "object"),
    ],
)
def test_missing_is_what_the_interface_says(
    given_input: GraphInput, values: list[Any], expected: list[Any], dtype: str
) -> None:
    found = fed(given_input, values)
    assert found.dtype == dtype
    assert found.shape == (len(values), 1)
    np.testing.assert_array_equal(found.ravel(), np.array(expected, dtype=dtype))


def test_numbers_beyond_float32_saturate() -> None:
    found = fed(NARROW, [1e300, -1e300, np.inf, -np.inf, 1e39]).ravel()
    assert found.tolist() == [FLOAT32_MAX, -FLOAT32_MAX, FLOAT32_MAX, -FLOAT32_MAX, FLOAT32_MAX]


@PATIENT
@given(st.lists(st.floats(), min_size=1))
def test_numbers_are_rounded_and_bounded_as_in_the_pipeline(values: list[float]) -> None:
    np.testing.assert_array_equal(fed(NARROW, values).ravel(), pipeline_to_float32(np.array(values)))


@pytest.mark.parametrize(
    ("given_input", "values", "like"),
    [
        (NARROW, pd.Series([1.5, None]), [1.5, None]),
        (BOOLEAN, np.array([True, None], dtype=object), [True, None]),
        (STRING, pd.Series(["a", None]), ["a", None]),
        (STRING, pd.Series(["a", np.nan], dtype=object), ["a", None]),
        (MOMENT, pd.Series(pd.to_datetime(["1970-01-01T00:00:01", None])), [1_000_000, None]),
        (MOMENT, np.array(["1970-01-01T00:00:01", "NaT"], dtype="datetime64[ns]"), [1_000_000, None]),
    ],
)
def test_columns_of_libraries_are_fed_as_lists_are(
    given_input: GraphInput, values: Any, like: list[Any]
) -> None:
    np.testing.assert_array_equal(fed(given_input, values), fed(given_input, like))


def test_a_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        feeds([NARROW], {"y": [1.0]})


value_of = {
    ColumnType.numeric: st.floats(allow_nan=False, allow_infinity=False),
    ColumnType.boolean: st.booleans(),
    ColumnType.datetime: st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999),
    ColumnType.categorical: st.text(min_size=1),
}


@PATIENT
@given(st.data())
def test_rows_and_columns_are_fed_the_same(data: st.DataObject) -> None:
    kinds = data.draw(
        st.lists(st.sampled_from([NARROW, WIDE, BOOLEAN, STRING, MOMENT]), min_size=1, max_size=6)
    )
    inputs = [kind.model_copy(update={"name": f"x{at}"}) for at, kind in enumerate(kinds)]
    rows: Sequence[tuple[Any, ...]] = data.draw(
        st.lists(st.tuples(*[st.none() | value_of[kind.type] for kind in kinds]), min_size=1, max_size=5)
    )
    names = [kind.name for kind in inputs]
    by_row = compile_feeds(inputs, names)(rows)
    by_column = feeds(inputs, {name: [row[at] for row in rows] for at, name in enumerate(names)})
    assert set(by_row) == set(by_column)
    for name in names:
        assert by_row[name].dtype == by_column[name].dtype
        np.testing.assert_array_equal(by_row[name], by_column[name])


def test_every_feature_has_an_input_named_as_its_column(contract: Contract) -> None:
    assert [given.name for given in bundle_contract(contract).inputs] == [
        column.name for column in contract.features
    ]
