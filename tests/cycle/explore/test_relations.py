"""What a column says about the target is judged on rows that had no part in learning it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from fullcycle.core.contract.model import Task
from fullcycle.cycle.explore.coded import Counted
from fullcycle.cycle.explore.relations import (
    BINS_SHOWN,
    class_strength,
    correlation_ratio,
    gap_purity,
    relate,
    wilson,
)
from fullcycle.cycle.explore.target import FOLDS, Target

NO_ROWS = np.zeros(0, dtype=np.int64)
BINARY = Target("y", Task.binary, ("no", "yes"), NO_ROWS, NO_ROWS)
NUMBER = Target("y", Task.regression, (), NO_ROWS, NO_ROWS, low=100.0, step=2.0)


def cells(bins: np.ndarray, hits: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hits and rows by bin and fold."""
    found = [np.zeros((bins.max() + 1, FOLDS)) for _ in range(2)]
    np.add.at(found[0], (bins, folds), hits)
    np.add.at(found[1], (bins, folds), 1)
    return found[0], found[1]


def test_strength_of_an_ordered_column_is_that_of_its_roc_curve() -> None:
    random = np.random.default_rng(0)
    bins = random.integers(0, 10, 20_000)
    hits = random.random(20_000) < bins / 12
    strength = class_strength(*cells(bins, hits, random.integers(0, FOLDS, 20_000)))
    assert strength == pytest.approx(2 * roc_auc_score(hits, bins) - 1, abs=0.01)


def test_a_column_of_names_cant_shine_by_memory() -> None:
    """Every name has two rows: in sample their rates tell three quarters of the target."""
    random = np.random.default_rng(0)
    names = np.repeat(np.arange(5000), 2)
    hits = random.random(10_000) < 0.3
    folds = random.integers(0, FOLDS, 10_000)
    in_sample = np.bincount(names, hits)[names] / 2
    assert 2 * roc_auc_score(hits, in_sample) - 1 > 0.7
    assert class_strength(*cells(names, hits, folds)) < 0.05


def test_a_column_without_order_is_as_strong_as_its_bins() -> None:
    bins = np.repeat([0, 1, 2], 1000)
    hits = np.concatenate([np.ones(1000), np.zeros(1000), np.ones(1000)])
    assert class_strength(*cells(bins, hits, np.tile(np.arange(FOLDS), 600))) == pytest.approx(1.0)


def test_one_class_has_no_strength() -> None:
    assert class_strength(np.zeros((3, FOLDS)), np.ones((3, FOLDS))) == 0.0


def test_correlation_ratio_of_two_levels_is_that_of_variance_explained() -> None:
    random = np.random.default_rng(0)
    bins, folds = random.integers(0, 2, 50_000), random.integers(0, FOLDS, 50_000)
    y = bins * 2.0 + random.normal(size=50_000)
    found = [np.zeros((2, FOLDS)) for _ in range(3)]
    for cell, values in zip(found, (np.ones_like(y), y, y * y), strict=True):
        np.add.at(cell, (bins, folds), values)
    assert correlation_ratio(*found) == pytest.approx(np.sqrt(0.5), abs=0.01)


def test_a_constant_target_has_no_correlation_ratio() -> None:
    ones = np.ones((2, FOLDS))
    assert correlation_ratio(ones, 3 * ones, 9 * ones) == 0.0


@given(rows=st.integers(1, 500), share=st.floats(0, 1))
def test_wilson_holds_the_rate_and_stays_in_bounds(rows: int, share: float) -> None:
    hits = round(rows * share)
    low, high = wilson(hits, rows)
    assert 0 <= low <= hits / rows + 1e-12
    assert hits / rows - 1e-12 <= high <= 1


def test_wilson_is_that_of_the_literature() -> None:
    """Newcombe (1998), table I: 81 of 263 and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@pytest.mark.parametrize(
    ("missing", "present", "pure"),
    [
        ((0, 300), (900, 100), True),  # whoever lacks it is of one class
        ((800, 100), (0, 400), True),  # whoever has it is
        ((11, 0), (600, 400), False),  # too few to tell
        ((300, 0), (9000, 500), False),  # that class is nearly everybody
        ((200, 100), (600, 400), False),
    ],
)
def test_a_gap_that_is_pure_is_found(missing: tuple[int, int], present: tuple[int, int], pure: bool) -> None:
    counts = np.array([present, missing], dtype=float)
    assert (gap_purity(counts, [False, True]) > 0.5) is pure


def counted(places: dict[int, tuple[int, int]]) -> Counted:
    """So many rows of each class in each fold, by place; the missing one last."""
    order = sorted(places, key=lambda place: (place < 0, place))
    n = np.array([[places[place]] * FOLDS for place in order], dtype=float).reshape(-1, FOLDS, 2)
    low = np.array(order, dtype=float)
    return Counted(np.array(order), n.sum(axis=(1, 2)).astype(int), n, low=low, high=low + 0.5)


def test_bins_are_drawn_in_order_with_missing_last() -> None:
    told = relate(counted({-1: (5, 5), 1: (9, 1), 0: (1, 9)}), None, BINARY)
    assert told is not None
    assert [(b.kind, b.label, b.start, b.end) for b in told.relation.bins] == [
        ("value", "0 – 0.5", 0.0, 0.5),
        ("value", "1 – 1.5", 1.0, 1.5),
        ("missing", "", None, None),
    ]
    assert [b.target for b in told.relation.bins] == [0.9, 0.1, 0.5]
    assert [b.rows for b in told.relation.bins] == [50, 50, 50]
    assert told.relation.of == "yes"


def test_many_bins_and_many_categories_are_joined_for_drawing() -> None:
    places = {p: (p + 1, 40 - p) for p in range(22)}
    numbers = relate(counted(places), None, BINARY)
    texts = relate(counted(places), [f"c{p}" for p in range(21)], BINARY)
    assert numbers is not None
    assert texts is not None
    assert len(numbers.relation.bins) <= BINS_SHOWN
    assert [b.kind for b in texts.relation.bins] == ["value"] * BINS_SHOWN + ["rest"]
    for told in (numbers, texts):
        assert sum(b.rows for b in told.relation.bins) == 22 * 41 * FOLDS
        assert all(b.low <= b.target <= b.high for b in told.relation.bins)


def test_means_are_in_the_units_of_the_target() -> None:
    n, t = np.full((2, FOLDS, 1), 10.0), np.array([[50.0] * FOLDS, [200.0] * FOLDS])
    rows = Counted(np.array([0, 1]), np.array([50, 50]), n, t, t**2 / 10, low=np.zeros(2), high=np.ones(2))
    told = relate(rows, None, NUMBER)
    assert told is not None
    assert [b.target for b in told.relation.bins] == [110.0, 140.0]
    assert told.relation.of is None
    assert told.value > 0.9


def test_nothing_is_told_of_nothing() -> None:
    assert relate(counted({}), None, BINARY) is None
