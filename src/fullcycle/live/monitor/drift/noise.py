"""Natural variation: how far two windows of an unchanged process lie apart, beyond what sampling does.

Rows of one window are alike: they share a day, a season, a campaign. Shares by bin then vary as those of
clusters do, with variance p (1 - p) (1/n + rho) instead of p (1 - p) / n (Kish 1965; Rao and Scott 1981).
With rho > 0 a test stops getting surer as n grows: nothing below natural variation is ever significant.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from fullcycle.core.evidence.monitor import Variation

# Nobody knows, so it is assumed: shares of a half move by 2.5 percentage points (one standard deviation) from
# one window to the next. At a chance of 1 in 2,000 that hides what is below a distance of 0.1, at any size.
ASSUMED = 0.0025


@dataclass(frozen=True)
class Noise:
    """`order`, `mix` and `missing` are rho of the cumulative shares, of shares by bin, and of the missing
    rate, each estimated with `df` degrees of freedom (infinite where it was assumed). `tolerance` is how far
    the reference's own shares may be off."""

    order: float = ASSUMED
    mix: float = ASSUMED
    missing: float = ASSUMED
    df: float = inf
    source: Variation = "assumed"
    tolerance: float = 0.0
