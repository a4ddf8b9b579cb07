"""Folds respect what the contract says of rows: their moment, their group, their class."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.models.folds import Folds, fold_kind, latest_first, make_folds
from fullcycle.core.project.settings import DataSettings, ExperimentSettings, Settings, SplitSettings


def contract_of(task: Task = Task.binary, *, group: bool = False, time: bool = False) -> Contract:
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    columns = [Column(name="x", type=ColumnType.numeric), Column(name="y", type=kind, role=Role.target)]
    if group:
        columns.append(Column(name="customer", type=ColumnType.categorical, role=Role.group))
    if time:
        columns.append(Column(name="at", type=ColumnType.datetime, role=Role.time))
    classes = {Task.binary: ("no", "yes"), Task.multiclass: ("a", "b", "c")}.get(task)
    return Contract(task=task, classes=classes, columns=tuple(columns))


def settings_of(folds: int = 5, kind: Any = "auto") -> Settings:
    return Settings(
        name="x",
        data=DataSettings(source="x.csv"),
        split=SplitSettings(kind=kind),
        experiment=ExperimentSettings(folds=folds),
    )


def labels(*names: str, times: int = 1) -> pd.Series:
    return pd.Series(list(names) * times, dtype=object)


def moments(*days: int | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(days), unit="D")).astype("datetime64[us]")


def folds_or_none(
    contract: Contract, y: pd.Series, groups: pd.Series | None, times: pd.Series | None
) -> Folds | None:
    """Folds, or None where the rows are said to be too few for two."""
    try:
        return make_folds(contract, settings_of(), y, groups, times, seed=0)
    except UserError as error:
        if "can't be parted" not in error.found:
            raise
        return None


def judged(folds: Folds) -> list[int]:
    return sorted(np.concatenate([valid for _, valid in folds]).tolist())


def test_stratified_folds_judge_every_row_once_and_hold_the_share_of_classes() -> None:
    y = labels("no", "no", "no", "yes", times=20)
    folds = make_folds(contract_of(), settings_of(), y, None, None, seed=0)
    assert judged(folds) == list(range(80))
    assert all((y.iloc[valid] == "yes").mean() == 0.25 for _, valid in folds)
    assert all(not set(train) & set(valid) for train, valid in folds)


def test_a_seed_gives_the_same_folds_again_and_another_seed_gives_others() -> None:
    y = labels("no", "yes", times=30)
    first, again, other = (
        make_folds(contract_of(), settings_of(), y, None, None, seed=seed) for seed in (0, 0, 1)
    )
    assert [valid.tolist() for _, valid in first] == [valid.tolist() for _, valid in again]
    assert [valid.tolist() for _, valid in first] != [valid.tolist() for _, valid in other]


@given(
    groups=st.lists(st.sampled_from(["a", "b", "c", "d", "e", None]), min_size=12, max_size=40),
    task=st.sampled_from([Task.regression, Task.binary]),
)
@settings(max_examples=examples(40), deadline=None)
def test_rows_of_a_group_are_never_on_both_sides(groups: list[str | None], task: Task) -> None:
    y = (
        pd.Series(range(len(groups)), dtype=float)
        if task is Task.regression
        else labels("no", "yes", times=20)
    )
    y = y.iloc[: len(groups)]
    folds = folds_or_none(contract_of(task, group=True), y, pd.Series(groups, dtype=object), None)
    if folds is None:
        return
    for train, valid in folds:
        shared = {groups[row] for row in train} & {groups[row] for row in valid}
        assert shared <= {None}
    assert judged(folds) == list(range(len(groups)))


def test_fewer_groups_than_folds_give_fewer_folds() -> None:
    groups = pd.Series(["a", "b", "c"] * 10, dtype=object)
    folds = make_folds(
        contract_of(group=True), settings_of(5), labels("no", "yes", times=15), groups, None, seed=0
    )
    assert len(folds) == 3


def test_a_single_group_is_a_clear_error() -> None:
    groups = pd.Series(["a"] * 10, dtype=object)
    with pytest.raises(UserError, match="at least two groups"):
        make_folds(contract_of(group=True), settings_of(), labels("no", "yes", times=5), groups, None, seed=0)


@given(days=st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=10, max_size=60))
@settings(max_examples=examples(60), deadline=None)
def test_training_is_always_earlier_than_judging(days: list[int | None]) -> None:
    y = pd.Series(range(len(days)), dtype=float)
    folds = folds_or_none(contract_of(Task.regression, time=True), y, None, moments(*days))
    if folds is None:
        return
    known = [-1 if day is None else day for day in days]
    for train, valid in folds:
        assert max(known[row] for row in train) < min(known[row] for row in valid)
    for (earlier, _), (later, _) in pairwise(folds):
        assert set(earlier) < set(later)


def test_the_window_expands_in_blocks_of_about_equal_size() -> None:
    y = pd.Series(range(60), dtype=float)
    shuffled = np.random.default_rng(0).permutation(60)
    folds = make_folds(
        contract_of(Task.regression, time=True), settings_of(5), y, None, moments(*shuffled.tolist()), seed=0
    )
    assert [(len(train), len(valid)) for train, valid in folds] == [
        (10, 10),
        (20, 10),
        (30, 10),
        (40, 10),
        (50, 10),
    ]


def test_with_time_and_group_a_judged_group_is_not_trained_on() -> None:
    groups = pd.Series(["a", "b", "c", "a"] * 6, dtype=object)
    y = pd.Series(range(24), dtype=float)
    contract = contract_of(Task.regression, time=True, group=True)
    with pytest.raises(UserError, match="can't be parted"):  # every group is in every block
        make_folds(contract, settings_of(), y, groups, moments(*range(24)), seed=0)
    groups.iloc[:4] = ["d", "e", "f", "d"]
    for train, valid in make_folds(contract, settings_of(2), y, groups, moments(*range(24)), seed=0):
        assert not set(groups.iloc[train]) & set(groups.iloc[valid])


def test_text_or_number_can_order_rows_too() -> None:
    y = pd.Series(range(12), dtype=float)
    times = pd.Series([f"2024-{month:02d}" for month in range(12, 0, -1)], dtype=object)
    for train, valid in make_folds(
        contract_of(Task.regression, time=True), settings_of(3), y, None, times, seed=0
    ):
        assert min(train) > max(valid)
    assert latest_first(times).tolist() == list(range(12))


def test_a_rare_class_gives_fewer_folds() -> None:
    y = pd.concat([labels("no", times=50), labels("yes", times=3)], ignore_index=True)
    folds = make_folds(contract_of(), settings_of(5), y, None, None, seed=0)
    assert len(folds) == 3
    assert all((y.iloc[valid] == "yes").any() for _, valid in folds)


@pytest.mark.parametrize(("rows", "name"), [({"a": 9, "b": 9, "c": 1}, "c"), ({"a": 9, "c": 9}, "b")])
def test_a_class_with_too_few_rows_is_named_with_its_cure(rows: dict[str, int], name: str) -> None:
    y = pd.concat([labels(each, times=count) for each, count in rows.items()], ignore_index=True)
    with pytest.raises(UserError) as caught:
        make_folds(contract_of(Task.multiclass), settings_of(), y, None, None, seed=0)
    assert f"class {name!r} in {rows.get(name, 0)} training rows" in caught.value.found
    assert "spelling" in caught.value.hint


def test_a_fold_whose_past_has_one_class_is_not_taken() -> None:
    y = pd.concat([labels("no", times=10), labels("no", "yes", times=10)], ignore_index=True)
    folds = make_folds(contract_of(time=True), settings_of(5), y, None, moments(*range(30)), seed=0)
    assert all(y.iloc[train].nunique() == 2 for train, _ in folds)
    assert 2 <= len(folds) < 5


def test_two_rows_of_numbers_are_the_fewest() -> None:
    with pytest.raises(UserError, match="2 training rows that can't be parted"):
        make_folds(contract_of(Task.regression), settings_of(), pd.Series([1.0, 2.0]), None, None, seed=0)
    assert (
        len(make_folds(contract_of(Task.regression), settings_of(), pd.Series([1.0] * 4), None, None, seed=0))
        == 4
    )


@pytest.mark.parametrize(
    ("contract", "kind", "expected"),
    [
        (contract_of(), "auto", "stratified"),
        (contract_of(Task.regression), "auto", "random"),
        (contract_of(group=True), "auto", "group"),
        (contract_of(group=True, time=True), "auto", "time"),
        (contract_of(group=True, time=True), "group", "group"),
        (contract_of(), "random", "random"),
        (contract_of(Task.regression), "stratified", "random"),
    ],
)
def test_a_person_chooses_the_kind_and_else_the_contract_does(
    contract: Contract, kind: str, expected: str
) -> None:
    assert fold_kind(contract, settings_of(kind=kind)) == expected


@pytest.mark.parametrize("kind", ["time", "group"])
def test_a_kind_without_its_column_is_an_error_that_names_the_role(kind: str) -> None:
    with pytest.raises(UserError) as caught:
        make_folds(contract_of(), settings_of(kind=kind), labels("no", "yes", times=9), None, None, seed=0)
    assert f"role: {kind}" in caught.value.hint
