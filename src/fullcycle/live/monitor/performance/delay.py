"""How late outcomes come, when many have not come yet: the estimate of Kaplan and Meier (1958).

An answer without an outcome is one whose delay is at least its age. To leave such rows out would say that
outcomes come sooner than they do; to count them as never would say the contrary.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.performance import LabelDelay
from fullcycle.live.monitor.performance.answered import Floats, Truths

CURVE_POINTS = 50
FEW = 2  # a mean of fewer has no spread


def label_delay(waited_s: Floats, known: Truths, scores: Floats) -> LabelDelay:
    """`waited_s` of shape (n,): seconds from answer to outcome where it is `known`, else the answer's age."""
    labelled, waiting = scores[known], scores[~known]
    seconds, arrived = arrival_curve(waited_s, known)
    return LabelDelay(
        labelled=len(labelled),
        waiting=len(waiting),
        median_s=_when(seconds, arrived, 0.5),
        p90_s=_when(seconds, arrived, 0.9),
        curve=_thinned(seconds, arrived),
        score_labelled=_mean(labelled),
        score_waiting=_mean(waiting),
        p=_chance_of_difference(labelled, waiting),
    )


def arrival_curve(waited_s: Floats, known: Truths) -> tuple[Floats, Floats]:
    """Delays that occurred, in order, and the share of outcomes that have come by each.

    >>> seconds, arrived = arrival_curve(np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True]))
    >>> arrived.round(3).tolist()
    [0.25, 0.5, 1.0]
    """
    seconds, came = np.unique(waited_s[known], return_counts=True)
    at_risk = len(waited_s) - np.searchsorted(np.sort(waited_s), seconds, side="left")
    return seconds, np.asarray(1 - np.cumprod(1 - came / at_risk), dtype=np.float64)


def _when(seconds: Floats, arrived: Floats, share: float) -> float | None:
    """The first delay by which so many outcomes have come; None where it is not known yet."""
    reached = np.flatnonzero(arrived >= share - 1e-12)
    return float(seconds[reached[0]]) if len(reached) else None


def _thinned(seconds: Floats, arrived: Floats) -> tuple[tuple[float, float], ...]:
    chosen: NDArray[np.int64] = np.unique(
        np.linspace(0, len(seconds) - 1, min(CURVE_POINTS, len(seconds))).round().astype(np.int64)
    )
    return tuple((float(seconds[at]), float(arrived[at])) for at in chosen)


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _chance_of_difference(first: Floats, second: Floats) -> float | None:
    """Welch's test of two means; None where either side says nothing."""
    from scipy.stats import ttest_ind

    if min(len(first), len(second)) < FEW or first.std() + second.std() == 0:
        return None
    return float(ttest_ind(first, second, equal_var=False).pvalue)
