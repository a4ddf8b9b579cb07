"""prepare leaves a proven build, copies for study, and evidence of both."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fullcycle.core.bundle.model import BundleContract, Golden
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.evidence.prepare import PrepareEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.onnx.export import MODELS
from fullcycle.core.models.onnx.foreign import export_foreign
from fullcycle.core.models.parity import graph_feeds, open_session
from fullcycle.core.project.project import Project
from fullcycle.cycle.prepare.copies import write_copies
from fullcycle.cycle.prepare.stage import run
from fullcycle.people.report.pages.prepare import LOADING

MakeProject = Callable[..., Project]

CASES = [
    (Task.binary, "linear"),
    (Task.binary, "ensemble"),
    (Task.multiclass, "lightgbm"),
    (Task.regression, "ensemble"),
]


def content(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize(("task", "model"), CASES)
def test_the_build_answers_as_the_fitted_pipeline(make_project: MakeProject, task: Task, model: str) -> None:
    project = make_project(task, model)
    evidence = run(project)
    frame, _, _, _ = read_frame(project.paths.train, project.contract)
    fitted = pickle.loads((project.paths.model / "pipeline.pkl").read_bytes())
    session = open_session((project.paths.build / "model.onnx").read_bytes())
    fed = graph_feeds(frame, project.contract)
    if task is Task.regression:
        np.testing.assert_allclose(
            session.run(["prediction"], fed)[0][:, 0], fitted.predict(frame), rtol=1e-5
        )
    else:
        probabilities, labels = session.run(["probabilities", "label"], fed)
        np.testing.assert_allclose(probabilities, fitted.predict_proba(frame), atol=1e-5)
        assert (labels == fitted.predict(frame)).mean() > 0.99
    assert [each.rows_of for each in evidence.parity] == ["train", "adversarial"]
    assert all(each.passed for each in evidence.parity)
    assert evidence.parity[0].rows == len(frame)


@pytest.mark.parametrize(("task", "model"), CASES)
def test_the_skops_copy_loads_and_predicts_the_same(
    make_project: MakeProject, task: Task, model: str
) -> None:
    project = make_project(task, model)
    copies_agree(project, run(project))


def copies_agree(project: Project, evidence: PrepareEvidence) -> None:
    """The loader of docs and report: nothing is trusted but what prepare wrote down."""
    import skops.io

    [types] = [file.types for file in evidence.files if file.format == "skops"]
    loaded = skops.io.load(project.paths.model / "pipeline.skops", trusted=list(types))
    task = project.contract.task
    frame, _, _, _ = read_frame(project.paths.train, project.contract)
    pickled = pickle.loads((project.paths.model / "pipeline.pkl").read_bytes())
    np.testing.assert_array_equal(loaded.predict(frame), pickled.predict(frame))
    if task is not Task.regression:
        np.testing.assert_array_equal(loaded.predict_proba(frame), pickled.predict_proba(frame))


def test_two_runs_leave_the_same_bytes_and_the_same_facts(make_project: MakeProject) -> None:
    project = make_project(Task.binary, "ensemble")
    first, build, model = run(project), content(project.paths.build), content(project.paths.model)
    second = run(project)
    assert content(project.paths.build) == build
    assert content(project.paths.model) == model
    measured = {"run", "speed"}
    assert first.model_dump(exclude=measured) == second.model_dump(exclude=measured)


def test_the_evidence_says_what_was_built(make_project: MakeProject) -> None:
    project = make_project(Task.binary, "lightgbm")
    evidence = run(project)
    assert read_evidence(project.paths.evidence, PrepareEvidence) == evidence
    assert evidence.inputs == 5
    assert evidence.model == "lightgbm"
    assert {each.format: (project.root / each.path).stat().st_size for each in evidence.files} == {
        each.format: each.bytes for each in evidence.files
    }
    assert evidence.speed is not None
    assert 0 < evidence.speed.single_row_p50_us <= evidence.speed.single_row_p99_us
    assert evidence.speed.start_ms > 0
    assert evidence.speed.batch_rows_per_s > 0
    assert evidence.findings[0].code == "FC501"
    assert evidence.run is not None
    assert "onnxruntime" in evidence.run.versions


def test_the_column_that_explains_the_target_is_the_most_important(make_project: MakeProject) -> None:
    importance = run(make_project(Task.binary, "linear")).importance
    assert [each.column for each in importance[:2]] == ["age", "plan"]
    assert len(importance) == 5
    assert importance[0].fall > 0.1
    assert abs(importance[-1].fall) < 0.02


def test_golden_rows_are_proven_when_the_build_is_read(make_project: MakeProject) -> None:
    project = make_project(Task.binary, "linear")
    evidence = run(project)
    golden = Golden.model_validate_json((project.paths.build / "golden.json").read_bytes())
    assert evidence.golden_rows == len(golden.rows) > 20
    assert {"onnxruntime", "scikit-learn", "lightgbm"} <= set(golden.made_with)
    facts = BundleContract.model_validate_json((project.paths.build / "contract.json").read_bytes())
    assert facts.threshold == pytest.approx(0.5)
    assert facts.classes == ("no", "yes")


def test_a_positive_class_that_sorts_first_is_the_last_column(make_project: MakeProject) -> None:
    project = make_project(Task.binary, "linear", ("stays", "leaves"))
    run(project)
    frame, target, _, _ = read_frame(project.paths.train, project.contract)
    session = open_session((project.paths.build / "model.onnx").read_bytes())
    probabilities = session.run(["probabilities"], graph_feeds(frame, project.contract))[0]
    positive = (target == "leaves").to_numpy()
    assert probabilities[positive, 1].mean() > probabilities[~positive, 1].mean() + 0.3


def test_a_graph_that_answers_differently_leaves_the_old_build(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(Task.binary, "linear")
    run(project)
    before = content(project.paths.build), content(project.paths.model)

    def lies(graph: Any, part: Any, matrix: Any) -> Any:
        part.coef_ = part.coef_ + 1e-3
        try:
            return export_foreign(graph, part, matrix)
        finally:
            part.coef_ = part.coef_ - 1e-3

    from sklearn.linear_model import LogisticRegression

    monkeypatch.setitem(MODELS, LogisticRegression, lies)
    with pytest.raises(CheckFailed, match="LogisticRegression on adversarial rows"):
        run(project)
    assert (content(project.paths.build), content(project.paths.model)) == before


def test_without_an_experiment_the_error_says_what_to_run(make_project: MakeProject) -> None:
    project = make_project()
    (project.paths.evidence / "experiment.json").unlink()
    with pytest.raises(UserError, match="fullcycle run experiment"):
        run(project)


def test_without_out_of_fold_predictions_the_error_says_what_to_run(make_project: MakeProject) -> None:
    project = make_project()
    project.paths.oof.unlink()
    with pytest.raises(UserError, match=r"data/oof.parquet: found no such file\n.*fullcycle run experiment"):
        run(project)


OWN_MODEL = """
from sklearn.neighbors import KNeighborsClassifier

def nearest(task, seed):
    return KNeighborsClassifier(15)
"""


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module beside fullcycle.yaml, where people run Python too."""
    (tmp_path / "own_of_prepare.py").write_text(OWN_MODEL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "own_of_prepare"
    sys.modules.pop("own_of_prepare", None)


def test_the_skops_copy_of_a_persons_own_estimator_loads(make_project: MakeProject, own_module: str) -> None:
    """Before, the loader knew the types of our own models alone."""
    project = make_project(Task.binary, f"{own_module}:nearest")
    evidence = run(project)
    assert "sklearn.neighbors._kd_tree.KDTree" in evidence.files[1].types
    copies_agree(project, evidence)
    code = LOADING["skops"].format(path="model/pipeline.skops")
    found: dict[str, Any] = {}
    exec(code, found)
    assert hasattr(found["pipeline"], "predict_proba")


def test_a_skops_file_that_was_exchanged_is_not_opened(make_project: MakeProject) -> None:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    class Foreign:
        pass

    project = make_project(Task.binary, "linear")
    [types] = [file.types for file in run(project).files if file.format == "skops"]
    skops.io.dump({"fitted": pd.Series([1]), "foreign": Foreign()}, project.paths.model / "pipeline.skops")
    with pytest.raises(UntrustedTypesFoundException, match="Foreign"):
        skops.io.load(project.paths.model / "pipeline.skops", trusted=list(types))


def test_an_estimator_that_cant_be_kept_is_a_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model/pipeline.pkl: found an estimator that can't be kept"):
        write_copies(tmp_path / "model", lambda: None)
