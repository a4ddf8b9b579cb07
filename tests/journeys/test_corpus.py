"""Tables of the corpus through the command line, as a person cleans them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.dirty import Truth, cases, cleaned, differences

from fullcycle.core.project.project import Project
from tests.journeys.commands import fullcycle

CASES = {f"{case.kind}/{case.name}": case for case in cases()}


@pytest.mark.nightly  # by day without a command: tests/cycle/clean/test_corpus.py
@pytest.mark.parametrize(
    "name",
    [
        "encodings/windows_1251",
        "duplicates/rows_repeated_in_other_words",
        "clean/namibia",
        "formats/spreadsheet",
    ],
)
def test_a_table_is_cleaned_to_its_truth_by_commands(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    truth: Truth = case.truth
    folder = tmp_path / "project"
    fullcycle("init", folder, "--data", case.path / truth.table, "--target", truth.target)
    for stage in ("collect", "clean"):
        fullcycle("-C", folder, stage)
    project = Project(folder)
    collected = json.loads((folder / "evidence/collect.json").read_text(encoding="utf-8"))
    assert list(differences(truth, cleaned(project, project.contract, []))) == []
    assert {found["code"] for found in collected["findings"]} == {"FC101"} & {*truth.told}
