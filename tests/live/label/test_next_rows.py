"""What is handed out to be labelled: which rows, which columns, and never twice."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.live.conftest import Client

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.label import LabelEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.label.imports import import_labels
from fullcycle.live.label.next_rows import Export, export_next
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve.app import app_of
from fullcycle.live.service import open_service


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


@pytest.fixture
def logged(make_project: Any) -> tuple[Project, list[dict[str, Any]]]:
    """A project whose server answered rows of the table, one of them twice, and learned one outcome."""
    project = make_project()
    log = LogPlace(project.paths.predictions, LogSettings())
    service = open_service(Source(project.paths.bundle, log=log), ServeSettings())
    client = Client(app_of(service, ServeSettings()))
    raw = pq.read_table(project.paths.raw).select(["age", "income", "plan", "active", "since", "e-mail"])
    asked = [
        {name: None if cell == "None" else cell for name, cell in row.items()}
        for row in raw.slice(0, 12).to_pylist()
    ]
    for at in range(0, 12, 3):
        for _ in range(1 + (at == 0)):
            said = client.post("/predict", json=asked[at : at + 3], headers={"x-request-id": f"q{at}"})
            assert said.status_code == 200, said.text
    outcome = {"request_id": "q3", "row": 1, "outcome": "yes"}
    assert client.post("/feedback", json=outcome).status_code == 200
    service.close()
    return project, asked


def test_rows_of_the_log_without_an_outcome_are_handed_out_once_under_their_requests(
    logged: tuple[Project, list[dict[str, Any]]],
) -> None:
    project, asked = logged
    told, rows = export(project, log=True, count=4)
    assert (told.candidates, told.rows) == (11, 4)
    _, others = export(project, "b.csv", log=True, count=40)
    named = {(row["request_id"], int(row["request_row"])): row for row in (*rows, *others)}
    assert set(named) == {(f"q{at}", row) for at in range(0, 12, 3) for row in range(3)} - {("q3", 1)}
    assert list(rows[0])[:4] == ["request_id", "request_row", "label", "annotator"]
    assert not {"row", "fingerprint", "e-mail"} & set(rows[0])
    for (request, place), row in named.items():
        was = asked[int(request[1:]) + place]
        assert (row["plan"] or None) == was["plan"]
        assert row["since"].startswith(was["since"])
    with pytest.raises(UserError, match=r"predictions/: found no row to label"):
        export(project, "c.csv", log=True)
    assert len(export(project, "c.csv", log=True, labelled=True, again=True)[1]) == 12
    (project.root / "b.csv").write_text("request_id,request_row,label,annotator\nq0,0,yes,ann\n")
    with pytest.raises(UserError):  # of rows of the source: these may not be among them
        import_labels(project, [project.root / "b.csv"])


def test_the_model_is_as_unsure_of_a_row_of_the_log_as_of_the_row_itself(
    logged: tuple[Project, list[dict[str, Any]]],
) -> None:
    project, _ = logged
    _, rows = export(project, log=True, count=40)
    _, own = export(project, "own.csv", labelled=True, count=500)
    of_row = {int(row["row"]): row for row in own}
    for row in rows:
        same = of_row[int(row["request_id"][1:]) + int(row["request_row"])]
        assert (row["prediction"], row["uncertainty"]) == (same["prediction"], same["uncertainty"])


def test_a_project_that_never_answered_has_no_rows_of_its_log(make_project: Any) -> None:
    with pytest.raises(UserError, match="fullcycle serve"):
        export(make_project(), log=True)
