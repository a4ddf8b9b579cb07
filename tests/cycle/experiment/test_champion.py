"""The champion is the best out of fold, and what is said about it is measured on the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.findings import Code
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.champion import (
    Contender,
    as_candidate,
    as_contender,
    best_of,
    champion_findings,
    contenders,
    search_findings,
)
from fullcycle.cycle.experiment.ensemble import MEMBERS_AT_MOST, greedy_ensemble
from fullcycle.cycle.experiment.search import Searched, Tried

R2 = METRICS["r2"]
ROWS = 400
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.normal(0, 1, ROWS)
FOLDS = np.arange(ROWS) % 4
NOISE = RANDOM.normal(0, 1, (2, ROWS))


def tried(number: int, model: str, error: Any) -> Tried:
    own = OutOfFold(TRUTH + error, TRUTH, FOLDS)
    return Tried(number, model, {"p": number}, own, own.score(R2))


def searched(*trials: Tried, ended_by: Any = "trials") -> Searched:
    return Searched(trials, ended_by)


def test_an_ensemble_of_models_with_their_own_errors_is_better_than_any() -> None:
    found = greedy_ensemble(
        [tried(0, "linear", 0.4 * NOISE[0]), tried(1, "lightgbm", 0.4 * NOISE[1])], R2, Task.regression
    )
    assert found is not None
    assert found.out_of_fold.score(R2) > max(each.score for each in found.members) + 0.03
    assert sum(found.weights) == pytest.approx(1.0)
    assert min(found.weights) > 0.4


def test_an_ensemble_carries_the_better_member_most_and_its_trial() -> None:
    trials = [tried(5, "linear", 0.8 * NOISE[0]), tried(7, "lightgbm", 0.4 * NOISE[1])]
    found = greedy_ensemble(trials, R2, Task.regression)
    assert found is not None
    kept = as_contender(found, R2)
    assert kept.parameters["weight.lightgbm/7"] > 0.6  # type: ignore[operator]
    assert kept.parameters["lightgbm/7.p"] == 7
    assert kept.trial == 7


def test_a_trial_that_only_adds_noise_is_no_member() -> None:
    good = tried(0, "lightgbm", 0.1 * NOISE[0])
    assert greedy_ensemble([good, tried(1, "linear", 3.0 * NOISE[1])], R2, Task.regression) is None
    assert greedy_ensemble([good], R2, Task.regression) is None


def test_an_ensemble_has_few_members_however_many_trials_there_are() -> None:
    random = np.random.default_rng(1)
    trials = [tried(number, f"m{number % 4}", random.normal(0, 1, ROWS)) for number in range(30)]
    found = greedy_ensemble(trials, R2, Task.regression)
    assert found is not None
    assert 2 <= len(found.members) <= MEMBERS_AT_MOST


def test_the_score_of_an_ensemble_is_not_flattered_by_the_choice_of_its_weights() -> None:
    """Of many models that know nothing the luckiest mean looks better than the same, cross-fitted."""
    random = np.random.default_rng(2)
    trials = [tried(number, f"m{number}", -TRUTH + random.normal(0, 0.3, ROWS)) for number in range(10)]
    found = greedy_ensemble(trials, R2, Task.regression)
    assert found is not None
    chosen = np.average([each.out_of_fold.answer for each in found.members], axis=0, weights=found.weights)
    flattered = OutOfFold(chosen, TRUTH, FOLDS).score(R2)
    assert found.out_of_fold.score(R2) < flattered


@pytest.mark.parametrize(("task", "classes"), [(Task.binary, 2), (Task.multiclass, 3)])
def test_classes_are_mixed_by_log_loss_whatever_the_metric(task: Task, classes: int) -> None:
    codes = RANDOM.integers(0, classes, ROWS)

    def chances(noise: float, power: float) -> Any:
        scores = 2 * np.eye(classes)[codes] + RANDOM.normal(0, noise, (ROWS, classes))
        chance = np.exp(power * scores)
        return chance / chance.sum(axis=1, keepdims=True)

    accuracy, log_loss = METRICS["accuracy"], METRICS["log_loss"]
    outs = [OutOfFold(chances(*each), codes, FOLDS) for each in ((1.5, 0.7), (1.5, 0.7), (0.8, 30.0))]
    trials = [Tried(number, f"m{number}", {}, own, own.score(accuracy)) for number, own in enumerate(outs)]
    found = greedy_ensemble(trials, accuracy, task)
    assert found is not None
    assert trials[2].score > max(each.score for each in trials[:2])  # the best ranking, ruined probabilities
    assert found.out_of_fold.score(log_loss) < min(each.out_of_fold.score(log_loss) for each in trials)
    np.testing.assert_allclose(found.out_of_fold.answer.sum(axis=1), 1.0)


def test_contenders_are_the_best_of_each_model_that_was_asked_for() -> None:
    trials = searched(
        tried(0, "linear", 0.4 * NOISE[0]),
        tried(1, "lightgbm", 0.4 * NOISE[1]),
        tried(2, "linear", 0.3 * NOISE[0]),
        tried(3, "lightgbm", 0.6 * NOISE[1]),
    )
    every = contenders(trials, R2, ExperimentSettings(), Task.regression)
    assert [(each.model, each.trial) for each in every] == [("linear", 2), ("lightgbm", 1), ("ensemble", 2)]
    alone = ExperimentSettings(models=["ensemble"])
    assert [each.model for each in contenders(trials, R2, alone, Task.regression)] == ["ensemble"]
    single = searched(tried(0, "linear", 0.1 * NOISE[0]), tried(1, "lightgbm", 3.0 * NOISE[1]))
    assert [each.model for each in contenders(single, R2, alone, Task.regression)] == ["linear", "lightgbm"]


def test_of_two_equal_contenders_the_simpler_is_the_champion() -> None:
    trials = searched(tried(0, "linear", 0.5), tried(1, "lightgbm", 0.5))
    assert best_of(contenders(trials, R2, ExperimentSettings(), Task.regression), R2).model == "linear"


def contender(model: str, error: Any) -> Contender:
    own = OutOfFold(TRUTH + error, TRUTH, FOLDS)
    return Contender(model, 0, {}, own, own.score(R2))


def findings(*found: Contender) -> dict[str, dict[str, Any]]:
    candidates = [as_candidate(each, R2, Task.regression, 0) for each in found]
    champion = best_of(found, R2).model
    return {each.code: each.facts for each in champion_findings(candidates, found, champion, R2, 0.0)}


def test_a_candidate_holds_its_interval_fold_scores_and_every_metric() -> None:
    candidate = as_candidate(contender("linear", 0.5 * NOISE[0]), R2, Task.regression, 0)
    assert candidate.score.low < candidate.score.value < candidate.score.high  # type: ignore[operator]
    assert len(candidate.fold_scores) == 4
    assert set(candidate.metrics) == {"r2", "rmse", "mae"}
    assert candidate.metrics["r2"] == candidate.score.value


def test_a_champion_whose_interval_reaches_the_baseline_is_said_to_be_no_better() -> None:
    told = findings(contender("lightgbm", NOISE[0]))
    assert told[Code.no_better_than_baseline]["low"] <= 0.0
    assert findings(contender("lightgbm", 0.3 * NOISE[0])) == {}


def test_a_simple_model_within_the_uncertainty_is_said_to_be_as_good() -> None:
    told = findings(contender("linear", 0.50 * NOISE[0]), contender("lightgbm", 0.49 * NOISE[1]))
    facts = told[Code.simple_model_as_good]
    assert (facts["model"], facts["champion"]) == ("linear", "lightgbm")
    assert facts["low"] <= 0 <= facts["high"]
    assert Code.simple_model_as_good not in findings(
        contender("linear", 0.9 * NOISE[0]), contender("lightgbm", 0.3 * NOISE[0])
    )


def test_a_linear_champion_is_not_compared_with_itself() -> None:
    assert findings(contender("linear", 0.3 * NOISE[0]), contender("lightgbm", 0.9 * NOISE[0])) == {}


def test_time_and_a_sample_are_said_with_their_numbers() -> None:
    settings = ExperimentSettings(trials=16, time_budget_s=5)
    short = searched(tried(0, "linear", 0.5), ended_by="time")
    time_ended, sampled = search_findings(short, settings, rows=10, of=30)
    assert time_ended.code == Code.search_ended_by_time
    assert time_ended.facts == {"trials": 1, "planned": 16, "time_budget_s": 5}
    assert (sampled.code, sampled.facts) == (Code.search_on_sample, {"rows": 10, "of": 30})
    assert list(search_findings(searched(), settings, rows=30, of=30)) == []
