"""Cells pass between numpy and Arrow as they are, and pandas stays out of it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from fullcycle.core.engines.plain import missing_of, numbers_of, places_in, small_table
from fullcycle.core.engines.tables import to_arrow

WITHOUT_PANDAS = """
import sys
import numpy as np
from fullcycle.core.engines.plain import missing_of, numbers_of, places_in, small_table
from fullcycle.core.engines.tables import to_arrow

cells = to_arrow(small_table(c=[0, 1], v=["one", "two"], low=[0.5, float("inf")]))
numbers_of(cells["low"]), missing_of(cells["v"]), places_in(cells["v"])
print("pandas" in sys.modules)
"""


def test_nothing_of_it_imports_pandas() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PANDAS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_small_table_holds_what_it_was_made_of() -> None:
    made = small_table(c=[0, 1], v=["a", "мир 🎉"], p=range(2), low=[1, float("inf")], n=[7, 8])
    assert to_arrow(made).to_pylist() == [
        {"c": 0, "v": "a", "p": 0, "low": 1.0, "n": 7},
        {"c": 1, "v": "мир 🎉", "p": 1, "low": float("inf"), "n": 8},
    ]


def test_a_small_table_without_rows_keeps_its_types() -> None:
    table = to_arrow(small_table(c=[], p=[], v=[]))
    assert table.schema.types == [pa.int32(), pa.int64(), pa.string()]


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_()])
@pytest.mark.parametrize("cells", [[1, 0, 1, 1], [1, None, 0, None], [None, None, None, None]])
def test_numbers_are_those_of_arrow_with_nan_for_what_is_missing(
    kind: pa.DataType, cells: list[int | None]
) -> None:
    held = [cell if cell is None or kind != pa.bool_() else bool(cell) for cell in cells]
    whole = pa.array([None, *held, *held], kind)
    column = pa.chunked_array([whole.slice(1, 3), whole.slice(4)])  # an offset, and two parts
    expected = [np.nan if cell is None else float(cell) for cell in column.to_pylist()]
    np.testing.assert_array_equal(numbers_of(column).astype(float), expected)
    np.testing.assert_array_equal(missing_of(column), np.isnan(expected))


def test_no_rows_have_no_numbers() -> None:
    assert numbers_of(pa.chunked_array([pa.array([], pa.float64())])).shape == (0,)
    assert missing_of(pa.chunked_array([], pa.string())).shape == (0,)


def test_places_lead_back_to_the_cells() -> None:
    column = pa.chunked_array([pa.array(["b", None, "a"]), pa.array(["b"])])
    places, values = places_in(column)
    assert [None if place < 0 else values[place] for place in places] == ["b", None, "a", "b"]
    places, values = places_in(pa.chunked_array([pa.array([None, None], pa.string())]))
    assert list(places) == [-1, -1]
