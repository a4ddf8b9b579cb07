"""Claims with nothing in them: how often a test calls them different, held to the bound of its binomial."""

from __future__ import annotations

import pytest
from benchmarks.hypotheses import FALSE_AT_MOST, NULL_PAIRS, TESTS, false_claims

FEW_PAIRS, FEW_FALSE = 16, 4  # the 99% bound of a binomial with 16 draws at 5%


@pytest.mark.nightly
def test_a_few_null_pairs_are_called_different_no_oftener_than_alpha() -> None:
    counts = false_claims(FEW_PAIRS, first=9_000)
    assert set(counts) == set(TESTS)
    assert all(count <= FEW_FALSE for count in counts.values()), counts


@pytest.mark.nightly
def test_five_hundred_null_pairs_are_called_different_no_oftener_than_alpha() -> None:
    counts = false_claims(NULL_PAIRS)
    assert all(count <= FALSE_AT_MOST for count in counts.values()), counts
