"""What the parameters of a model did to its score, over the trials that the search made."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fullcycle.core.evidence.experiment import ParameterEffect
from fullcycle.core.metrics import Metric
from fullcycle.cycle.experiment.search import Searched, Tried

TRIALS_AT_LEAST = 6  # of a model: with fewer, whatever is said of its parameters is luck
TOLD = 0.03  # share of the differences under which a parameter is not worth a word
BEST_THIRD = 3


def parameter_effects(searched: Searched, metric: Metric, seed: int) -> tuple[ParameterEffect, ...]:
    """By model, the parameter that explains most first.

    By functional ANOVA (Hutter, Hoos and Leyton-Brown 2014).
    """
    effects: list[ParameterEffect] = []
    for model in dict.fromkeys(trial.model for trial in searched.trials):
        trials = [each for each in searched.trials if each.model == model and np.isfinite(each.score)]
        if len(trials) >= TRIALS_AT_LEAST:
            effects += _effects(trials, metric, seed)
    return tuple(effects)


def _effects(trials: Sequence[Tried], metric: Metric, seed: int) -> Iterator[ParameterEffect]:
    varied = [name for name in trials[0].parameters if len({each.parameters[name] for each in trials}) > 1]
    if not varied or len({each.score for each in trials}) < 2:
        return
    sign = -1.0 if metric.higher_is_better else 1.0
    best = sorted(trials, key=lambda each: sign * each.score)[: max(2, len(trials) // BEST_THIRD)]
    shares = _importances(trials, varied, seed)
    for name in sorted(varied, key=lambda each: -shares[each]):
        if shares[name] >= TOLD:
            values = [each.parameters[name] for each in best]
            numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
            yield ParameterEffect(
                model=trials[0].model,
                parameter=name,
                share=shares[name],
                best_low=min(numbers) if len(numbers) == len(values) else None,
                best_high=max(numbers) if len(numbers) == len(values) else None,
                best_value=None if numbers else max(values, key=values.count),
            )


def _importances(trials: Sequence[Tried], varied: Sequence[str], seed: int) -> dict[str, float]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    known = {name: _distribution([each.parameters[name] for each in trials]) for name in varied}
    study = optuna.create_study()
    for each in trials:
        parameters = {name: each.parameters[name] for name in varied}
        study.add_trial(
            optuna.trial.create_trial(params=parameters, distributions=known, value=float(each.score))
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=32, seed=seed)
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(found.get(name, 0.0)) for name in varied}


def _distribution(values: Sequence[Any]) -> Any:
    """What a parameter was drawn from, as its values tell: positive ones over a decade by logarithm."""
    import optuna

    if any(isinstance(each, bool | str) or each is None for each in values):
        return optuna.distributions.CategoricalDistribution(sorted(set(values), key=str))
    low, high = float(min(values)), float(max(values))
    return optuna.distributions.FloatDistribution(low, high, log=low > 0 and high / low > 10)
