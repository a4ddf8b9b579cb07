"""One label for each row out of several: majority, Dawid and Skene's model of annotators, or the median."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ITERATIONS_AT_MOST = 100
CONVERGED = 1e-6  # change of the mean log-likelihood of an item


@dataclass(frozen=True)
class Decided:
    """One label for each item (n,): a class code or a number, NaN where it is tied. `support` is the share
    of annotators, or the probability, that stands behind it; None for numbers."""

    labels: Floats
    support: Floats | None


def majority(ratings: Floats, classes: int) -> Decided:
    """The class that most annotators gave; NaN where two classes have as many. Ratings as in agreement."""
    counts = class_counts(ratings, classes)
    most = counts.max(axis=1)
    tied = (counts == most[:, None]).sum(axis=1) > 1
    labels = np.where(tied, np.nan, counts.argmax(axis=1))
    return Decided(labels, most / np.maximum(counts.sum(axis=1), 1))


def median(ratings: Floats) -> Decided:
    """The median of the numbers that annotators gave."""
    return Decided(np.nanmedian(ratings, axis=1), None)


def dawid_skene(ratings: Floats, classes: int) -> Decided:
    """The likeliest class where each annotator errs in ways of their own, learned from all items by EM.

    Dawid and Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied
    Statistics 28 (1979). It starts from majority shares. An item of exactly equal classes stays tied (NaN).
    """
    posterior = class_probabilities(ratings, classes)
    best = posterior.max(axis=1)
    tied = (posterior > best[:, None] - 1e-9).sum(axis=1) > 1
    return Decided(np.where(tied, np.nan, posterior.argmax(axis=1)), best)


def class_probabilities(ratings: Floats, classes: int) -> Floats:
    """The probability of each class for each item (n, k), by EM."""
    said = np.stack([ratings == code for code in range(classes)], axis=2).astype(np.float64)  # (n, a, k)
    counts = said.sum(axis=1)
    posterior: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    before = -np.inf
    for _ in range(ITERATIONS_AT_MOST):
        joint = _log_joint(said, posterior)
        top = joint.max(axis=1, keepdims=True)
        likelihood = top[:, 0] + np.log(np.exp(joint - top).sum(axis=1))
        posterior = np.exp(joint - likelihood[:, None])
        mean = float(likelihood.mean())
        if mean - before < CONVERGED:
            break
        before = mean
    return posterior


def _log_joint(said: Floats, posterior: Floats) -> Floats:
    """log P(class, labels of the item), by error rates (annotator, true, said) learned from the posterior."""
    rates = np.einsum("it,iak->atk", posterior, said)
    rates = rates / np.maximum(rates.sum(axis=2, keepdims=True), 1e-300)
    priors = posterior.mean(axis=0)
    with np.errstate(divide="ignore"):
        logs, log_priors = np.maximum(np.log(rates), -745.0), np.maximum(np.log(priors), -745.0)
    joint: Floats = log_priors + np.einsum("iak,atk->it", said, logs)
    return joint


def class_counts(ratings: Floats, classes: int) -> NDArray[Any]:
    """Labels by item and class (n, k)."""
    return np.stack([(ratings == code).sum(axis=1) for code in range(classes)], axis=1)
