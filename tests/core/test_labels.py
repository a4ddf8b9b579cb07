"""Labels over the target of a table: by key, by row number, and everything that can't be placed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.labels import Applied, Entry, apply_labels, label_key, place_labels

CLASSES = ("no", "yes")


def make_contract(*, key: bool = True, personal: bool = False, task: Task = Task.binary) -> Contract:
    classes = None if task is Task.regression else CLASSES
    kind = ColumnType.numeric if classes is None else ColumnType.categorical
    columns = [
        Column(name="id", type=ColumnType.categorical, role=Role.identifier, personal=personal),
        Column(name="age", type=ColumnType.numeric),
        Column(name="bought", type=kind, role=Role.target, allowed=classes),
    ]
    return Contract(task=task, classes=classes, columns=tuple(columns if key else columns[1:]))


def make_table(**columns: list[Any]) -> Any:
    rows = len(next(iter(columns.values())))
    return from_arrow(pa.table({ROW: pa.array(range(rows), pa.int64()), **columns}))


def people(bought: list[Any] | None = None) -> Any:
    return make_table(id=["a", "b", "c"], age=["30", "40", "50"], bought=bought or ["yes", None, "no"])


def rows_of(applied: Applied, column: str = "bought") -> list[Any]:
    return list(applied.table.order_by(ROW).to_pyarrow()[column].to_pylist())


def labels_file(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_label_fills_an_empty_target_replaces_another_and_leaves_the_rest(tmp_path: Path) -> None:
    path = labels_file(tmp_path, "id,bought\nc,yes\nb,no\n")
    applied = apply_labels(people(), path, make_contract())
    assert rows_of(applied) == ["yes", "no", "yes"]
    assert (applied.facts.rows, applied.facts.added, applied.facts.changed) == (2, 1, 1)
    assert applied.table.columns == people().columns


def test_labels_by_row_number_fit_rows_that_have_no_key(tmp_path: Path) -> None:
    table = make_table(age=["30", "40"], bought=[None, "no"])
    path = labels_file(tmp_path, "row,bought\n0,yes\n")
    assert rows_of(apply_labels(table, path, make_contract(key=False))) == ["yes", "no"]


def test_a_personal_key_does_not_stand_in_files_of_labels() -> None:
    assert label_key(make_contract(personal=True)) is None
    assert label_key(make_contract()) is not None


def test_a_source_without_the_target_gets_it_from_the_labels(tmp_path: Path) -> None:
    table = make_table(id=["a", "b"], age=["1", "2"])
    assert rows_of(apply_labels(table, labels_file(tmp_path, "id,bought\nb,yes\n"), make_contract())) == [
        None,
        "yes",
    ]


@pytest.mark.parametrize(
    ("bought", "label", "found"),
    [
        (["1,5", None], "2.5", ["1,5", "2,5"]),  # a text with a decimal comma stays one
        ([1.5, None], "2.5", [1.5, 2.5]),
        ([1, None], "2.5", [1.0, 2.5]),
        ([1, None], "2", [1.0, 2.0]),
    ],
)
def test_a_number_lands_in_the_type_of_the_source_unrounded(
    bought: list[Any], label: str, found: list[Any], tmp_path: Path
) -> None:
    contract = make_contract(task=Task.regression)
    target = contract.target.model_copy(update={"decimal": "," if bought[0] == "1,5" else "."})
    contract = contract.model_copy(update={"columns": (*contract.columns[:-1], target)})
    table = make_table(id=["a", "b"], age=["1", "2"], bought=bought)
    path = labels_file(tmp_path, f"id,bought\nb,{label}\n")
    assert rows_of(apply_labels(table, path, contract)) == found


def test_a_truth_value_keeps_its_type(tmp_path: Path) -> None:
    contract = make_contract()
    target = contract.target.model_copy(update={"allowed": ("false", "true"), "lower": True})
    contract = contract.model_copy(
        update={"classes": ("false", "true"), "columns": (*contract.columns[:-1], target)}
    )
    table = make_table(id=["a", "b"], age=["1", "2"], bought=[True, None])
    assert rows_of(apply_labels(table, labels_file(tmp_path, "id,bought\nb,False\n"), contract)) == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,bought\nz,yes\n", "line 2: found labels of rows that the source lacks: id 'z'"),
        ("id,bought\na,maybe\n", "line 2: found label 'maybe'\nexpected: one of no, yes"),
        ("id,bought\na,\n", "line 2: found label ''"),
        ("id,bought\na,yes\na,no\n", "1 rows with two labels"),
        ("id,label\na,yes\n", "no column 'bought'"),
    ],
)
def test_what_can_not_be_placed_is_an_error_that_names_the_line(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as caught:
        apply_labels(people(), labels_file(tmp_path, text), make_contract(), "labels/labels.csv")
    assert message in str(caught.value)


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data\.labels"):
        apply_labels(people(), tmp_path / "labels.csv", make_contract())


def test_a_key_of_two_rows_names_neither() -> None:
    table = make_table(id=["a", "a"], age=["1", "2"], bought=["yes", "no"])
    with pytest.raises(UserError, match="stands for 2 rows"):
        place_labels(table, [Entry("file, line 2", "yes", key="a")], make_contract())


def test_a_row_that_moved_since_it_was_labelled_is_an_error() -> None:
    contract = make_contract(key=False)
    table = make_table(age=["30", "40"], bought=["yes", "no"])
    [placed] = place_labels(table, [Entry("file, line 2", "no", row=0)], contract)
    resorted = make_table(age=["40", "30"], bought=["no", "yes"])
    grown = make_table(age=["30", "40", "1"], bought=["no", "no", None])
    entry = Entry("file, line 2", "no", row=0, fingerprint=placed.fingerprint)
    assert place_labels(grown, [entry], contract)[0].row == 0
    with pytest.raises(UserError, match="another row when it was labelled"):
        place_labels(resorted, [entry], contract)


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.sampled_from([None, *CLASSES]), min_size=1, max_size=30), st.data())
def test_only_the_target_of_labelled_rows_changes(before: list[str | None], data: st.DataObject) -> None:
    table = make_table(
        id=[f"k{at}" for at in range(len(before))], age=[str(at) for at in range(len(before))], bought=before
    )
    labels = data.draw(st.dictionaries(st.integers(0, len(before) - 1), st.sampled_from(CLASSES)))
    entries = [Entry("file", label, key=f"k{row}") for row, label in labels.items()]
    placed = place_labels(table, entries, make_contract())
    assert {item.row: item.label for item in placed} == labels
    assert [item.before for item in placed] == [before[row] for row in labels]
