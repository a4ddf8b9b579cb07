"""Rows that choose never judge; groups and time are respected."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from tests.cycle.experiment.proposals.conftest import contract_for

from fullcycle.core.contract.model import Role
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.cycle.experiment.proposals.parts import Parts, part_rows

ROWS = 300
SETTINGS = Settings(name="x", data=DataSettings(source="x.csv"))


def parts_of(groups: pd.Series | None = None, times: pd.Series | None = None) -> Parts:
    random = np.random.default_rng(0)
    table = pd.DataFrame({"a": random.normal(size=ROWS), "y": random.normal(size=ROWS)})
    roles = {}
    if groups is not None:
        table["g"], roles["g"] = groups, Role.group
    if times is not None:
        table["t"], roles["t"] = times, Role.time
    return part_rows(contract_for(table, **roles), SETTINGS, table["y"], groups, times)


def test_no_row_chooses_and_judges_and_every_fold_learns_from_all_other_rows() -> None:
    parts = parts_of()
    assert not set(parts.choosers) & set(parts.judges)
    assert len(parts.choosers) + len(parts.judges) == ROWS
    assert parts.repeats == 3
    assert len(parts.judging) == 15
    for train, valid in parts.judging:
        assert set(valid) <= set(parts.judges)
        assert set(train) == set(range(ROWS)) - set(valid)
    for train, valid in parts.choosing:
        assert set(train) | set(valid) <= set(parts.choosers)
    assert parts.test_share == 0.2


def test_repeats_draw_other_folds_that_judge_the_same_rows() -> None:
    folds = [valid for _, valid in parts_of().judging]
    repeats = [folds[start : start + 5] for start in (0, 5, 10)]
    assert all(np.array_equal(np.sort(np.concatenate(each)), parts_of().judges) for each in repeats)
    assert all(not np.array_equal(one[0], two[0]) for one, two in combinations(repeats, 2))


def test_groups_stay_together() -> None:
    groups = pd.Series([f"g{row // 6}" for row in range(ROWS)], dtype=object)
    parts = parts_of(groups=groups)
    assert not set(groups.iloc[parts.choosers]) & set(groups.iloc[parts.judges])
    assert all(not set(groups.iloc[train]) & set(groups.iloc[valid]) for train, valid in parts.judging)


def test_judging_rows_are_later_than_choosing_rows_and_than_what_was_learned_from() -> None:
    days = np.random.default_rng(1).permutation(ROWS)
    times = pd.Series(pd.to_datetime(days, unit="D").astype("datetime64[us]"))
    parts = parts_of(times=times)
    assert days[parts.choosers].max() < days[parts.judges].min()
    assert all(days[train].max() < days[valid].min() for train, valid in parts.judging)
    assert parts.repeats == 1
