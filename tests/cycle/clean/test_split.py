"""The split: shares, roles, boundaries, and a test file of the person's own."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cycle.clean.test_clean import cleaned, decision, part, refusal
from tests.cycle.conftest import contract_of
from tests.tiers import examples

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.errors import UserError
from fullcycle.core.project.clean_settings import CleanSettings
from fullcycle.core.project.settings import SplitSettings
from fullcycle.cycle.clean.split import split_kind, split_rows

CLASSES = ["a", "b", "c"]
CONTRACT = contract_of({"x": "numeric", "g": "categorical group", "y": "categorical target"}, CLASSES)
PLAIN = contract_of({"x": "numeric", "y": "categorical target"}, CLASSES)
TIMED = contract_of({"t": "datetime time", "x": "numeric", "y": "categorical target"}, ["a", "b"])


def table(**columns: list[Any]) -> ibis.Table:
    return ibis.memtable({ROW: list(range(len(next(iter(columns.values()))))), **columns})


def rows_of(part_table: ibis.Table) -> list[int]:
    return sorted(connect().to_pyarrow(part_table.select(ROW))[ROW].to_pylist())


def digest_of(seed: int) -> Callable[[int], str]:
    return lambda row: hashlib.md5(f"{seed}:{row}".encode(), usedforsecurity=False).hexdigest()


@given(
    counts=st.lists(st.integers(2, 40), min_size=3, max_size=3),
    share=st.sampled_from([0.1, 0.2, 0.5, 0.9]),
    seed=st.integers(0, 5),
)
@settings(max_examples=examples(15), deadline=None)
def test_each_class_gives_its_share_and_keeps_a_row_on_both_sides(
    counts: list[int], share: float, seed: int
) -> None:
    labels = [name for name, count in zip(CLASSES, counts, strict=True) for _ in range(count)]
    split = split_rows(table(y=labels, x=list(range(len(labels)))), PLAIN, "stratified", share, seed)
    train, test = rows_of(split.train), rows_of(split.test)
    assert sorted(train + test) == list(range(len(labels)))
    for name, count in zip(CLASSES, counts, strict=True):
        sealed = sum(labels[row] == name for row in test)
        assert 1 <= sealed <= count - 1
        assert abs(sealed - share * count) <= 1.5
        ranked = sorted((row for row, label in enumerate(labels) if label == name), key=digest_of(seed))
        assert sorted(ranked[:sealed]) == [row for row in test if labels[row] == name]


@given(sizes=st.lists(st.integers(1, 30), min_size=2, max_size=12), seed=st.integers(0, 5))
@settings(max_examples=examples(15), deadline=None)
def test_groups_are_never_torn_apart(sizes: list[int], seed: int) -> None:
    groups = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size)]
    split = split_rows(table(g=groups, x=groups, y=groups), CONTRACT, "group", 0.3, seed)
    train, test = rows_of(split.train), rows_of(split.test)
    assert train
    assert test
    assert not {groups[row] for row in train} & {groups[row] for row in test}
    assert len(test) <= 0.3 * len(groups) + max(sizes) / 2 or len(set(test)) == min(sizes)


def test_rows_without_a_group_are_groups_of_their_own() -> None:
    split = split_rows(table(g=[None] * 50, x=[1] * 50, y=["a"] * 50), CONTRACT, "group", 0.2, 0)
    assert len(rows_of(split.test)) == 10


def test_one_group_cant_be_split() -> None:
    with pytest.raises(UserError, match="one group"):
        split_rows(table(g=["only"] * 9, x=[1] * 9, y=["a"] * 9), CONTRACT, "group", 0.2, 0)


@pytest.mark.parametrize("order", [1, -1])
def test_by_time_every_test_row_is_later_than_every_training_row(order: int) -> None:
    moments = [f"2024-01-{day:02}" for day in range(1, 31)][::order]
    data = table(t=moments, x=[1] * 30, y=["a"] * 30).mutate(t=ibis._.t.cast("timestamp"))
    split = split_rows(data, TIMED, "time", 0.2, 0)
    assert max(moments[row] for row in rows_of(split.train)) == "2024-01-24"
    assert min(moments[row] for row in rows_of(split.test)) == "2024-01-25"
    assert split.boundary == "2024-01-25T00:00:00"


@pytest.mark.parametrize(
    ("days", "first_test_day"),
    [
        ([1] * 10 + [2] * 60 + [3] * 30, 3),
        ([1] * 95 + [2] * 5, 2),
        ([1] * 5 + [2] * 95, 2),
        ([1] * 60 + [2] * 38 + [3] * 2, 3),
    ],
)
def test_rows_of_one_moment_stay_together(days: list[int], first_test_day: int) -> None:
    data = table(t=days, x=days, y=["a"] * len(days)).mutate(t=ibis._.t.cast("float64"))
    split = split_rows(data, TIMED, "time", 0.2, 0)
    assert {days[row] for row in rows_of(split.test)} == set(range(first_test_day, max(days) + 1))


def test_one_moment_cant_be_split() -> None:
    with pytest.raises(UserError, match="the same moment in all 9 rows"):
        split_rows(table(t=[5.0] * 9, x=[1] * 9, y=["a"] * 9), TIMED, "time", 0.2, 0)


def test_the_kind_follows_from_roles_and_task() -> None:
    number = contract_of({"x": "numeric", "y": "numeric target"})
    found = [split_kind(contract, SplitSettings()) for contract in (TIMED, CONTRACT, PLAIN, number)]
    assert found == ["time", "group", "stratified", "random"]


@pytest.mark.parametrize(("kind", "contract"), [("time", PLAIN), ("group", PLAIN), ("stratified", None)])
def test_a_kind_that_the_contract_cant_give_names_the_setting(kind: Any, contract: Any) -> None:
    with pytest.raises(UserError) as caught:
        split_kind(contract or contract_of({"x": "numeric", "y": "numeric target"}), SplitSettings(kind=kind))
    assert (caught.value.where, caught.value.found) == ("fullcycle.yaml, key split.kind", kind)


def test_the_sealed_rows_are_no_pattern_of_row_numbers() -> None:
    """Every fifth row would always be the same weekday of a daily table."""
    split = split_rows(table(y=["a"] * 2000, x=[0] * 2000), PLAIN, "random", 0.2, 0)
    test = rows_of(split.test)
    assert len(test) == 400
    for period in (2, 3, 5, 7, 8):
        counts = Counter(row % period for row in test)
        assert max(counts.values()) < 1.4 * 400 / period
    gaps = Counter(b - a for a, b in pairwise(test))
    assert len(gaps) > 10


TIMES = "t,x,y\n" + "".join(f"2024-01-{1 + i % 28:02},{i},{'ab'[i % 3 == 0]}\n" for i in range(84))


def test_rows_without_a_time_go_before_a_split_by_time(make_project: Any) -> None:
    project = make_project(TIMES + ",500,a\nsoon,501,b\n", TIMED)
    evidence = cleaned(project)
    assert decision(evidence, "FC211", "t").rows == 2
    assert (evidence.split.kind, evidence.split.column, evidence.split.test_rows) == ("time", "t", 18)
    assert max(row["t"] for row in part(project, "train")) < min(row["t"] for row in part(project, "test"))


def test_groups_on_both_sides_of_a_boundary_are_told(make_project: Any) -> None:
    columns = {"t": "datetime time", "g": "categorical group", "x": "numeric", "y": "categorical target"}
    source = "t,g,x,y\n" + "".join(
        f"2024-01-{1 + i % 28:02},g{i % 5},{i},{'ab'[i % 3 == 0]}\n" for i in range(84)
    )
    evidence = cleaned(make_project(source, contract_of(columns, ["a", "b"])))
    assert decision(evidence, "FC210", "g").facts == {"groups": 5}
    assert [f.severity for f in evidence.findings if f.code == "FC210"] == ["warning"]


def with_test_file(make_project: Any, test: str, **sections: Any) -> Any:
    source = "x,y\n" + "".join(f"{i},{'ab'[i % 3 == 0]}\n" for i in range(60))
    contract = contract_of({"x": "numeric", "y": "categorical target"}, ["a", "b"])
    project = make_project(source, contract, split=SplitSettings(test="held_out.csv"), **sections)
    (project.root / "held_out.csv").write_text(test)
    return project


def test_a_test_file_is_sealed_whole_and_what_it_shares_with_train_leaves_train(make_project: Any) -> None:
    project = with_test_file(make_project, "y,x\na,1\nb,3\nb,3\na,1000\n,7\n")
    evidence = cleaned(project)
    assert (evidence.split.kind, evidence.split.test_rows) == ("file", 4)
    assert decision(evidence, "FC209").examples == ("1", "3")
    assert not {(row["x"], row["y"]) for row in part(project, "train")} & {
        (row["x"], row["y"]) for row in part(project, "test")
    }
    assert [row[ROW] for row in part(project, "test")] == [60, 61, 62, 63]
    assert (evidence.rows_in, evidence.rows_out) == (65, 62)
    assert decision(evidence, "FC203").rows == 1


def test_an_overlap_is_only_told_where_copies_are_kept(make_project: Any) -> None:
    project = with_test_file(make_project, "y,x\na,1\nb,3\n", clean=CleanSettings(duplicates="keep"))
    evidence = cleaned(project)
    assert (decision(evidence, "FC209").action, evidence.split.train_rows) == ("report", 60)


def test_a_test_file_without_a_column_names_the_file(make_project: Any) -> None:
    error = refusal(with_test_file(make_project, "y,z\na,1\nb,3\n"))
    assert (error.where, error.found) == ("held_out.csv", "no column 'x'")


def test_a_test_file_that_is_absent_is_named(make_project: Any) -> None:
    project = with_test_file(make_project, "")
    (project.root / "held_out.csv").unlink()
    assert refusal(project).where == "held_out.csv"


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("x,y\n1,a\n2,c\n", "1 row of class 'c'"),
        ("x,y\n1,a\n2,a\n", "one class in the test rows"),
        ("x,y\n1,a\n", "fewer than two rows"),
    ],
)
def test_a_test_file_that_cant_judge_is_an_error(make_project: Any, test: str, found: str) -> None:
    assert refusal(with_test_file(make_project, test)).found == found
