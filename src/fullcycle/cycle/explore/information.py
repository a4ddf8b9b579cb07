"""Mutual information of a binned column and the target, from counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

VALUES_TOLD_APART = 20  # categories beyond are one: each of a few rows would look as if it told something


def column_information(rows: Sequence[Mapping[str, Any]], *, texts: bool) -> float | None:
    """In nats, of the rows of `numbers_by_bin` or `texts_by_value`; None where there is no row.

    `k` is the class of the target, or the tenth of its values in regression. A gap is a bin of its own.
    """
    cells = [(_bin(row["p"], texts=texts), row["k"], row["n"]) for row in rows if row["k"] >= 0]
    if not cells:
        return None
    bins, classes, counts = (np.array(part) for part in zip(*cells, strict=True))
    _, x = np.unique(bins, return_inverse=True)
    _, y = np.unique(classes, return_inverse=True)
    joint = np.zeros((x.max() + 1, y.max() + 1))
    np.add.at(joint, (x, y), counts)
    return round(mutual_information(joint), 6)


def _bin(place: int, *, texts: bool) -> int:
    return min(place, VALUES_TOLD_APART) if texts else place


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
