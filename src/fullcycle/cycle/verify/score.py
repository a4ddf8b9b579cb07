"""Scores of the released graph's answers on the test rows, with intervals and beside the trivial baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.bundle import Answers, Bundle, BundleContract
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.verify import CalibrationBin, MetricResult
from fullcycle.core.metrics import baseline_scores, bootstrap_interval, metrics_of
from fullcycle.core.models.parity import graph_feeds
from fullcycle.cycle.verify.judge import (
    calibration_bins,
    confusion_counts,
    residual_histogram,
    roc_points,
    sample_points,
)

ROWS_AT_ONCE = 65_536

# Truth and training target as metrics take them, answers by what a metric needs, and points to draw.
Prepared = tuple[NDArray[Any], NDArray[Any], dict[str, NDArray[Any]], dict[str, Any]]


@dataclass(frozen=True)
class Scores:
    """What verify measured; the fields that the task doesn't have are empty."""

    headline: str
    metrics: tuple[MetricResult, ...]
    roc: tuple[tuple[float, float], ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    residuals: Histogram | None = None
    predicted_actual: tuple[tuple[float, float], ...] = ()


def answer_rows(bundle: Bundle, frame: pd.DataFrame) -> Answers:
    """The graph's answers to a frame of coerced features, at least one row, in batches of bounded memory."""
    parts = [
        bundle.run(graph_feeds(frame.iloc[start : start + ROWS_AT_ONCE], bundle.contract))
        for start in range(0, len(frame), ROWS_AT_ONCE)
    ]
    shares = [part.probabilities for part in parts if part.probabilities is not None]
    bounds = [part.interval for part in parts if part.interval is not None]
    return Answers(
        prediction=np.concatenate([part.prediction for part in parts]),
        probabilities=np.concatenate(shares) if shares else None,
        interval=np.concatenate(bounds) if bounds else None,
    )


def score_answers(
    facts: BundleContract,
    answers: Answers,
    truth: pd.Series[Any],
    trained_on: pd.Series[Any],
    *,
    headline: str,
    resamples: int,
    confidence: float,
    seed: int,
) -> Scores:
    """Every metric of the task and the points that reports draw.

    `truth` and `trained_on` are the target in the test and training rows; the baseline is learned from the
    latter. Raises UserError for a class that the contract doesn't know.
    """
    prepare = _numbers if facts.contract.task is Task.regression else _classes
    actual, before, chosen, drawn = prepare(facts, answers, truth, trained_on, seed)
    baselines = baseline_scores(facts.contract.task, before, actual, len(facts.classes or ()))
    metrics = tuple(
        MetricResult(
            metric=metric.name,
            higher_is_better=metric.higher_is_better,
            model=bootstrap_interval(
                metric, actual, chosen[metric.needs], resamples=resamples, confidence=confidence, seed=seed
            ),
            baseline=_finite(baselines[metric.name]),
        )
        for metric in metrics_of(facts.contract.task)
    )
    return Scores(headline=headline, metrics=metrics, **drawn)


def _numbers(
    facts: BundleContract, answers: Answers, truth: pd.Series[Any], trained_on: pd.Series[Any], seed: int
) -> Prepared:
    said, actual = answers.prediction.astype(np.float64), truth.to_numpy(dtype=np.float64)
    drawn = {
        "residuals": residual_histogram(actual, said),
        "predicted_actual": sample_points(actual, said, seed),
    }
    return actual, trained_on.to_numpy(dtype=np.float64), {"values": said}, drawn


def _classes(
    facts: BundleContract, answers: Answers, truth: pd.Series[Any], trained_on: pd.Series[Any], seed: int
) -> Prepared:
    """The labels are the graph's own, as the threshold is in it."""
    classes = facts.classes or ()
    actual, before = class_codes(truth, classes), class_codes(trained_on, classes)
    labels = class_codes(pd.Series(answers.prediction), classes)
    shares = np.asarray(answers.probabilities, dtype=np.float64)
    return (
        actual,
        before,
        {"probabilities": shares, "labels": labels},
        _class_points(actual, labels, shares, classes),
    )


def class_codes(labels: pd.Series[Any], classes: Sequence[str]) -> NDArray[np.int64]:
    """Positions in `classes`, shape (n,)."""
    codes = pd.Index(classes).get_indexer(pd.Index(labels.astype(str)))
    if (codes < 0).any():
        raise UserError(
            where="data/test.parquet",
            found=f"the class {labels.iloc[int(np.argmin(codes))]!r}",
            expected=f"one of {', '.join(classes)} (classes in contract.yaml)",
            hint="add it to classes in contract.yaml, or take its rows out, then run `fullcycle run`",
        )
    return np.asarray(codes, dtype=np.int64)


def _class_points(
    actual: NDArray[np.int64], labels: NDArray[np.int64], shares: NDArray[np.float64], classes: Sequence[str]
) -> dict[str, Any]:
    """Of two classes the curve and calibration of the last; of more the calibration of what was said."""
    names = np.asarray(classes)
    drawn: dict[str, Any] = {"confusion": confusion_counts(names[actual], names[labels], classes)}
    if len(classes) == 2:
        drawn["roc"] = roc_points(actual == 1, shares[:, 1])
        drawn["calibration"] = calibration_bins(actual == 1, shares[:, 1])
    else:
        drawn["calibration"] = calibration_bins(actual == labels, shares.max(axis=1))
    return drawn


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
