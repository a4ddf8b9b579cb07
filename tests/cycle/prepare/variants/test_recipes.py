"""Each recipe gives a pipeline whose graph is proven, and learns from the rows that it is given alone."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from tests.cycle.prepare.conftest import small_parameters
from tests.cycle.prepare.test_stage import MakeProject

from fullcycle.core.contract.model import Task
from fullcycle.core.engines.trials import ThreadEngine
from fullcycle.core.evidence.prepare import VariantKind
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.adversarial import adversarial_frame
from fullcycle.core.models.evaluate import Rows, codes_of
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import prove
from fullcycle.cycle.prepare.variants.columns import strongest_columns
from fullcycle.cycle.prepare.variants.compare import measure_variants
from fullcycle.cycle.prepare.variants.plan import Variant
from fullcycle.cycle.prepare.variants.recipes import RECIPES, Setting, fit_variant

MODELS = {"principal_components": "linear", "fewer_columns": "lightgbm", "distilled": "ensemble"}


def variant(kind: Any, contract: Any, target: pd.Series[Any]) -> Variant:
    model = MODELS.get(kind, "linear")
    return Variant(kind, model, small_parameters(contract, target, model))


def test_every_kind_has_a_recipe() -> None:
    assert set(RECIPES) == set(get_args(VariantKind))


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("kind", ["fewer_columns", "principal_components", "distilled"])
def test_the_graph_of_every_recipe_is_proven(make_project: MakeProject, kind: str, task: Task) -> None:
    project = make_project(task)
    frame, target, _, _ = read_frame(project.paths.train, project.contract)
    setting = Setting(project.contract, (), 5)
    fitted = fit_variant(variant(kind, project.contract, target), setting, frame, target)
    hard = pd.concat([adversarial_frame(project.contract, frame), frame], ignore_index=True)
    graph = serialize(export_onnx(fitted.pipeline, fitted.contract))
    assert prove(fitted.pipeline, graph, hard, fitted.contract, "train").passed


def test_columns_that_say_nothing_are_left_out_of_the_graph(make_project: MakeProject) -> None:
    project = make_project(Task.regression)
    frame, target, _, _ = read_frame(project.paths.train, project.contract)
    kept = strongest_columns(project.contract, frame, target, 5)
    assert {"age", "plan"} <= set(kept)
    assert len(kept) < 5
    chosen = variant("fewer_columns", project.contract, target)
    fitted = fit_variant(chosen, Setting(project.contract, (), 5), frame, target)
    graph = export_onnx(fitted.pipeline, fitted.contract)
    assert [each.name for each in graph.graph.input] == list(kept)
    assert tuple(column.name for column in fitted.contract.features) == kept


def test_a_student_answers_as_its_teacher_does(make_project: MakeProject) -> None:
    """It has learned the teacher's answers and not the labels: it is closer to them."""
    project = make_project(Task.binary)
    frame, target, _, _ = read_frame(project.paths.train, project.contract)
    setting = Setting(project.contract, (), 5)
    taught = variant("distilled", project.contract, target)
    teacher = fit_variant(Variant("champion", taught.model, taught.parameters), setting, frame, target)
    student = fit_variant(taught, setting, frame, target)
    says, meant = (each.pipeline.predict_proba(frame)[:, 1] for each in (student, teacher))
    truth = (target == "yes").to_numpy(dtype=float)
    assert np.abs(says - meant).mean() < 0.05
    assert np.abs(says - meant).mean() < np.abs(says - truth).mean()


@pytest.mark.parametrize("kind", ["fewer_columns", "principal_components", "distilled"])
def test_no_fold_is_judged_by_what_was_learned_from_it(make_project: MakeProject, kind: str) -> None:
    """Of a target without a pattern nothing can be known: whoever knows more has looked."""
    project = make_project(Task.binary)
    frame, _, _, _ = read_frame(project.paths.train, project.contract)
    random = np.random.default_rng(3)
    target = pd.Series(random.choice(["no", "yes"], len(frame)), index=frame.index, dtype=object)
    places = np.arange(len(frame))
    folds = [(places[places % 3 != fold], places[places % 3 == fold]) for fold in range(3)]
    rows = Rows(frame, target, codes_of(target, project.contract), folds)
    setting = Setting(project.contract, (), 5)
    [measured] = measure_variants(
        [variant(kind, project.contract, target)], setting, rows, ThreadEngine(2), lambda **_: None
    )
    # 500 rows: the AUC of chance has a standard error of 0.026.
    assert abs(measured.out_of_fold.score(METRICS["roc_auc"]) - 0.5) < 0.08
