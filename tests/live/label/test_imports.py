"""Imports: what several people said becomes one label a row, and the last import can be taken back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.contract.model import Task
from fullcycle.core.engines.tables import ROW, read_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.labels import apply_labels
from fullcycle.core.project.project import Project
from fullcycle.live.label.imports import import_labels, undo_import


def sheet(folder: Path, text: str, name: str = "said.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def decided(project: Project) -> dict[str, str]:
    with (project.root / "labels/labels.csv").open(encoding="utf-8", newline="") as handle:
        return {line["id"]: line["left"] for line in csv.DictReader(handle)}


def again(project: Project) -> Project:
    return Project(project.root)  # a project reads its settings once


def test_a_majority_of_three_is_what_data_labels_names(make_project: Any, tmp_path: Path) -> None:
    project = make_project()
    text = "id,ann,bob,cy\nk0,yes,yes,no\nk1,no,no,no\nk2,yes,no,\n"
    evidence = import_labels(project, [sheet(tmp_path, text)])
    assert decided(project) == {"k0": "yes", "k1": "no"}
    assert again(project).settings.data.labels == "labels/labels.csv"
    facts = evidence.imported
    assert facts is not None
    assert (facts.rows, facts.tied_rows, facts.annotations) == (2, 1, 8)
    assert [(each.name, each.labels, each.agrees) for each in facts.annotators] == [
        ("ann", 3, 1.0),
        ("bob", 3, 1.0),
        ("cy", 2, 0.5),
    ]
    assert evidence.agreement is not None
    assert evidence.agreement.items == 3


def test_what_is_imported_fits_the_table_that_collect_reads(make_project: Any, tmp_path: Path) -> None:
    project = make_project(unlabelled=10)
    import_labels(project, [sheet(tmp_path, "row,label\n499,yes\n0,no\n")])
    applied = apply_labels(read_parquet(project.paths.raw), tmp_path / "labels/labels.csv", project.contract)
    labels = applied.table.order_by(ROW).to_pyarrow()["left"].to_pylist()
    assert (labels[499], labels[0]) == ("yes", "no")
    assert applied.facts.added == 1


def test_later_imports_add_to_earlier_ones_and_undo_takes_back_the_last(
    make_project: Any, tmp_path: Path
) -> None:
    project = make_project()
    import_labels(project, [sheet(tmp_path, "id,label,annotator\nk0,yes,ann\nk1,no,ann\n")])
    first = (tmp_path / "labels/labels.csv").read_bytes()
    import_labels(again(project), [sheet(tmp_path, "id,label,annotator\nk1,yes,ann\nk2,no,bob\n")])
    assert decided(project) == {"k0": "yes", "k1": "yes", "k2": "no"}  # ann corrected k1
    undo_import(again(project))
    assert (tmp_path / "labels/labels.csv").read_bytes() == first
    undo_import(again(project))
    assert not (tmp_path / "labels/labels.csv").exists()
    assert again(project).settings.data.labels is None
    with pytest.raises(UserError, match="no import"):
        undo_import(again(project))


def test_the_same_file_twice_is_one_import(make_project: Any, tmp_path: Path) -> None:
    project = make_project()
    path = sheet(tmp_path, "id,label\nk0,yes\n")
    for _ in range(2):
        evidence = import_labels(again(project), [path])
    assert evidence.imported is not None
    assert evidence.imported.imports == 1


def test_people_who_answer_by_chance_are_a_finding(make_project: Any, tmp_path: Path) -> None:
    project = make_project()
    lines = [f"k{at},{'yes' if at % 2 else 'no'},{'yes' if at % 3 else 'no'}" for at in range(40)]
    evidence = import_labels(project, [sheet(tmp_path, "id,ann,bob\n" + "\n".join(lines) + "\n")])
    [found] = evidence.findings
    assert (found.code, found.facts["measure"], found.facts["items"]) == ("FC702", "krippendorff_alpha", 40)
    assert evidence.agreement is not None
    assert found.facts["agreement"] == pytest.approx(evidence.agreement.alpha.value, abs=1e-6)
    assert evidence.agreement.cohen_kappa is not None


def test_what_people_agree_on_is_in_evidence_with_intervals_pairs_and_each_one(
    make_project: Any, tmp_path: Path
) -> None:
    project = make_project()
    lines = [f"k{at},{yes(at % 2)},{yes(at % 2)},{yes(at % 2 or at % 5 == 0)}" for at in range(60)]
    evidence = import_labels(project, [sheet(tmp_path, "id,ann,bob,cy\n" + "\n".join(lines) + "\n")])
    agreement, imported = evidence.agreement, evidence.imported
    assert agreement is not None
    assert imported is not None
    assert agreement.fleiss is not None
    assert agreement.fleiss.value == agreement.fleiss_kappa
    assert agreement.fleiss.low < agreement.fleiss.value < agreement.fleiss.high  # type: ignore[operator]
    assert [(pair.first, pair.second, pair.equal) for pair in agreement.pairs] == [
        ("ann", "bob", 1.0),
        ("ann", "cy", 0.9),
        ("bob", "cy", 0.9),
    ]
    ann, _, cy = imported.annotators
    assert ann.with_others is not None
    assert cy.with_others is not None
    assert (ann.with_others.value, cy.with_others.value) == (0.95, 0.9)
    assert (imported.unanimous_rows, imported.voices) == (54, {3: 60})
    assert sum(imported.classes.values()) == imported.rows


def yes(answer: object) -> str:
    return "yes" if answer else "no"


@pytest.mark.parametrize(
    ("wrong", "reading", "severity"),
    [
        (4, "reliable", None),
        (10, "tentative", "info"),
        (14, "unreliable", "warning"),
        (50, "chance", "warning"),
    ],
)
def test_disagreement_is_as_serious_as_krippendorff_reads_alpha(
    wrong: int, reading: str, severity: str | None, make_project: Any, tmp_path: Path
) -> None:
    project = make_project()
    lines = [f"k{at},{yes(at % 2)},{yes(at % 2 if at >= wrong else not at % 2)}" for at in range(80)]
    evidence = import_labels(project, [sheet(tmp_path, "id,ann,bob\n" + "\n".join(lines) + "\n")])
    assert evidence.agreement is not None
    assert evidence.agreement.reading == reading
    assert [each.severity.value for each in evidence.findings] == ([severity] if severity else [])


def test_numbers_are_decided_by_the_median(make_project: Any, tmp_path: Path) -> None:
    project = make_project(Task.regression)
    evidence = import_labels(project, [sheet(tmp_path, "id,ann,bob,cy\nk0,1.5,2.5,9\n")])
    assert decided(project) == {"k0": "2.5"}
    assert evidence.agreement is not None
    assert evidence.agreement.level == "interval"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,label\nzz,yes\n", "id 'zz'"),
        ("id,label\nk0,perhaps\n", "one of no, yes"),
        ("id,label,annotator\nk0,yes,ann\nk0,no,ann\n", "one label of each person"),
        ("row,fingerprint,label\n0,f0123456789ab,yes\n", "another row when it was labelled"),
    ],
)
def test_a_label_that_can_not_be_placed_changes_nothing(
    text: str, message: str, make_project: Any, tmp_path: Path
) -> None:
    project = make_project()
    before = (tmp_path / "fullcycle.yaml").read_text(encoding="utf-8")
    with pytest.raises(UserError) as caught:
        import_labels(project, [sheet(tmp_path, text)])
    assert message in str(caught.value)
    assert "said.csv, line" in caught.value.where
    assert not (tmp_path / "labels").exists()
    assert (tmp_path / "fullcycle.yaml").read_text(encoding="utf-8") == before


def test_a_way_to_decide_that_does_not_suit_the_target_is_an_error(make_project: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="majority or dawid-skene"):
        import_labels(make_project(), [sheet(tmp_path, "id,label\nk0,yes\n")], aggregation="median")
