"""How many windows a chart runs on average until it rings (ARL), and the limit that gives a wanted number.

A chart of standard normal scores, two-sided. Cumulative sums and moving averages by the Markov chain of
Brook and Evans (1972), Biometrika 59(3): the statistic's range is cut into states.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STATES = 81  # run lengths agree with published tables to 1%, and a solution takes a millisecond
NORMAL = NormalDist()


def shewhart_run_length(limit: float, shift: float = 0.0) -> float:
    """Windows until a score lies beyond `limit`, when the mean moved by `shift` standard deviations.

    >>> round(shewhart_run_length(3))
    370
    """
    return 1 / (NORMAL.cdf(-limit - shift) + NORMAL.cdf(-limit + shift))


def cusum_run_length(limit: float, allowance: float, shift: float = 0.0) -> float:
    """Of two cumulative sums, one for each side (Van Dobben de Bruyn 1968 for both together).

    >>> round(cusum_run_length(4, 0.5))
    168
    """
    up = _one_sided(limit, allowance, shift)
    down = up if shift == 0 else _one_sided(limit, allowance, -shift)
    return 1 / (1 / up + 1 / down)


def ewma_run_length(limit: float, weight: float, shift: float = 0.0) -> float:
    """Of a moving average with limits at `limit` of its final standard deviations.

    >>> round(ewma_run_length(2.814, 0.1), -1)
    500.0
    """
    bound = limit * sqrt(weight / (2 - weight))
    width = 2 * bound / STATES
    centres = -bound + (np.arange(STATES) + 0.5) * width
    lowest: Floats = (centres - width / 2)[None, :] - (1 - weight) * centres[:, None]
    moves = _normal_cdf((lowest + width) / weight - shift) - _normal_cdf(lowest / weight - shift)
    return float(_run_lengths(moves)[STATES // 2])


def shewhart_limit(run_length: float) -> float:
    """The limit whose mean run length is this one while nothing changes."""
    return -NORMAL.inv_cdf(1 / (2 * run_length))


@lru_cache
def cusum_limit(run_length: float, allowance: float) -> float:
    """As `shewhart_limit`."""
    return _where(lambda limit: cusum_run_length(limit, allowance), run_length)


@lru_cache
def ewma_limit(run_length: float, weight: float) -> float:
    """As `shewhart_limit`."""
    return _where(lambda limit: ewma_run_length(limit, weight), run_length)


def _one_sided(limit: float, allowance: float, shift: float) -> float:
    """Brook and Evans: state 0 is the sum at zero, the others are centres of equal steps."""
    width = 2 * limit / (2 * STATES - 1)
    states = np.arange(STATES)
    steps = (states[None, :] - states[:, None]) * width
    upper = _normal_cdf(steps + width / 2 + allowance - shift)
    lower = _normal_cdf(steps - width / 2 + allowance - shift)
    moves = upper - lower
    moves[:, 0] = upper[:, 0]
    return float(_run_lengths(moves)[0])


def _run_lengths(moves: Floats) -> Floats:
    """Mean steps until the chain leaves its states, by the state that it begins in."""
    return np.asarray(np.linalg.solve(np.eye(len(moves)) - moves, np.ones(len(moves))))


def _normal_cdf(values: NDArray[Any]) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(values))


def _where(run_length_at: Callable[[float], float], wanted: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda limit: np.log(run_length_at(limit) / wanted), 0.1, 12.0, xtol=1e-6))
