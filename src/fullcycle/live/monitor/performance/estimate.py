"""Performance without outcomes: what calibrated probabilities foresee of every metric.

If 0.8 is true 80 times in 100, every row is right and wrong in known shares. So each row counts once for
each class, with its probability as weight, and any metric of these weights is its expectation (the confusion
matrix exactly; AUC, F1 and other ratios to first order): confidence-based performance estimation, as NannyML
calls it and documents. It is as good as the calibration, and knows nothing of outcomes that began to follow
inputs otherwise.

Where the verdict's bins are known, probabilities are first put right along a line (`calibration`). The
interval holds the metric that will be realised on these rows: outcomes drawn from probabilities along lines
that these bins would allow, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.performance import MetricFact
from fullcycle.core.evidence.verify import CalibrationBin
from fullcycle.core.metrics import Metric, Statistic, labels_of, metrics_of
from fullcycle.live.monitor.performance.answered import Answered, Floats
from fullcycle.live.monitor.performance.calibration import Recalibration, recalibration

DRAWS = 200
ROWS_AT_MOST = 50_000
CONFIDENCE = 0.95
SEED = 2022


@dataclass(frozen=True)
class Foreseen:
    """Metrics as their probabilities foresee them: the expectation, and draws of shape (draws,) of what may
    be realised. `outcomes` are draws of the mean class code."""

    metrics: dict[str, float]
    drawn: dict[str, Floats]
    mean_outcome: float
    outcomes: Floats


def estimated(answered: Answered, calibration: Sequence[CalibrationBin] = ()) -> tuple[MetricFact, ...]:
    """Every metric of a classifier whose probabilities are calibrated, without looking at outcomes.

    `calibration` are the bins of the verdict: how true probabilities were, and how sure that is. Regression
    has no probabilities to foresee with: none.
    """
    if answered.task is Task.regression or not len(answered):
        return ()
    rows = bounded(answered)
    foreseen = foresee(rows, calibration)
    return tuple(
        MetricFact(
            metric=metric.name,
            higher_is_better=metric.higher_is_better,
            rows=len(answered),
            value=interval_of(foreseen.metrics[metric.name], foreseen.drawn[metric.name]),
        )
        for metric in metrics_of(answered.task)
    )


def foresee(answered: Answered, calibration: Sequence[CalibrationBin] = ()) -> Foreseen:
    """Expectations and draws for all metrics at once, of the same outcomes."""
    weighed = _Weighed(answered)
    line = recalibration(calibration) if answered.answer.shape[1] == 2 else None
    true = answered.answer if line is None else line.of(answered.answer)
    metrics = metrics_of(answered.task)
    statistics = {metric.name: weighed.statistic(metric) for metric in metrics}
    weights = true.reshape(-1).astype(np.float64)
    drawn: dict[str, list[float]] = {name: [] for name in statistics}
    outcomes = []
    for codes in _drawn_codes(answered.answer, line):
        happened = weighed.happened(codes)
        outcomes.append(float(codes.mean()))
        for name, statistic in statistics.items():
            drawn[name].append(statistic(happened))
    return Foreseen(
        metrics={name: statistic(weights) for name, statistic in statistics.items()},
        drawn={name: np.array(values) for name, values in drawn.items()},
        mean_outcome=float((true @ np.arange(true.shape[1])).mean()),
        outcomes=np.array(outcomes),
    )


def bounded(answered: Answered) -> Answered:
    """At most 50,000 of the rows: enough for an AUC to 0.003."""
    if len(answered) <= ROWS_AT_MOST:
        return answered
    return answered.where(np.random.default_rng(SEED).choice(len(answered), ROWS_AT_MOST, replace=False))


@dataclass(frozen=True)
class _Weighed:
    """Every row once for each class that it may turn out to be: shape (n x k,)."""

    answered: Answered

    @property
    def classes(self) -> int:
        return int(self.answered.answer.shape[1])

    @cached_property
    def answer(self) -> Floats:
        return np.repeat(self.answered.answer, self.classes, axis=0)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        return labels_of(self.answer, self.answered.threshold)

    def statistic(self, metric: Metric) -> Statistic:
        codes = np.tile(np.arange(self.classes), len(self.answered))
        return metric.statistic(codes, self.labels if metric.needs == "labels" else self.answer)

    def happened(self, codes: NDArray[np.int64]) -> Floats:
        """All of a row's weight on one class."""
        weights = np.zeros((len(codes), self.classes))
        weights[np.arange(len(codes)), codes] = 1.0
        return weights.reshape(-1)


def _drawn_codes(probabilities: Floats, line: Recalibration | None) -> Iterator[NDArray[np.int64]]:
    random = np.random.default_rng(SEED)
    for _ in range(DRAWS):
        likely = probabilities if line is None else line.drawn(probabilities, random)
        below = np.cumsum(likely, axis=1)[:, :-1]
        yield (random.random((len(likely), 1)) > below).sum(axis=1)


def interval_of(value: float, drawn: Floats) -> Interval:
    """An expectation with the middle 95% of its draws."""
    defined = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(defined):
        return Interval(value=None, confidence=CONFIDENCE)
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value=value, low=float(low), high=float(high), confidence=CONFIDENCE)
