"""The search: a portfolio of known good configurations first, then what Optuna asks for.

Optuna asks and is told in batches of a fixed size, so that workers do not change the result. Trials end the
search first. Time is a ceiling, looked at between batches: a trial that would pass it is not begun. What was
tried is recorded; a recorded search is repeated trial by trial, so that a reproduction never depends on how
fast the machine is.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

from fullcycle.core.evidence.base import Scalar
from fullcycle.core.metrics import Metric
from fullcycle.core.models.candidates import CANDIDATES, ENSEMBLE, kind_of
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.kinds.base import Parameters, SearchContext
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.recorded import Recorded

T = TypeVar("T")
Ended = Literal["trials", "time"]
Evaluate = Callable[[Sequence[tuple[str, Mapping[str, Scalar]]]], list[OutOfFold]]
Advance = Callable[..., None]

RANDOM_TRIALS = 6  # of a model, before the sampler trusts what it has seen
# How many trials of a model there are beside those of others: by how many parameters it has to find, and by
# how often it is the best on tables of all sizes.
SHARES = {"lightgbm": 4, "xgboost": 4, "catboost": 3, "linear": 1.5}
ALWAYS = 2  # trials: a linear model and boosted trees, unless others were asked for
SURPRISE = 1.5  # a model of which nothing is known takes at most this often what the slowest took


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
    """The models that trials are spent on; an ensemble costs none of its own and needs several others."""
    asked = [name for name in settings.models if name != ENSEMBLE]
    wanted = asked or [name for name in ExperimentSettings().models if name != ENSEMBLE]
    known = [name for name in CANDIDATES if name in wanted]
    return known + [name for name in dict.fromkeys(wanted) if name not in CANDIDATES]


def plan_trials(settings: ExperimentSettings) -> list[str]:
    """The model of each trial: the first configuration of each, then turns by their shares.

    >>> plan_trials(ExperimentSettings(trials=6, models=["linear", "lightgbm"]))
    ['linear', 'lightgbm', 'lightgbm', 'lightgbm', 'lightgbm', 'linear']
    """
    models = searched_models(settings)
    plan = list(models)
    whole = sum(SHARES.get(name, 1.0) for name in models)
    owed = {name: SHARES.get(name, 1.0) * len(models) / whole - 1 for name in models}
    while len(plan) < settings.trials:
        owed = {name: debt + SHARES.get(name, 1.0) / whole for name, debt in owed.items()}
        name = max(models, key=lambda each: owed[each])
        owed[name] -= 1
        plan.append(name)
    return plan


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
    """Try what is planned, batch by batch, and begin nothing that is likely to end after `time_budget_s`."""
    askers = {name: _Asker(name, metric, context, seed) for name in searched_models(settings)}
    started = clock()
    tried: list[Tried] = []
    # The first batch is tried however slow the data, and tells how slow it is.
    for names in _batches(plan_trials(settings), settings.batch, min(ALWAYS, settings.trials)):
        left = settings.time_budget_s - (clock() - started) if tried else float("inf")
        questions = list(_affordable(names, askers, tried, left * settings.workers))
        for trial in _scored(evaluate, metric, questions, len(tried)):
            askers[trial.model].tell(trial.score)
            advance(note=f"{trial.model} {trial.score:.4f}")
            tried.append(trial)
        if len(questions) < len(names):
            return Searched(tuple(tried), "time")
    return Searched(tuple(tried), "trials")


def _affordable(
    names: Sequence[str], askers: Mapping[str, _Asker], tried: Sequence[Tried], left: float
) -> Iterator[tuple[str, Parameters]]:
    """Questions whose work, as trials so far tell it, fits into the seconds that are left."""
    for name in names:
        parameters = askers[name].ask()
        left -= expected_seconds(name, parameters, tried)
        if left < 0:
            return
        yield name, parameters


def expected_seconds(model: str, parameters: Mapping[str, Scalar], tried: Sequence[Tried]) -> float:
    """How long a trial's fits will take: the dearest of its model so far, by how much more work this one is.

    Of a model that was not tried yet, somewhat more than the slowest of the others took.
    """
    work = kind_of(model).work
    rates = [each.out_of_fold.seconds / work(each.parameters) for each in tried if each.model == model]
    if rates:
        return max(rates) * work(parameters)
    return SURPRISE * max((each.out_of_fold.seconds for each in tried), default=0.0)


def replay(
    evaluate: Evaluate, metric: Metric, recorded: Recorded, batch: int, *, advance: Advance
) -> Searched:
    """The same trials again, without asking and without a clock."""
    tried: list[Tried] = []
    for trials in _batches(recorded.trials, batch):
        questions = [(trial.model, trial.parameters) for trial in trials]
        tried += _scored(evaluate, metric, questions, len(tried))
        advance(len(questions))
    return Searched(tuple(tried), recorded.ended_by, replayed=True)


def _batches(items: Sequence[T], size: int, first: int = 0) -> Iterator[Sequence[T]]:
    """Items in parts of one size, perhaps after a first of another."""
    if first:
        yield items[:first]
    for start in range(first, len(items), size):
        yield items[start : start + size]


def _scored(
    evaluate: Evaluate, metric: Metric, questions: Sequence[tuple[str, Mapping[str, Scalar]]], first: int
) -> list[Tried]:
    answers = evaluate(questions)
    return [
        Tried(first + place, model, dict(parameters), answer, answer.score(metric))
        for place, ((model, parameters), answer) in enumerate(zip(questions, answers, strict=True))
    ]


class _Asker:
    """One model's Optuna study: its portfolio first, then what the sampler proposes."""

    def __init__(self, model: str, metric: Metric, context: SearchContext, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.kind, self.context = kind_of(model), context
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
        for known in self.kind.portfolio(context):
            self.study.enqueue_trial(known)

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
