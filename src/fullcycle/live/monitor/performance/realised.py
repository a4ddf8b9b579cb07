"""Metrics of rows whose outcome is known, each with its bootstrap interval, in all and by slice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fullcycle.core.evidence.performance import MetricFact, SliceMetric
from fullcycle.core.metrics import Metric, answer_for, bootstrap_interval, metrics_of
from fullcycle.live.monitor.performance.answered import Answered, Truths

RESAMPLES = 300
ROWS_AT_MOST = 100_000  # of a window: the interval of an AUC is then narrower than 0.01
ROWS_AT_LEAST = 30  # fewer labelled rows have no metric worth an interval
SEED = 1979


def realised(answered: Answered) -> tuple[MetricFact, ...]:
    """Every metric of the task on labelled rows; none where fewer than 30 are."""
    labelled = _bounded(answered.labelled())
    if len(labelled) < ROWS_AT_LEAST:
        return ()
    return tuple(_fact(metric, labelled) for metric in metrics_of(answered.task))


def by_slice(answered: Answered, slices: Mapping[str, Truths], metric: Metric) -> tuple[SliceMetric, ...]:
    """One metric on the labelled rows of each slice, a mask of shape (n,); small slices are left out."""
    found = []
    for name, mask in slices.items():
        rows = _bounded(answered.where(mask & answered.known))
        if len(rows) >= ROWS_AT_LEAST:
            found.append(SliceMetric(name=name, fact=_fact(metric, rows)))
    return tuple(found)


def _fact(metric: Metric, labelled: Answered) -> MetricFact:
    answer = answer_for(metric, labelled.answer, labelled.threshold)
    value = bootstrap_interval(metric, labelled.codes(), answer, resamples=RESAMPLES, seed=SEED)
    return MetricFact(
        metric=metric.name, higher_is_better=metric.higher_is_better, rows=len(labelled), value=value
    )


def _bounded(rows: Answered) -> Answered:
    if len(rows) <= ROWS_AT_MOST:
        return rows
    return rows.where(np.random.default_rng(SEED).choice(len(rows), ROWS_AT_MOST, replace=False))
