"""What is handed out to be labelled: which rows, which columns, and never twice."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.label import LabelEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.project import Project
from fullcycle.live.label.imports import import_labels
from fullcycle.live.label.next_rows import Export, export_next


def export(project: Project, name: str = "next.csv", **given: Any) -> tuple[Export, list[dict[str, str]]]:
    out = project.root / name
    told = export_next(project, out=out, here=project.root, **given)
    with out.open(encoding="utf-8", newline="") as handle:
        return told, list(csv.DictReader(handle))


def test_unlabelled_rows_are_handed_out_the_most_uncertain_first(make_project: Any) -> None:
    told, rows = export(make_project(unlabelled=40), count=10)
    assert (told.rows, told.candidates, told.measure) == (10, 40, "entropy")
    assert {int(row["row"]) for row in rows} <= set(range(460, 500))
    assert float(rows[0]["uncertainty"]) == max(float(row["uncertainty"]) for row in rows)
    assert all(row["label"] == row["annotator"] == "" for row in rows)
    assert rows[0]["id"] == f"k{rows[0]['row']}"
    shares = [float(rows[0][f"probability_{name}"]) for name in ("no", "yes")]
    assert sum(shares) == pytest.approx(1, abs=1e-3)


def test_rows_are_handed_out_once_until_again_is_asked_for(make_project: Any) -> None:
    project = make_project(unlabelled=12)
    _, first = export(project, "a.csv", count=7)
    _, second = export(project, "b.csv", count=7)
    assert len(second) == 5
    assert not {row["id"] for row in first} & {row["id"] for row in second}
    with pytest.raises(UserError, match="--again"):
        export(project, "c.csv")
    assert len(export(project, "c.csv", count=12, again=True)[1]) == 12


def test_imported_rows_are_not_asked_for(make_project: Any, tmp_path: Path) -> None:
    project = make_project(unlabelled=3)
    (tmp_path / "said.csv").write_text("id,label\nk499,yes\n", encoding="utf-8")
    import_labels(project, [tmp_path / "said.csv"])
    assert {row["id"] for row in export(project)[1]} == {"k497", "k498"}


def test_personal_columns_stay_out_and_a_blind_sheet_shows_no_answer(make_project: Any) -> None:
    project = make_project(unlabelled=5)
    _, rows = export(project, "a.csv", count=2, blind=True)
    assert list(rows[0]) == ["row", "id", "label", "annotator", "age", "income", "plan", "active", "since"]
    _, rows = export(project, "b.csv", count=2, with_personal=True)
    assert rows[0]["e-mail"].endswith("@example.org")


def test_tasks_hold_what_names_the_row_and_the_answer_to_accept(make_project: Any, tmp_path: Path) -> None:
    project = make_project(unlabelled=5)
    told, rows = export(project, count=2, label_studio=tmp_path / "tasks.json")
    tasks = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert tasks[0]["data"]["id"] == rows[0]["id"]
    assert "e-mail" not in tasks[0]["data"]["columns"]
    [prediction] = tasks[0]["predictions"]
    assert prediction["model_version"] == told.bundle
    assert prediction["result"][0]["value"] == {"choices": [rows[0]["prediction"]]}
    config = (tmp_path / "tasks.xml").read_text(encoding="utf-8")
    names = {prediction["result"][0][key] for key in ("from_name", "to_name")}
    assert all(f'name="{name}"' in config for name in names)


def test_numbers_are_chosen_by_distance_from_the_training_rows(make_project: Any, tmp_path: Path) -> None:
    project = make_project(Task.regression, unlabelled=6)
    told, rows = export(project, count=3, label_studio=tmp_path / "tasks.json")
    assert told.measure == "distance"
    assert "probability_no" not in rows[0]
    assert '<Number name="label"' in (tmp_path / "tasks.xml").read_text(encoding="utf-8")
    with pytest.raises(UserError, match="distance"):
        export(project, "b.csv", measure="entropy")


def test_rows_of_another_source_need_no_target(make_project: Any, tmp_path: Path) -> None:
    project = make_project()
    (tmp_path / "pool.csv").write_text(
        "id,age,income,plan,active,since,e-mail\nz1,30,1000,basic,true,2020-01-01,a@example.org\n"
        "z2,?,2000,premium,false,2021-01-01,\n",
        encoding="utf-8",
    )
    told, rows = export(project, source="pool.csv")
    assert told.candidates == 2
    assert {row["id"] for row in rows} == {"z1", "z2"}


def test_everything_labelled_is_told_with_the_way_to_second_opinions(make_project: Any) -> None:
    project = make_project()
    with pytest.raises(UserError, match="--labelled"):
        export(project)
    assert len(export(project, labelled=True, count=5)[1]) == 5


def test_evidence_says_which_rows_were_chosen_and_why(make_project: Any) -> None:
    project = make_project(unlabelled=60)
    _, rows = export(project, count=8)
    facts = read_evidence(project.paths.evidence, LabelEvidence).handed_out
    assert facts is not None
    assert [str(each.row) for each in facts.chosen] == [row["row"] for row in rows]
    assert [each.prediction for each in facts.chosen] == [row["prediction"] for row in rows]
    assert facts.chosen[0].key == rows[0]["id"]
    assert facts.uncertainty is not None
    assert facts.chosen_uncertainty is not None
    assert (sum(facts.uncertainty.counts), sum(facts.chosen_uncertainty.counts)) == (60, 8)
    assert facts.apart is not None
    assert facts.apart_by_uncertainty is not None
    assert facts.apart >= facts.apart_by_uncertainty


def test_evidence_of_a_blind_sheet_is_blind_and_a_personal_key_is_not_in_it(make_project: Any) -> None:
    project = make_project(unlabelled=5, personal_key=True)
    export(project, count=2, blind=True)
    facts = read_evidence(project.paths.evidence, LabelEvidence).handed_out
    assert facts is not None
    assert [(each.prediction, each.key) for each in facts.chosen] == [(None, None)] * 2


def test_the_same_rows_are_chosen_each_time(make_project: Any) -> None:
    project = make_project(unlabelled=60)
    one, other = (export(project, name, count=8, again=True)[1] for name in ("a.csv", "b.csv"))
    assert one == other
