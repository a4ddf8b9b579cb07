"""The learning curve: the best model on shares of each fold's training rows, judged on the same rows.

Where half of the rows does as well as all of them, more rows of the same kind won't help either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.experiment import LearningPoint
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.metrics import Metric, answer_for, bootstrap_difference, bootstrap_interval
from fullcycle.core.models.evaluate import Evaluator, OutOfFold, Rows
from fullcycle.core.models.folds import Indices
from fullcycle.cycle.experiment.search import Tried

SHARES = (0.125, 0.25, 0.5)  # of the training rows; all of them were fitted by the search
FEWEST = 50  # training rows of a fold, under which a point says little


def learning_curve(
    evaluator: Evaluator, best: Tried, metric: Metric, seed: int
) -> tuple[tuple[LearningPoint, ...], list[Finding]]:
    """Points from few rows to all, and a finding where the last doubling still helped."""
    whole, rows = best.out_of_fold, evaluator.rows
    found: list[tuple[int, OutOfFold]] = []
    for share in SHARES:
        smaller = _smaller(rows, share, seed)
        if smaller is not None:
            own = Evaluator(evaluator.contract, evaluator.policies, smaller, evaluator.engine, evaluator.seed)
            [answer] = own.out_of_fold([(best.model, best.parameters)])
            found.append((_learned(smaller), answer))
    found.append((_learned(rows), whole))
    points = tuple(_point(count, answer, metric, seed) for count, answer in found)
    return points, list(_findings(found, metric))


def _smaller(rows: Rows, share: float, seed: int) -> Rows | None:
    """The same folds with a part of their training rows; None where too few or not all classes are left."""
    random = np.random.default_rng(seed)
    folds = []
    for train, valid in rows.folds:
        kept = np.sort(random.permutation(train)[: int(len(train) * share)])
        if len(kept) < FEWEST or _lost_classes(rows, train, kept):
            return None
        folds.append((kept, valid))
    return replace(rows, folds=folds)


def _lost_classes(rows: Rows, train: Indices, kept: Indices) -> bool:
    if rows.codes.dtype.kind == "f":
        return False
    return len(np.unique(rows.codes[kept])) < len(np.unique(rows.codes[train]))


def _learned(rows: Rows) -> int:
    return round(float(np.mean([len(train) for train, _ in rows.folds])))


def _point(rows: int, answer: OutOfFold, metric: Metric, seed: int) -> LearningPoint:
    interval = bootstrap_interval(
        metric, answer.codes, answer_for(metric, answer.answer), resamples=200, seed=seed
    )
    return LearningPoint(rows=rows, score=interval)


def _findings(found: list[tuple[int, OutOfFold]], metric: Metric) -> Iterator[Finding]:
    if len(found) < 2:
        return
    (half, before), (rows, after) = found[-2:]
    answers = [answer_for(metric, each.answer) for each in (after, before)]
    gain = bootstrap_difference(metric, after.codes, *answers)
    if gain.value is None or gain.low is None or gain.high is None:
        return
    helped = gain.low > 0 if metric.higher_is_better else gain.high < 0
    code = Code.more_rows_help if helped else Code.more_rows_do_not_help
    yield finding(
        code,
        Severity.info,
        metric=metric.name,
        half=half,
        rows=rows,
        gain=gain.value,
        low=gain.low,
        high=gain.high,
    )
