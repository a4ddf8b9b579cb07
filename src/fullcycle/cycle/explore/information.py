"""Mutual information of a binned column and the target, from counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.cycle.explore.coded import Counted

VALUES_TOLD_APART = 20  # categories beyond are one: each of a few rows would look as if it told something


def column_information(counted: Counted, *, texts: bool) -> float | None:
    """In nats, between the places of a column and the parts of the target; None where there is no row.

    A part is a class of the target, or a tenth of its values in regression. A gap is a place of its own.
    """
    joint = counted.n.sum(axis=1)
    if not joint.any():
        return None
    if texts:
        rare = counted.places >= VALUES_TOLD_APART
        joint = np.concatenate([joint[~rare], joint[rare].sum(axis=0, keepdims=True)])
    return round(mutual_information(joint), 6)


def mutual_information(joint: NDArray[Any]) -> float:
    """The Kullback-Leibler divergence of a table of counts from that of its margins, in nats, at least 0.

    Shannon (1948), with the correction of Miller (1955) and Madow: of n rows, the plain estimate is
    (cells - bins - classes + 1) / 2n too large, counting those that have rows.

    >>> round(mutual_information(np.array([[50, 0], [0, 50]])), 3)
    0.698
    """
    n = joint.sum()
    shares = joint / n
    expected = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
    seen = joint > 0
    plain = (shares[seen] * np.log(shares[seen] / expected[seen])).sum()
    bins, classes = int(seen.any(axis=1).sum()), int(seen.any(axis=0).sum())
    return max(float(plain - (seen.sum() - bins - classes + 1) / (2 * n)), 0.0)
