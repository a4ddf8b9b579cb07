"""From trials to candidates: the best of each model, an ensemble, the champion, and what to say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.experiment import Candidate
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.metrics import Metric, answer_for, bootstrap_difference, bootstrap_interval
from fullcycle.core.models.candidates import ENSEMBLE, TRIAL, ensemble_parameters
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.kinds.base import Parameters
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.ensemble import Ensemble, greedy_ensemble
from fullcycle.cycle.experiment.search import Searched, plan_trials, searched_models


@dataclass(frozen=True)
class Contender:
    """A model's best with its out-of-fold answers. An ensemble's `trial` is that of its heaviest member."""

    model: str
    trial: int
    parameters: Parameters
    out_of_fold: OutOfFold
    score: float


def contenders(
    searched: Searched, metric: Metric, settings: ExperimentSettings, task: Task
) -> list[Contender]:
    """The best of each model that was asked for, the simplest first, and their ensemble."""
    names = [name for name in searched_models(settings) if name in settings.models]
    bests = [best for name in names if (best := searched.best(name, metric)) is not None]
    chosen = [
        Contender(each.model, each.number, each.parameters, each.out_of_fold, each.score) for each in bests
    ]
    found = greedy_ensemble(searched.trials, metric, task) if ENSEMBLE in settings.models else None
    if found is not None:
        return [*chosen, as_contender(found, metric)]
    if not chosen:  # an ensemble alone was asked for, and one trial carries it
        return contenders(
            searched, metric, settings.model_copy(update={"models": searched_models(settings)}), task
        )
    return chosen


def as_contender(ensemble: Ensemble, metric: Metric) -> Contender:
    """An ensemble as it is kept: members by model and trial; its own trial is that of the heaviest."""
    members = {
        f"{each.model}{TRIAL}{each.number}": (each.parameters, weight)
        for each, weight in zip(ensemble.members, ensemble.weights, strict=True)
    }
    heaviest = ensemble.members[int(np.argmax(ensemble.weights))]
    own = ensemble.out_of_fold
    return Contender(ENSEMBLE, heaviest.number, ensemble_parameters(members), own, own.score(metric))


def best_of(found: Sequence[Contender], metric: Metric) -> Contender:
    """The champion; of two equal ones the simpler, which comes first."""
    best = found[0]
    for each in found[1:]:
        if metric.better(each.score, best.score):
            best = each
    return best


def as_candidate(contender: Contender, metric: Metric, task: Task, seed: int) -> Candidate:
    """A contender as evidence, with its bootstrap interval and every metric of the task."""
    own = contender.out_of_fold
    return Candidate(
        model=contender.model,
        parameters=contender.parameters,
        trial=contender.trial,
        score=bootstrap_interval(metric, own.codes, answer_for(metric, own.answer), seed=seed),
        fold_scores=own.fold_scores(metric),
        metrics=own.scores(task),
    )


def search_findings(
    searched: Searched, settings: ExperimentSettings, rows: int, of: int
) -> Iterator[Finding]:
    """What a person should know of how the search went."""
    if searched.ended_by == "time":
        yield finding(
            Code.search_ended_by_time,
            Severity.warning,
            trials=len(searched.trials),
            planned=len(plan_trials(settings)),
            time_budget_s=settings.time_budget_s,
        )
    if rows < of:
        yield finding(Code.search_on_sample, Severity.info, rows=rows, of=of)


def champion_findings(
    candidates: Sequence[Candidate],
    found: Sequence[Contender],
    champion: str,
    metric: Metric,
    baseline: float,
) -> Iterator[Finding]:
    """Whether the champion beats the trivial answer, and whether a simpler one would do."""
    score = next(each.score for each in candidates if each.model == champion)
    reached = score.low if metric.higher_is_better else score.high
    if reached is None or not metric.better(reached, baseline):
        yield finding(
            Code.no_better_than_baseline,
            Severity.warning,
            metric=metric.name,
            low=score.low,
            high=score.high,
            baseline=baseline,
        )
    yield from _simple_as_good({each.model: each for each in found}, champion, metric)


def _simple_as_good(found: dict[str, Contender], champion: str, metric: Metric) -> Iterator[Finding]:
    """The linear model, where its difference from the champion on the same rows may be none."""
    simple, best = found.get("linear"), found[champion]
    if simple is None or champion == "linear":
        return
    answers = [answer_for(metric, each.out_of_fold.answer) for each in (best, simple)]
    difference = bootstrap_difference(metric, best.out_of_fold.codes, *answers)
    if difference.low is None or difference.high is None or difference.low <= 0 <= difference.high:
        yield finding(
            Code.simple_model_as_good,
            Severity.info,
            model="linear",
            champion=champion,
            metric=metric.name,
            difference=difference.value,
            low=difference.low,
            high=difference.high,
        )
