"""Concept drift told apart from data drift: what other inputs do, and what they don't explain.

A model whose probabilities are as true as they were foresees its own performance on whatever rows come
(`estimate`). So the way from the reference to what is foreseen on the current rows is the inputs' doing, and
the way from there to what was realised on the same rows is a change in how outcomes follow inputs: the same
split as that of Cai, Namkoong and Yadlowsky (2023, "Diagnosing model performance under distribution shift")
into X shift and Y|X shift, with calibrated probabilities in the place of a model of its own for the
outcomes.

The verdict on outcomes asks two questions of the same draws: is the mean outcome the one that was foreseen
(calibration in the large), and is the log loss (a shape that is wrong around a right mean).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.performance import ConceptFacts, Drifted, MetricChange
from fullcycle.core.evidence.verify import CalibrationBin
from fullcycle.core.metrics import Metric, answer_for, metrics_of
from fullcycle.live.monitor.performance.answered import Answered, Floats
from fullcycle.live.monitor.performance.estimate import CONFIDENCE, Foreseen, bounded, foresee, interval_of
from fullcycle.live.monitor.performance.realised import ROWS_AT_LEAST

QUESTIONS = 2


def told_apart(
    answered: Answered,
    reference: Mapping[str, Interval],
    calibration: Sequence[CalibrationBin] = (),
    *,
    false_alarms: float = 0.01,
) -> ConceptFacts | None:
    """The metrics of labelled rows in two steps from `reference`, the verdict's metrics with their intervals.

    A step is said to be there where it is less likely than `false_alarms` by chance (outcomes), or where the
    interval of what is foreseen lies apart from the reference's (inputs). None without probabilities or
    outcomes.
    """
    if answered.task is Task.regression:
        return None
    labelled = bounded(answered.labelled())
    if len(labelled) < ROWS_AT_LEAST:
        return None
    foreseen = foresee(labelled, calibration)
    changes = tuple(_change(metric, labelled, foreseen, reference) for metric in metrics_of(answered.task))
    p = _chance(labelled, changes, foreseen)
    by_data = any(
        _apart(interval_of(value, foreseen.drawn[name]), reference.get(name))
        for name, value in foreseen.metrics.items()
    )
    return ConceptFacts(
        rows=len(labelled),
        drifted=_verdict(by_data, p < false_alarms),
        p=p,
        outcomes=float(labelled.truth.mean()),
        foreseen=foreseen.mean_outcome,
        changes=changes,
    )


def _change(
    metric: Metric, labelled: Answered, foreseen: Foreseen, reference: Mapping[str, Interval]
) -> MetricChange:
    expected = foreseen.metrics[metric.name]
    answer = answer_for(metric, labelled.answer, labelled.threshold)
    realised = metric.function(labelled.codes(), answer)
    before = reference.get(metric.name)
    known = None if before is None else before.value
    return MetricChange(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        reference=known,
        expected=expected,
        realised=realised,
        by_data=None if known is None else expected - known,
        by_concept=_surprise(realised, expected, foreseen.drawn[metric.name]),
    )


def _surprise(realised: float, expected: float, drawn: Floats) -> Interval:
    """Realised less expected; where the interval holds 0, chance alone may have done it."""
    foreseen = interval_of(expected, drawn)
    if not np.isfinite(realised) or foreseen.low is None or foreseen.high is None:
        return Interval(value=None, confidence=CONFIDENCE)
    low, high = realised - foreseen.high, realised - foreseen.low
    return Interval(value=realised - expected, low=low, high=high, confidence=CONFIDENCE)


def _chance(labelled: Answered, changes: Sequence[MetricChange], foreseen: Foreseen) -> float:
    """Of outcomes at least as far from what was foreseen, on either question (Bonferroni)."""
    loss = next(change.realised for change in changes if change.metric == "log_loss")
    asked = (
        _two_sided(float(labelled.truth.mean()), foreseen.outcomes),
        _two_sided(loss, foreseen.drawn["log_loss"]),
    )
    return min(1.0, QUESTIONS * min(asked))


def _two_sided(value: float, drawn: Floats) -> float:
    """By the normal distribution with the mean and spread of the draws: both are means of many rows."""
    from scipy.special import ndtr

    spread = drawn.std(ddof=1)
    if spread == 0:
        return 1.0 if np.isclose(value, drawn.mean()) else 0.0
    return float(2 * ndtr(-abs(value - drawn.mean()) / spread))


def _apart(foreseen: Interval, reference: Interval | None) -> bool:
    """Whether two intervals have nothing in common."""
    if reference is None or reference.low is None or reference.high is None:
        return False
    if foreseen.low is None or foreseen.high is None:
        return False
    return foreseen.low > reference.high or foreseen.high < reference.low


def _verdict(by_data: bool, by_concept: bool) -> Drifted:
    if by_data:
        return "both" if by_concept else "data"
    return "concept" if by_concept else "nothing"
