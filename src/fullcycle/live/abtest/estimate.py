"""From moments to effects: shares, means and ratios, with CUPED and strata, all by one delta method.

A metric is a function of the means of its columns; the variance of its estimate is g' S g, with S the
covariance of those means and g the gradient (Deng, Knoblich and Lu, KDD 2018). CUPED subtracts what a
covariate explains (Deng, Xu, Kohavi and Walker, WSDM 2013). Strata are weighted by their share of all units
(post-stratification; Miratrix, Sekhon and Yu, JRSS B 75, 2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fullcycle.core.project.abtest_settings import AbMetric, MetricKind
from fullcycle.live.abtest.moments import Floats, Moments


@dataclass(frozen=True)
class Shape:
    """Which columns a metric has, in this order: value, [per], [covariate], [covariate_per]."""

    kind: MetricKind
    covariate: bool = False
    covariate_per: bool = False

    @property
    def columns(self) -> int:
        """How many."""
        return 1 + (self.kind == "ratio") + self.covariate + self.covariate_per


def shape_of(metric: AbMetric) -> Shape:
    """The shape of a declared metric."""
    return Shape(metric.kind, metric.covariate is not None, metric.covariate_per is not None)


@dataclass(frozen=True)
class Arms:
    """The metric in each variant, arrays (..., variants): its value, the variance of that value, degrees of
    freedom (infinite for shares of units), and `kept`, the part of the variance that CUPED leaves (...,).

    `theta` (...,) times the covariate's distance to its `overall` mean is what CUPED subtracts."""

    value: Floats
    variance: Floats
    df: Floats
    kept: Floats
    theta: Floats
    overall: Floats


def estimate(moments: Moments, shape: Shape) -> Arms:
    """The metric of each variant, over all strata."""
    count = moments.count
    if shape.kind == "conversion":  # p (1 - p) / n
        moments = Moments(count, moments.mean, moments.cov * ((count - 1) / count)[..., None, None])
    share = count.sum(-2, keepdims=True) / count.sum((-2, -1), keepdims=True)
    mean = (share[..., None] * moments.mean).sum(-2)
    parts = (share**2 / count)[..., None, None] * moments.cov
    cov = parts.sum(-3)
    value, gradient = _of_columns(mean, 0, ratio=shape.kind == "ratio")
    plain = _quadratic(gradient, cov, gradient)
    theta = overall = np.zeros(value.shape[:-1])
    if shape.covariate:
        covariate, slope = covariate_of(mean, shape)
        explained = _quadratic(gradient, cov, slope).sum(-1)
        # The theta that makes the variance over all variants least.
        theta = explained / _or_one(_quadratic(slope, cov, slope).sum(-1))
        units = count.sum(-1)
        overall = (units * covariate).sum(-1) / units.sum(-1)
        value = value - theta[..., None] * (covariate - overall[..., None])
        gradient = gradient - theta[..., None, None] * slope
    variance = _quadratic(gradient, cov, gradient)
    kept = variance.sum(-1) / _or_one(plain.sum(-1))
    df = _degrees(shape, count, parts, gradient, variance)
    return Arms(value, variance, df, kept, theta, overall)


def value_of(mean: Floats, shape: Shape, theta: Floats, overall: Floats) -> Floats:
    """The metric of other means, with the theta of an estimate."""
    value, _ = _of_columns(mean, 0, ratio=shape.kind == "ratio")
    return value - theta * (covariate_of(mean, shape)[0] - overall) if shape.covariate else value


def covariate_of(mean: Floats, shape: Shape) -> tuple[Floats, Floats]:
    """The covariate's mean or ratio, and its gradient."""
    return _of_columns(mean, 1 + (shape.kind == "ratio"), ratio=shape.covariate_per)


def _of_columns(mean: Floats, at: int, *, ratio: bool) -> tuple[Floats, Floats]:
    """Mean of the column `at`, or its ratio to the next one; and the gradient."""
    gradient = np.zeros(mean.shape)
    if not ratio:
        gradient[..., at] = 1.0
        return mean[..., at], gradient
    with np.errstate(invalid="ignore", divide="ignore"):
        value = mean[..., at] / mean[..., at + 1]
        gradient[..., at] = 1 / mean[..., at + 1]
        gradient[..., at + 1] = -value / mean[..., at + 1]
    return value, gradient


def _quadratic(left: Floats, matrix: Floats, right: Floats) -> Floats:
    made: Floats = np.einsum("...i,...ij,...j->...", left, matrix, right)
    return made


def _or_one(value: Floats) -> Floats:
    return np.where(value == 0, 1.0, value)


def _degrees(shape: Shape, count: Floats, parts: Floats, gradient: Floats, variance: Floats) -> Floats:
    """Welch's and Satterthwaite's, over the cells of a variant."""
    if shape.kind == "conversion":
        return np.full(variance.shape, np.inf)
    each = np.einsum("...i,...sij,...j->...s", gradient, parts, gradient)
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = variance**2 / (each**2 / (count - 1)).sum(-1)
    return np.where(variance > 0, degrees, np.inf)


@dataclass(frozen=True)
class Effect:
    """A difference of two variants, arrays of any shape; `relative` parts are of the control's value."""

    value: Floats
    variance: Floats
    df: Floats
    control: Floats
    relative_variance: Floats  # of the logarithm of the ratio

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Bounds of confidence 1 - level: Welch's, normal for shares."""
        from scipy.stats import t

        half = t.ppf(1 - level / 2, self.df) * np.sqrt(self.variance)
        return self.value - half, self.value + half

    def relative(self, level: float) -> tuple[Floats, Floats, Floats]:
        """The ratio to the control less 1, with bounds by its logarithm; NaN unless both are above 0."""
        from scipy.stats import t

        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = 1 + self.value / self.control
            both = (self.control > 0) & (ratio > 0)
            wide = np.exp(t.ppf(1 - level / 2, self.df) * np.sqrt(self.relative_variance))
            told = [np.where(both, each - 1, np.nan) for each in (ratio, ratio / wide, ratio * wide)]
        return told[0], told[1], told[2]

    @property
    def p_value(self) -> Floats:
        """Two-sided; 1 where nothing varies."""
        from scipy.stats import t

        with np.errstate(invalid="ignore", divide="ignore"):
            score = np.abs(self.value) / np.sqrt(self.variance)
        return np.where(self.variance > 0, 2 * t.sf(np.nan_to_num(score), self.df), 1.0)


def effect(arms: Arms, treatment: int, control: int = 0) -> Effect:
    """What the treatment changes."""
    ours, theirs = arms.variance[..., treatment], arms.variance[..., control]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = ours**2 / arms.df[..., treatment] + theirs**2 / arms.df[..., control]
        df = np.where(spread > 0, (ours + theirs) ** 2 / spread, np.inf)
        relative = ours / arms.value[..., treatment] ** 2 + theirs / arms.value[..., control] ** 2
    return Effect(
        arms.value[..., treatment] - arms.value[..., control],
        ours + theirs,
        df,
        arms.value[..., control],
        relative,
    )
