"""Out-of-fold answers are those of whole candidates, each fitted without the fold that it judges."""

from __future__ import annotations

import numpy as np
import pytest
from tests.cycle.experiment.conftest import MakeCleaned, table_of

from fullcycle.core.contract.model import Task
from fullcycle.core.engines.trials import ThreadEngine, single_threaded
from fullcycle.core.metrics import METRICS
from fullcycle.core.models import evaluate as evaluate_module
from fullcycle.core.models.candidates import CANDIDATES, build_candidate, search_context
from fullcycle.core.models.evaluate import Evaluator, OutOfFold, answer_of
from fullcycle.core.models.material import read_material
from fullcycle.core.project.project import Project

MODELS = ("linear", "lightgbm", "mlp")  # the network sees the columns of the linear model


def evaluator(project: Project, workers: int = 1) -> Evaluator:
    return Evaluator(project.contract, (), read_material(project).rows, ThreadEngine(workers), seed=3)


def trials(project: Project) -> list[tuple[str, dict[str, object]]]:
    rows = read_material(project).rows
    context = search_context(project.contract, len(rows.codes), rows.codes)
    return [(name, kind.default(context)) for name, kind in CANDIDATES.items() if name in MODELS]


@pytest.mark.parametrize("task", list(Task))
def test_sharing_prepared_columns_changes_no_bit_of_a_candidates_answers(
    make_cleaned: MakeCleaned, task: Task
) -> None:
    project = make_cleaned(task)
    own = evaluator(project)
    for (model, parameters), found in zip(trials(project), own.out_of_fold(trials(project)), strict=True):
        for number, (train, valid) in enumerate(own.rows.folds):
            candidate = build_candidate(model, parameters, project.contract, (), 3)
            with single_threaded():
                candidate.fit(own.rows.features.iloc[train], own.rows.target.iloc[train])
                expected = answer_of(candidate, own.rows.features.iloc[valid], project.contract)
            assert (found.answer[found.folds == number] == expected[np.argsort(valid)]).all()


def test_no_fold_is_judged_by_what_was_learned_from_it(make_cleaned: MakeCleaned) -> None:
    # A target of pure noise beside a column that names each row: whoever has seen a row answers it rightly.
    table = table_of(Task.regression, rows=60)
    table["age"] = np.arange(60.0)
    table["target"] = np.random.default_rng(1).permutation(60).astype(float)
    project = make_cleaned(Task.regression, table)
    scores = [each.score(METRICS["r2"]) for each in evaluator(project).out_of_fold(trials(project))]
    assert max(scores) < 0.15


def test_workers_and_the_size_of_what_is_kept_change_no_bit(
    make_cleaned: MakeCleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_cleaned()
    first = evaluator(project, workers=1).out_of_fold(trials(project))
    monkeypatch.setattr(evaluate_module, "PREPARED_BYTES_AT_MOST", 0)
    bare = evaluator(project, workers=3)
    second = bare.out_of_fold(trials(project))
    assert not bare._prepared
    assert all((one.answer == other.answer).all() for one, other in zip(first, second, strict=True))


def test_columns_are_prepared_once_for_trials_that_share_them(make_cleaned: MakeCleaned) -> None:
    project = make_cleaned()
    own = evaluator(project)
    own.out_of_fold(trials(project))
    kept = {key: id(matrices) for key, matrices in own._prepared.items()}
    assert len(kept) == 2 * len(own.rows.folds)
    own.out_of_fold(
        [(model, {**parameters, "C": 7.0, "num_leaves": 3}) for model, parameters in trials(project)]
    )
    assert {key: id(matrices) for key, matrices in own._prepared.items()} == kept


def test_a_class_that_training_lacks_gets_no_probability_and_the_order_is_the_contracts(
    make_cleaned: MakeCleaned,
) -> None:
    project = make_cleaned(Task.multiclass)

    class Fitted:
        classes_ = np.array(["c", "a"])

        def predict_proba(self, features: object) -> list[list[float]]:
            return [[0.9, 0.1]]

    assert answer_of(Fitted(), None, project.contract).tolist() == [[0.1, 0.0, 0.9]]


def test_a_fold_without_both_classes_has_no_auc_and_is_left_out() -> None:
    answer = np.array([[0.4, 0.6], [0.7, 0.3], [0.5, 0.5], [0.5, 0.5]])
    found = OutOfFold(answer, np.array([1, 0, 0, 0]), np.array([0, 0, 1, 1]))
    assert found.fold_scores(METRICS["roc_auc"]) == (1.0,)
    assert found.score(METRICS["roc_auc"]) == 1.0
    assert found.scores(Task.binary)["accuracy"] == 0.5
