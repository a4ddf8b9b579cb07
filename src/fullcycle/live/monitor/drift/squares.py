"""Sums of squares that are not independent: what the statistic of Anderson and Darling is under no drift."""

from __future__ import annotations

from functools import lru_cache
from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

NEGLIGIBLE, NEAR_MEAN = 1e-6, 1e-3  # of weights beside the first, and of the saddlepoint's root


@lru_cache(maxsize=1024)
def directions(shares: bytes) -> NDArray[np.float64]:
    """The variances, largest first, that make up the mean of squared, standardised differences at points with
    these cumulative shares (float64, shape (k,)): eigenvalues of their correlations, over k.

    >>> directions(np.array([0.5]).tobytes())
    array([1.])
    """
    at = np.frombuffer(shares, dtype=np.float64)
    odds = at / (1 - at)
    alike = np.sqrt(np.minimum.outer(odds, odds) / np.maximum.outer(odds, odds))
    return np.maximum(np.linalg.eigvalsh(alike)[::-1] / len(at), 0.0)


def squares_above(value: float, weights: NDArray[np.float64]) -> float:
    """The chance that a sum of squares of independent normal numbers, so weighted (k,), exceeds a value.

    The saddlepoint of Lugannani and Rice, as Kuonen (1999) has it: off by a few percent of the chance itself.

    >>> round(squares_above(3.841, np.array([1.0])), 2)
    0.05
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    weights = weights[weights > weights[0] * NEGLIGIBLE]
    if value <= 0:
        return 1.0
    pole = 1 / (2 * weights[0])
    lowest = -len(weights) / (2 * value)
    at = float(
        brentq(lambda z: float(np.sum(weights / (1 - 2 * z * weights))) - value, lowest, pole * (1 - 1e-12))
    )
    below = 1 - 2 * at * weights
    exponent = at * value + 0.5 * float(np.sum(np.log(below)))
    width = sqrt(2 * float(np.sum((weights / below) ** 2)))
    root = sqrt(2 * max(exponent, 0.0)) * (1 if at > 0 else -1)
    if abs(root) < NEAR_MEAN:
        skew = 8 * float(np.sum(weights**3)) / (2 * float(np.sum(weights**2))) ** 1.5
        return float(0.5 - skew / (6 * sqrt(2 * pi)))
    return float(ndtr(-(root + log(at * width / root) / root)))
