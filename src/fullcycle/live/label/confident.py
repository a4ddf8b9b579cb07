"""Confident learning: which labels are likely wrong, from answers of models that had not seen them.

Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70 (2021).
NumPy alone: the library of the authors computes the same (a test compares), and imports training libraries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

DOUBTED = 0.2  # four to one against the label: where classes overlap, the joint alone names every sixth row
FENCE = 3.5  # modified z-scores beyond are outliers (Iglewicz and Hoaglin 1993)
NORMAL_MAD = 1.4826  # standard deviations of a normal sample for one median absolute deviation


@dataclass(frozen=True)
class Doubt:
    """Rows of shape (n,): `score` falls with suspicion, `likely` is the class or number that fits better."""

    score: Floats
    suspect: NDArray[np.bool_]
    likely: NDArray[Any]

    @property
    def ranked(self) -> Codes:
        """Positions, the most suspect first; rows of equal score stay in their order."""
        return np.argsort(self.score, kind="stable")


def doubt_labels(given: Codes, probabilities: Floats) -> Doubt:
    """Labels (n,) beside out-of-fold probabilities (n, k).

    The score is the self-confidence, the probability of the given label. A row is suspect where it counts
    off the diagonal of the confident joint, another class is the likeliest, and the score is at most 0.2.

    >>> doubt = doubt_labels(np.array([0, 0, 1, 1]), np.array([[.9, .1], [.8, .2], [.9, .1], [.2, .8]]))
    >>> doubt.suspect.tolist(), doubt.likely.tolist()
    ([False, False, True, False], [0, 0, 0, 1])
    """
    confident = confident_classes(given, probabilities)
    likely = np.argmax(probabilities, axis=1)
    score = probabilities[np.arange(len(given)), given]
    # Of equally likely classes the first would count: a row is no suspect for that.
    beaten = probabilities[np.arange(len(given)), confident] > score
    off_diagonal = (confident >= 0) & (confident != given) & (likely != given) & beaten
    return Doubt(score=score, suspect=off_diagonal & (score <= DOUBTED), likely=likely)


def class_thresholds(given: Codes, probabilities: Floats) -> Floats:
    """The mean probability of each class over the rows labelled so; infinite for a class without rows."""
    classes = range(probabilities.shape[1])
    means = [
        probabilities[given == code, code].mean() if (given == code).any() else np.inf for code in classes
    ]
    return np.array(means)


def confident_classes(given: Codes, probabilities: Floats) -> Codes:
    """For each row the likeliest class among those that reach their threshold; -1 where none does."""
    reached = probabilities >= class_thresholds(given, probabilities) - 1e-6
    best = np.argmax(np.where(reached, probabilities, -1.0), axis=1)
    return np.where(reached.any(axis=1), best, -1)


def confident_joint(given: Codes, probabilities: Floats) -> Codes:
    """Counts of shape (k, k): rows labelled `i` that are confidently of class `j`."""
    classes = probabilities.shape[1]
    confident = confident_classes(given, probabilities)
    known = confident >= 0
    cells = given[known] * classes + confident[known]
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def doubt_numbers(given: Floats, predicted: Floats) -> Doubt:
    """Numbers (n,) beside out-of-fold predictions, by residuals in units of their robust local spread.

    Where errors grow with the number, as in prices, the plain residual would rank the largest numbers first.
    So each residual is divided by the median absolute residual of the rows predicted alike. The score is
    1 / (1 + |z|): 1 fits, 0 is as far as can be. Suspect is |z| above 3.5.
    """
    residuals = given - predicted
    z = np.abs(residuals - np.median(residuals)) / (NORMAL_MAD * _local_spread(predicted, residuals))
    return Doubt(score=1 / (1 + z), suspect=z > FENCE, likely=predicted)


def _local_spread(predicted: Floats, residuals: Floats) -> Floats:
    """The median absolute residual of each tenth of the rows by prediction, and never less than a tenth of
    that of all: a tenth that a model has learned by heart must not turn rounding into suspicion."""
    size = np.abs(residuals - np.median(residuals))
    overall = max(float(np.median(size)), float(np.mean(size)) * 1e-3, np.finfo(np.float64).tiny)
    spread = np.full(len(size), overall)
    parts = max(1, min(10, len(size) // 50))
    for part in np.array_split(np.argsort(predicted, kind="stable"), parts):
        spread[part] = max(float(np.median(size[part])), overall / 10)
    return spread
