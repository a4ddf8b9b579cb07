"""Strata with too few units in some variant are put together: within them nothing could be compared."""

from __future__ import annotations

import numpy as np

from fullcycle.live.abtest.moments import Sums

UNITS_AT_LEAST = 5  # of each variant: a variance of fewer says little


def enough(sums: Sums) -> Sums:
    """Sums (variants, strata, ...) with UNITS_AT_LEAST of every variant in each stratum, or with one."""
    smallest = sums.count.min(0)
    order = np.argsort(smallest, kind="stable")
    rest: list[int] = []
    for stratum in order.tolist():
        rest_enough = rest and sums.count[:, rest].sum(1).min() >= UNITS_AT_LEAST
        if smallest[stratum] >= UNITS_AT_LEAST and (not rest or rest_enough):
            break
        rest.append(stratum)
    kept = [at for at in range(len(smallest)) if at not in rest]
    if not rest:
        return sums
    parts = sums.count, sums.sums, sums.products
    count, added, products = (
        np.concatenate([each[:, kept], each[:, rest].sum(1, keepdims=True)], axis=1) for each in parts
    )
    return Sums(count, added, products, sums.pivot)
