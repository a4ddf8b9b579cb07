"""Measures of agreement at their limits; their values are compared with libraries in test_peers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.live.label.aggregate import dawid_skene, majority, median
from fullcycle.live.label.agreement import alpha_interval, cohen_kappa, fleiss_kappa, krippendorff_alpha

NAN = float("nan")


def test_annotators_who_always_agree_have_alpha_one() -> None:
    assert krippendorff_alpha(np.array([[0.0, 0.0], [1.0, 1.0]])) == 1
    assert krippendorff_alpha(np.array([[1.0, 1.0], [5.0, 5.0]]), "interval") == 1


@pytest.mark.parametrize("ratings", [[[1.0, 1.0], [1.0, 1.0]], [[1.0, NAN], [NAN, 0.0]], [[NAN, NAN]]])
def test_alpha_is_undefined_without_differences_or_pairs(ratings: list[list[float]]) -> None:
    assert krippendorff_alpha(np.array(ratings)) is None
    assert alpha_interval(np.array(ratings)).value is None


def test_kappas_are_undefined_where_they_have_no_meaning() -> None:
    assert cohen_kappa(np.array([1.0, 1.0]), np.array([1.0, 1.0])) is None
    assert cohen_kappa(np.array([1.0, NAN]), np.array([NAN, 1.0])) is None
    assert fleiss_kappa(np.array([[2, 0], [1, 0]])) is None


def test_the_interval_covers_the_estimate_and_follows_from_the_seed() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, (80, 1))
    ratings = np.where(random.random((80, 3)) < 0.8, truth, 1 - truth).astype(float)
    interval = alpha_interval(ratings, seed=1)
    assert interval == alpha_interval(ratings, seed=1)
    assert interval.low is not None
    assert interval.high is not None
    assert interval.value is not None
    assert interval.low < interval.value < interval.high


def test_a_majority_decides_and_a_tie_does_not() -> None:
    decided = majority(np.array([[0.0, 0.0, 1.0], [0.0, 1.0, NAN]]), 2)
    assert decided.labels[0] == 0
    assert np.isnan(decided.labels[1])
    assert decided.support is not None
    assert decided.support[0] == pytest.approx(2 / 3)


def test_dawid_and_skene_believe_the_one_who_is_always_right_against_two_who_guess() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 400)
    right = np.where(random.random((400, 3)) < 0.97, truth[:, None], 1 - truth[:, None])
    guesses = random.integers(0, 2, (400, 4))
    ratings = np.column_stack([right, guesses]).astype(float)
    ours, plain = dawid_skene(ratings, 2), majority(ratings, 2)
    assert (ours.labels == truth).mean() > 0.98
    assert (ours.labels == truth).mean() > (plain.labels == truth).mean() + 0.03


def test_numbers_are_decided_by_their_median() -> None:
    assert median(np.array([[1.0, 9.0, 2.0], [4.0, NAN, 6.0]])).labels.tolist() == [2.0, 5.0]


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=3, max_size=3), min_size=1, max_size=20))
def test_one_voice_is_its_own_majority_and_all_alike_are_believed(rows: list[list[float]]) -> None:
    ratings = np.array(rows)
    alone = np.where(np.arange(3) == 0, ratings, np.nan)
    assert (majority(alone, 3).labels == ratings[:, 0]).all()
    alike = np.repeat(ratings[:, :1], 3, axis=1)
    assert (dawid_skene(alike, 3).labels == ratings[:, 0]).all()
