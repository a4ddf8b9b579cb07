"""What numpy says of a held column is what the engine says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.engines import arrays
from fullcycle.core.engines.arrays import number_arrays, text_arrays
from fullcycle.core.engines.counts import text_spreads, texts_with_top, top_values
from fullcycle.core.engines.exact import exact_total
from fullcycle.core.engines.measures import as_number, equal_bins, histograms, moments, spreads, tails
from fullcycle.core.engines.ordered import Ordered
from fullcycle.core.engines.tables import from_arrow

NUMBERS = st.lists(
    st.none() | st.integers(-3, 3).map(float) | st.floats(-1e6, 1e6), min_size=1, max_size=60
).filter(any)
TEXTS = st.lists(st.none() | st.sampled_from(["", "a", "A", "é", "žluť", "a\n"]), min_size=1, max_size=40)


@given(values=NUMBERS)
@settings(max_examples=examples(25), deadline=None)
def test_order_statistics_moments_tails_and_histograms_are_the_engines(values: list[float | None]) -> None:
    table = from_arrow(pa.table({"x": pa.array(values, pa.float64())}))
    numbers = {"x": as_number(table["x"])}
    [(_name, array)] = number_arrays(table, numbers)
    ordered = Ordered(array)
    engine = spreads(table, numbers)["x", None]
    assert replace(ordered.spread, quantiles=None) == replace(engine, quantiles=None)
    assert ordered.spread.quantiles == pytest.approx(engine.quantiles, rel=1e-12)
    theirs = moments(table, numbers, {"x": engine})["x"]
    for our, their in zip(astuple(ordered.moments(engine)), astuple(theirs), strict=True):
        assert (our is None) == (their is None)
        assert our is None or our == pytest.approx(their, rel=1e-9, abs=1e-12)
    place = equal_bins(engine, 7)
    assert ordered.histogram(*place) == histograms(table, numbers, {"x": place})["x"]
    assert ordered.tails(-2.0, 2.5) == tails(table, {("x", None): (-2.0, 2.5)}, numbers)["x", None]


@given(values=TEXTS)
@settings(max_examples=examples(15), deadline=None)
def test_texts_are_told_apart_and_ranked_as_by_the_engine(values: Sequence[str | None]) -> None:
    table = from_arrow(pa.table({"x": pa.array(values, pa.string())}))
    columns = {"x": table["x"]}
    [(_name, texts)] = text_arrays(table, columns)
    assert texts.spread == text_spreads(table, columns)["x"]
    for at_most in (2, 10):
        counted, tops = texts_with_top(table, columns, at_most)
        assert counted["x"] == texts.spread
        assert tops == top_values(table, columns, at_most)
        top = texts.top(at_most)
        assert list(top.items()) == list(top_values(table, columns, at_most)["x"].items())
        wanted = list(top)
        places = [-1 if v is None else wanted.index(v) if v in wanted else len(wanted) for v in values]
        assert texts.among(wanted).tolist() == places


def test_a_column_without_values_has_no_statistics() -> None:
    ordered = Ordered(np.full(3, np.nan))
    assert (ordered.spread.missing, ordered.spread.distinct, ordered.spread.quantiles) == (3, 0, None)
    assert ordered.moments(ordered.spread).mean is None


def test_bins_have_the_ends_of_what_is_in_them() -> None:
    low, high = Ordered(np.array([5.0, 1.0, np.nan, 3.0, 9.0])).ends([3.0, 4.0, 4.5])
    assert low.tolist()[:2] + low.tolist()[3:] == [1.0, 3.0, 5.0]
    assert high.tolist()[:2] + high.tolist()[3:] == [1.0, 3.0, 9.0]
    assert np.isnan(low[2])


def test_columns_come_in_parts_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "CELLS_AT_ONCE", 7)
    table = from_arrow(pa.table({f"c{i}": pa.array([i, None, i + 1], pa.float64()) for i in range(5)}))
    found = dict(number_arrays(table, {name: table[name] for name in table.columns}))
    assert [found[f"c{i}"][2] for i in range(5)] == [1, 2, 3, 4, 5]
    assert all(np.isnan(column[1]) for column in found.values())


def test_a_total_is_the_same_in_any_order() -> None:
    values = np.random.default_rng(0).uniform(-1, 1, 10_000)
    assert exact_total(values) == exact_total(np.sort(values)) == exact_total(values[::-1])
    assert exact_total(values) == pytest.approx(values.sum(), abs=1e-12)
