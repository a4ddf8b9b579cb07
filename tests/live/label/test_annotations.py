"""Sheets, wide tables and Label Studio's exports say the same labels; what is none says where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.contract.model import Contract
from fullcycle.core.errors import UserError
from fullcycle.live.label.annotations import read_annotations

Said = list[tuple[str, str | int | None, str]]


def read(folder: Path, text: str, contract: Contract, name: str = "ann.csv", **given: Any) -> Said:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    found = read_annotations(path, contract, **given)
    return [(each.annotator, each.entry.key or each.entry.row, each.entry.label) for each in found]


EXPECTED: Said = [("ann", "a", "yes"), ("bob", "a", "no"), ("ann", "b", "no")]


def test_a_line_for_each_label(contract: Contract, tmp_path: Path) -> None:
    text = "id,label,annotator\na,yes,ann\na,no,bob\nb,no,ann\n"
    assert read(tmp_path, text, contract) == EXPECTED


def test_a_column_for_each_person_beside_columns_of_the_table(contract: Contract, tmp_path: Path) -> None:
    text = "id;age;prediction;ann;bob\na;30;yes;yes;no\nb;40;no;no;\n"
    assert read(tmp_path, text, contract) == EXPECTED


def test_label_studio_json_and_its_short_form(contract: Contract, tmp_path: Path) -> None:
    def annotated(by: Any, label: str, **more: Any) -> dict[str, Any]:
        result = {
            "from_name": "label",
            "to_name": "columns",
            "type": "choices",
            "value": {"choices": [label]},
        }
        return {"completed_by": by, "result": [result], **more}

    tasks = [
        {
            "id": 1,
            "data": {"row": 0, "id": "a", "columns": {}},
            "annotations": [
                annotated("ann", "yes"),
                annotated({"id": "bob", "email": "bob@example.org"}, "no"),
                annotated("cy", "no", was_cancelled=True),
            ],
        },
        {"id": 2, "data": {"row": 1, "id": "b"}, "annotations": [annotated("ann", "no")]},
    ]
    assert read(tmp_path, json.dumps(tasks), contract, "export.json") == EXPECTED
    short = [
        {"id": "a", "label": "yes", "annotator": "ann", "annotation_id": 5},
        {"id": "a", "label": "no", "annotator": "bob"},
        {"id": "b", "label": "no", "annotator": "ann"},
    ]
    assert read(tmp_path, json.dumps(short), contract, "short.json") == EXPECTED


def test_who_is_not_named_is_the_option_or_the_file(contract: Contract, tmp_path: Path) -> None:
    assert read(tmp_path, "id,label\na,yes\n", contract) == [("ann", "a", "yes")]
    assert read(tmp_path, "id,label\na,yes\n", contract, annotator="cy") == [("cy", "a", "yes")]


def test_rows_without_a_key_are_known_by_number(contract: Contract, tmp_path: Path) -> None:
    assert read(tmp_path, "row,label\n7,yes\n8.0,no\n", contract) == [("ann", 7, "yes"), ("ann", 8, "no")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty file"),
        ("age,label\n1,yes\n", "a column id (the key) or row"),
        ("id,age\na,1\n", "a column label, or a column for each annotator"),
        ("id,label\na,\n", "no label in any line"),
        ("id,label,label\na,yes,no\n", "column 'label' twice"),
        ("id,label\na,yes,more\n", "line 2: found another number of cells"),
        ("row,label\nx,yes\n", "line 2: found row 'x'"),
        ("id,label\n,yes\n", "a label without a row"),
    ],
)
def test_a_sheet_that_says_nothing_clear_is_an_error(
    text: str, message: str, contract: Contract, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, text, contract)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ("{", "no JSON"),
        ("{}", "no list of tasks"),
        ('[{"id": 4, "annotations": []}]', "task 4: found no `data`"),
        (
            '[{"id": 4, "data": {"id": "a"}, "annotations": [{"result": '
            '[{"from_name": "label", "value": {"choices": ["yes", "no"]}}]}]}]',
            "no single label",
        ),
    ],
)
def test_json_that_is_no_export_is_an_error(
    tasks: str, message: str, contract: Contract, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, tasks, contract, "export.json")
    assert message in str(caught.value)


def test_a_file_that_is_no_text_or_not_there_is_an_error(contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"id,label\n\xff,yes\n")
    with pytest.raises(UserError, match="byte 9"):
        read_annotations(tmp_path / "bad.csv", contract)
    with pytest.raises(UserError, match="No such file"):
        read_annotations(tmp_path / "none.csv", contract)
