"""verify judges the build on sealed rows and leaves a bundle with the verdict inside."""

from __future__ import annotations

import json
import pickle
import re
import shlex
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.people import evidence_factory as factory

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.evidence.verify import VerifyEvidence
from fullcycle.core.project.claims import Gate
from fullcycle.core.project.project import Project
from fullcycle.cycle.verify import stage
from fullcycle.live.predict import predict_rows, rows_from_arguments
from fullcycle.people.report.build import render_pages
from fullcycle.people.report.records import Records

MakeProject = Callable[..., Project]


def openings(project: Project) -> list[dict[str, str]]:
    return [json.loads(line) for line in project.paths.openings.read_text().splitlines()]


def failed(evidence: VerifyEvidence) -> list[str]:
    return [gate.id for gate in evidence.gates if not gate.passed]


@pytest.mark.parametrize("task", list(Task))
def test_a_good_model_passes_and_becomes_a_bundle(make_project: MakeProject, task: Task) -> None:
    project = make_project(task)
    evidence = stage.run(project)
    assert evidence.passed, evidence.gates
    assert evidence.parity.rows == evidence.rows == 200
    bundle = read_bundle(project.paths.bundle)
    assert bundle.version == evidence.bundle
    assert bundle.tests.passed
    assert [proof.rows_of for proof in bundle.tests.parity] == ["train", "test"]
    assert read_evidence(project.paths.evidence, VerifyEvidence) == evidence
    headline = next(metric for metric in evidence.metrics if metric.metric == evidence.headline)
    assert headline.model.low is not None
    assert headline.model.high is not None
    assert headline.model.value is not None
    assert headline.model.low < headline.model.value < headline.model.high


def test_a_golden_row_is_kept_to_ask_the_model_about(make_project: MakeProject) -> None:
    project = make_project()
    evidence = stage.run(project)
    bundle = read_bundle(project.paths.bundle)
    assert set(evidence.example) == {column.name for column in bundle.contract.features}
    assert evidence.example in [golden.row for golden in bundle.golden.rows]
    page = render_pages("p", Records(**every_stage(evidence)), "en", ("en",))["index.html"]
    [command] = re.findall(r"fullcycle predict [^<]*", unescape(page))
    [row] = rows_from_arguments(shlex.split(command)[2:])
    [answer] = predict_rows(project.paths.bundle, [row])
    assert answer["prediction"] in ("no", "yes")
    assert not answer["unexpected"]


def every_stage(evidence: VerifyEvidence) -> dict[str, Any]:
    """The cycle as done, which is when a page says how to ask the model."""
    made = factory.churn()
    return {
        **{each.stage: each for each in made.in_order},
        "verify": evidence,
    }


def test_classes_have_curve_calibration_and_confusion(make_project: MakeProject) -> None:
    evidence = stage.run(make_project())
    assert evidence.roc[0] == (0.0, 0.0)
    assert evidence.roc[-1] == (1.0, 1.0)
    assert sum(each.rows for each in evidence.calibration) == 200
    assert sum(rows for said in evidence.confusion.values() for rows in said.values()) == 200
    assert evidence.residuals is None
    assert evidence.threshold == 0.5


def test_several_classes_have_a_confusion_and_no_curve(make_project: MakeProject) -> None:
    evidence = stage.run(make_project(Task.multiclass))
    assert evidence.roc == ()
    assert set(evidence.confusion) == {"high", "low", "mid"}
    assert evidence.threshold is None


def test_numbers_have_residuals_and_points(make_project: MakeProject) -> None:
    evidence = stage.run(make_project(Task.regression))
    assert evidence.residuals is not None
    assert sum(evidence.residuals.counts) == 200
    assert len(evidence.predicted_actual) == 200
    assert evidence.confusion == {}


def test_an_opening_is_on_record_before_the_test_rows_are_read(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()

    def crash(path: Path, contract: object) -> None:
        assert len(openings(project)) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, "read_frame", crash)
    with pytest.raises(KeyboardInterrupt):
        stage.run(project)
    assert len(openings(project)) == 1
    assert not project.paths.bundle.exists()


def test_without_a_record_the_test_rows_stay_closed(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    project.paths.openings.mkdir()  # a folder is there, so no line can be appended; root is refused too

    def read(path: Path, contract: object) -> None:
        raise AssertionError("the test set was read without a record")

    monkeypatch.setattr(stage, "read_frame", read)
    with pytest.raises(UserError, match=r"openings\.jsonl: found a record that can't be written"):
        stage.run(project)


def test_a_second_look_at_the_same_model_is_recorded_but_is_no_new_opening(make_project: MakeProject) -> None:
    project = make_project()
    first, second = stage.run(project), stage.run(project)
    assert len(openings(project)) == 2
    assert (first.openings, second.openings) == (1, 1)
    assert first.bundle == second.bundle
    assert first.model_copy(update={"run": None}) == second.model_copy(update={"run": None})


def test_a_second_model_on_the_same_rows_is_a_finding(make_project: MakeProject) -> None:
    project = make_project()
    record = {"opened": "2024-02-29", "build": "another", "test": openings_seal(project), "commit": None}
    project.paths.openings.write_text(json.dumps(record) + "\n")
    evidence = stage.run(project)
    assert evidence.openings == 2
    [warning] = [finding for finding in evidence.findings if finding.code == "FC602"]
    assert warning.facts == {"openings": 2}
    assert evidence.passed, "a warning is no gate"


def openings_seal(project: Project) -> str:
    from fullcycle.core.evidence.clean import CleanEvidence

    seal = read_evidence(project.paths.evidence, CleanEvidence).split.test_sha256
    assert seal is not None
    return seal


def test_a_model_no_better_than_the_baseline_fails_its_gate_and_leaves_a_bundle(
    make_project: MakeProject,
) -> None:
    project = make_project(signal=0.0)
    evidence = stage.run(project)
    assert failed(evidence) == ["better_than_baseline"]
    assert not evidence.passed
    bundle = read_bundle(project.paths.bundle)
    assert not bundle.tests.passed
    assert "Not fit for release" in (project.paths.bundle / "card.md").read_text()
    assert [finding.code for finding in evidence.findings] == ["FC601"]


def test_an_undecided_leak_suspect_fails_until_a_person_decides(make_project: MakeProject) -> None:
    evidence = stage.run(make_project(suspects=("refund",)))
    assert failed(evidence) == ["leak_suspects"]
    [gate] = [gate for gate in evidence.gates if gate.id == "leak_suspects"]
    assert gate.columns == ("refund",)


@pytest.mark.parametrize(
    "decision", [{"leak": "drop"}, {"leak": "keep", "leak_reason": "paid before the question is asked"}]
)
def test_a_decided_leak_suspect_passes(make_project: MakeProject, decision: dict[str, str]) -> None:
    project = make_project(suspects=("refund",), leaks={"refund": decision})
    assert stage.run(project).passed
    card = (project.paths.bundle / "card.md").read_text()
    assert ("paid before the question is asked" in card) == (decision["leak"] == "keep")


def test_gates_of_the_project_are_checked(make_project: MakeProject) -> None:
    gates = (Gate(metric="roc_auc", at_least=0.999), Gate(metric="log_loss", at_most=5.0))
    evidence = stage.run(make_project(gates=gates))
    assert failed(evidence) == ["metric_at_least"]
    [gate] = [gate for gate in evidence.gates if not gate.passed]
    assert (gate.metric, gate.bound) == ("roc_auc", "0.999")


def test_a_gate_on_a_metric_of_another_task_is_refused(make_project: MakeProject) -> None:
    with pytest.raises(UserError, match=r"key gates: found metric r2"):
        stage.run(make_project(gates=(Gate(metric="r2", at_least=0.5),)))


def test_a_graph_that_differs_from_the_pipeline_leaves_no_bundle(make_project: MakeProject) -> None:
    project = make_project()
    path = project.paths.model / "pipeline.pkl"
    fitted = pickle.loads(path.read_bytes())
    fitted.steps[-1][1].intercept_ += 0.01
    path.write_bytes(pickle.dumps(fitted))
    with pytest.raises(CheckFailed, match="proof of LogisticRegression on test rows"):
        stage.run(project)
    assert not project.paths.bundle.exists()
    assert len(openings(project)) == 1


def test_other_rows_than_were_sealed_are_refused(make_project: MakeProject) -> None:
    project = make_project()
    pq.write_table(pq.read_table(project.paths.test).slice(0, 100), project.paths.test)
    with pytest.raises(UserError, match="other rows than clean had sealed"):
        stage.run(project)


def test_rows_without_a_seal_are_judged_all_the_same(make_project: MakeProject) -> None:
    project = make_project(sealed=False)
    assert stage.run(project).passed
    assert openings(project)[0]["test"] == "not sealed"


def test_a_build_of_another_contract_is_refused_before_the_opening(make_project: MakeProject) -> None:
    project = make_project()
    changed = project.contract.columns[0].model_copy(update={"strict": True})
    columns = (changed, *project.contract.columns[1:])
    project.__dict__["contract"] = project.contract.model_copy(update={"columns": columns})
    with pytest.raises(UserError, match=r"another contract\.yaml"):
        stage.run(project)
    assert not project.paths.openings.exists()


@pytest.mark.parametrize("content", [None, b"", b"not a pickle"])
def test_a_pipeline_that_cannot_be_read_says_which_stage_to_run(
    make_project: MakeProject, content: bytes | None
) -> None:
    project = make_project()
    path = project.paths.model / "pipeline.pkl"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(UserError, match=r"model/pipeline\.pkl") as refusal:
        stage.run(project)
    assert "fullcycle run prepare" in refusal.value.hint


def test_the_same_project_gives_the_same_bundle_elsewhere(tmp_path: Path, make_project: MakeProject) -> None:
    import shutil

    project = make_project()
    copy = Project(shutil.copytree(project.root, tmp_path / "elsewhere"))
    copy.__dict__.update(settings=project.settings, contract=project.contract)
    assert stage.run(project).bundle == stage.run(copy).bundle
