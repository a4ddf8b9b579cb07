"""Pearson's and Spearman's correlations of numeric columns, as matrices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fullcycle.core.engines.arrays import Floats
from fullcycle.core.evidence.explore import Correlations

ROWS_AT_ONCE = 65_536
NOISE = 1e-13  # of a sum of squares: a smaller variance is what rounding left of none


def pearson(columns: Mapping[str, Floats]) -> Correlations | None:
    """Pearson's r of each pair over the rows where both are there; None for fewer than two columns.

    Each has shape (n,), NaN where missing.
    """
    if len(columns) < 2:
        return None
    found = _correlations(np.stack([_standardized(column) for column in columns.values()]))
    matrix = [[_digits(r) for r in row] for row in found.tolist()]
    for i in range(len(columns)):
        matrix[i][i] = 1.0
    return Correlations(columns=tuple(columns), values=tuple(map(tuple, matrix)))


def spearman(columns: Mapping[str, Floats]) -> Correlations | None:
    """Spearman's rho (1904): Pearson's r of ranks, equal values sharing their mean rank.

    A value is ranked among all values of its column, and a pair is judged on the rows where both are there.
    """
    return pearson({name: ranked(column) for name, column in columns.items()})


def ranked(column: Floats) -> Floats:
    """Mean ranks from 0, NaN where missing."""
    order = np.argsort(column)
    known = len(column) - int(np.isnan(column).sum())
    values = column[order[:known]]
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])[:known])
    ends = np.append(starts[1:], known)
    ranks = np.full(len(column), np.nan)
    ranks[order[:known]] = np.repeat((starts + ends - 1) / 2, ends - starts)
    return ranks


def _standardized(column: Floats) -> Floats:
    """About its mean, in units of its largest value and then of its deviation: nothing overflows."""
    known = column[np.isfinite(column)]
    reach = float(np.abs(known).max(initial=0.0)) or 1.0
    scaled = column / reach
    known = scaled[np.isfinite(scaled)]
    middle = float(known.mean()) if len(known) else 0.0
    return (scaled - middle) / (float(known.std() if len(known) else 0.0) or 1.0)


def _correlations(z: Floats) -> Floats:
    """Of the rows of `z`, shape (k, n); NaN where a column doesn't vary in the rows of a pair."""
    n, s, q, p = (np.zeros((len(z), len(z))) for _sum in range(4))
    for start in range(0, z.shape[1], ROWS_AT_ONCE):
        part = z[:, start : start + ROWS_AT_ONCE]
        there = np.isfinite(part)
        x, known = np.where(there, part, 0.0), there.astype(np.float64)
        n += known @ known.T
        s += x @ known.T
        q += (x * x) @ known.T
        p += x @ x.T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = q - s * s / n
        varying = np.where((n > 1) & (spread > NOISE * q), spread, np.nan)
        found: Floats = (p - s * s.T / n) / np.sqrt(varying * varying.T)
    return np.clip(found, -1.0, 1.0)


def _digits(r: float) -> float | None:
    return None if np.isnan(r) else round(r, 6)
