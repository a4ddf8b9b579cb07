"""The champion is the best out of fold, and what is said about it is measured on the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.findings import Code
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.metrics import METRICS
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.champion import (
    Contender,
    as_candidate,
    best_of,
    blend,
    champion_findings,
    contenders,
    search_findings,
)
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


def test_a_blend_of_two_models_with_their_own_errors_is_better_than_either() -> None:
    members = [tried(0, "linear", 0.4 * NOISE[0]), tried(1, "lightgbm", 0.4 * NOISE[1])]
    found = blend(members, R2)
    assert found.score > max(member.score for member in members)
    assert found.parameters["weight.linear"] == pytest.approx(0.5, abs=0.1)
    assert found.parameters["weight.linear"] + found.parameters["weight.lightgbm"] == 1.0  # type: ignore[operator]
    assert found.parameters["lightgbm.p"] == 1


def test_a_blend_weighs_the_better_member_more_and_carries_its_trial() -> None:
    found = blend([tried(5, "linear", 1.2 * NOISE[0]), tried(7, "lightgbm", 0.3 * NOISE[1])], R2)
    assert found.parameters["weight.lightgbm"] >= 0.85  # type: ignore[operator]
    assert found.trial == 7


def test_a_blend_of_losses_is_chosen_by_the_lowest() -> None:
    members = [tried(0, "linear", 0.4 * NOISE[0]), tried(1, "lightgbm", 0.4 * NOISE[1])]
    assert blend(members, METRICS["rmse"]).parameters == blend(members, R2).parameters


def test_contenders_are_the_best_of_each_model_that_was_asked_for() -> None:
    trials = searched(
        tried(0, "linear", 0.5), tried(1, "lightgbm", 0.4), tried(2, "linear", 0.3), tried(3, "lightgbm", 0.6)
    )
    every = contenders(trials, R2, ExperimentSettings())
    assert [(each.model, each.trial) for each in every] == [("linear", 2), ("lightgbm", 1), ("blend", 2)]
    assert [each.model for each in contenders(trials, R2, ExperimentSettings(models=["blend"]))] == ["blend"]


def test_of_two_equal_contenders_the_simpler_is_the_champion() -> None:
    trials = searched(tried(0, "linear", 0.5), tried(1, "lightgbm", 0.5))
    assert best_of(contenders(trials, R2, ExperimentSettings()), R2).model == "linear"


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
