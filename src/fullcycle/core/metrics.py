"""Metrics with their trivial baseline and bootstrap interval, in NumPy.

A metric prepares rows once (sorts them, takes logarithms) and then answers for any weights of rows: a
bootstrap resample is nothing but whole weights that sum to n (Efron 1979), so a thousand of them on 67,000
rows take 0.3 s, and 2 s for a metric of ranks.

`y` holds class codes (positions in the contract's classes) or numbers, of shape (n,); an answer is, by
`Metric.needs`, probabilities (n, k), labels as class codes (n,), or values (n,).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Interval

Floats = NDArray[np.float64]
Answer = NDArray[Any]
Statistic = Callable[[Floats], float]

CLASSES = (Task.binary, Task.multiclass)
PROBABILITY_FLOOR = 1e-15  # a probability of 0 for what happened costs 34.5 nats, not an infinity
DEFAULT_METRIC = {Task.binary: "roc_auc", Task.multiclass: "log_loss", Task.regression: "r2"}
THRESHOLD = 0.5


@dataclass(frozen=True)
class Metric:
    """`statistic(y, answer)` is the metric as a function of the rows' weights; NaN where it is undefined."""

    name: str
    higher_is_better: bool
    tasks: tuple[Task, ...]
    needs: Literal["probabilities", "labels", "values"]
    statistic: Callable[[Answer, Answer], Statistic]

    def function(self, y: Answer, answer: Answer) -> float:
        """The metric on all rows alike."""
        return self.statistic(y, answer)(np.ones(len(y)))

    def better(self, score: float, other: float) -> bool:
        """Whether the first score is strictly better; any is better than NaN."""
        if np.isnan(score) or np.isnan(other):
            return bool(np.isnan(other) and not np.isnan(score))
        return score > other if self.higher_is_better else score < other


def metrics_of(task: Task) -> list[Metric]:
    """Metrics that fit a task, in the order in which they are shown."""
    return [metric for metric in METRICS.values() if task in metric.tasks]


def answer_for(metric: Metric, answer: Answer, threshold: float = THRESHOLD) -> Answer:
    """What the metric takes, from probabilities (n, k), or from values as they are."""
    return labels_of(answer, threshold) if metric.needs == "labels" else answer


def labels_of(probabilities: Floats, threshold: float = THRESHOLD) -> NDArray[np.int64]:
    """Class codes: of two classes the last from `threshold` on, else the most probable."""
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.int64)
    chosen: NDArray[np.int64] = probabilities.argmax(axis=1).astype(np.int64)
    return chosen


def scores_of(task: Task, y: Answer, answer: Answer, threshold: float = THRESHOLD) -> dict[str, float]:
    """Every metric of a task, from probabilities (n, k) or values (n,)."""
    return {
        metric.name: metric.function(y, answer_for(metric, answer, threshold)) for metric in metrics_of(task)
    }


def baseline_scores(task: Task, y_train: Answer, y: Answer, classes: int = 2) -> dict[str, float]:
    """What the best constant answer, learned from the training rows, scores on `y`.

    Class shares and the most frequent class; the median for `mae`, the mean for the other metrics of numbers.
    """
    if task is Task.regression:
        constants = {"mae": float(np.median(y_train))}
        mean = float(np.mean(y_train))
        return {
            metric.name: metric.function(y, np.full(len(y), constants.get(metric.name, mean)))
            for metric in metrics_of(task)
        }
    shares = np.bincount(y_train, minlength=classes) / len(y_train)
    answers = {
        "probabilities": np.tile(shares, (len(y), 1)),
        "labels": np.full(len(y), shares.argmax(), dtype=np.int64),
    }
    return {metric.name: metric.function(y, answers[metric.needs]) for metric in metrics_of(task)}


def bootstrap_interval(
    metric: Metric,
    y: Answer,
    answer: Answer,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The metric with its percentile bootstrap interval; bounds are None where no resample defines it."""
    statistic = metric.statistic(y, answer)
    value = statistic(np.ones(len(y)))
    drawn = _resampled([statistic], len(y), resamples, seed)[0]
    low, high = _bounds(drawn, confidence)
    return Interval(value=_finite(value), low=low, high=high, confidence=confidence)


def bootstrap_difference(
    metric: Metric,
    y: Answer,
    answer: Answer,
    other: Answer,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """How much the first answer scores above the other on the same rows, resampled together."""
    statistics = [metric.statistic(y, answer), metric.statistic(y, other)]
    first, second = (statistic(np.ones(len(y))) for statistic in statistics)
    drawn = _resampled(statistics, len(y), resamples, seed)
    low, high = _bounds(drawn[0] - drawn[1], confidence)
    return Interval(value=_finite(first - second), low=low, high=high, confidence=confidence)


def _resampled(statistics: list[Statistic], rows: int, resamples: int, seed: int) -> Floats:
    """Each statistic on the same resamples: shape (statistics, resamples)."""
    random = np.random.default_rng(seed)
    drawn = np.empty((len(statistics), resamples))
    for number in range(resamples):
        chosen = random.integers(0, rows, rows, dtype=np.int32 if rows < 2**31 else np.int64)
        weights = np.bincount(chosen, minlength=rows).astype(np.float64)
        drawn[:, number] = [statistic(weights) for statistic in statistics]
    return drawn


def _bounds(drawn: Floats, confidence: float) -> tuple[float | None, float | None]:
    defined = drawn[np.isfinite(drawn)]
    if not len(defined):
        return None, None
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _roc_auc(y: Answer, probabilities: Answer) -> Statistic:
    """Area under the ROC curve; for more classes the mean of each that is there."""
    return _mean_over_classes(y, probabilities, _binary_auc)


def _average_precision(y: Answer, probabilities: Answer) -> Statistic:
    """Mean precision over recall steps; for more classes the mean of each that is there."""
    return _mean_over_classes(y, probabilities, _binary_average_precision)


def _mean_over_classes(
    y: Answer, probabilities: Answer, binary: Callable[[NDArray[np.bool_], Floats], Statistic]
) -> Statistic:
    if probabilities.shape[1] == 2:
        return binary(y == 1, probabilities[:, 1])
    each = [binary(y == code, probabilities[:, code]) for code in range(probabilities.shape[1])]

    def statistic(weights: Floats) -> float:
        defined = [area for one in each if np.isfinite(area := one(weights))]
        return float(np.mean(defined)) if defined else float("nan")

    return statistic


def _binary_auc(positive: NDArray[np.bool_], score: Floats) -> Statistic:
    """The share of pairs in the right order, ties counting half (Mann and Whitney 1947)."""
    order = np.argsort(score, kind="stable")
    positive, starts = positive[order], _tie_starts(score[order])

    def statistic(weights: Floats) -> float:
        ordered = weights[order]
        ups, downs = _tied(np.where(positive, ordered, 0.0), np.where(positive, 0.0, ordered), starts)
        below = np.cumsum(downs)
        pairs = ups.sum() * below[-1] if len(below) else 0.0
        return float(_dot(ups, below - downs / 2) / pairs) if pairs else float("nan")

    return statistic


def _binary_average_precision(positive: NDArray[np.bool_], score: Floats) -> Statistic:
    order = np.argsort(-score, kind="stable")
    positive, starts = positive[order], _tie_starts(score[order])

    def statistic(weights: Floats) -> float:
        ordered = weights[order]
        ups, downs = _tied(np.where(positive, ordered, 0.0), np.where(positive, 0.0, ordered), starts)
        found = np.cumsum(ups)
        if not len(found) or not found[-1]:
            return float("nan")
        asked = found + np.cumsum(downs)
        precision = np.divide(found, asked, out=np.zeros_like(found), where=asked > 0)
        return float(_dot(ups, precision) / found[-1])

    return statistic


def _tie_starts(ordered: Floats) -> NDArray[np.int64] | None:
    """Where runs of equal scores start, or None where no two are equal."""
    starts = (
        np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else np.array([], int)
    )
    return None if len(starts) == len(ordered) else starts


def _tied(ups: Floats, downs: Floats, starts: NDArray[np.int64] | None) -> tuple[Floats, Floats]:
    if starts is None:
        return ups, downs
    return np.add.reduceat(ups, starts), np.add.reduceat(downs, starts)


def _log_loss(y: Answer, probabilities: Answer) -> Statistic:
    """Mean negative logarithm of the probability of what happened, in nats."""
    happened = probabilities[np.arange(len(y)), y]
    return _mean_of(-np.log(np.clip(happened, PROBABILITY_FLOOR, 1.0)))


def _accuracy(y: Answer, labels: Answer) -> Statistic:
    return _mean_of((y == labels).astype(np.float64))


def _f1_macro(y: Answer, labels: Answer) -> Statistic:
    """Harmonic mean of precision and recall, in the mean of the classes that were there or were said."""
    classes = int(max(y.max(initial=0), labels.max(initial=0))) + 1
    cells = y * classes + labels

    def statistic(weights: Floats) -> float:
        table = np.bincount(cells, weights, minlength=classes**2).reshape(classes, classes)
        met = table.sum(axis=0) + table.sum(axis=1)
        return float((2 * np.diag(table)[met > 0] / met[met > 0]).mean()) if met.any() else float("nan")

    return statistic


def _r2(y: Answer, values: Answer) -> Statistic:
    """1 - residual over total sum of squares; undefined where the target does not vary."""
    squares = (y - values) ** 2
    rounding = (
        8 * np.finfo(np.float64).eps * np.abs(y).max(initial=0.0)
    ) ** 2  # all that a constant varies by

    def statistic(weights: Floats) -> float:
        # Centred at the mean of these weights: a shorter form cancels out where a large value weighs nothing.
        centred = y - _dot(weights, y) / max(weights.sum(), 1.0)
        total = _dot(weights, centred * centred)
        return float(1 - _dot(weights, squares) / total) if total > rounding * weights.sum() else float("nan")

    return statistic


def _rmse(y: Answer, values: Answer) -> Statistic:
    mean_square = _mean_of((y - values) ** 2)
    return lambda weights: float(np.sqrt(mean_square(weights)))


def _mae(y: Answer, values: Answer) -> Statistic:
    return _mean_of(np.abs(y - values))


def _mean_of(values: Floats) -> Statistic:
    def statistic(weights: Floats) -> float:
        total = weights.sum()
        return _dot(weights, values) / total if total else float("nan")

    return statistic


def _dot(first: Floats, second: Floats) -> float:
    """Not `@`: BLAS takes as many threads as it finds, whose sums differ in the last bits, and which stand in
    each other's way on a busy machine (ten times slower, measured)."""
    return float((first * second).sum())


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", True, CLASSES, "probabilities", _roc_auc),
        Metric("log_loss", False, CLASSES, "probabilities", _log_loss),
        Metric("average_precision", True, CLASSES, "probabilities", _average_precision),
        Metric("accuracy", True, CLASSES, "labels", _accuracy),
        Metric("f1_macro", True, CLASSES, "labels", _f1_macro),
        Metric("r2", True, (Task.regression,), "values", _r2),
        Metric("rmse", False, (Task.regression,), "values", _rmse),
        Metric("mae", False, (Task.regression,), "values", _mae),
    )
}
