"""Money: gains by row, the threshold that earns most, and what the trivial ways to act earn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.cycle.experiment.conftest import MakeCleaned, table_of
from tests.tiers import examples

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.models.value import (
    best_threshold,
    broken_value,
    difference_of,
    gains_of,
    read_gains,
    value_curve,
    value_facts,
)
from fullcycle.core.project.project import Project

GAIN = {"tp": 40.0, "fp": -10.0, "fn": -5.0, "tn": 1.0}


def matrices(rows: int, gain: dict[str, float] = GAIN) -> np.ndarray:
    return np.tile([[gain["tn"], gain["fp"]], [gain["fn"], gain["tp"]]], (rows, 1, 1))


def facts_of(truth: np.ndarray, probability: np.ndarray, threshold: float, **more: Any):
    return value_facts(
        "EUR",
        matrices(len(truth)),
        truth,
        (probability >= threshold).astype(np.int64),
        classes=("no", "yes"),
        probabilities=np.column_stack([1 - probability, probability]),
        threshold=threshold,
        resamples=200,
        **more,
    )


@settings(max_examples=examples(100), deadline=None)
@given(
    some.lists(
        some.tuples(some.integers(0, 1), some.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 1.0])),
        min_size=1,
        max_size=40,
    )
)
def test_no_other_threshold_earns_more(rows: list[tuple[int, float]]) -> None:
    truth, probability = np.array([t for t, _ in rows]), np.array([p for _, p in rows])
    gains = matrices(len(rows))

    def total(threshold: float) -> float:
        return float(gains_of(gains, truth, (probability >= threshold).astype(np.int64)).sum())

    chosen = best_threshold(probability, truth, gains)
    others = [0.0, *np.unique(probability), *(np.unique(probability) + 0.01)]
    # A probability of exactly 1 can't be left out by any threshold up to 1.
    assert total(chosen) >= max(total(each) for each in others if each <= 1.0) - 1e-9


def test_a_sure_row_that_is_wrong_is_acted_on_by_every_threshold() -> None:
    truth, probability = np.array([0, 0, 1]), np.array([0.0, 1.0, 0.0])
    assert best_threshold(probability, truth, matrices(3)) == 0.0


def test_gains_that_differ_by_row_move_the_threshold() -> None:
    truth, probability = np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.6, 0.9])
    gains = matrices(4, {"tp": 10, "fp": -10, "fn": 0, "tn": 0})
    assert best_threshold(probability, truth, gains) == pytest.approx(0.75)
    gains[1, 1, 1] = 1000.0
    assert best_threshold(probability, truth, gains) == pytest.approx(0.25)


def test_acting_on_nothing_is_a_choice_where_acting_never_pays() -> None:
    truth, probability = np.array([0, 0, 1]), np.array([0.2, 0.5, 0.8])
    gains = matrices(3, {"tp": -1, "fp": -1, "fn": 0, "tn": 0})
    assert best_threshold(probability, truth, gains) > 0.8


def test_the_trivial_ways_to_act_are_what_anybody_would_compute_by_hand() -> None:
    truth = np.array([1, 1, 0, 0, 0])
    found = facts_of(truth, np.array([0.9, 0.2, 0.8, 0.3, 0.1]), 0.5)
    totals = {each.policy: each.total.value for each in found.policies}
    assert totals["model"] == 40 - 5 - 10 + 1 + 1
    assert totals["all"] == 2 * 40 - 3 * 10
    assert totals["none"] == 2 * -5 + 3
    assert totals["random"] == pytest.approx(0.4 * totals["all"] + 0.6 * totals["none"])
    assert totals["perfect"] == 2 * 40 + 3
    assert found.rival == "all"
    assert found.advantage.value == totals["model"] - totals["all"]


def test_the_curve_begins_with_no_row_and_ends_with_all_of_them() -> None:
    random = np.random.default_rng(0)
    truth, probability = random.integers(0, 2, 1000), random.random(1000)
    curve = value_curve(probability, truth, matrices(1000))
    assert len(curve) == 100
    found = facts_of(truth, probability, 0.5)
    totals = {each.policy: each.total.value for each in found.policies}
    assert (curve[0].share, curve[0].value, curve[0].captured) == (0.0, totals["none"], 0.0)
    assert (curve[-1].share, curve[-1].value, curve[-1].captured) == (1.0, totals["all"], 1.0)
    assert curve[-1].lift == pytest.approx(1.0)
    assert found.chosen is not None
    assert found.chosen.value == totals["model"]


def test_the_interval_of_the_advantage_covers_what_is_true() -> None:
    """60 tables of a known world: about 57 intervals of 95% hold the true advantage of each row."""
    random = np.random.default_rng(1)
    held = 0
    for _ in range(60):
        probability = random.random(400)
        truth = (random.random(400) < probability).astype(np.int64)
        found = facts_of(truth, probability, 0.3)
        assert found.advantage.low is not None
        assert found.advantage.high is not None
        # Leaving rows below 0.3 out saves 10, or loses 45, and gains 1: by integration over the share p.
        saved = 0.3 * 400 * (11 * (1 - 0.15) - 45 * 0.15)
        held += found.advantage.low <= saved <= found.advantage.high
    assert held >= 51  # the 1% bound of a binomial with 60 draws at 95%


def test_of_several_classes_the_best_single_answer_stands_for_acting_on_all() -> None:
    gains = np.zeros((3, 3, 3))
    gains[:, 2, 2] = 5.0
    found = value_facts(
        "",
        gains,
        np.array([0, 2, 2]),
        np.array([0, 0, 2]),
        classes=("a", "b", "c"),
        probabilities=np.full((3, 3), 1 / 3),
        threshold=None,
        resamples=50,
    )
    rival = next(each for each in found.policies if each.policy == "all")
    assert (rival.answer, rival.total.value) == ("c", 10.0)
    assert "none" not in {each.policy for each in found.policies}
    assert found.curve == ()


def test_a_difference_that_is_always_there_has_an_interval_above_nothing() -> None:
    assert difference_of(np.full(50, 2.0), np.full(50, 1.0)).low == pytest.approx(50.0)


@pytest.fixture
def priced(make_cleaned: MakeCleaned):
    def make(value: dict[str, Any], task: Task = Task.binary, table: pd.DataFrame | None = None) -> Project:
        project = make_cleaned(task, table, sections={"value": value})
        project.paths.settings.write_text("name: x\nvalue:\n  gain:\n    tp: 0\n")
        return project

    return make


def test_a_gain_may_be_an_expression_over_the_row(priced) -> None:
    table = table_of(Task.binary).fillna({"age": 50.0})
    project = priced({"gain": {"tp": "2 * age - 5", "fp": -5}}, table=table)
    index = pd.Index(table["_row"][::-1])
    gains = read_gains(project, project.paths.train, index)
    assert gains[:, 1, 1] == pytest.approx(2 * table["age"].to_numpy()[::-1] - 5)
    assert set(gains[:, 0, 1]) == {-5.0}
    assert set(gains[:, 0, 0]) == {0.0}


def test_a_gain_that_is_missing_in_some_rows_says_in_how_many(priced) -> None:
    project = priced({"gain": {"tp": "age"}})
    table = table_of(Task.binary)
    with pytest.raises(UserError, match=rf"missing in {table['age'].isna().sum()} of 240 rows"):
        read_gains(project, project.paths.train, pd.Index(table["_row"]))


@pytest.mark.parametrize(
    ("value", "task", "said"),
    [
        ({"gain": {"tp": 1}}, Task.regression, "the target is a number"),
        ({"gain": {"tp": 1}}, Task.multiclass, "more than two classes"),
        ({"gains": {"a": {"z": 1}}}, Task.multiclass, "the class 'z'"),
    ],
)
def test_what_does_not_fit_the_task_is_told(priced, value: dict[str, Any], task: Task, said: str) -> None:
    project = priced(value, task)
    assert project.settings.value is not None
    [(key, found, *_)] = broken_value(project, project.settings.value)
    assert key[0] == "value"
    assert said in found


@pytest.mark.parametrize(
    ("text", "said"),
    [("aged * 2", "did you mean `age`"), ("target", "the target"), ("plan", "an amount of money")],
)
def test_an_expression_that_is_no_amount_points_at_the_place(
    priced, text: str, said: str, tmp_path: Path
) -> None:
    project = priced({"gain": {"tp": text}})
    assert project.settings.value is not None
    with pytest.raises(UserError) as caught:
        list(broken_value(project, project.settings.value))
    assert "key value.gain.tp" in str(caught.value)
    assert said in str(caught.value)
