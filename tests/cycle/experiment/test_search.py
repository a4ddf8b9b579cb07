"""The search: trials end it before time does, and neither workers nor a clock change what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.models.candidates import CANDIDATES, SearchContext
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.metrics import METRICS
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.recorded import Recorded, RecordedTrial
from fullcycle.cycle.experiment.search import Searched, plan_trials, replay, search, searched_models

CONTEXT = SearchContext(task=Task.regression, rows=1000)
TRUTH = np.array([0.0, 1.0, 2.0, 3.0])


def answer(error: float) -> OutOfFold:
    return OutOfFold(TRUTH + error * np.array([1.0, -1.0, 1.0, -1.0]), TRUTH, np.array([0, 0, 1, 1]))


def evaluate(trials: Sequence[tuple[str, Mapping[str, Scalar]]]) -> list[OutOfFold]:
    """A landscape with a valley: ridge is best at 30, LightGBM at 8 leaves, and is better."""
    return [
        answer(
            abs(np.log10(float(str(parameters["alpha"])) / 30)) + 0.3
            if model == "linear"
            else abs(float(str(parameters["num_leaves"])) - 8) / 20 + 0.01
        )
        for model, parameters in trials
    ]


def find(clock: Callable[[], float] = lambda: 0.0, **settings: Any) -> Searched:
    chosen = ExperimentSettings(**settings)
    return search(
        evaluate, METRICS["r2"], chosen, CONTEXT, seed=0, advance=lambda *_, **__: None, clock=clock
    )


def looked_at(*seconds: float) -> Callable[[], float]:
    """A clock that shows these times: once at the start, then before each batch."""
    times = iter(seconds)
    return lambda: next(times)


def slow() -> Callable[[], float]:
    """The defaults take two seconds, the next batch eight more, the one after it ten."""
    return looked_at(0, 0, 2, 10, 20, 30, 40)


def test_the_first_trial_of_each_model_is_its_default() -> None:
    found = find(trials=8)
    for model, kind in CANDIDATES.items():
        first = next(trial for trial in found.trials if trial.model == model)
        assert first.parameters == kind.default(CONTEXT)


def test_trials_end_a_search_that_has_the_time() -> None:
    found = find(trials=10)
    assert found.ended_by == "trials"
    assert [trial.number for trial in found.trials] == list(range(10))
    assert [trial.model for trial in found.trials] == plan_trials(ExperimentSettings(trials=10))


def test_a_batch_that_would_pass_the_time_is_not_begun() -> None:
    # Six trials in 10 s: the next four would end at 16.7 s.
    assert len(find(slow(), trials=16, time_budget_s=16, batch=4).trials) == 6
    found = find(slow(), trials=16, time_budget_s=17, batch=4)
    assert found.ended_by == "time"
    assert len(found.trials) == 10


def test_the_defaults_are_tried_however_slow_the_data() -> None:
    found = find(looked_at(0, 0, 1000), trials=16, time_budget_s=1, batch=4)
    assert [trial.model for trial in found.trials] == list(CANDIDATES)
    assert found.ended_by == "time"
    assert find(looked_at(0, 1000), trials=2, time_budget_s=1).ended_by == "trials"


def test_the_same_seed_asks_the_same_and_a_search_ended_early_asked_a_part_of_it() -> None:
    whole, again = find(trials=12), find(trials=12)
    early = find(slow(), trials=12, time_budget_s=16)
    assert [trial.parameters for trial in whole.trials] == [trial.parameters for trial in again.trials]
    assert [trial.parameters for trial in early.trials] == [trial.parameters for trial in whole.trials[:6]]


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
        ExperimentSettings(trials=16),
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
    def __init__(self, value: float) -> None:
        self.value = value

    def score(self, _: object) -> float:
        return self.value


def test_a_recorded_search_is_repeated_trial_by_trial_without_a_clock() -> None:
    first = find(slow(), trials=16, time_budget_s=16)
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


def test_a_blend_alone_needs_trials_of_its_members() -> None:
    assert searched_models(ExperimentSettings(models=["blend"])) == ["linear", "lightgbm"]
    assert searched_models(ExperimentSettings(models=["lightgbm"])) == ["lightgbm"]
    assert plan_trials(ExperimentSettings(models=["linear"], trials=3)) == ["linear"] * 3


@given(trials=st.integers(1, 60))
def test_every_model_gets_a_trial_however_few_there_are(trials: int) -> None:
    plan = plan_trials(ExperimentSettings(trials=trials))
    assert set(plan) == set(CANDIDATES)
    assert len(plan) == max(trials, 2)
    assert plan.count("linear") <= len(plan) // 4 + 1


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_a_batch_is_cut_to_what_is_left(batch: int) -> None:
    sizes: list[int] = []

    def counted(trials: Sequence[Any]) -> list[OutOfFold]:
        sizes.append(len(trials))
        return evaluate(trials)

    search(
        counted,
        METRICS["r2"],
        ExperimentSettings(trials=6, batch=batch),
        CONTEXT,
        seed=0,
        advance=lambda *_, **__: None,
    )
    assert sum(sizes) == 6
    assert sizes[0] == 2  # the defaults
    assert max(sizes[1:]) == min(batch, 4)
