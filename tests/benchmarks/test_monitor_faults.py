"""The faults of the benchmark change what they say, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from benchmarks.monitor_faults import FAULTS, Fault, same


def rows() -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {
        "amount": random.gamma(2, 50, 400),
        "city": random.choice(["Omsk", "Perm", "Kazan"], 400, p=[0.6, 0.3, 0.1]).astype(object),
        "plan": random.choice(["basic", "pro"], 400, p=[0.7, 0.3]).astype(object),
    }


@pytest.mark.parametrize("kind", ["unit", "nulls", "renamed", "frozen feed"])
def test_a_fault_of_values_leaves_other_columns_alone(kind: str) -> None:
    before = rows()
    fault, after = FAULTS[kind](before, np.random.default_rng(1))
    changed = [name for name in before if not np.array_equal(before[name], after[name])]
    assert changed == [fault.column]


@pytest.mark.parametrize("kind", ["doubled join", "mix"])
def test_a_fault_of_rows_repeats_those_of_one_value(kind: str) -> None:
    before = rows()
    fault, after = FAULTS[kind](before, np.random.default_rng(1))
    more = {name: (after["city"] == name).sum() - (before["city"] == name).sum() for name in ("Omsk", "Perm")}
    repeated = (after[fault.column] == fault.value).sum() - (before[fault.column] == fault.value).sum()
    assert repeated == len(after["city"]) - 400
    assert min(more.values()) >= 0


def test_a_column_with_the_very_same_rows_counts_as_named() -> None:
    table = rows()
    table["twin"] = np.where(table["city"] == "Omsk", "O", "-").astype(object)
    assert same(table, Fault("city", "Omsk"), "twin", "O")
    assert not same(table, Fault("city", "Omsk"), "plan", "pro")
    assert not same(table, Fault("city"), "twin", "O")
