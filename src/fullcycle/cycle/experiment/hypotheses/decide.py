"""The verdict, with alpha shared by all hypotheses of a project.

Before any result, each of the m hypotheses that are declared or ever were fixed owns alpha / m. Those that
are decided together are worth the sum of their shares, which Holm (1979) spends step by step, the smallest
p-value first. So the chance that one null hypothesis of the project is called supported stays below alpha,
whatever order they are run in, as long as all were written down before the first result.
"""

from __future__ import annotations

from fullcycle.core.evidence.hypotheses import Verdict
from fullcycle.cycle.experiment.hypotheses.effect import Effect


def verdict_of(effect: Effect, minimum_effect: float, level: float) -> Verdict:
    """By the interval of confidence 1 - level.

    Refuted where a gain as large as the minimum is ruled out, supported where no gain at all is, inconclusive
    where neither is.
    """
    low, high = effect.interval(1 - level)
    if high < minimum_effect:
        return "refuted"
    return "supported" if low > 0 else "inconclusive"
