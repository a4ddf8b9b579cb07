"""The search: Optuna asks and is told in batches of a fixed size, so that workers do not change the result.

Trials end it first. Time is a ceiling, looked at between batches: one that would pass it is not begun. What
was tried is recorded; a recorded search is repeated trial by trial, so that a reproduction never depends on
how fast the machine is.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

from fullcycle.core.evidence.base import Scalar
from fullcycle.core.models.candidates import CANDIDATES, Parameters, SearchContext
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.metrics import Metric
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.recorded import Recorded

T = TypeVar("T")
Ended = Literal["trials", "time"]
Evaluate = Callable[[Sequence[tuple[str, Mapping[str, Scalar]]]], list[OutOfFold]]
Advance = Callable[..., None]

LINEAR_EVERY = 4  # of four trials one is linear: it has one parameter to find, LightGBM seven
RANDOM_TRIALS = 6  # of a model, before the sampler trusts what it has seen


@dataclass(frozen=True)
class Tried:
    """One trial with its out-of-fold answers; `score` is over all folds together."""

    number: int
    model: str
    parameters: Parameters
    out_of_fold: OutOfFold
    score: float


@dataclass(frozen=True)
class Searched:
    """The trials in order, what ended the search, and whether it was a repetition."""

    trials: tuple[Tried, ...]
    ended_by: Ended
    replayed: bool = False

    def best(self, model: str, metric: Metric) -> Tried | None:
        """The best trial of a model, the earlier of two equal ones."""
        best: Tried | None = None
        for trial in self.trials:
            if trial.model == model and (best is None or metric.better(trial.score, best.score)):
                best = trial
        return best


def searched_models(settings: ExperimentSettings) -> list[str]:
    """The models that trials are spent on: a blend costs none of its own and needs all the others."""
    wanted = set(CANDIDATES) if "blend" in settings.models else set(settings.models)
    return [name for name in CANDIDATES if name in wanted]


def plan_trials(settings: ExperimentSettings) -> list[str]:
    """The model of each trial: first the default of each, then one linear in four.

    >>> plan_trials(ExperimentSettings(trials=6))
    ['linear', 'lightgbm', 'lightgbm', 'lightgbm', 'linear', 'lightgbm']
    """
    models = searched_models(settings)
    if len(models) == 1:
        return models * settings.trials
    first, *others = models
    numbers = range(max(settings.trials, len(models)))
    return [first if number % LINEAR_EVERY == 0 else others[number % len(others)] for number in numbers]


def search(
    evaluate: Evaluate,
    metric: Metric,
    settings: ExperimentSettings,
    context: SearchContext,
    *,
    seed: int,
    advance: Advance,
    clock: Callable[[], float] = time.monotonic,
) -> Searched:
    """Try what is planned, batch by batch, while the next batch is likely to end within `time_budget_s`."""
    askers = {name: _Asker(name, metric, context, seed) for name in searched_models(settings)}
    started = clock()
    tried: list[Tried] = []
    for names in _batches(plan_trials(settings), len(askers), settings.batch):
        elapsed = clock() - started
        if tried and elapsed * (1 + len(names) / len(tried)) > settings.time_budget_s:
            return Searched(tuple(tried), "time")
        questions = [(name, askers[name].ask()) for name in names]
        for trial in _scored(evaluate, metric, questions, len(tried)):
            askers[trial.model].tell(trial.score)
            advance(note=f"{trial.model} {trial.score:.4f}")
            tried.append(trial)
    return Searched(tuple(tried), "trials")


def replay(
    evaluate: Evaluate, metric: Metric, recorded: Recorded, batch: int, *, advance: Advance
) -> Searched:
    """The same trials again, without asking and without a clock."""
    tried: list[Tried] = []
    for trials in _batches(recorded.trials, batch, batch):
        questions = [(trial.model, trial.parameters) for trial in trials]
        tried += _scored(evaluate, metric, questions, len(tried))
        advance(len(questions))
    return Searched(tuple(tried), recorded.ended_by, replayed=True)


def _batches(items: Sequence[T], first: int, others: int) -> Iterator[Sequence[T]]:
    """The first batch is only the defaults: however slow the data, they are tried."""
    yield items[:first]
    for start in range(first, len(items), others):
        yield items[start : start + others]


def _scored(
    evaluate: Evaluate, metric: Metric, questions: Sequence[tuple[str, Mapping[str, Scalar]]], first: int
) -> list[Tried]:
    answers = evaluate(questions)
    return [
        Tried(first + place, model, dict(parameters), answer, answer.score(metric))
        for place, ((model, parameters), answer) in enumerate(zip(questions, answers, strict=True))
    ]


class _Asker:
    """One model's Optuna study: the default first, then what the sampler proposes."""

    def __init__(self, model: str, metric: Metric, context: SearchContext, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.kind, self.context = CANDIDATES[model], context
        self.waiting: list[Any] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            # Trials of one batch are asked for before any is told: the liar keeps them apart.
            sampler = optuna.samplers.TPESampler(
                seed=seed, n_startup_trials=RANDOM_TRIALS, multivariate=True, constant_liar=True
            )
        self.study = optuna.create_study(
            direction="maximize" if metric.higher_is_better else "minimize", sampler=sampler
        )
        self.study.enqueue_trial(self.kind.default(context))

    def ask(self) -> Parameters:
        trial = self.study.ask()
        self.waiting.append(trial)
        return self.kind.suggest(trial, self.context)

    def tell(self, score: float) -> None:
        """The score of the trial that was asked for first among those waiting."""
        if np.isfinite(score):
            self.study.tell(self.waiting.pop(0), score)
        else:
            from optuna.trial import TrialState

            self.study.tell(self.waiting.pop(0), state=TrialState.FAIL)
