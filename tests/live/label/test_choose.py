"""Rows to label next are uncertain, unlike each other, and the same each time."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.core.bundle.reference import learn_reference
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.live.label.choose import Space, choose, entropy, margin, space_of, strangeness

CONTRACT = Contract(
    task=Task.binary,
    classes=("no", "yes"),
    columns=(
        Column(name="age", type=ColumnType.numeric),
        Column(name="plan", type=ColumnType.categorical),
        Column(name="active", type=ColumnType.boolean),
        Column(name="since", type=ColumnType.datetime),
        Column(name="bought", type=ColumnType.categorical, role=Role.target),
    ),
)


def columns(rows: int, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "age": np.linspace(0, 100, rows),
        "plan": np.array(["basic"] * rows, dtype=object),
        "active": np.ones(rows),
        "since": np.arange(rows) * 86_400_000_000,
    }
    return {**made, **changes}


REFERENCE = learn_reference(CONTRACT, columns(100))


def test_the_most_uncertain_row_comes_first_and_copies_of_it_last() -> None:
    space = Space(np.array([[0.5], [0.5], [0.0], [1.0]]), np.zeros((4, 0), dtype=np.int64))
    assert choose(space, np.array([0.9, 0.89, 0.5, 0.6]), 3) == [0, 3, 2]


@given(st.integers(1, 12), st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_each_row_is_chosen_once_and_no_more_than_there_are(count: int, rated: list[float]) -> None:
    space = Space(np.linspace(0, 1, len(rated))[:, None], np.zeros((len(rated), 0), dtype=np.int64))
    chosen = choose(space, np.array(rated), count)
    assert len(chosen) == len(set(chosen)) == min(count, len(rated))
    assert rated[chosen[0]] == max(rated)


def test_distance_counts_every_kind_of_column_once() -> None:
    rows = columns(
        3,
        age=np.array([0.0, 100.0, np.nan]),
        plan=np.array(["basic", "premium", None], dtype=object),
        active=np.array([1.0, 0.0, np.nan]),
        since=np.array([0, 99 * 86_400_000_000, -(2**63)]),
    )
    space = space_of(rows, CONTRACT.features, REFERENCE)
    assert space.distances(0).tolist() == [0.0, 1.0, 1.0]
    assert space.distances(2).tolist() == [1.0, 1.0, 0.0]


def test_entropy_and_margin_are_one_where_classes_are_equal_and_fall_to_zero() -> None:
    shares = np.array([[0.5, 0.5], [0.7, 0.3], [1.0, 0.0]])
    for measure in (entropy, margin):
        rated = measure(shares)
        assert rated[0] == 1
        assert rated[2] < 1e-6
        assert (np.diff(rated) < 0).all()


def test_rows_far_from_the_training_rows_are_strange() -> None:
    usual = columns(1, age=np.array([50.0]), since=np.array([50 * 86_400_000_000]))
    odd = columns(
        1,
        age=np.array([1e6]),
        plan=np.array(["never seen"], dtype=object),
        active=np.array([np.nan]),
        since=np.array([-(2**63)]),
    )
    assert strangeness(usual, CONTRACT.features, REFERENCE)[0] < 0.1
    assert strangeness(odd, CONTRACT.features, REFERENCE)[0] == 1
