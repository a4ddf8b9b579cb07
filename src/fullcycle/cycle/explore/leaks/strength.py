"""How much a binned column says about the target of the sample, judged on rows it was not learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.models.groups import ranks
from fullcycle.cycle.explore.leaks.sample import FOLDS, Floats, Sample, Whole
from fullcycle.cycle.explore.relations import class_strength, correlation_ratio

BINS = 50
VALUES_APART = 64  # a number of at most so many values isn't binned


def binned(values: Floats, bins: int = BINS) -> Whole:
    """Places of equally filled bins, lowest first; the last place is of missing values."""
    present = np.isfinite(values)
    places = np.zeros(len(values), dtype=np.int64)
    known = values[present]
    ordered = np.sort(known)
    distinct = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    edges = (
        distinct[1:]
        if len(distinct) <= VALUES_APART
        else np.unique(np.quantile(ordered, np.arange(1, bins) / bins))
    )
    places[present] = np.searchsorted(edges, known, side="right")
    places[~present] = len(edges) + 1
    return places


def strength_of_number(sample: Sample, name: str) -> float:
    """Of a numeric column by its value."""
    if name not in sample.strengths:
        sample.strengths[name] = strength(sample, binned(sample.numbers[name]))
    return sample.strengths[name]


def strength(sample: Sample, places: Whole, chosen: NDArray[np.bool_] | None = None) -> float:
    """2 AUC - 1 averaged over classes by their size, or the correlation ratio with the number or its rank,
    whichever is larger."""
    rows = slice(None) if chosen is None else chosen
    places, fold, answers = places[rows], sample.fold[rows], sample.answers[rows]
    if not len(places):
        return 0.0
    size = int(places.max()) + 1
    if sample.is_regression:
        number = sample.target[rows]
        scaled = (number - number.mean()) / (number.std() or 1.0)
        return max(_ratio(places, fold, column, size) for column in (scaled, answers[:, 0]))
    n = _cells(places, fold, np.ones(len(places)), size)
    found = [class_strength(_cells(places, fold, column, size), n) for column in answers.T]
    weights = answers.sum(axis=0)
    return float(np.average(found, weights=weights)) if weights.sum() else 0.0


def _ratio(places: Whole, fold: Whole, answer: Floats, size: int) -> float:
    cells = [_cells(places, fold, part, size) for part in (np.ones(len(places)), answer, answer**2)]
    return correlation_ratio(*cells)


def _cells(places: Whole, fold: Whole, weights: Floats, size: int) -> Floats:
    cells: Any = np.bincount(places * FOLDS + fold, weights, size * FOLDS)
    return np.asarray(cells.reshape(size, FOLDS), dtype=np.float64)


def concordance(sample: Sample, places: Whole) -> float:
    """Somers' D of a number and the means of bins: 1 where bins never overlap in the target, in regression.

    Bins of fewer than 10 rows, and rows in them, are left out.
    """
    count = np.bincount(places)
    chosen = count[places] >= 10
    if chosen.sum() < 0.5 * len(places):
        return 0.0
    _, places = np.unique(places[chosen], return_inverse=True)
    score = ranks(sample.target[chosen])
    means = np.bincount(places, score) / np.bincount(places)
    return _somers(np.argsort(np.argsort(means))[places], score)


def _somers(order: Whole, score: Floats) -> float:
    """(concordant - discordant) / pairs of different `order`, from counts in 200 ranks of the score."""
    cells = np.zeros((int(order.max()) + 1, 200))
    np.add.at(cells, (order, np.minimum((score * 200).astype(int), 199)), 1)
    below = np.cumsum(cells, axis=0) - cells  # lower bins, by score
    lower = np.cumsum(below, axis=1) - below
    higher = below.sum(axis=1, keepdims=True) - below - lower
    pairs = (cells * below.sum(axis=1, keepdims=True)).sum()
    return float((cells * (lower - higher)).sum() / pairs) if pairs else 0.0


def correlation(x: Any, y: Any, weights: Any = None) -> float:
    """Pearson's r, weighted; 0 where undefined."""
    x, y = x - np.average(x, weights=weights), y - np.average(y, weights=weights)
    wx, wy = (x, y) if weights is None else (weights * x, weights * y)
    scale = float(np.sqrt((wx * x).sum() * (wy * y).sum()))
    return float((wx * y).sum() / scale) if scale > 0 else 0.0
