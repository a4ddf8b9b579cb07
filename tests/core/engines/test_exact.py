"""Sums and samples that no number of threads changes."""

from __future__ import annotations

from collections.abc import Callable
from math import fsum
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.tiers import examples

from fullcycle.core.engines import grouped
from fullcycle.core.engines.exact import exact_sum, powers
from fullcycle.core.engines.measures import census, moments, spreads
from fullcycle.core.engines.sample import held, mixed
from fullcycle.core.engines.tables import ROW, connect, from_arrow

RANDOM = np.random.default_rng(0)


def on_threads(question: Callable[[], Any]) -> list[Any]:
    """The answers on one to eight threads, twice each."""
    connection = connect().con
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    try:
        answers = []
        for number in (1, 2, 3, 4, 8) * 2:
            connection.execute(f"SET threads = {number}")
            answers.append(question())
        return answers
    finally:
        connection.execute(f"SET threads = {threads}")


def exists(name: str) -> bool:
    """Whether the engine has a table of this name."""
    try:
        connect().table(name)
    except ibis.common.exceptions.TableNotFound:
        return False
    return True


@given(values=st.lists(st.floats(-1, 1), min_size=1, max_size=200))
@settings(max_examples=examples(25), deadline=None)
def test_a_sum_is_within_half_a_step_of_each_row(values: list[float]) -> None:
    table = from_arrow(pa.table({"z": values}))
    [found] = connect().to_pyarrow(table.aggregate(s=exact_sum(table.z))).to_pylist()
    assert found["s"] == pytest.approx(fsum(values), rel=1e-15, abs=len(values) * 2**-62)


def test_the_first_powers_are_products() -> None:
    table = from_arrow(pa.table({"z": [0.5, -0.25]}))
    shown = table.select(**{f"p{k}": power for k, power in enumerate(powers(table.z, 4), 1)})
    assert connect().to_pyarrow(shown).to_pylist()[1] == {
        "p1": -0.25,
        "p2": 0.0625,
        "p3": -0.015625,
        "p4": 0.00390625,
    }


def test_moments_and_counts_are_equal_on_one_to_eight_threads() -> None:
    """Plain sums of these values differ from run to run in their last bits on two threads and more."""
    values = RANDOM.lognormal(size=400_000) * 1e3
    table = from_arrow(pa.table({"x": values, "n": RANDOM.integers(0, 10**9, 400_000).astype(float)}))
    columns = {"x": table.x, "n": table.n}
    known = {name: found for (name, _), found in spreads(table, columns).items()}
    answers = on_threads(lambda: (moments(table, columns, known), census(table, columns)))
    assert all(answer == answers[0] for answer in answers)
    x = answers[0][0]["x"]
    assert x.mean == pytest.approx(fsum(values) / len(values), rel=1e-13)
    assert x.std == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert x.skew == pytest.approx(stats.skew(values), rel=1e-9)
    assert x.kurtosis == pytest.approx(stats.kurtosis(values), rel=1e-9)


def test_a_census_counts_few_values_exactly_and_estimates_many() -> None:
    few, many = RANDOM.integers(-50, 50, 200_000).astype(float), RANDOM.normal(size=200_000)
    table = from_arrow(pa.table({"few": few, "many": many}))
    found = census(table, {"few": table.few, "many": table.many})
    assert found["few"].distinct == 100
    assert found["many"].distinct == pytest.approx(200_000, rel=0.1)
    assert found["few"].zeros == (few == 0).sum()
    assert found["few"].negative == (few < 0).sum()
    assert (found["few"].whole, found["many"].whole) == (True, False)
    assert (found["many"].min, found["many"].max) == (many.min(), many.max())


@pytest.mark.parametrize("wide_from", [0, 10**9])
def test_both_forms_measure_the_same(monkeypatch: pytest.MonkeyPatch, wide_from: int) -> None:
    values = [None if i % 7 == 0 else float(i % 13) - 6 for i in range(500)]
    table = from_arrow(pa.table({"x": values, "y": [float(i) for i in range(500)], "k": ["a", "b"] * 250}))
    columns = {"x": table.x, "y": table.y}
    monkeypatch.setattr(grouped, "WIDE_FROM_ROWS", wide_from)
    found = spreads(table, columns, table.k)
    assert set(found) == {(name, key) for name in "xy" for key in "ab"}
    kept = np.array([v for i, v in enumerate(values) if v is not None and i % 2 == 0])
    spread = found["x", "a"]
    assert (spread.rows, spread.missing, spread.zeros) == (250, 250 - len(kept), int((kept == 0).sum()))
    assert spread.quartiles == pytest.approx(tuple(np.quantile(kept, [0.25, 0.5, 0.75])))


def test_a_table_up_to_the_limit_is_held_whole_and_a_longer_one_sampled() -> None:
    table = from_arrow(pa.table({ROW: range(10_000), "x": RANDOM.normal(size=10_000)}))
    with held(table, at_most=10_000) as whole:
        assert (whole.rows, whole.sample_rows) == (10_000, None)
    with held(table, at_most=5_000, sample=2_000) as some:
        assert some.rows == 10_000
        assert some.sample_rows == pytest.approx(2_000, abs=150)
        assert some.table.count().execute() == some.sample_rows
    assert not exists(some.table.get_name())


def test_a_sample_is_the_same_on_any_threads_and_has_no_pattern_of_row_numbers() -> None:
    table = from_arrow(pa.table({ROW: range(400_000)}))
    chosen = table.filter(mixed(table[ROW]) < 2**32 // 8)

    def rows() -> tuple[int, ...]:
        return tuple(connect().to_pyarrow(chosen.order_by(ROW))[ROW].to_pylist())

    answers = on_threads(rows)
    assert all(answer == answers[0] for answer in answers)
    for period in (2, 3, 5, 7, 8, 16, 64, 100, 365, 1024):
        counts = np.bincount(np.array(answers[0]) % period, minlength=period)
        assert stats.chisquare(counts).pvalue > 1e-4, period


def test_a_table_goes_when_its_block_fails() -> None:
    table = from_arrow(pa.table({ROW: range(10)}))
    names: list[str] = []

    def failing() -> None:
        with held(table) as found:
            names.append(found.table.get_name())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert not exists(names[0])


def test_ibis_adds_whole_numbers_in_128_bits() -> None:
    table = from_arrow(pa.table({"z": [1.0] * 1000}))
    [found] = connect().to_pyarrow(table.aggregate(s=exact_sum(table.z), n=ibis._.count())).to_pylist()
    assert found == {"s": 1000.0, "n": 1000}
