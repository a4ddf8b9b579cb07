"""How far annotators agree beyond chance. NumPy alone; tests compare it with libraries of the field.

The library for Krippendorff's alpha is GPL and that for Dawid and Skene brings language models along
(docs/decisions/labels.md), and each measure is a few lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.base import Interval

Floats = NDArray[np.float64]
Level = Literal["nominal", "interval"]
Statistic = Callable[[Floats], Floats]  # of sums over items (resamples, columns)

RESAMPLES, BATCH = 2000, 200
CONFIDENCE = 0.95


def cohen_kappa(first: Floats, second: Floats) -> float | None:
    """Two annotators' codes (n,), NaN where one said nothing; Cohen (1960). None where both said one class.

    >>> round(cohen_kappa(np.array([0., 0, 1, 1]), np.array([0., 1, 1, 1])), 3)
    0.5
    """
    return _estimate(_pairs(first, second), _cohens)


def cohen_interval(first: Floats, second: Floats, *, seed: int = 0) -> Interval:
    """Cohen's kappa with percentile bounds over 2000 resamples of the items."""
    return interval_of(_pairs(first, second), _cohens, seed=seed)


def _pairs(first: Floats, second: Floats) -> Floats:
    """One row for each item that both labelled: 1, whether they agree, and what each said by class."""
    both = ~np.isnan(first) & ~np.isnan(second)
    one, other = first[both], second[both]
    classes = np.unique(np.concatenate([one, other]))
    said = [one[:, None] == classes, other[:, None] == classes]
    return np.column_stack([np.ones(len(one)), one == other, *said]).astype(np.float64)


def _cohens(sums: Floats) -> Floats:
    classes = (sums.shape[1] - 2) // 2
    items = sums[:, 0]
    expected = (sums[:, 2 : 2 + classes] * sums[:, 2 + classes :]).sum(axis=1) / items**2
    return _beyond_chance(sums[:, 1] / items, expected)


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected < 1 - 1e-12, (observed - expected) / (1 - expected), np.nan)


def fleiss_kappa(counts: NDArray[Any]) -> float | None:
    """Counts of labels by item and class (n, k), with the same number of labels for each item; Fleiss (1971).

    None where it is undefined: items with different numbers of labels, fewer than two, or one class in all.
    """
    return _estimate(_with_agreement(counts), _fleisses) if _as_many(counts) else None


def fleiss_interval(counts: NDArray[Any], *, seed: int = 0) -> Interval | None:
    """Fleiss' kappa with percentile bounds over 2000 resamples of the items; None where it is undefined."""
    if not _as_many(counts):
        return None
    return interval_of(_with_agreement(counts), _fleisses, seed=seed)


def _as_many(counts: NDArray[Any]) -> bool:
    labels = counts.sum(axis=1)
    return bool(len(counts)) and labels.min() == labels.max() and labels.min() >= 2


def _with_agreement(counts: NDArray[Any]) -> Floats:
    """One row for each item: 1, the share of its pairs of labels that agree, and its counts."""
    each = counts.sum(axis=1)
    agreeing = ((counts**2).sum(axis=1) - each) / (each * (each - 1))
    return np.column_stack([np.ones(len(counts)), agreeing, counts]).astype(np.float64)


def _fleisses(sums: Floats) -> Floats:
    counts = sums[:, 2:]
    expected = ((counts / counts.sum(axis=1, keepdims=True)) ** 2).sum(axis=1)
    return _beyond_chance(sums[:, 1] / sums[:, 0], expected)


def krippendorff_alpha(ratings: Floats, level: Level = "nominal") -> float | None:
    """Codes or numbers of shape (items, annotators), NaN where there is none; Krippendorff (2004).

    None where no item has two labels, or all labels are equal.

    >>> round(krippendorff_alpha(np.array([[1., 1], [2, 2], [1, 2], [2, 2]])), 3)
    0.533
    """
    return _estimate(_moments(ratings, level), _alphas(level))


def alpha_interval(ratings: Floats, level: Level = "nominal", *, seed: int = 0) -> Interval:
    """Alpha with percentile bounds over 2000 resamples of the items."""
    return interval_of(_moments(ratings, level), _alphas(level), seed=seed)


def interval_of(items: Floats, statistic: Statistic, *, seed: int = 0) -> Interval:
    """A statistic of sums over items (n, columns), with percentile bounds over 2000 resamples of the items.

    Equal items are drawn together, so that many of them cost no more than few.
    """
    value = _estimate(items, statistic)
    if value is None:
        return Interval(value=None, confidence=CONFIDENCE)
    distinct, times = np.unique(items, axis=0, return_counts=True)
    generator = np.random.default_rng(seed)
    found = np.concatenate(
        [
            statistic(generator.multinomial(len(items), times / len(items), size=BATCH) @ distinct)
            for _ in range(RESAMPLES // BATCH)
        ]
    )
    found = found[np.isfinite(found)]
    if not len(found):
        return Interval(value=value, confidence=CONFIDENCE)
    low, high = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value=value, low=float(low), high=float(high), confidence=CONFIDENCE)


def _estimate(items: Floats, statistic: Statistic) -> float | None:
    if not len(items):
        return None
    [value] = statistic(items.sum(axis=0)[None, :])
    return float(value) if np.isfinite(value) else None


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


def _alphas(level: Level) -> Statistic:
    """Alpha of sums of moments (resamples, columns); NaN where it is undefined."""

    def alphas(sums: Floats) -> Floats:
        observed, labels, rest = sums[:, 0], sums[:, 1], sums[:, 2:]
        if level == "nominal":
            expected = labels * (labels - 1) - (rest * (rest - 1)).sum(axis=1)
        else:
            expected = 2 * labels * rest[:, 1] - 2 * rest[:, 0] ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 1e-12, 1 - observed * (labels - 1) / expected, np.nan)

    return alphas
