"""Tests of ranks from counts: van der Waerden's (1952) of how high numbers are, Klotz's (1962) of how spread.
The score of a number is the normal quantile of its place in the reference; or that squared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

TAIL = 0.0005  # farther out all places count alike, so that one wild number is not many
NO_SPREAD, NO_SKEW = 1e-9, 1e-4


@dataclass(frozen=True)
class Scores:
    """Steps of the score from one bin to the next, shape (k,), of a score with mean 0 and variance 1 over the
    reference; `skew` is its third moment. `reach` is how far the mean score moves where each cumulative share
    p moves by sqrt(p (1 - p)), all of them its way."""

    steps: NDArray[np.float64]
    skew: float
    reach: float


@lru_cache(maxsize=1024)
def normal_scores(shares: bytes, power: int) -> Scores | None:
    """Of bins that end at these cumulative shares (float64, shape (k,)), the last bin beyond them; None where
    all have the same score."""
    from scipy.special import ndtri

    inner = np.frombuffer(shares, dtype=np.float64)
    ends = np.concatenate([[0.0], inner, [1.0]])
    weights, middles = np.diff(ends), (ends[1:] + ends[:-1]) / 2
    scores = ndtri(np.clip(middles, TAIL, 1 - TAIL)) ** power
    scores = scores - weights @ scores
    spread = sqrt(float(weights @ scores**2))
    if spread < NO_SPREAD:
        return None
    scores = scores / spread
    steps = np.diff(scores)
    reach = float(np.sqrt(np.maximum(inner * (1 - inner), 0.0)) @ np.abs(steps))
    return Scores(steps, float(weights @ scores**3), reach)


def farther(z: float, skew: float) -> float:
    """The chance of a number as far from 0 as z, either way, with mean 0, variance 1 and this skew: Pearson's
    type III, which is exact for a sum of squares.

    >>> round(farther(1.96, 0.0), 3)
    0.05
    """
    from scipy.special import gammainc, gammaincc, ndtr

    skew = skew if z >= 0 else -skew
    if abs(skew) < NO_SKEW:
        return min(2 * float(ndtr(-abs(z))), 1.0)
    shape = 4 / skew**2
    at = shape + abs(z) * sqrt(shape) * (1 if skew > 0 else -1)
    beyond = gammaincc(shape, at) if skew > 0 else gammainc(shape, max(at, 0.0))
    return min(2 * float(beyond), 1.0)
