"""Columns that hold the target's mean, sum or extreme in the categories of another column, own row included.

A mean of the same rows lies closer to the mean of the training rows than another sample's could: of 80% of the
rows it differs by 0.2 of the squared standard error, where an honest column, as a mean of last year or out of
fold, differs by at least 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from fullcycle.core.contract.model import Role
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.cycle.explore.leaks.sample import Floats, Sample, Whole
from fullcycle.cycle.explore.leaks.strength import binned, correlation, strength
from fullcycle.cycle.explore.leaks.values import suspect

OWN_ROWS = 0.55  # squared standard errors between a column and the mean it is made of
EXACT = 1e-6
SIGNAL = 3.0  # squared standard errors between means of categories
PRIORS = (
    0.0,
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    30.0,
    50.0,
    100.0,
    200.0,
    300.0,
)  # rows at the overall mean, as encoders add
SAME_EXTREME = 0.4  # of categories whose extreme or median is the column's value to the digit
FEW, MANY = 3, 8
CROSSED_AT_MOST = 12
LEAVES_OUT = -0.9


class Means(NamedTuple):
    """The target in each category: rows, mean, and the variance of a row; shape (n_categories,)."""

    rows: Floats
    mean: Floats
    variance: Floats


def aggregates(sample: Sample, suspected: Collection[str]) -> Iterator[LeakSuspect]:
    """Numeric features that are an aggregate of the target, with the column they are made by."""
    answers = _answers(sample)
    bys = {name: sample.codes[name] for name in sample.names if _is_by(sample, name)}
    for name, values in sample.numbers.items():
        column = sample.contract.column(name)
        if name in suspected or column.role is not Role.feature or sample.distinct(name) < FEW:
            continue
        found = _by_column(name, values, bys, answers, sample)
        if found is not None:
            size = strength(sample, binned(values))
            yield suspect(name, "aggregate", size, columns=(name, *found))


def _answers(sample: Sample) -> list[Floats]:
    if sample.is_regression:
        number = sample.target
        return [number, np.log(number)] if number.min() > 0 else [number]
    answers = list(sample.answers.T)
    return [*answers, sample.target] if len(answers) > 2 else answers


def _is_by(sample: Sample, name: str) -> bool:
    present = int((~sample.missing(name)).sum())
    return sample.distinct(name) >= 2 and sample.distinct(name) <= present / 1.3


def _by_column(
    name: str, values: Floats, bys: dict[str, Whole], answers: list[Floats], sample: Sample
) -> tuple[str, ...] | None:
    """The column(s) whose categories it is an aggregate by, () for unknown ones, None where it is none."""
    found: list[tuple[float, tuple[str, ...]]] = []
    for by, codes in bys.items():
        if by != name:
            far = min(_distance(values, codes, answer) for answer in answers)
            if far < OWN_ROWS:
                found.append((round(far, 3) + int(codes.max()) * 1e-6, (by,)))
    if not found:
        crossed = [by for by in bys if by != name and sample.distinct(by) <= 200][:CROSSED_AT_MOST]
        for one, other in combinations(crossed, 2):
            both = _crossed(bys[one], bys[other])
            far = min(_distance(values, both, answer) for answer in answers)
            if far < OWN_ROWS:
                found.append((far, (one, other)))
    if found:
        return min(found)[1]
    own = sample.codes[name]
    if int(own.max()) + 1 >= 5 and _is_by(sample, name):
        far = min(_of_itself(values, own, answer) for answer in answers)
        return () if far < OWN_ROWS else None
    return None


def _crossed(one: Whole, other: Whole) -> Whole:
    both = np.where((one < 0) | (other < 0), -1, one * (int(other.max()) + 1) + other)
    return np.unique(both, return_inverse=True)[1] - int((both < 0).any())


def _distance(values: Floats, codes: Whole, answer: Floats) -> float:
    """Mean squared distance from an aggregate, in squared standard errors; infinite where it is far from any."""
    known = (codes >= 0) & np.isfinite(values)
    if known.sum() < 0.5 * len(codes):
        return np.inf
    values, answer = values[known], answer[known]
    _, first, codes = np.unique(codes[known], return_index=True, return_inverse=True)
    if len(first) < FEW:
        return np.inf
    level = values[first]
    constant = np.isclose(values, level[codes], rtol=1e-6, atol=1e-9).mean() >= 0.995
    if not constant:
        return _left_out(values, codes, answer)
    if len(np.unique(level)) < FEW:
        return np.inf
    means = _means(codes, answer)
    return min(_as_mean(level, means), _as_extreme(level, codes, answer), _as_sum(level, means))


def _means(codes: Whole, answer: Floats) -> Means:
    rows = np.bincount(codes).astype(float)
    mean = np.bincount(codes, answer) / rows
    squares = np.bincount(codes, (answer - mean[codes]) ** 2)
    pooled = squares.sum() / max(len(codes) - len(rows), 1)
    return Means(rows, mean, (squares + 5 * pooled) / (rows + 4))


def _as_mean(level: Floats, means: Means) -> float:
    """Of the mean itself, smoothed by rows at the overall mean, or scaled by a straight line."""
    several = means.rows > 1
    if several.sum() < FEW or not means.variance.any():
        return np.inf
    weights = (means.rows / means.variance)[several]
    overall = float(np.average(means.mean, weights=means.rows))
    signal = float((weights * (means.mean[several] - overall) ** 2).mean())
    found = [np.inf]
    for prior in PRIORS:
        share = means.rows / (means.rows + prior)
        smoothed = share * means.mean + (1 - share) * overall
        off = float((weights * ((level - smoothed) / share)[several] ** 2).mean())
        enough = signal >= SIGNAL if several.sum() < 20 else signal >= 0.7
        # What a level in the right units says by itself: with few categories it must be far closer than they are
        if off < EXACT or (enough and off < OWN_ROWS and off < signal / 4):
            found.append(off)
    scaled = _scaled(level[several], means.mean[several], weights)
    if several.sum() >= 4 and scaled < EXACT * signal:
        found.append(scaled)
    if several.sum() >= MANY and signal >= 2 * SIGNAL and scaled < OWN_ROWS:
        found.append(scaled)
    return min(found)


def _scaled(level: Floats, mean: Floats, weights: Floats) -> float:
    """Mean squared distance from a line, in squared standard errors, for the two parameters it took."""
    if np.ptp(level) == 0 or len(level) < 4:
        return np.inf
    x = level - np.average(level, weights=weights)
    slope = (weights * x * mean).sum() / (weights * x * x).sum()
    left = mean - np.average(mean, weights=weights) - slope * x
    return float((weights * left**2).sum() / (len(level) - 2))


def _as_extreme(level: Floats, codes: Whole, answer: Floats) -> float:
    """Of the median, the least or the largest: equal to the digit in many categories."""
    if len(np.unique(answer)) < 20 or len(level) < MANY:
        return np.inf
    order = np.lexsort((answer, codes))
    sorted_answer, starts = answer[order], np.searchsorted(codes[order], np.arange(len(level)))
    ends = np.append(starts[1:], len(codes)) - 1
    middle = (sorted_answer[(starts + ends) // 2] + sorted_answer[(starts + ends + 1) // 2]) / 2
    for statistic in (middle, sorted_answer[starts], sorted_answer[ends]):
        same = np.isclose(level, statistic, rtol=1e-9)
        if same.mean() >= SAME_EXTREME and len(np.unique(statistic[same])) >= FEW:
            return EXACT
    return np.inf


def _as_sum(level: Floats, means: Means) -> float:
    """Of the sum or the number of positives, which isn't the number of rows."""
    if len(level) < MANY:
        return np.inf
    sums = means.mean * means.rows
    if np.allclose(level, sums, rtol=1e-9) and np.ptp(sums):
        return EXACT
    far = abs(correlation(level, means.rows))
    same = correlation(level, sums)
    per_row = correlation(level / means.rows, means.mean, means.rows)
    return EXACT if same >= 0.995 and per_row >= 0.95 and same > far else np.inf


def _left_out(values: Floats, codes: Whole, answer: Floats) -> float:
    """Of the mean of the category's other rows: it falls where the own target rises, in every category."""
    means, levels = _means(codes, answer), _means(codes, values)
    inside, own = values - levels.mean[codes], answer - means.mean[codes]
    # Each row moves its category's mean by 1 / (n - 1) of its own distance.
    size = np.maximum(means.rows[codes] - 1, 1.0)
    chosen = means.rows[codes] > 2
    if chosen.sum() < 0.5 * len(codes) or not own[chosen].any():
        return np.inf
    within = correlation(inside[chosen] * size[chosen], own[chosen])
    between = correlation(levels.mean, means.mean, means.rows)
    return EXACT if within <= LEAVES_OUT and between >= 0.9 else np.inf


def _of_itself(values: Floats, codes: Whole, answer: Floats) -> float:
    """By categories that aren't in the table: each value is the mean of its own rows, too well for an estimate."""
    known = codes >= 0
    _, first, own = np.unique(codes[known], return_index=True, return_inverse=True)
    level, means = values[known][first], _means(own, answer[known])
    several = means.rows > 1
    if several.sum() < 5:
        return np.inf
    weights = (means.rows / np.maximum(means.variance, 1e-12))[several]
    off = float((weights * (level - means.mean)[several] ** 2).mean())
    signal = float((weights * (means.mean[several] - np.average(means.mean, weights=means.rows)) ** 2).mean())
    if off < EXACT and signal > 1.0:
        return off
    return off if several.sum() >= 30 and off < 0.4 and signal >= SIGNAL else np.inf
