"""Whether a metric fell, by the intervals of now and before."""

from __future__ import annotations

import numpy as np

from fullcycle.core.evidence.base import Interval

WIDTH = 2 * 1.959963984540054  # of an interval of 95%, in standard errors


def worse(now: Interval, before: Interval, sign: int, alpha: float) -> bool:
    """One-sided, by the standard errors that the widths of both intervals tell; `sign` is 1 where higher is
    better."""
    from scipy.special import ndtr

    ends = (now.value, now.low, now.high, before.value, before.low, before.high)
    value, low, high, known, known_low, known_high = (np.nan if end is None else end for end in ends)
    error = np.hypot(high - low, known_high - known_low) / WIDTH
    return bool(error > 0 and ndtr(sign * (value - known) / error) < alpha)
