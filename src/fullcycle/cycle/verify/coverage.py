"""Whether the intervals of predicted numbers hold as many test rows as they claim."""

from __future__ import annotations

import numpy as np

from fullcycle.core.evidence.verify import IntervalCoverage
from fullcycle.cycle.verify.judged import Judged

BY_CHANCE = 0.99  # of samples of this size in which a true claim stays above the bound


def coverage_of(judged: Judged) -> IntervalCoverage | None:
    """None where the model has no intervals."""
    from scipy.stats import binom

    claimed, interval = judged.bundle.facts.intervals, judged.answers.interval
    if claimed is None or interval is None:
        return None
    rows = len(judged.truth)
    inside = (judged.truth >= interval[:, 0]) & (judged.truth <= interval[:, 1])
    return IntervalCoverage(
        claimed=claimed,
        covered=float(inside.mean()),
        by_chance=float(binom.ppf(1 - BY_CHANCE, rows, claimed) / rows),
        median_width=float(np.median(interval[:, 1] - interval[:, 0])),
    )
