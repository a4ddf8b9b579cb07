"""Whether one fit scores above another, where folds share training rows and several claims are tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ResampledT:
    """Mean of paired differences; the standard error knows that folds overlap, `p_value` is two-sided."""

    mean: float
    standard_error: float
    df: int
    p_value: float

    @property
    def p_greater(self) -> float:
        """Of the one-sided claim that the mean is above 0."""
        half = self.p_value / 2
        return half if self.mean > 0 else 1 - half

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Lower and upper end of the two-sided interval of the mean."""
        from scipy.stats import t

        if not 0 < confidence < 1:
            raise ValueError(f"confidence is {confidence}, expected a share between 0 and 1")
        reach = float(t.ppf((1 + confidence) / 2, self.df)) * self.standard_error
        return self.mean - reach, self.mean + reach


def corrected_resampled_t(differences: FloatArray, test_share: float) -> ResampledT:
    """Student's t of paired differences of score, one for each fold of (repeated) cross-validation.

    `differences` has shape (n_folds x n_repeats,), two or more and all finite; `test_share` is the share of
    rows that a fold judges, 1 / n_folds in k-fold cross-validation. ValueError otherwise. Training sets of
    two folds share rows, so the variance of the mean is not s^2 / n but (1 / n + n_test / n_train) s^2:
    Nadeau and Bengio, "Inference for the Generalization Error", Machine Learning 52 (2003), equation 9; for
    repeated k-fold cross-validation Bouckaert and Frank (2004). Differences without any spread decide with
    certainty: a p-value of 0, or 1 where all are 0.

    >>> found = corrected_resampled_t(np.array([0.02, 0.01, 0.03, 0.02, 0.01]), test_share=0.2)
    >>> [round(value, 4) for value in (found.mean, found.standard_error, found.p_value)]
    [0.018, 0.0056, 0.0327]
    >>> [round(end, 4) for end in found.interval()]
    [0.0024, 0.0336]
    """
    _check(differences, test_share)
    count = len(differences)
    mean = float(np.mean(differences))
    factor = 1 / count + test_share / (1 - test_share)
    spread = np.var(differences, ddof=1) if np.ptp(differences) > 0 else 0.0  # equal ones leave 1e-33 there
    standard_error = math.sqrt(factor * float(spread))
    return ResampledT(mean, standard_error, count - 1, _p_value(mean, standard_error, count - 1))


def _check(differences: FloatArray, test_share: float) -> None:
    if differences.ndim != 1 or len(differences) < 2 or not np.isfinite(differences).all():
        raise ValueError("differences must be two or more finite numbers, one for each fold")
    if not 0 < test_share < 1:
        raise ValueError(f"test_share is {test_share}, expected a share between 0 and 1")


def _p_value(mean: float, standard_error: float, df: int) -> float:
    from scipy.stats import t

    if standard_error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * t.sf(abs(mean) / standard_error, df))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number, in their order: all that are below alpha hold together at alpha.

    Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6
    (1979); nothing is asked of how the tests depend on each other.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(np.argsort(p_values, kind="stable")):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
