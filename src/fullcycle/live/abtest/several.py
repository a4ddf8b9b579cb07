"""Several comparisons with one alpha: Holm, Bonferroni, and Dunnett for treatments that share a control."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fullcycle.core.hypotheses.levels import holm_levels
from fullcycle.core.project.abtest_settings import Correction
from fullcycle.live.abtest.moments import Floats

POINTS = 64  # of the quadrature: the probability is exact to 1e-9


def levels(
    correction: Correction, p_values: Sequence[Sequence[float]], shared: Sequence[Floats], alpha: float
) -> list[list[float]]:
    """The level at which each comparison is decided, by metric and treatment.

    `shared` has for each metric, by treatment, the part of the effect's variance that comes from the control.
    """
    metrics, treatments = len(p_values), len(p_values[0])
    if correction == "dunnett":
        return [[dunnett_level(each, alpha / metrics)] * treatments for each in shared]
    if correction == "bonferroni":
        return [[alpha / (metrics * treatments)] * treatments for _ in p_values]
    flat = [p for each in p_values for p in each]
    decided = holm_levels(flat, [alpha] * len(flat), len(flat))
    return [decided[at : at + treatments] for at in range(0, len(flat), treatments)]


def dunnett_level(shared: Floats, alpha: float) -> float:
    """The two-sided level of one comparison at which all of them together have `alpha`.

    Dunnett (JASA 50, 1955), for large samples and variances of each arm's own: scores of treatments i and j
    correlate by sqrt(shared_i shared_j).

    >>> round(dunnett_level(np.array([0.5, 0.5]), 0.05), 4)
    0.027
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    if len(shared) == 1:
        return alpha
    border = brentq(lambda score: any_beyond(score, shared) - alpha, 0.5, 12.0)
    return float(2 * norm.sf(border))


def any_beyond(score: float, shared: Floats) -> float:
    """The chance that a score of any treatment is beyond +-score when nothing differs."""
    from scipy.stats import norm

    nodes, weights = np.polynomial.hermite_e.hermegauss(POINTS)
    own = np.sqrt(np.maximum(1 - shared, 1e-12))[:, None]
    common = np.sqrt(shared)[:, None] * nodes
    inside = norm.cdf((score - common) / own) - norm.cdf((-score - common) / own)
    return float(1 - weights @ np.prod(inside, axis=0) / np.sqrt(2 * np.pi))


def adjusted(
    correction: Correction, p_values: Sequence[Sequence[float]], shared: Sequence[Floats]
) -> list[list[float]]:
    """p-values to be compared with alpha itself."""
    metrics, treatments = len(p_values), len(p_values[0])
    if correction == "dunnett":
        return [
            [min(1.0, metrics * _dunnett_p(p, part)) for p in each]
            for each, part in zip(p_values, shared, strict=True)
        ]
    flat = np.array([p for each in p_values for p in each])
    if correction == "bonferroni":
        made = np.minimum(1.0, flat * len(flat))
    else:
        order = np.argsort(flat, kind="stable")
        steps = np.maximum.accumulate(flat[order] * np.arange(len(flat), 0, -1))
        made = np.empty(len(flat))
        made[order] = np.minimum(1.0, steps)
    return [made[at : at + treatments].tolist() for at in range(0, len(flat), treatments)]


def _dunnett_p(p_value: float, shared: Floats) -> float:
    from scipy.stats import norm

    if len(shared) == 1:
        return p_value
    return any_beyond(float(norm.isf(max(p_value, 1e-300) / 2)), shared)
