"""Each table of the corpus becomes what a careful person wrote that it must (tests/corpus/README.md)."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.dirty import Case, cases, judge

CASES = {f"{case.kind}/{case.name}": case for case in cases()}


def params() -> list[object]:
    marks = {name: [pytest.mark.nightly] if case.truth.nightly else [] for name, case in CASES.items()}
    return [pytest.param(case, id=name, marks=marks[name]) for name, case in CASES.items()]


@pytest.mark.parametrize("case", params())
def test_a_table_is_cleaned_to_its_truth(case: Case) -> None:
    assert judge(case) == []


def test_the_corpus_is_large_and_has_tables_that_are_clean() -> None:
    kinds = Counter(case.kind for case in CASES.values())
    assert kinds.total() >= 60
    assert kinds["clean"] >= 12
    assert all(case.truth.left_alone for case in CASES.values() if case.kind == "clean")
    assert all((case.path / case.truth.table).is_file() for case in CASES.values())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gone": [3]}, "rows gone are [], not [3]"),
        ({"told": []}, "told without need: ['FC216 age', 'FC216 income']"),
        ({"told": ["FC216 age", "FC216 income", "FC201"]}, "not told: ['FC201']"),
        ({"classes": ["yes", "no"]}, "classes are ('no', 'yes'), not ['yes', 'no']"),
        ({"proposed": {"age": ["-1"]}}, "proposed in age: [], not ['-1']"),
        ({"left_alone": True}, "age changed"),
        ({"columns": {}}, "missing in age: 6 rows, not 0"),
        ({"columns": {"age": {"cells": {0: 17}}}}, "age in row 0 is"),
        ({"refused": ["line 3"]}, "not refused"),
    ],
)
def test_the_judge_sees_what_is_not_as_the_truth_says(changes: dict[str, object], said: str) -> None:
    case = CASES["missing_tokens/words_among_numbers"]
    truth = type(case.truth).model_validate({**case.truth.model_dump(), **changes})
    assert said in "\n".join(judge(Case(case.name, case.kind, case.path, truth)))
