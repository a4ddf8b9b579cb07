"""How true probabilities are, as far as the verdict's rows tell: Cox's recalibration (1958) and its
uncertainty.

On the scale of log-odds, truth is a straight line of what was said: intercept 0 and slope 1 where
probabilities are true, a slope below 1 where they are too sure. Two numbers from a handful of bins vary
little, where a free curve through the bins would bring its noise into every estimate. A normal prior around
(0, 1) speaks where rows are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.verify import CalibrationBin

Floats = NDArray[np.float64]

PRIOR = np.array([0.0, 1.0])
PRIOR_STD = np.array([1.0, 0.5])
STEPS = 30
FLOOR = 1e-6


@dataclass(frozen=True)
class Recalibration:
    """`line` is intercept and slope, of shape (2,), `covariance` (2, 2) how sure they are."""

    line: Floats
    covariance: Floats

    def of(self, probabilities: Floats) -> Floats:
        """Probabilities of two classes, shape (n, 2), as they should have been."""
        return _along(self.line, probabilities)

    def drawn(self, probabilities: Floats, random: np.random.Generator) -> Floats:
        """The same along a line that the bins would allow, too."""
        return _along(random.multivariate_normal(self.line, self.covariance), probabilities)


def recalibration(bins: Sequence[CalibrationBin]) -> Recalibration | None:
    """The line of greatest posterior density by Newton's method; None where there are no rows."""
    there = [each for each in bins if each.rows]
    if not there:
        return None
    said = np.column_stack([np.ones(len(there)), log_odds(np.array([each.predicted for each in there]))])
    rows = np.array([each.rows for each in there], dtype=np.float64)
    events = rows * np.array([each.observed for each in there])
    line, precision = PRIOR.copy(), np.diag(1 / PRIOR_STD**2)
    for _ in range(STEPS):
        true = 1 / (1 + np.exp(-(said @ line)))
        slope = said.T @ (events - rows * true) - precision @ (line - PRIOR)
        curvature = (said * (rows * true * (1 - true))[:, None]).T @ said + precision
        line = line + np.linalg.solve(curvature, slope)
    return Recalibration(line, np.linalg.inv(curvature))


def log_odds(probability: Floats) -> Floats:
    """Natural logarithm of p / (1 - p), with p kept off both ends."""
    kept = np.clip(probability, FLOOR, 1 - FLOOR)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def _along(line: Floats, probabilities: Floats) -> Floats:
    second = 1 / (1 + np.exp(-(line[0] + line[1] * log_odds(probabilities[:, 1]))))
    return np.column_stack([1 - second, second])
