"""Many columns measured at once give what NumPy gives for each alone."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.engines.counts import numbers_by_bin, text_spreads, texts_by_value, top_values
from fullcycle.core.engines.measures import (
    QUANTILES,
    as_label,
    as_number,
    equal_bins,
    histograms,
    moments,
    spreads,
    tails,
)
from fullcycle.core.engines.tables import connect, from_arrow

VALUES = st.lists(
    st.one_of(st.none(), st.floats(-1e6, 1e6, width=32), st.integers(-5, 5).map(float)),
    min_size=1,
    max_size=40,
)


def numbers(**columns: list[float | None]) -> tuple[ibis.Table, dict[str, Any]]:
    table = from_arrow(pa.table({name: pa.array(values, pa.float64()) for name, values in columns.items()}))
    return table, {name: table[name] for name in columns}


@given(a=VALUES, b=VALUES)
@settings(max_examples=examples(25), deadline=None)
def test_statistics_are_those_of_numpy(a: list[float | None], b: list[float | None]) -> None:
    size = min(len(a), len(b))
    table, columns = numbers(a=a[:size], b=b[:size])
    spread = {name: found for (name, _), found in spreads(table, columns).items()}
    middle = moments(table, columns, spread)
    for name, raw in (("a", a[:size]), ("b", b[:size])):
        values = np.array([value for value in raw if value is not None])
        found = spread[name]
        assert (found.rows, found.missing) == (size, size - len(values))
        assert found.distinct == len(np.unique(values))
        if not len(values):
            assert (found.median, found.quartiles, middle[name].mean) == (None, None, None)
            continue
        assert (found.min, found.max) == (values.min(), values.max())
        assert found.quantiles is not None
        np.testing.assert_allclose(
            list(found.quantiles.values()), np.quantile(values, QUANTILES), rtol=1e-9, atol=1e-9
        )
        assert found.whole == bool((values == np.floor(values)).all())
        assert middle[name].mean == pytest.approx(values.mean(), rel=1e-9, abs=1e-6)
        if len(values) > 1:
            assert middle[name].std == pytest.approx(values.std(ddof=1), rel=1e-7, abs=1e-6)


def test_skewness_survives_a_large_offset() -> None:
    """Raw moments lose all digits here: the third power of the mean is 1e27 times that of the deviation."""
    values = np.random.default_rng(0).exponential(size=4000)
    shifted = values + 1e9
    table, columns = numbers(near=list(values), far=list(shifted))
    spread = {name: found for (name, _), found in spreads(table, columns).items()}
    found = moments(table, columns, spread)
    expected = ((values - values.mean()) ** 3).mean() / values.std() ** 3
    assert found["near"].skew == pytest.approx(expected, rel=1e-9)
    assert found["far"].skew == pytest.approx(expected, rel=1e-3)


def test_by_class_each_class_has_its_own_spread() -> None:
    table = from_arrow(pa.table({"x": [1.0, 2.0, 10.0, 20.0], "k": ["a", "a", "b", "b"]}))
    found = spreads(table, {"x": table.x}, table.k)
    assert {key: spread.median for key, spread in found.items()} == {("x", "a"): 1.5, ("x", "b"): 15.0}


def test_tails_are_the_last_values_within_fences() -> None:
    table, columns = numbers(x=[-100.0, 1.0, 2.0, 3.0, 50.0, 60.0, None], y=[0.0] * 7)
    found = tails(table, {("x", None): (0.0, 10.0), ("y", None): (1.0, 2.0)}, columns)
    x, y = found["x", None], found["y", None]
    assert (x.low, x.high, x.below, x.above) == (1.0, 3.0, 1, 2)
    assert (y.low, y.high, y.below, y.above) == (None, None, 7, 0)


def test_tails_that_order_statistics_tell_are_those_that_rows_tell() -> None:
    table, columns = numbers(x=[-100.0, 1.0, 2.0, 50.0, None], y=[0.0, 1.0, 2.0, None, None], z=[None] * 5)
    fences = {("x", None): (0.0, 10.0), ("y", None): (0.0, 2.0)}
    assert tails(table, fences, columns, spread=spreads(table, columns)) == tails(table, fences, columns)


@given(values=VALUES.filter(lambda raw: any(value is not None for value in raw)))
@settings(max_examples=examples(25), deadline=None)
def test_every_value_is_in_one_bin(values: list[float | None]) -> None:
    table, columns = numbers(x=values)
    bins = equal_bins(spreads(table, columns)["x", None], 20)
    counts = histograms(table, columns, {"x": bins})["x"]
    assert len(counts) == bins[2] <= 20
    assert sum(counts) == sum(value is not None for value in values)
    edges = bins[0] + bins[1] * np.arange(bins[2] + 1)
    known = [value for value in values if value is not None]
    rounding = 1e-9 * (edges[-1] - edges[0])
    assert edges[0] - rounding <= min(known)
    assert edges[-1] + rounding >= max(known)


def test_whole_numbers_get_whole_bins() -> None:
    table, columns = numbers(few=[0.0, 1.0, 1.0, 2.0], many=[0.0, 10.0, 50.0, 99.0])
    found = spreads(table, columns)
    assert equal_bins(found["few", None], 20) == (-0.5, 1.0, 3)
    assert equal_bins(found["many", None], 20) == (-0.5, 5.0, 20)


def test_rows_are_counted_by_bin_and_class() -> None:
    table = from_arrow(
        pa.table(
            {"x": [1.0, 2.0, 3.0, 4.0, None], "z": [0.0] * 5, "k": [0, 1, 1, 1, 0], "t": [1, 2, 3, 4, 5]}
        )
    )
    found = numbers_by_bin(
        table, {"x": table.x, "z": table.z}, {"x": [2.0, 4.0], "z": []}, {"k": table.k}, t=table.t
    )
    cells = {(row["p"], row["k"]): (row["n"], row["t"], row["low"], row["high"]) for row in found["x"]}
    assert cells == {
        (0, 0): (1, 1, 1.0, 1.0),
        (1, 1): (2, 5, 2.0, 3.0),
        (2, 1): (1, 4, 4.0, 4.0),
        (-1, 0): (1, 5, None, None),
    }
    assert {(row["p"], row["n"]) for row in found["z"]} == {(0, 2), (0, 3)}


def test_texts_are_counted_by_value_with_a_rest_and_a_gap() -> None:
    table = from_arrow(pa.table({"x": ["a", "a", "b", "c", None, "a"], "y": ["q"] * 6}))
    columns = {"x": table.x, "y": table.y}
    assert top_values(table, columns, 2) == {"x": {"a": 3, "b": 1}, "y": {"q": 6}}
    assert text_spreads(table, columns)["x"].distinct == 3
    found = texts_by_value(table, columns, {"x": ["a", "b"], "y": []}, {})
    assert {row["p"]: row["n"] for row in found["x"]} == {0: 3, 1: 1, 2: 1, -1: 1}
    assert {row["p"]: row["n"] for row in found["y"]} == {0: 6}


def test_coerced_types_become_numbers_and_labels() -> None:
    table = from_arrow(
        pa.table({"b": [True, None], "t": pa.array([1_500_000, None], pa.timestamp("us")), "n": [2.0, None]})
    )
    shown = table.select(b=as_number(table.b), t=as_number(table.t), n=as_label(table.n), k=as_label(table.b))
    assert connect().to_pyarrow(shown).to_pylist()[0] == {"b": 1.0, "t": 1_500_000.0, "n": "2", "k": "true"}


def test_sums_of_floats_come_out_the_same_on_any_threads() -> None:
    values = np.random.default_rng(0).lognormal(size=400_000) * 1e3
    table, columns = numbers(x=list(values))
    spread = {name: found for (name, _), found in spreads(table, columns).items()}
    connection = connect().con
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    found = set()
    try:
        for number in (1, 2, 4, 4):
            connection.execute(f"SET threads = {number}")
            found.add(moments(table, columns, spread)["x"])
    finally:
        connection.execute(f"SET threads = {threads}")
    assert len(found) == 1


def test_nine_hundred_columns_go_together() -> None:
    data = np.random.default_rng(0).normal(size=(50, 900))
    table, columns = numbers(**{f'column {i} "[x].y': list(data[:, i]) for i in range(900)})
    found = spreads(table, columns)
    assert len(found) == 900
    assert found['column 7 "[x].y', None].max == data[:, 7].max()
