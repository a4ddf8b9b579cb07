"""How much each column says about the target, alone, judged on rows that had no part in learning it.

Works on counts by bin, fold and class (or on sums of the target), never on rows: a column of thousands of
categories learns each one's rate on four folds and is judged on the fifth, so it can't shine by memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.explore import Relation, TargetBin, span_label
from fullcycle.cycle.explore.coded import Counted
from fullcycle.cycle.explore.target import Target

PRIOR_ROWS = 10.0  # how many rows at the overall rate stand beside each bin's own
BINS_SHOWN = 12
Z95 = 1.959964
PURE_RATE = 0.97  # the lower end of its interval
PURE_OVERALL = 0.9  # a class that most rows have anyway is no surprise
PURE_ROWS, PURE_SHARE = 100, 0.01

Cells = NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """A bin of a number (low to high) or a category (label)."""

    rows: int
    label: str = ""
    missing: bool = False
    rest: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Told:
    """A column's relation to the target, and the strengths that leaks are judged by.

    `value` is that of its value, averaged over classes; `missingness` that of whether it is missing; `purity`
    is how much more certain a class is where it is missing, or where it isn't (0 unless almost certain).
    `information` is the mutual information of its bins and the target, in nats.
    """

    relation: Relation
    value: float
    missingness: float
    purity: float = 0.0
    information: float | None = None


def relate(counted: Counted, labels: Sequence[str] | None, target: Target) -> Told | None:
    """Of a number (labels is None) or a text; None where nothing is told."""
    if not len(counted.places):
        return None
    bins = [_bin(counted, at, labels) for at in range(len(counted.places))]
    return _relate_classes(counted, bins, target) if target.classes else _relate_number(counted, bins, target)


def _bin(counted: Counted, at: int, labels: Sequence[str] | None) -> Bin:
    place, rows = int(counted.places[at]), int(counted.rows[at])
    if place < 0:
        return Bin(rows, missing=True)
    if labels is not None:
        return Bin(rows, rest=True) if place >= len(labels) else Bin(rows, label=labels[place])
    if counted.low is None or counted.high is None:
        return Bin(rows)
    low, high = float(counted.low[at]), float(counted.high[at])
    return Bin(rows, span_label(low, high), low=low, high=high)


def _relate_classes(counted: Counted, bins: Sequence[Bin], target: Target) -> Told:
    counts = counted.n
    shown = [len(target.classes) - 1] if target.positive else list(range(len(target.classes)))
    strengths = [class_strength(counts[:, :, k], counts.sum(axis=2)) for k in shown]
    best = int(np.argmax(strengths))
    weights = counts.sum(axis=(0, 1))[shown]
    mean = float(np.average(strengths, weights=weights)) if weights.sum() else 0.0
    gaps = [missing_bin.missing for missing_bin in bins]
    k = shown[best]
    return Told(
        Relation(
            measure="auc_gini",
            strength=round(strengths[best], 6),
            of=target.classes[k],
            bins=tuple(_rates(bins, counts[:, :, k].sum(axis=1), counts.sum(axis=(1, 2)))),
        ),
        value=mean,
        missingness=max(
            (_gap_strength(counts[:, :, k], counts.sum(axis=2), gaps) for k in shown), default=0.0
        ),
        purity=gap_purity(counts.sum(axis=1), gaps),
    )


def class_strength(hits: Cells, rows: Cells) -> float:
    """max(0, 2 AUC - 1) of a column whose bins are ordered by their rate on the other folds.

    `hits` and `rows` have shape (n_bins, n_folds): rows of the class, and all rows. 0 where one is absent.
    """
    gains, weights = [], []
    for fold in range(hits.shape[1]):
        positive, negative = hits[:, fold], rows[:, fold] - hits[:, fold]
        if positive.sum() and negative.sum():
            others_hits, others = hits.sum(axis=1) - positive, rows.sum(axis=1) - rows[:, fold]
            prior = others_hits.sum() / max(others.sum(), 1.0)
            score = (others_hits + PRIOR_ROWS * prior) / (others + PRIOR_ROWS)
            gains.append(2 * _auc(score, positive, negative) - 1)
            weights.append(rows[:, fold].sum())
    return max(float(np.average(gains, weights=weights)), 0.0) if gains else 0.0


def _auc(score: Cells, positive: Cells, negative: Cells) -> float:
    """Area under the ROC curve of grouped rows; bins of one score are one bin."""
    _, group = np.unique(np.round(score, 12), return_inverse=True)
    up, down = np.bincount(group, positive), np.bincount(group, negative)
    below = np.concatenate([[0.0], np.cumsum(down)[:-1]])
    return float((up * (below + down / 2)).sum() / (up.sum() * down.sum()))


def _gap_strength(hits: Cells, rows: Cells, gaps: Sequence[bool]) -> float:
    """The strength of the two bins "missing" and "there"."""
    mask = np.asarray(gaps)
    if not mask.any() or mask.all():
        return 0.0
    both = [np.stack([cells[mask].sum(axis=0), cells[~mask].sum(axis=0)]) for cells in (hits, rows)]
    return class_strength(*both)


def gap_purity(counts: Cells, gaps: Sequence[bool]) -> float:
    """(rate - overall) / (1 - overall) of the class that is almost certain on one side of a gap, or 0.

    `counts` has shape (n_bins, n_classes). A side needs many rows: 11 customers without a bill prove nothing.
    """
    mask = np.asarray(gaps)
    rows = counts.sum()
    found = [0.0]
    for side in (counts[mask].sum(axis=0), counts[~mask].sum(axis=0)) if mask.any() else ():
        for k, hits in enumerate(side):
            overall = counts[:, k].sum() / rows
            enough = side.sum() >= max(PURE_ROWS, PURE_SHARE * rows)
            if enough and overall <= PURE_OVERALL and wilson(hits, side.sum())[0] >= PURE_RATE:
                found.append((hits / side.sum() - overall) / (1 - overall))
    return float(max(found))


def _relate_number(counted: Counted, bins: Sequence[Bin], target: Target) -> Told:
    n = counted.n.sum(axis=2)
    t, tt = (np.zeros_like(n) if sums is None else sums for sums in (counted.t, counted.tt))
    mask = np.asarray([missing_bin.missing for missing_bin in bins])
    gaps = 0.0
    if mask.any() and not mask.all():
        gaps = correlation_ratio(*(np.stack([c[mask].sum(axis=0), c[~mask].sum(axis=0)]) for c in (n, t, tt)))
    strength = correlation_ratio(n, t, tt)
    relation = Relation(
        measure="correlation_ratio",
        strength=round(strength, 6),
        bins=tuple(_means(bins, n.sum(axis=1), t.sum(axis=1), tt.sum(axis=1), target)),
    )
    return Told(relation, value=strength, missingness=gaps)


def correlation_ratio(n: Cells, t: Cells, tt: Cells) -> float:
    """The root of the share of the target's variance that bins' means, learned on the other folds, explain.

    Each has shape (n_bins, n_folds): rows, sums of the target, sums of its squares.
    """
    total = tt.sum() - t.sum() ** 2 / max(n.sum(), 1.0)
    if total <= 0:
        return 0.0
    left = 0.0
    for fold in range(n.shape[1]):
        others = [cells.sum(axis=1) - cells[:, fold] for cells in (n, t, tt)]
        mean = _shrunken_means(*others)
        left += float((tt[:, fold] - 2 * mean * t[:, fold] + n[:, fold] * mean**2).sum())
    return sqrt(max(1.0 - left / total, 0.0))


def _shrunken_means(n: Cells, t: Cells, tt: Cells) -> Cells:
    """Each bin's mean, drawn to the overall mean by as many rows as one bin is less certain than bins differ
    (the one-way random effects of Henderson, 1953)."""
    rows, overall = max(n.sum(), 1.0), t.sum() / max(n.sum(), 1.0)
    own = t / np.maximum(n, 1.0)
    bins = int((n > 0).sum())
    within = max((tt - n * own**2).sum() / max(rows - bins, 1.0), 0.0)
    size = (rows - (n**2).sum() / rows) or 1.0
    between = ((n * (own - overall) ** 2).sum() - (bins - 1) * within) / size
    if between <= 0:
        return np.full(n.shape, overall)
    prior = within / between
    known = n + prior > 0
    means: Cells = np.where(known, (t + prior * overall) / np.where(known, n + prior, 1.0), overall)
    return means


def _rates(bins: Sequence[Bin], hits: Cells, rows: Cells) -> list[TargetBin]:
    shown = _merged(bins, [hits, rows])
    return [_target_bin(one, hit / count, *wilson(hit, count)) for one, (hit, count) in shown if count > 0]


def wilson(hits: float, rows: float, z: float = Z95) -> tuple[float, float]:
    """The score interval of a rate (Wilson 1927): of 95%, or of another z.

    >>> [round(end, 3) for end in wilson(3, 10)]
    [0.108, 0.603]
    """
    rate, spread = hits / rows, z**2 / rows
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(rate * (1 - rate) / rows + spread / (4 * rows))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _means(bins: Sequence[Bin], n: Cells, t: Cells, tt: Cells, target: Target) -> list[TargetBin]:
    found = []
    for one, (rows, total, squares) in _merged(bins, [n, t, tt]):
        if rows > 0:
            mean = total / rows
            variance = max(squares / rows - mean**2, 0.0) * rows / max(rows - 1, 1)
            half = Z95 * sqrt(variance / rows) * target.step
            value = target.low + mean * target.step
            found.append(_target_bin(one, value, value - half, value + half))
    return found


def _merged(bins: Sequence[Bin], cells: Sequence[Cells]) -> list[tuple[Bin, tuple[float, ...]]]:
    """At most BINS_SHOWN bins: neighbours of numbers join, the rarest categories become the rest."""
    values = list(zip(bins, zip(*cells, strict=True), strict=True))
    numbers = [pair for pair in values if pair[0].low is not None]
    special = [pair for pair in values if pair[0].missing]
    if numbers:
        return [*_neighbours(numbers), *special]
    named = [pair for pair in values if not pair[0].missing and not pair[0].rest]
    rest = [pair for pair in values if pair[0].rest] + named[BINS_SHOWN:]
    joined = [_join(rest, Bin(sum(pair[0].rows for pair in rest), rest=True))] if rest else []
    return [*named[:BINS_SHOWN], *joined, *special]


def _neighbours(numbers: Sequence[tuple[Bin, tuple[float, ...]]]) -> list[tuple[Bin, tuple[float, ...]]]:
    size = -(-len(numbers) // BINS_SHOWN)
    groups = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    return [_join(group, _span([pair[0] for pair in group])) for group in groups]


def _span(bins: Sequence[Bin]) -> Bin:
    low, high = bins[0].low, bins[-1].high
    label = "" if low is None or high is None else span_label(low, high)
    return Bin(sum(one.rows for one in bins), label, low=low, high=high)


def _join(pairs: Sequence[tuple[Bin, tuple[float, ...]]], into: Bin) -> tuple[Bin, tuple[float, ...]]:
    return into, tuple(float(sum(column)) for column in zip(*(pair[1] for pair in pairs), strict=True))


def _target_bin(one: Bin, target: float, low: float, high: float) -> TargetBin:
    return TargetBin(
        label=one.label,
        rows=one.rows,
        target=target,
        low=low,
        high=high,
        kind="missing" if one.missing else "rest" if one.rest else "value",
        start=one.low,
        end=one.high,
    )
