"""What is proven without reading each cell is what reading each cell would say."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cycle.conftest import contract_of

from fullcycle.core.contract import proven
from fullcycle.core.contract.proven import unproven
from fullcycle.core.contract.table import check_table
from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.engines.values import few_values

KINDS = {
    "n": "numeric", "f": "numeric", "t": "numeric", "c": "categorical", "free": "categorical",
    "b": "boolean", "w": "boolean", "d": "datetime", "s": "datetime", "y": "categorical target",
}  # fmt: skip
SEEN: dict[str, dict[str, Any]] = {
    "n": {"range": (0, 9)}, "f": {"range": (0, 9), "missing": ("-1",)}, "t": {"range": (0, 9)},
    "c": {"allowed": ("a", "b")},
}  # fmt: skip
CONTRACT = contract_of(KINDS, ["no", "yes"], **SEEN)
CELLS = st.fixed_dictionaries(
    {
        "n": st.none() | st.integers(-1, 10),
        "f": st.none() | st.sampled_from([0.0, 9.0, 9.5, -1.0, math.nan, math.inf, -math.inf]),
        "t": st.none() | st.sampled_from(["1", " 9 ", "10", "x", ""]),
        "c": st.none() | st.sampled_from(["a", " b", "c", ""]),
        "free": st.none() | st.text(max_size=3),
        "b": st.none() | st.booleans(),
        "w": st.none() | st.sampled_from(["yes", "No", "maybe"]),
        "d": st.none() | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
        "s": st.none() | st.sampled_from(["2013-01-31", "31.01.2013"]),
        "y": st.sampled_from(["no", "yes"]),
    }
)


@pytest.fixture(autouse=True)
def _every_table_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proven, "LONG_ROWS", 0)


def as_table(rows: list[dict[str, Any]]) -> Any:
    kinds = {"n": pa.int64(), "f": pa.float64(), "b": pa.bool_(), "d": pa.timestamp("us")}
    columns = {name: pa.array([row[name] for row in rows], kinds.get(name, pa.string())) for name in KINDS}
    return from_arrow(pa.table({**columns, ROW: pa.array(range(len(rows)))}))


@pytest.mark.parametrize("examples", [10, pytest.param(100, marks=pytest.mark.nightly)])
def test_nothing_is_proven_that_breaks_the_contract(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(rows=st.lists(CELLS, min_size=1, max_size=6))
    def holds(rows: list[dict[str, Any]]) -> None:
        table = as_table(rows)
        assert check_table(table, unproven(table, CONTRACT)) == check_table(table, CONTRACT)

    holds()


def test_a_table_that_keeps_its_contract_needs_no_reading() -> None:
    moment = datetime(2013, 1, 1)
    good = {
        "n": 3, "f": math.nan, "t": "1", "c": "a", "free": "x", "b": True, "w": "yes", "d": moment,
        "s": "2013-01-31", "y": "no",
    }  # fmt: skip
    table = as_table([good, dict.fromkeys(good, None) | {"y": "yes"}])
    assert unproven(table, CONTRACT).columns == ()


def test_a_column_of_many_values_is_left_alone() -> None:
    table = from_arrow(pa.table({"x": [str(n) for n in range(6000)], "y": ["a"] * 6000, ROW: range(6000)}))
    assert list(few_values(table, ["x", "y"])) == ["y"]
