"""An audit of a project: what it finds, writes and hides, and what it needs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.label import LabelEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.project import Project
from fullcycle.live.label.audit import audit_labels


def suspects(project: Project) -> list[dict[str, str]]:
    with (project.root / "labels/suspects.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def with_labels(project: Project, change: dict[int, Any]) -> None:
    """Other labels for some training rows."""
    table = pq.read_table(project.paths.train)
    labels = table["left"].to_pylist()
    for at, label in change.items():
        labels[at] = label
    pq.write_table(table.set_column(1, "left", pa.array(labels, table["left"].type)), project.paths.train)


def surest(project: Project, count: int) -> list[int]:
    answers = pq.read_table(project.paths.oof)["p_1"].to_pylist()
    return sorted(range(len(answers)), key=lambda at: -abs(answers[at] - 0.5))[:count]


def test_wrong_labels_are_the_first_suspects_and_the_finding_counts_them(make_project: Any) -> None:
    project = make_project()
    flipped = surest(project, 5)
    labels = pq.read_table(project.paths.train)["left"].to_pylist()
    with_labels(project, {at: "no" if labels[at] == "yes" else "yes" for at in flipped})
    audit_labels(project)
    evidence = read_evidence(project.paths.evidence, LabelEvidence)
    assert evidence.audit is not None
    assert {each.row for each in evidence.audit.suspects[:5]} == set(flipped)
    assert {(each.given, each.suggested) for each in evidence.audit.suspects[:5]} <= {
        ("no", "yes"),
        ("yes", "no"),
    }
    assert evidence.audit.suspects[0].key == f"k{evidence.audit.suspects[0].row}"
    assert evidence.audit.scores is not None
    assert sum(evidence.audit.scores.counts) == evidence.audit.rows
    [found] = evidence.findings
    assert (found.code, found.facts["rows"]) == ("FC701", evidence.audit.suspect_rows)
    assert found.facts["share"] == pytest.approx(evidence.audit.suspect_rows / evidence.audit.rows, abs=1e-6)


def test_the_sheet_names_rows_by_key_and_leaves_personal_columns_out(make_project: Any) -> None:
    project = make_project()
    audit_labels(project, top=3)
    first = suspects(project)[0]
    assert list(first)[:8] == ["row", "id", "label", "annotator", "given", "suggested", "score", "suspect"]
    assert "e-mail" not in first
    assert "left" not in first
    audit_labels(project, top=3, with_personal=True, force=True)
    assert suspects(project)[0]["e-mail"].endswith("@example.org")


def test_a_personal_key_is_replaced_by_row_number_and_fingerprint(make_project: Any) -> None:
    project = make_project(personal_key=True)
    audit_labels(project, top=1)
    first = suspects(project)[0]
    audit = read_evidence(project.paths.evidence, LabelEvidence).audit
    assert audit is not None
    assert all(each.key is None for each in audit.suspects)
    assert list(first)[:3] == ["row", "fingerprint", "label"]
    assert "id" not in first


def test_a_number_far_from_its_prediction_is_suspect(make_project: Any) -> None:
    project = make_project(Task.regression)
    with_labels(project, {7: 1000.0})
    evidence = audit_labels(project)
    assert evidence.audit is not None
    assert evidence.audit.method == "residuals"
    assert evidence.audit.suspects[0].row == 7


def test_a_second_audit_replaces_its_finding_and_keeps_other_parts(make_project: Any) -> None:
    project = make_project()
    flipped = surest(project, 3)
    before = pq.read_table(project.paths.train)["left"].to_pylist()
    with_labels(project, {at: "no" if before[at] == "yes" else "yes" for at in flipped})
    assert audit_labels(project).findings
    with_labels(project, {at: before[at] for at in flipped})
    again = audit_labels(project, force=True)
    assert again.audit is not None
    assert (again.audit.suspect_rows > 0) == bool(again.findings)


def test_without_answers_out_of_fold_it_says_what_writes_them(make_project: Any) -> None:
    project = make_project()
    project.paths.oof.unlink()
    with pytest.raises(UserError, match="fullcycle run experiment"):
        audit_labels(project)


def test_answers_for_rows_that_are_gone_are_no_answers(make_project: Any) -> None:
    project = make_project()
    pq.write_table(pq.read_table(project.paths.train).slice(3), project.paths.train)
    with pytest.raises(UserError, match=r"data/train\.parquet lacks"):
        audit_labels(project)


def test_a_file_of_hours_of_work_is_not_replaced(make_project: Any, tmp_path: Path) -> None:
    project = make_project()
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/suspects.csv").write_text("work", encoding="utf-8")
    with pytest.raises(UserError, match="--force"):
        audit_labels(project)
    assert (tmp_path / "labels/suspects.csv").read_text(encoding="utf-8") == "work"
