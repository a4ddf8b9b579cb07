"""From trials to candidates: the best of each model, their blend, the champion, and what to say about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.experiment import Candidate
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.models.candidates import CANDIDATES, Parameters, blend_parameters
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.metrics import Metric, answer_for, bootstrap_difference, bootstrap_interval
from fullcycle.core.project.settings import ExperimentSettings
from fullcycle.cycle.experiment.search import Searched, Tried, plan_trials

BLEND_WEIGHTS = tuple(step / 20 for step in range(1, 20))  # of the first member: one number from all rows


@dataclass(frozen=True)
class Contender:
    """A model's best with its out-of-fold answers. A blend's `trial` is that of its best member."""

    model: str
    trial: int
    parameters: Parameters
    out_of_fold: OutOfFold
    score: float


def contenders(searched: Searched, metric: Metric, settings: ExperimentSettings) -> list[Contender]:
    """The best of each model that was asked for, the simplest first."""
    bests = [best for name in CANDIDATES if (best := searched.best(name, metric)) is not None]
    chosen = [
        Contender(each.model, each.number, each.parameters, each.out_of_fold, each.score)
        for each in bests
        if each.model in settings.models
    ]
    return [*chosen, blend(bests, metric)] if "blend" in settings.models else chosen


def blend(members: Sequence[Tried], metric: Metric) -> Contender:
    """The weighted mean of the best linear model and the best LightGBM that scores best out of fold."""
    first, second = members
    sign = 1 if metric.higher_is_better else -1
    weight, mixed = max(
        ((weight, _mixed(first.out_of_fold, second.out_of_fold, weight)) for weight in BLEND_WEIGHTS),
        key=lambda pair: sign * pair[1].score(metric),
    )
    parameters = blend_parameters(
        {first.model: (first.parameters, weight), second.model: (second.parameters, round(1 - weight, 2))}
    )
    leader = second if metric.better(second.score, first.score) else first
    return Contender("blend", leader.number, parameters, mixed, mixed.score(metric))


def _mixed(first: OutOfFold, second: OutOfFold, weight: float) -> OutOfFold:
    # Spelled as BlendClassifier spells it, so that the score belongs to the very model that is refitted.
    weights = (weight, round(1 - weight, 2))
    answer = np.average(np.asarray([first.answer, second.answer]), axis=0, weights=weights)
    return OutOfFold(answer, first.codes, first.folds)


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
