"""Fifths of the test rows by what was predicted, each with the share that its bounds hold."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.cycle.verify.coverage import coverage_parts


def test_parts_tell_where_the_intervals_miss() -> None:
    predicted = np.arange(1000.0)[::-1]
    parts = coverage_parts(predicted < 800, predicted)  # the largest fifth is never held
    assert [part.covered for part in parts] == [1, 1, 1, 1, pytest.approx(0, abs=0.01)]
    assert [part.rows for part in parts] == pytest.approx([200] * 5, abs=1)
    assert parts[0].lowest == 0
    assert parts[-1].highest == 999


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=100, max_size=300))
def test_parts_are_apart_and_hold_every_row(rows: list[tuple[int, bool]]) -> None:
    predicted, inside = (np.array(each) for each in zip(*rows, strict=True))
    parts = coverage_parts(inside, predicted.astype(float))
    assert sum(part.rows for part in parts) == len(rows)
    assert sum(part.rows * part.covered for part in parts) == pytest.approx(inside.sum())
    for before, after in pairwise(parts):
        assert before.highest < after.lowest
    for part in parts:
        assert 0 <= part.low <= part.covered <= part.high <= 1


def test_few_rows_have_no_parts() -> None:
    assert coverage_parts(np.ones(99, dtype=bool), np.arange(99.0)) == ()
