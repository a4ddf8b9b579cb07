"""A greedy weighted ensemble of out-of-fold predictions, bagged over folds (Caruana et al. 2004).

Members are drawn one by one, with replacement: each time the trial that lowers the loss of the mean most. It
is done once without each fold, and the weights are averaged: a member that only one fold likes weighs little.
Rows of a fold are answered with the weights that were found without it, so that the score flatters no more
than that of a single model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Task
from fullcycle.core.metrics import Metric
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.cycle.experiment.search import Tried

DRAWS = 20
POOL = (3, 10)  # trials of one model, and of all: more of them are more chances to be lucky
MEMBERS_AT_MOST = 4  # each is paid for in the latency of every answer
LIGHTEST = 0.06  # a member that weighs less is left out
CHANCE_FLOOR = 1e-15

Floats = NDArray[np.float64]
Loss = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Ensemble:
    """Trials with the weights of their mean; answers are cross-fitted over folds."""

    members: tuple[Tried, ...]
    weights: tuple[float, ...]
    out_of_fold: OutOfFold


def greedy_ensemble(trials: Sequence[Tried], metric: Metric, task: Task) -> Ensemble | None:
    """The ensemble of the best trials; None where one trial alone carries all the weight."""
    pool = list(_pool(trials, metric))
    if len(pool) < 2:
        return None
    first = pool[0].out_of_fold
    answers = np.array([each.out_of_fold.answer for each in pool])
    folds = np.unique(first.folds)
    shares = np.array([_drawn(answers, first, first.folds != fold, metric, task) for fold in folds])
    weights = _pruned(shares.mean(axis=0))
    members = np.flatnonzero(weights)
    if len(members) < 2:
        return None
    mixed = np.empty_like(first.answer)
    for fold, share in zip(folds, shares, strict=True):
        # Only the members: the score is that of the mean of these models, with weights this fold did not see.
        own = np.where(weights > 0, share, 0.0)
        own = weights if own.sum() == 0 else own / own.sum()
        mixed[first.folds == fold] = np.tensordot(own, answers[:, first.folds == fold], axes=1)
    return Ensemble(
        members=tuple(pool[member] for member in members),
        weights=tuple(float(weights[member]) for member in members),
        out_of_fold=OutOfFold(mixed, first.codes, first.folds),
    )


def _pool(trials: Sequence[Tried], metric: Metric) -> Iterator[Tried]:
    """The best few trials of each model, the best of all first."""
    sign = -1.0 if metric.higher_is_better else 1.0
    ordered = sorted((each for each in trials if np.isfinite(each.score)), key=lambda each: sign * each.score)
    taken: dict[str, int] = {}
    for trial in ordered:
        if taken.get(trial.model, 0) < POOL[0] and sum(taken.values()) < POOL[1]:
            taken[trial.model] = taken.get(trial.model, 0) + 1
            yield trial


def _drawn(answers: Floats, truth: OutOfFold, rows: NDArray[np.bool_], metric: Metric, task: Task) -> Floats:
    """The share of draws that fell on each trial, by its loss on some rows."""
    loss = _loss(truth.codes[rows], metric, task)
    # Log loss looks at the probability of what happened and at nothing else.
    seen = answers[:, rows]
    if task is not Task.regression:
        seen = seen[:, np.arange(rows.sum()), truth.codes[rows]]
    total, counts = np.zeros(seen.shape[1]), np.zeros(len(answers))
    for draw in range(1, DRAWS + 1):
        best = int(loss((total + seen) / draw).argmin())
        total += seen[best]
        counts[best] += 1
    return counts / DRAWS


def _loss(codes: NDArray[np.float64], metric: Metric, task: Task) -> Loss:
    """A loss of means, of shape (trials, rows): smooth, so that a few rows don't decide it, and log loss for
    classes whatever the metric, so that no ranking is bought with ruined probabilities."""
    if task is not Task.regression:
        return lambda chances: -np.log(np.maximum(chances, CHANCE_FLOOR)).mean(axis=1)
    if metric.name == "mae":
        return lambda values: np.abs(values - codes).mean(axis=1)
    return lambda values: np.square(values - codes).mean(axis=1)


def _pruned(weights: Floats) -> Floats:
    """The heaviest few, rounded, with a sum of 1."""
    kept = np.zeros_like(weights)
    heaviest = np.argsort(-weights, kind="stable")[:MEMBERS_AT_MOST]
    kept[heaviest] = np.where(weights[heaviest] >= LIGHTEST, weights[heaviest], 0.0)
    rounded = np.round(kept / kept.sum(), 3)
    rounded[rounded.argmax()] += 1.0 - rounded.sum()
    return np.asarray(np.round(rounded, 3))
