"""Intervals without assumptions on the shape of values: the Poisson bootstrap, on sums of buckets of units.

Each resample counts each unit Poisson(1) times, independently (Chamandy, Muralidharan, Najmi and Naidu,
"Estimating uncertainty for massive data streams", Google, 2012). A bucket of units drawn at random stands for
a unit: its sums are as independent and as equally distributed, and BUCKETS of them are all that Python sees,
however long the table is. With fewer units than buckets, nearly each unit is one.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from fullcycle.live.abtest.estimate import Arms, Shape, value_of
from fullcycle.live.abtest.moments import Floats, Sums

BUCKETS = 1000
RESAMPLES = 2000
BATCH = 250
DRAWS = 2**16  # a random number of 16 bits picks one of so many: 5 times faster, and right to 1 in 65,536


@cache
def poisson_table() -> Floats:
    """Values of a Poisson variable of mean 1, each as often as it comes in DRAWS.

    >>> [int((poisson_table() == times).sum()) for times in range(5)]
    [24109, 24110, 12054, 4019, 1004]
    """
    from scipy.stats import poisson

    counts = np.diff(np.rint(poisson.cdf(np.arange(-1, 12), 1.0) * DRAWS).astype(np.int64))
    return np.repeat(np.arange(12, dtype=np.float64), counts)


def resampled(sums: Sums, shape: Shape, arms: Arms, seed: int) -> Floats:
    """Values of the metric (RESAMPLES, variants) from sums of shape (variants, buckets)."""
    random = np.random.default_rng(seed)
    made = [_batch(sums, shape, arms, random) for _ in range(0, RESAMPLES, BATCH)]
    return np.concatenate(made)


def _batch(sums: Sums, shape: Shape, arms: Arms, random: np.random.Generator) -> Floats:
    variants, buckets = sums.count.shape
    times = poisson_table()[random.integers(0, DRAWS, (BATCH, variants, buckets), dtype=np.uint16)]
    count = np.einsum("rvb,vb->rv", times, sums.count)
    total = np.einsum("rvb,vbk->rvk", times, sums.sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.pivot + total / count[..., None]
    return value_of(mean, shape, arms.theta, arms.overall)


def interval(values: Floats, treatment: int, level: float) -> tuple[float, float] | None:
    """Percentiles of the difference to the first variant; None where a resample has no value."""
    differences = values[:, treatment] - values[:, 0]
    kept = differences[np.isfinite(differences)]
    if len(kept) < len(differences):
        return None
    low, high = np.quantile(kept, [level / 2, 1 - level / 2])
    return float(low), float(high)
