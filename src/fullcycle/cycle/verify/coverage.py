"""Whether the intervals of predicted numbers hold as many test rows as they claim."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.verify import CoverageOfPart, IntervalCoverage
from fullcycle.cycle.verify.judge import wilson_interval
from fullcycle.cycle.verify.judged import Judged

BY_CHANCE = 0.99  # of samples of this size in which a true claim stays above the bound
PARTS, FEWEST = 5, 20  # and the rows of a part


def coverage_of(judged: Judged) -> IntervalCoverage | None:
    """None where the model has no intervals."""
    from scipy.stats import binom

    claimed, interval = judged.bundle.facts.intervals, judged.answers.interval
    if claimed is None or interval is None:
        return None
    rows = len(judged.truth)
    inside = (judged.truth >= interval[:, 0]) & (judged.truth <= interval[:, 1])
    low, high = wilson_interval(int(inside.sum()), rows)
    return IntervalCoverage(
        claimed=claimed,
        covered=float(inside.mean()),
        by_chance=float(binom.ppf(1 - BY_CHANCE, rows, claimed) / rows),
        median_width=float(np.median(interval[:, 1] - interval[:, 0])),
        low=low,
        high=high,
        parts=coverage_parts(inside, np.asarray(judged.answers.prediction, dtype=np.float64)),
    )


def coverage_parts(inside: NDArray[np.bool_], predicted: NDArray[np.float64]) -> tuple[CoverageOfPart, ...]:
    """Fifths of the rows by their prediction, lowest first; rows of one prediction stay together. Nothing
    where a fifth would be fewer than 20 rows."""
    if len(predicted) < PARTS * FEWEST:
        return ()
    inner = np.unique(np.quantile(predicted, np.linspace(0, 1, PARTS + 1)[1:-1]))
    places = np.searchsorted(inner, predicted, side="left")
    return tuple(_part(inside[places == place], predicted[places == place]) for place in np.unique(places))


def _part(inside: NDArray[np.bool_], predicted: NDArray[np.float64]) -> CoverageOfPart:
    low, high = wilson_interval(int(inside.sum()), len(inside))
    return CoverageOfPart(
        lowest=float(predicted.min()),
        highest=float(predicted.max()),
        rows=len(inside),
        covered=float(inside.mean()),
        low=low,
        high=high,
    )
