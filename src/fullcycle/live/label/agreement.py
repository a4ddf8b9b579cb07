"""How far annotators agree beyond chance. NumPy alone; tests compare it with libraries of the field.

The library for Krippendorff's alpha is GPL and that for Dawid and Skene brings language models along
(docs/decisions/labels.md), and each measure is a few lines.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.base import Interval

Floats = NDArray[np.float64]
Level = Literal["nominal", "interval"]

RESAMPLES = 2000
CONFIDENCE = 0.95
RELIABLE = 0.667  # below, not even tentative conclusions (Krippendorff 2004, page 241)


def cohen_kappa(first: Floats, second: Floats) -> float | None:
    """Two annotators' codes (n,), NaN where one said nothing; Cohen (1960). None where both said one class.

    >>> round(cohen_kappa(np.array([0., 0, 1, 1]), np.array([0., 1, 1, 1])), 3)
    0.5
    """
    both = ~np.isnan(first) & ~np.isnan(second)
    if not both.any():
        return None
    one, other = first[both], second[both]
    observed = float((one == other).mean())
    classes = np.unique(np.concatenate([one, other]))
    expected = float(sum((one == code).mean() * (other == code).mean() for code in classes))
    return None if expected >= 1 else (observed - expected) / (1 - expected)


def fleiss_kappa(counts: NDArray[Any]) -> float | None:
    """Counts of labels by item and class (n, k), with the same number of labels for each item; Fleiss (1971).

    None where it is undefined: items with different numbers of labels, fewer than two, or one class in all.
    """
    labels = counts.sum(axis=1)
    if not len(counts) or labels.min() != labels.max() or labels.min() < 2:
        return None
    each = float(labels[0])
    observed = float((((counts**2).sum(axis=1) - each) / (each * (each - 1))).mean())
    expected = float(((counts.sum(axis=0) / counts.sum()) ** 2).sum())
    return None if expected >= 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(ratings: Floats, level: Level = "nominal") -> float | None:
    """Codes or numbers of shape (items, annotators), NaN where there is none; Krippendorff (2004).

    None where no item has two labels, or all labels are equal.

    >>> round(krippendorff_alpha(np.array([[1., 1], [2, 2], [1, 2], [2, 2]])), 3)
    0.533
    """
    moments = _moments(ratings, level)
    [alpha] = _alphas(np.ones((1, len(moments))), moments, level)
    return float(alpha) if np.isfinite(alpha) else None


def alpha_interval(ratings: Floats, level: Level = "nominal", *, seed: int = 0) -> Interval:
    """Alpha with percentile bounds over 2000 resamples of the items."""
    moments = _moments(ratings, level)
    items = len(moments)
    if not items:
        return Interval(value=None, confidence=CONFIDENCE)
    draws = np.random.default_rng(seed).multinomial(items, np.full(items, 1 / items), size=RESAMPLES)
    alphas = _alphas(draws.astype(np.float64), moments, level)
    alphas = alphas[np.isfinite(alphas)]
    if not len(alphas):
        return Interval(value=krippendorff_alpha(ratings, level), confidence=CONFIDENCE)
    low, high = np.quantile(alphas, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(
        value=krippendorff_alpha(ratings, level), low=float(low), high=float(high), confidence=CONFIDENCE
    )


def _moments(ratings: Floats, level: Level) -> Floats:
    """What alpha needs of each item with two labels or more, as sums, so that resampling adds rows up.

    Columns: its observed disagreement times its labels, the number of labels, then counts by class (nominal)
    or the sum and the sum of squares of its numbers.
    """
    present = ~np.isnan(ratings)
    labels = present.sum(axis=1)
    ratings, present, labels = ratings[labels >= 2], present[labels >= 2], labels[labels >= 2]
    if level == "nominal":
        classes = np.unique(ratings[present])
        counts = (
            np.stack([(ratings == code).sum(axis=1) for code in classes], axis=1) if len(classes) else None
        )
        counts = np.zeros((0, 1)) if counts is None else counts
        pairs = labels * (labels - 1) - (counts * (counts - 1)).sum(axis=1)
        return np.column_stack([pairs / np.maximum(labels - 1, 1), labels, counts]).astype(np.float64)
    centred = np.where(present, ratings - np.nanmean(ratings), 0.0) if len(ratings) else np.zeros((0, 1))
    sums, squares = centred.sum(axis=1), (centred**2).sum(axis=1)
    pairs = 2 * labels * squares - 2 * sums**2
    return np.column_stack([pairs / np.maximum(labels - 1, 1), labels, sums, squares]).astype(np.float64)


def _alphas(weights: Floats, moments: Floats, level: Level) -> Floats:
    """Alpha for each row of weights of the items (resamples, items); NaN where it is undefined."""
    sums = weights @ moments
    observed, labels, rest = sums[:, 0], sums[:, 1], sums[:, 2:]
    if level == "nominal":
        expected = labels * (labels - 1) - (rest * (rest - 1)).sum(axis=1)
    else:
        expected = 2 * labels * rest[:, 1] - 2 * rest[:, 0] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 1e-12, 1 - observed * (labels - 1) / expected, np.nan)
