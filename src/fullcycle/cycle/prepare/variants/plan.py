"""Which variants are worth a look: the champion, what else the search found, and simpler forms of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence, Trial
from fullcycle.core.evidence.prepare import VariantKind
from fullcycle.core.models.candidates import ENSEMBLES, kind_of
from fullcycle.core.models.kinds.base import Parameters


@dataclass(frozen=True)
class Variant:
    """A way to fit `model` with `parameters`; `kind` names the recipe."""

    kind: VariantKind
    model: str
    parameters: Parameters


def champion_of(experiment: ExperimentEvidence) -> Variant:
    """What the search chose, as it is."""
    best = next(each for each in experiment.candidates if each.model == experiment.champion)
    return Variant("champion", best.model, best.parameters)


def plan_variants(experiment: ExperimentEvidence) -> list[Variant]:
    """The champion first, then what may be smaller or faster than it."""
    champion = champion_of(experiment)
    single = _single(experiment)
    return [
        champion,
        *_others(experiment),
        *_simpler(experiment, single),
        *_reduced(single),
        *_taught(champion),
    ]


def _single(experiment: ExperimentEvidence) -> list[Candidate]:
    """Candidates that are one model, the best first."""
    found = [each for each in experiment.candidates if each.model not in ENSEMBLES]
    sign = -1 if experiment.higher_is_better else 1
    return sorted(found, key=lambda each: sign * (each.score.value or 0.0))


def _others(experiment: ExperimentEvidence) -> Iterator[Variant]:
    """The best of every other model."""
    for each in experiment.candidates:
        if each.model != experiment.champion:
            yield Variant("candidate", each.model, each.parameters)


def _simpler(experiment: ExperimentEvidence, single: list[Candidate]) -> Iterator[Variant]:
    """Of the best single model, the simplest trial within one standard error of its best."""
    for best in single[:1]:
        own = [trial for trial in experiment.trials if trial.model == best.model]
        chosen = one_standard_error(own, best.model, higher_is_better=experiment.higher_is_better)
        if chosen is not None and chosen.parameters != best.parameters:
            yield Variant("one_standard_error", chosen.model, chosen.parameters)


def one_standard_error(trials: list[Trial], model: str, *, higher_is_better: bool) -> Trial | None:
    """The simplest trial whose mean over folds is within one standard error of the best mean (Breiman,
    Friedman, Olshen and Stone 1984, section 3.4.3); None where no trial has two folds."""
    sign = 1.0 if higher_is_better else -1.0
    judged = [trial for trial in trials if len(trial.scores) > 1]
    if not judged:
        return None
    means = {trial.number: sign * float(np.mean(trial.scores)) for trial in judged}
    best = max(judged, key=lambda trial: means[trial.number])
    error = float(np.std(best.scores, ddof=1)) / len(best.scores) ** 0.5
    near = [trial for trial in judged if means[trial.number] >= means[best.number] - error]
    return min(near, key=lambda trial: (kind_of(model).complexity(trial.parameters), -means[trial.number]))


def _reduced(single: list[Candidate]) -> Iterator[Variant]:
    """The best single model on fewer columns; the linear one on principal components."""
    for best in single[:1]:
        yield Variant("fewer_columns", best.model, best.parameters)
    for each in single:
        if each.model == "linear":
            yield Variant("principal_components", each.model, each.parameters)


def _taught(champion: Variant) -> Iterator[Variant]:
    """A small model that learns the answers of a champion of several parts."""
    if champion.model in ENSEMBLES:
        yield Variant("distilled", champion.model, champion.parameters)
