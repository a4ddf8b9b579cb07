"""The search: trials end it before time does, and neither workers nor a clock change what it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.candidates import CANDIDATES
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.kinds.base import SearchContext
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.recorded import Recorded, RecordedTrial
from fullcycle.cycle.experiment.search import (
    Searched,
    Tried,
    expected_seconds,
    plan_trials,
    replay,
    search,
    searched_models,
)

CONTEXT = SearchContext(task=Task.regression, rows=1000)
TRUTH = np.array([0.0, 1.0, 2.0, 3.0])
TWO: Any = ["linear", "lightgbm", "ensemble"]


def answer(error: float, seconds: float = 0.0) -> OutOfFold:
    return OutOfFold(TRUTH + error * np.array([1.0, -1.0, 1.0, -1.0]), TRUTH, np.array([0, 0, 1, 1]), seconds)


def evaluate(trials: Sequence[tuple[str, Mapping[str, Scalar]]]) -> list[OutOfFold]:
    """A landscape with a valley: ridge is best at 30, trees at 8 leaves, and trees are better."""
    return [answer(_error(model, parameters)) for model, parameters in trials]


def _error(model: str, parameters: Mapping[str, Scalar]) -> float:
    if model == "linear":
        return abs(float(np.log10(float(str(parameters["alpha"])) / 30))) + 0.3
    if model == "lightgbm":
        return abs(float(str(parameters["num_leaves"])) - 8) / 20 + 0.01
    return 0.5


class Machine:
    """A clock, and an evaluation that takes time on it: of a linear model, and ten times that of trees."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now = seconds, 0.0

    def __call__(self) -> float:
        return self.now

    def evaluate(self, trials: Sequence[tuple[str, Mapping[str, Scalar]]]) -> list[OutOfFold]:
        made = []
        for model, parameters in trials:
            kind = CANDIDATES[model]
            spent = self.seconds * kind.work(parameters) / kind.work(kind.default(CONTEXT))
            spent *= 1 if model == "linear" else 10
            self.now += spent
            made.append(answer(_error(model, parameters), spent))
        return made


def find(**chosen: Any) -> Searched:
    wanted = ExperimentSettings(**{"models": TWO, **chosen})
    return search(evaluate, METRICS["r2"], wanted, CONTEXT, seed=0, advance=lambda *_, **__: None)


def timed(seconds: float, **chosen: Any) -> tuple[Searched, float]:
    machine = Machine(seconds)
    wanted = ExperimentSettings(**{"models": TWO, "workers": 1, **chosen})
    found = search(
        machine.evaluate,
        METRICS["r2"],
        wanted,
        CONTEXT,
        seed=0,
        advance=lambda *_, **__: None,
        clock=machine,
    )
    return found, machine.now


def test_a_model_starts_with_its_portfolio_in_order() -> None:
    found = find(trials=16)
    for model in ("linear", "lightgbm"):
        known = CANDIDATES[model].portfolio(CONTEXT)
        asked = [trial.parameters for trial in found.trials if trial.model == model]
        assert asked[: len(known)] == known[: len(asked)]


def test_trials_end_a_search_that_has_the_time() -> None:
    found = find(trials=10)
    assert found.ended_by == "trials"
    assert [trial.number for trial in found.trials] == list(range(10))
    assert [trial.model for trial in found.trials] == plan_trials(ExperimentSettings(trials=10, models=TWO))


@settings(max_examples=examples(12), deadline=None)
@given(seconds=st.floats(0.05, 2.0), budget=st.floats(5.0, 60.0), batch=st.integers(1, 6))
def test_the_time_is_kept_to_within_a_tenth_whatever_the_machine(
    seconds: float, budget: float, batch: int
) -> None:
    found, spent = timed(seconds, trials=24, time_budget_s=budget, batch=batch)
    assert len(found.trials) >= 2  # the first of each model are tried however slow the data
    assert spent <= max(1.1 * budget, 11 * seconds) * (1 + 1e-9)
    assert (found.ended_by == "time") == (len(found.trials) < 24)


def test_the_first_of_two_models_are_tried_however_slow_the_data() -> None:
    found, _ = timed(1000.0, trials=16, time_budget_s=1)
    assert [trial.model for trial in found.trials] == ["linear", "lightgbm"]
    assert found.ended_by == "time"
    assert timed(1000.0, trials=2, time_budget_s=1)[0].ended_by == "trials"


def test_a_trial_is_expected_to_take_what_its_model_took_by_how_much_work_it_is() -> None:
    kind = CANDIDATES["lightgbm"]
    known = kind.default(CONTEXT)
    tried = [Tried(0, "lightgbm", known, answer(0.1, 4.0), 0.9)]
    twice = known | {"n_estimators": 2 * int(str(known["n_estimators"]))}
    assert expected_seconds("lightgbm", twice, tried) == pytest.approx(8.0)
    assert expected_seconds("linear", {}, tried) > 4.0  # nothing is known of it: more than the slowest
    assert expected_seconds("linear", {}, []) == 0.0


def test_the_same_seed_asks_the_same_and_a_search_ended_early_asked_a_part_of_it() -> None:
    whole, again = find(trials=12), find(trials=12)
    early, _ = timed(1.0, trials=12, time_budget_s=40)
    assert 2 < len(early.trials) < 12
    assert [trial.parameters for trial in whole.trials] == [trial.parameters for trial in again.trials]
    assert [each.parameters for each in early.trials] == [
        each.parameters for each in whole.trials[: len(early.trials)]
    ]


def test_trials_differ_and_the_best_is_no_worse_than_the_default() -> None:
    found = find(trials=16)
    asked = [tuple(trial.parameters.items()) for trial in found.trials]
    assert len(set(asked)) == len(asked)
    best = found.best("lightgbm", METRICS["r2"])
    assert best is not None
    assert best.score >= max(trial.score for trial in found.trials if trial.model == "lightgbm")


def test_a_metric_that_is_lower_for_better_is_minimised() -> None:
    found = search(
        evaluate,
        METRICS["rmse"],
        ExperimentSettings(trials=16, models=TWO),
        CONTEXT,
        seed=0,
        advance=lambda *_, **__: None,
    )
    best = found.best("linear", METRICS["rmse"])
    assert best is not None
    assert best.score == min(trial.score for trial in found.trials if trial.model == "linear")


def test_of_two_equal_trials_the_earlier_is_the_best_and_an_undefined_score_never_is() -> None:
    scores = iter([float("nan"), 0.5, 0.5, 0.4])

    def undefined(trials: Sequence[Any]) -> list[OutOfFold]:
        return [_Scored(next(scores)) for _ in trials]  # type: ignore[misc]

    found = search(
        undefined,
        METRICS["r2"],
        ExperimentSettings(trials=4, models=["linear"]),
        CONTEXT,
        seed=0,
        advance=lambda *_, **__: None,
    )
    best = found.best("linear", METRICS["r2"])
    assert best is not None
    assert best.number == 1
    assert found.best("lightgbm", METRICS["r2"]) is None


class _Scored:
    seconds = 0.0

    def __init__(self, value: float) -> None:
        self.value = value

    def score(self, _: object) -> float:
        return self.value


def test_a_recorded_search_is_repeated_trial_by_trial_without_a_clock() -> None:
    first, _ = timed(1.0, trials=16, time_budget_s=40)
    kept = tuple(RecordedTrial(model=each.model, parameters=each.parameters) for each in first.trials)
    recorded = Recorded(key="k", ended_by="time", trials=kept)
    steps: list[int] = []
    again = replay(evaluate, METRICS["r2"], recorded, 3, advance=lambda n=1, **_: steps.append(n))
    assert again.replayed
    assert again.ended_by == "time"
    assert sum(steps) == len(first.trials)
    for one, other in zip(first.trials, again.trials, strict=True):
        assert (one.number, one.model, one.parameters, one.score) == (
            other.number,
            other.model,
            other.parameters,
            other.score,
        )


def test_an_ensemble_alone_needs_trials_of_its_members() -> None:
    assert "lightgbm" in searched_models(ExperimentSettings(models=["ensemble"]))
    assert searched_models(ExperimentSettings(models=["lightgbm", "linear"])) == ["linear", "lightgbm"]
    assert searched_models(ExperimentSettings(models=["a.b:build", "linear"])) == ["linear", "a.b:build"]
    assert plan_trials(ExperimentSettings(models=["linear"], trials=3)) == ["linear"] * 3


def test_an_older_file_that_says_blend_means_the_ensemble() -> None:
    older = ExperimentSettings.model_validate({"models": ["linear", "lightgbm", "blend"]})
    assert older.models == ["linear", "lightgbm", "ensemble"]


@given(trials=st.integers(1, 60))
def test_every_model_gets_a_trial_however_few_there_are(trials: int) -> None:
    wanted = ExperimentSettings(trials=trials)
    plan, models = plan_trials(wanted), searched_models(wanted)
    assert plan[: len(models)] == models
    assert len(plan) == max(trials, len(models))
    assert plan.count("lightgbm") >= max(plan.count(name) for name in models)


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_a_batch_is_cut_to_what_is_left(batch: int) -> None:
    sizes: list[int] = []

    def counted(trials: Sequence[Any]) -> list[OutOfFold]:
        sizes.append(len(trials))
        return evaluate(trials)

    search(
        counted,
        METRICS["r2"],
        ExperimentSettings(trials=6, batch=batch, models=TWO),
        CONTEXT,
        seed=0,
        advance=lambda *_, **__: None,
    )
    assert sum(sizes) == 6
    assert sizes[0] == 2  # the first of two models
    assert max(sizes[1:]) == min(batch, 4)
