"""The verdict, with alpha shared by all hypotheses of a project.

Before any result, each of the m hypotheses that are declared or ever were fixed owns alpha / m. Those that
are decided together are worth the sum of their shares, which Holm (1979) spends step by step, the smallest
p-value first. So the chance that one null hypothesis of the project is called supported stays below alpha,
whatever order they are run in, as long as all were written down before the first result.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fullcycle.core.evidence.hypotheses import Verdict
from fullcycle.cycle.experiment.hypotheses.effect import Effect


def holm_levels(p_values: Sequence[float], alphas: Sequence[float], declared: int) -> list[float]:
    """The level at which each is decided, in the order given.

    >>> holm_levels([0.001, 0.04], [0.05, 0.05], declared=2)
    [0.025, 0.05]
    >>> holm_levels([0.03, 0.04], [0.05, 0.05], declared=4)
    [0.0125, 0.0125]
    """
    together = len(p_values)
    weighted = np.array(p_values) / np.array(alphas)
    shares = [0.0] * together
    left, going = together, True
    for place in np.argsort(weighted, kind="stable"):
        share = together / max(declared, together) / left
        shares[int(place)] = share
        going = going and bool(weighted[place] <= share)
        left -= going  # from the first that is not rejected on, the level stays
    return [alpha * share for alpha, share in zip(alphas, shares, strict=True)]


def verdict_of(effect: Effect, minimum_effect: float, level: float) -> Verdict:
    """By the interval of confidence 1 - level.

    Refuted where a gain as large as the minimum is ruled out, supported where no gain at all is, inconclusive
    where neither is.
    """
    low, high = effect.interval(1 - level)
    if high < minimum_effect:
        return "refuted"
    return "supported" if low > 0 else "inconclusive"
