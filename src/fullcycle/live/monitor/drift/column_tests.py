"""Tests of one column from counts alone: van der Waerden's and Klotz's for numbers, Pearson's chi-squared for
shares by bin or category, and shares themselves for what is missing or unexpected.

Each widens its variance by natural variation (`noise`), gives an effect between 0 and 1, and a p that is
calibrated for windows, not for rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import copysign, inf, isfinite, lgamma, log, pi, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.monitor import DriftTest, TestKind, Why
from fullcycle.live.monitor.drift.noise import Noise
from fullcycle.live.monitor.drift.ranks import farther, normal_scores

Counts = NDArray[np.int64]
EXPECTED_AT_LEAST = 5.0  # rows of a bin: Cochran (1954)
LN2 = log(2.0)
# How a column's chance of a false alarm is shared out among its tests: the one that small changes hide from
# gets the most; what the others look for stands out by far, or not at all.
WEIGHTS: dict[Why, float] = {
    "level": 10,
    "spread": 2,
    "shape": 1,
    "categories": 10,
    "many_categories": 10,
    "one_value": 10,
    "share": 1,
    "border": 1,
}
STEPS = 400  # of an integral


@dataclass(frozen=True)
class Curve:
    """Cumulative shares at some points, shape (k,), of so many rows."""

    shares: NDArray[np.float64]
    rows: int


@dataclass(frozen=True)
class Hits:
    """So many of so many rows."""

    hits: int
    rows: int


def level_test(reference: Curve, current: Curve, noise: Noise, limit: float) -> DriftTest | None:
    """Van der Waerden's (1952) test of whether numbers became higher or lower: of their normal scores."""
    return _rank_test(1, reference, current, noise, limit)


def spread_test(reference: Curve, current: Curve, noise: Noise, limit: float) -> DriftTest | None:
    """Klotz's (1962) test of whether numbers became more or less spread: of their squared normal scores."""
    return _rank_test(2, reference, current, noise, limit)


def _rank_test(
    power: Literal[1, 2], reference: Curve, current: Curve, noise: Noise, limit: float
) -> DriftTest | None:
    """None where all numbers have the same score. The effect is Kolmogorov and Smirnov's distance. Natural
    variation may move all cumulative shares together, as nothing else does: the score gets that variance."""
    scores = normal_scores(reference.shares.tobytes(), power)
    if scores is None:
        return None
    sampling = 1 / max(reference.rows, 1) + 1 / max(current.rows, 1)
    apart = reference.shares - current.shares
    moved = float(apart @ scores.steps)
    sure = max(abs(moved) - noise.tolerance * float(np.sum(np.abs(scores.steps))), 0.0)
    ratio = noise.order * scores.reach**2 / sampling
    z = copysign(sure / sqrt(sampling * (1 + ratio)), moved)
    skew = scores.skew * (current.rows**-2 - reference.rows**-2) / (sampling * (1 + ratio)) ** 1.5
    return DriftTest(
        kind="van_der_waerden" if power == 1 else "klotz",
        why="level" if power == 1 else "spread",
        statistic=z,
        effect=float(np.max(np.maximum(np.abs(apart) - noise.tolerance, 0.0))),
        limit=limit,
        p=widened(farther(z, skew), ratio, noise.df),
    )


def mix_test(reference: Counts, current: Counts, noise: Noise, limit: float, why: Why) -> DriftTest | None:
    """Chi-squared of two rows of counts, shape (k,); None where fewer than two bins are left.

    Rare bins are pooled. What natural variation adds may all go in one direction (`one_way_chi2`). The
    effect is the Jensen-Shannon
    distance (base 2) without what chance adds to it.
    """
    reference, current = pooled(reference, current)
    m, n, k = int(reference.sum()), int(current.sum()), len(reference)
    if k < 2 or not m or not n:
        return None
    sampling = 1 / m + 1 / n
    p, q = reference / m, current / n
    together = (reference + current) / (m + n)
    statistic = float(np.sum((p - q) ** 2 / together)) / sampling
    chance = one_way_chi2(statistic, k - 1, (k - 1) * noise.mix / sampling, noise.df)
    by_chance = (k - 1) * sampling / (8 * LN2)
    effect = sqrt(max(jensen_shannon(p, q) ** 2 - by_chance, 0.0))
    return DriftTest(
        kind="chi_squared", why=why, statistic=statistic, effect=min(effect, 1.0), limit=limit, p=chance
    )


def one_way_chi2(statistic: float, dimensions: int, extra: float, df: float) -> float:
    """The chance of a sum of squares of which one direction has variance 1 + `extra`, the others 1.

    Scaling a chi-squared by the mean variance (Rao and Scott 1981) is ten times too sure in the tail here: so
    the sum is integrated over that direction, which is Student's where `extra` was estimated.

    >>> round(one_way_chi2(3.841, 1, 0.0, inf), 3), round(one_way_chi2(7.682, 1, 1.0, inf), 3)
    (0.05, 0.05)
    """
    from scipy.special import chdtrc

    effective = df * ((1 + extra) / extra) ** 2 if extra > 0 else inf
    end = sqrt(max(statistic, 0.0) / (1 + extra))
    beyond = 2 * _above(end, effective)
    if dimensions < 2:
        return min(beyond, 1.0)
    z = np.linspace(0.0, end, STEPS)
    rest = chdtrc(dimensions - 1, np.maximum(statistic - (1 + extra) * z**2, 0.0))
    return min(beyond + 2 * float(np.trapezoid(_density(z, effective) * rest, z)), 1.0)


def _above(z: float, df: float) -> float:
    """The chance of more than z by Student's t; by the normal distribution where df is infinite."""
    from scipy.special import ndtr, stdtr

    return float(stdtr(df, -z) if isfinite(df) else ndtr(-z))


def _density(z: NDArray[np.float64], df: float) -> NDArray[np.float64]:
    if not isfinite(df):
        return np.asarray(np.exp(-(z**2) / 2) / sqrt(2 * pi))
    scale = lgamma((df + 1) / 2) - lgamma(df / 2) - log(df * pi) / 2
    return np.asarray(np.exp(scale - (df + 1) / 2 * np.log1p(z**2 / df)))


def share_test(
    kind: TestKind, why: Why, before: Hits, now: Hits, *, rho: float, df: float, limit: float
) -> DriftTest:
    """Whether a share of rows changed, either way: exact for rare ones (binomial with the reference's share,
    by the rule of succession), for as many rows as the window is worth."""
    from scipy.special import betainc

    if not before.rows or not now.rows:
        return DriftTest(kind=kind, why=why, statistic=0.0, effect=0.0, limit=limit, p=1.0)
    share, rest = now.hits / now.rows, before.hits / before.rows
    sampling = 1 / now.rows + 1 / before.rows
    worth = 1 / (sampling + rho)
    usual = (before.hits + 1) / (before.rows + 2)
    hits = share * worth
    if share >= rest:
        p = float(betainc(hits, worth - hits + 1, usual)) if hits > 0 else 1.0
    else:
        p = float(betainc(worth - hits, hits + 1, 1 - usual))
    p = min(2 * p, 1.0)
    effect = abs(share - rest)
    statistic = effect / sqrt(usual * (1 - usual) * (sampling + rho))
    return DriftTest(
        kind=kind, why=why, statistic=statistic, effect=effect, limit=limit, p=widened(p, rho / sampling, df)
    )


def widened(p: float, ratio: float, df: float) -> float:
    """p where the variance was partly estimated: `ratio` of natural variation to sampling, the former with
    `df` degrees of freedom. As Student did for the normal distribution, with Satterthwaite's degrees."""
    from scipy.special import ndtri

    if not isfinite(df) or ratio <= 0 or p >= 1:
        return p
    effective = df * ((1 + ratio) / ratio) ** 2
    return min(2 * _above(-float(ndtri(max(p, 1e-300) / 2)), effective), 1.0)


def pooled(reference: Counts, current: Counts) -> tuple[Counts, Counts]:
    """Bins in which the smaller side would have too few rows, together as one, with the next rarest if even
    that is too rare; empty bins are left out."""
    m, n = int(reference.sum()), int(current.sum())
    both = reference + current
    order = np.argsort(both, kind="stable")
    order = order[both[order] > 0]
    if not m or not n or not len(order):
        return reference[order], current[order]
    expected = np.cumsum(both[order]) / (m + n) * min(m, n)
    single = both[order] / (m + n) * min(m, n)
    rare = int(np.sum(single < EXPECTED_AT_LEAST))
    first = 0 if not rare else max(rare, int(np.searchsorted(expected, EXPECTED_AT_LEAST)) + 1)
    if first < 2:
        return reference[order], current[order]
    parts = (np.append(counts[order[first:]], counts[order[:first]].sum()) for counts in (reference, current))
    before, now = parts
    return before, now


def jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """The distance (root of the divergence, base 2) of two distributions, in [0, 1]; Endres and Schindelin
    (2003).

    >>> jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(p > 0, p * np.log2(p / middle), 0.0) + np.where(q > 0, q * np.log2(q / middle), 0.0)
    return sqrt(min(max(float(np.nansum(parts)) / 2, 0.0), 1.0))


def population_stability_index(reference: Counts, current: Counts) -> float:
    """The J divergence of Kullback and Leibler (1951), in nats; half a row is added to each bin."""
    m, n = reference.sum() + 0.5 * len(reference), current.sum() + 0.5 * len(current)
    p, q = (reference + 0.5) / m, (current + 0.5) / n
    return float(np.sum((q - p) * np.log(q / p)))


def wasserstein(
    points: NDArray[np.float64], p: NDArray[np.float64], q: NDArray[np.float64], unit: float
) -> float | None:
    """The area between two cumulative shares at points, in units of `unit`; what lies beyond is not seen."""
    if not isfinite(unit) or unit <= 0 or len(points) < 2:
        return None
    area = float(np.sum(np.abs(p - q)[:-1] * np.diff(points)))
    return area / unit if isfinite(area) else None


def corrected_p(test: DriftTest, tests: Sequence[DriftTest]) -> float:
    """The p of a test that is one of several of a column (Bonferroni, by weights)."""
    return min(1.0, test.p * sum(WEIGHTS[each.why] for each in tests) / WEIGHTS[test.why])


def together_p(tests: Sequence[DriftTest]) -> float:
    """The p of several tests of one column."""
    return min((corrected_p(test, tests) for test in tests), default=inf)
