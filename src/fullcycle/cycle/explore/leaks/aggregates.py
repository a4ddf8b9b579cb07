"""Columns that hold the target's mean, sum or extreme in the categories of another column, own row included.

A mean of the same rows lies closer to the mean of the training rows than another sample's could: of 80% of
the rows it differs by 0.2 of the squared standard error, where an honest column, as a mean of last year or
out of fold, differs by at least 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
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
PLAIN = 100.0  # where means lie so far apart, a few levels that all are near are no accident
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
UNITS = (1.0, 100.0)  # a rate may be in percent
SAME_EXTREME = 0.4  # of categories whose extreme or median is the column's value to the digit
FEW, MANY = 3, 8
OWN_COUNTS = 0.8  # variances of a count
CROSSED_AT_MOST = 12
SCREENED_ROWS = 2_000
LEAVES_OUT = -0.9


class Means(NamedTuple):
    """The target in each category: rows, mean, and the variance of a row; shape (n_categories,)."""

    rows: Floats
    mean: Floats
    variance: Floats


class Categories:
    """A column's categories among the rows that have one, and the target's means in them, taken once."""

    def __init__(self, codes: Whole, answers: list[Floats]) -> None:
        self.known = codes >= 0
        _, self.first, self.codes = np.unique(codes[self.known], return_index=True, return_inverse=True)
        self.answers = [answer[self.known] for answer in answers]
        few = np.arange(min(len(self.codes), SCREENED_ROWS))
        self.few, self.few_codes = few, self.codes[few]

    @cached_property
    def means(self) -> list[Means]:
        return [_means(self.codes, answer) for answer in self.answers]

    def holds_constant(self, values: Floats) -> bool:
        """Whether `values` (of the known rows) are one in each category: on some rows first, as few are."""
        level = values[self.first]
        if np.isclose(values[self.few], level[self.few_codes], rtol=1e-6, atol=1e-9).mean() < 0.99:
            return False
        return bool(np.isclose(values, level[self.codes], rtol=1e-6, atol=1e-9).mean() >= 0.995)


def aggregates(sample: Sample, suspected: Collection[str]) -> Iterator[LeakSuspect]:
    """Numeric features that are an aggregate of the target, with the column they are made by."""
    answers = _answers(sample)
    bys = {name: Categories(sample.codes[name], answers) for name in sample.names if _is_by(sample, name)}
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
    name: str, values: Floats, bys: dict[str, Categories], answers: list[Floats], sample: Sample
) -> tuple[str, ...] | None:
    """The column(s) whose categories it is an aggregate by, () for unknown ones, None where it is none."""
    ours = _has_units(values, answers)
    found: list[tuple[float, tuple[str, ...]]] = []
    for by, categories in bys.items():
        if by != name and (far := _distance(values, categories, ours)) < OWN_ROWS:
            found.append((round(far, 3) + len(categories.first) * 1e-6, (by,)))
    if not found and ours and sample.distinct(name) >= 5:
        crossed = [by for by in bys if by != name and sample.distinct(by) <= 100][:CROSSED_AT_MOST]
        for one, other in combinations(crossed, 2):
            both = Categories(_crossed(sample.codes[one], sample.codes[other]), answers)
            if (far := _distance(values, both, ours)) < OWN_ROWS:
                found.append((far, (one, other)))
    if found:
        return min(found)[1]
    if ours and sample.distinct(name) >= 5 and name in bys:
        far = min(_of_itself(values[bys[name].known], bys[name], means) for means in bys[name].means)
        return () if far < OWN_ROWS else None
    return None


def _has_units(values: Floats, answers: list[Floats]) -> bool:
    """Whether its mean is that of the target, as for every mean of it."""
    known = values[np.isfinite(values)]
    return any(
        abs(known.mean() - answer.mean()) <= 0.25 * answer.std() and known.std() <= answer.std()
        for answer in answers
    )


def _crossed(one: Whole, other: Whole) -> Whole:
    missing = (one < 0) | (other < 0)
    return np.where(missing, -1, one * (int(other.max()) + 1) + other)


def _distance(values: Floats, by: Categories, ours: bool) -> float:
    """Mean squared distance from an aggregate, in squared standard errors; infinite where it is none."""
    if len(by.first) < FEW or len(by.codes) < 0.5 * len(values):
        return np.inf
    values = values[by.known]
    if not np.isfinite(values).all():
        return np.inf
    if not by.holds_constant(values):
        return min(_left_out(values, by, at) for at in range(len(by.answers))) if ours else np.inf
    level = values[by.first]
    if len(np.unique(level)) < FEW:
        return np.inf
    return min(
        min(
            _as_mean(level, means),
            _as_median(level, by.codes, answer, means),
            _as_extreme(level, by.codes, answer),
            _as_sum(level, means),
        )
        for means, answer in zip(by.means, by.answers, strict=True)
    )


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
        off = min(
            float((weights * ((level / unit - smoothed) / share)[several] ** 2).mean()) for unit in UNITS
        )
        enough = signal >= SIGNAL if several.sum() < 20 else signal >= 0.7
        # With few categories it must lie far closer to the means than they lie to each other.
        near = OWN_ROWS if signal < PLAIN else OWN_ROWS + 0.8 / np.sqrt(several.sum())
        if off < EXACT or (enough and off < near and off < signal / 4):
            found.append(off * OWN_ROWS / near)
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


def _as_median(level: Floats, codes: Whole, answer: Floats, means: Means) -> float:
    """As the mean, with the standard error of a median (Laplace: a half of pi as much variance)."""
    if len(np.unique(answer[:1000])) < 20:
        return np.inf
    medians = _sorted_by(codes, answer)[0]
    return _as_mean(level, Means(means.rows, medians, means.variance * np.pi / 2))


def _sorted_by(codes: Whole, answer: Floats) -> tuple[Floats, Floats, Floats]:
    """Median, least and largest of each category."""
    order = np.lexsort((answer, codes))
    sorted_answer, starts = answer[order], np.searchsorted(codes[order], np.arange(codes.max() + 1))
    ends = np.append(starts[1:], len(codes)) - 1
    middle = (sorted_answer[(starts + ends) // 2] + sorted_answer[(starts + ends + 1) // 2]) / 2
    return middle, sorted_answer[starts], sorted_answer[ends]


def _as_extreme(level: Floats, codes: Whole, answer: Floats) -> float:
    """Of the median, the least or the largest: equal to the digit in many categories."""
    if len(np.unique(answer)) < 20 or len(level) < MANY:
        return np.inf
    for statistic in _sorted_by(codes, answer):
        same = np.isclose(level, statistic, rtol=1e-9)
        if same.mean() >= SAME_EXTREME and len(np.unique(statistic[same])) >= FEW:
            return EXACT
    return np.inf


def _as_sum(level: Floats, means: Means) -> float:
    """Of the sum or the number of positives, which isn't the number of rows."""
    sums = means.mean * means.rows
    if len(level) < FEW or not np.ptp(sums) or sums.min() < 0:
        return np.inf
    if np.allclose(level, sums, rtol=1e-9):
        return EXACT
    by_rows = _counted(level, means.rows * sums.sum() / means.rows.sum())
    own = _counted(level, sums)
    return own if len(level) >= MANY and own < OWN_COUNTS and own < by_rows / 3 else np.inf


def _counted(level: Floats, sums: Floats) -> float:
    """Mean squared distance from the sums scaled up to all rows, in variances of a count of that size. An
    independent count of as many rows is 2 away, that of the same rows and a fifth more 0.2."""
    factor = level.sum() / sums.sum()
    if not 0.99 <= factor <= 3:
        return np.inf
    unit = level.max() if np.any(level != np.floor(level)) else 1.0
    return float(((level - factor * sums) ** 2 / (factor * sums + 0.5) / unit).mean())


def _left_out(values: Floats, by: Categories, at: int) -> float:
    """Of the mean of the category's other rows: it falls where the own target rises, in every category."""
    codes, means = by.codes, by.means[at]
    level = np.bincount(codes, values) / means.rows
    if correlation(level, means.mean, means.rows) < 0.9:
        return np.inf
    inside, own = values - level[codes], by.answers[at] - means.mean[codes]
    # Each row moves its category's mean by 1 / (n - 1) of its own distance.
    size = np.maximum(means.rows[codes] - 1, 1.0)
    chosen = means.rows[codes] > 2
    if chosen.sum() < 0.5 * len(codes) or not own[chosen].any():
        return np.inf
    return EXACT if correlation(inside[chosen] * size[chosen], own[chosen]) <= LEAVES_OUT else np.inf


def _of_itself(values: Floats, by: Categories, means: Means) -> float:
    """By categories that aren't in the table: each value is the mean of its own rows, too well for
    an estimate."""
    several = means.rows > 1
    if several.sum() < 5:
        return np.inf
    level = values[by.first]
    weights = (means.rows / np.maximum(means.variance, 1e-12))[several]
    off = float((weights * (level - means.mean)[several] ** 2).mean())
    overall = np.average(means.mean, weights=means.rows)
    signal = float((weights * (means.mean[several] - overall) ** 2).mean())
    if off < EXACT and signal > 1.0:
        return off
    return off if several.sum() >= 30 and off < 0.4 and signal >= SIGNAL else np.inf
