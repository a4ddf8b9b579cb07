"""Bounds of a mean that hold at every moment at once, so that a canary may look whenever it likes.

A test that looks again and again with bounds made for one look goes wrong almost surely. These are confidence
sequences: with probability 1 - alpha the mean is inside at all moments.
"""

from __future__ import annotations

from math import lgamma, log
from typing import Literal, NamedTuple

PRIOR = 0.5  # Beta(1/2, 1/2), Jeffreys' prior: narrow both in the middle and near 0 and 1
HALVINGS = 40


class Bounds(NamedTuple):
    """Where a mean lies."""

    low: float
    high: float


def bounds(total: float, count: int, alpha: float) -> Bounds:
    """Of the mean of `count` values between 0 and 1 that add up to `total`.

    Robbins' mixture of likelihood ratios (Ann. Math. Statist. 41, 1970) with a beta prior: the means p where
    B(total + 1/2, count - total + 1/2) / B(1/2, 1/2) < p^total (1 - p)^(count - total) / alpha. It holds for
    values within [0, 1] too: the ratio is convex in the value, so it stays a supermartingale (as in Howard,
    Ramdas, McAuliffe and Sekhon, Ann. Statist. 49, 2021). Each value must have the mean, given those before.

    >>> [round(bound, 3) for bound in bounds(10, 1000, alpha=0.05)]
    [0.002, 0.026]
    >>> bounds(0, 0, alpha=0.05)
    Bounds(low=0.0, high=1.0)
    """
    if count == 0:
        return Bounds(0.0, 1.0)
    total = min(max(total, 0.0), float(count))
    limit = _log_beta(total + PRIOR, count - total + PRIOR) - _log_beta(PRIOR, PRIOR) + log(alpha)
    mean = total / count
    low = 0.0 if total == 0 else _edge(total, count, limit, outside=0.0, inside=mean)
    high = 1.0 if total == count else _edge(total, count, limit, outside=1.0, inside=mean)
    return Bounds(low, high)


def _edge(total: float, count: int, limit: float, *, outside: float, inside: float) -> float:
    """Between a mean that is refused and one that is not; the log-likelihood is concave."""
    for _ in range(HALVINGS):
        middle = (outside + inside) / 2
        if total * log(middle) + (count - total) * log(1 - middle) >= limit:
            inside = middle
        else:
            outside = middle
    return outside


def _log_beta(first: float, second: float) -> float:
    return lgamma(first) + lgamma(second) - lgamma(first + second)


def difference(ours: Bounds, theirs: Bounds) -> Bounds:
    """Of ours less theirs, where both hold."""
    return Bounds(ours.low - theirs.high, ours.high - theirs.low)


def mean_difference(ours: tuple[float, int], theirs: tuple[float, int], *, alpha: float) -> Bounds:
    """Of two means of values between 0 and 1, each given by its total and its count.

    >>> [round(bound, 3) for bound in mean_difference((300, 1000), (200, 1000), alpha=0.05)]
    [-0.005, 0.203]
    """
    return difference(bounds(*ours, alpha / 2), bounds(*theirs, alpha / 2))


def against(where: Bounds, limit: float) -> Literal["holds", "broken", "open"]:
    """Whether a quantity that lies there is shown to be within its limit, or beyond it.

    >>> against(Bounds(-0.01, 0.004), 0.005), against(Bounds(0.006, 0.02), 0.005)
    ('holds', 'broken')
    """
    if where.high <= limit:
        return "holds"
    return "broken" if where.low > limit else "open"
