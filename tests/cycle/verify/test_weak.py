"""Weak slices are found, whatever their size, and where there are none alarms are as rare as declared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.cycle.verify.parts import Part, cut_rows
from fullcycle.cycle.verify.slices import _is_surprising
from fullcycle.cycle.verify.weak import rank_parts, statistic_of, weak_parts

ALARMS = 0.05
NAMES = ("age", "income", "plan", "region", "device")
COLUMNS = [
    Column(name=name, type=ColumnType.numeric if name in NAMES[:2] else ColumnType.categorical)
    for name in NAMES
]


def table(random: np.random.Generator, rows: int) -> pd.DataFrame:
    numbers = {name: random.normal(size=rows) for name in NAMES[:2]}
    texts: Any = {
        name: random.choice(["a", "b", "c", "d"], rows, p=[0.5, 0.3, 0.12, 0.08]).astype(object)
        for name in NAMES[2:]
    }
    texts["region"][random.random(rows) < 0.1] = None
    return pd.DataFrame({**numbers, **texts})


def brier(probability: np.ndarray[Any, Any], happened: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray((probability - happened) ** 2)


def found(frame: pd.DataFrame, loss: np.ndarray[Any, Any], alarms: float = ALARMS) -> list[Part]:
    least = max(30, len(frame) // 50)
    parts = cut_rows(frame, COLUMNS, NAMES, least)
    ranked = rank_parts(loss, parts, alarms, seed=0)
    return [parts[at] for at in weak_parts(loss, parts, ranked, alarms, least)]


def overlap(part: Part, planted: np.ndarray[Any, Any]) -> float:
    """Jaccard's index."""
    return float((part.rows & planted).sum() / (part.rows | planted).sum())


@pytest.mark.parametrize("name", ["d", "c", "a"])  # 8%, 12% and half of the rows
def test_a_planted_slice_is_found_first_and_alone(name: str) -> None:
    random = np.random.default_rng(1)
    frame = table(random, 2000)
    planted = (frame["plan"] == name).to_numpy()
    happened = random.random(2000) < 0.2
    loss = brier(np.where(planted, 0.7, 0.2), happened)  # there the model is wrong, elsewhere right
    parts = found(frame, loss)
    assert overlap(parts[0], planted) == 1.0
    assert [condition.label for condition in parts[0].conditions] == [name]
    assert len(parts) == 1


def test_a_slice_of_two_conditions_is_found_as_such() -> None:
    random = np.random.default_rng(2)
    frame = table(random, 3000)
    planted = ((frame["plan"] == "b") & (frame["device"] == "b")).to_numpy()  # 9% of rows
    happened = random.random(3000) < 0.2
    parts = found(frame, brier(np.where(planted, 0.8, 0.2), happened))
    assert overlap(parts[0], planted) == 1.0
    assert {condition.column for condition in parts[0].conditions} == {"plan", "device"}


def test_gaps_and_ranges_are_slices_too() -> None:
    random = np.random.default_rng(3)
    frame = table(random, 3000)
    gone, high = frame["region"].isna().to_numpy(), (frame["age"] > 0.8416).to_numpy()  # 10% and 20%
    happened = random.random(3000) < 0.2
    parts = found(frame, brier(np.where(gone | high, 0.75, 0.2), happened))
    assert max(overlap(part, gone) for part in parts) > 0.7
    assert max(overlap(part, high) for part in parts) > 0.9
    assert any(part.conditions[0].kind == "missing" for part in parts)


def alarms_of(runs: int, rows: int, rate: float) -> tuple[int, int]:
    """Runs with any weak slice where losses have nothing to do with columns; runs with a surprising one where
    the model is right and only uncertain in different degrees."""
    least, told, surprised = max(30, rows // 50), 0, 0
    for seed in range(runs):
        random = np.random.default_rng(seed)
        frame = table(random, rows)
        parts = cut_rows(frame, COLUMNS, NAMES, least)
        loss = brier(np.full(rows, rate), random.random(rows) < rate)
        told += bool((rank_parts(loss, parts, ALARMS, seed).p_values <= ALARMS).any())
        true = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + 1.5 * frame["age"].to_numpy())))
        loss = brier(true, random.random(rows) < true)
        ranked = rank_parts(loss, parts, ALARMS, seed)
        weak = weak_parts(loss, parts, ranked, ALARMS, least)
        expected = true * (1 - true)
        surprised += any(_is_surprising(loss, expected, parts[at].rows, ranked.border) for at in weak)
    return told, surprised


def test_without_weak_slices_alarms_are_as_rare_as_declared() -> None:
    told, surprised = alarms_of(runs=60, rows=800, rate=0.2)
    assert told <= binom.ppf(0.99, 60, ALARMS)
    assert surprised <= binom.ppf(0.99, 60, ALARMS)


@pytest.mark.nightly
@pytest.mark.parametrize(("rows", "rate"), [(800, 0.2), (2000, 0.03)])
def test_alarms_are_as_rare_as_declared_over_many_runs(rows: int, rate: float) -> None:
    told, surprised = alarms_of(runs=500, rows=rows, rate=rate)
    assert binom.ppf(0.005, 500, ALARMS) <= told <= binom.ppf(0.995, 500, ALARMS)
    assert surprised <= binom.ppf(0.99, 500, ALARMS)


def test_hard_rows_are_told_apart_from_wrong_ones() -> None:
    random = np.random.default_rng(4)
    frame = table(random, 2000)
    hard = (frame["plan"] == "b").to_numpy()
    true = np.where(hard, 0.5, 0.05)
    loss = brier(true, random.random(2000) < true)
    [part] = found(frame, loss)
    assert overlap(part, hard) == 1.0
    assert not _is_surprising(loss, true * (1 - true), part.rows, border=3.0)
    assert _is_surprising(loss, np.full(2000, 0.0475), part.rows, border=3.0)


def test_equal_rows_give_equal_results_in_any_order_of_parts() -> None:
    random = np.random.default_rng(5)
    frame = table(random, 1000)
    loss = random.random(1000)
    parts = cut_rows(frame, COLUMNS, NAMES, 30)
    first, second = rank_parts(loss, parts, ALARMS, 0), rank_parts(loss, parts[::-1], ALARMS, 0)
    assert np.array_equal(first.statistics, second.statistics[::-1])
    assert first.border == second.border


def test_the_statistic_is_that_of_a_sample_without_replacement() -> None:
    loss, rows = np.array([0.0, 0.0, 1.0, 1.0]), np.array([False, False, True, True])
    # Of six ways to draw two of four, the sum has mean 1 and variance 1/3.
    assert statistic_of(loss, rows) == pytest.approx((2 - 1) / np.sqrt(1 / 3))


def test_nothing_is_found_where_there_is_nothing_to_look_at() -> None:
    assert rank_parts(np.ones(10), [], ALARMS, 0).border == np.inf
    frame = table(np.random.default_rng(6), 500)
    assert found(frame, np.zeros(500)) == []


def test_a_part_is_called_by_the_numbers_in_it() -> None:
    frame = pd.DataFrame({"partner": [0.0, 1.0] * 50})
    parts = cut_rows(frame, [Column(name="partner", type=ColumnType.numeric)], ["partner"], 10)
    told = [part.conditions[0] for part in parts]
    assert [(each.label, each.start, each.end) for each in told] == [("0", 0.0, 0.0), ("1", 1.0, 1.0)]
