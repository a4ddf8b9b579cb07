"""A sample keeps what folds need: the latest rows, whole groups, every class."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fullcycle.core.models.sample import sample_positions

CODES = np.repeat([0, 1, 2], [900, 95, 5])


def test_few_enough_rows_are_taken_as_they_are() -> None:
    found = sample_positions("stratified", CODES, None, None, at_most=1000, keep=2, seed=0)
    assert found.tolist() == list(range(1000))


def test_of_rows_in_time_the_latest_are_taken() -> None:
    days = np.random.default_rng(0).permutation(1000)
    times = pd.Series(pd.to_datetime(days, unit="D"))
    found = sample_positions("time", CODES, None, times, at_most=100, keep=2, seed=0)
    assert sorted(days[found]) == list(range(900, 1000))
    assert (np.diff(found) > 0).all()


def test_classes_keep_their_share_and_rare_ones_their_rows() -> None:
    found = sample_positions("stratified", CODES, None, None, at_most=200, keep=10, seed=0)
    counts = np.bincount(CODES[found])
    assert counts.sum() == 200
    assert counts[2] == 5
    assert abs(counts[0] - 195 * 900 / 995) <= 1
    again = sample_positions("stratified", CODES, None, None, at_most=200, keep=10, seed=0)
    assert (again == found).all()
    assert (sample_positions("stratified", CODES, None, None, at_most=200, keep=10, seed=1) != found).any()


def test_groups_are_taken_whole_but_for_the_last() -> None:
    groups = pd.Series([f"g{row // 10}" for row in range(1000)], dtype=object)
    found = sample_positions("group", CODES, groups, None, at_most=205, keep=2, seed=0)
    sizes = groups.iloc[found].value_counts()
    assert sorted(sizes) == [5] + [10] * 20


def test_numbers_are_sampled_at_random() -> None:
    found = sample_positions("random", np.arange(1000.0), None, None, at_most=100, keep=2, seed=0)
    assert len(set(found.tolist())) == 100
    assert 350 < found.mean() < 650
