"""What the answers on the test rows look like beside the truth: the points that the verify report draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.verify import CalibrationBin

ROC_POINTS = 200
CALIBRATION_BINS = 10
RESIDUAL_BINS = 30
SAMPLE = 500
Z_95 = 1.959963984540054

Floats = NDArray[np.float64]


def roc_points(positive: NDArray[np.bool_], probability: Floats) -> tuple[tuple[float, float], ...]:
    """(false positive rate, true positive rate) from (0, 0) to (1, 1), 200 at most; () for one class."""
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return ()
    order = np.argsort(-probability, kind="stable")
    ranked, found = probability[order], positive[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # ties move the curve at once
    true_rate = np.append(0.0, np.cumsum(found)[last_of_tie] / positives)
    false_rate = np.append(0.0, np.cumsum(~found)[last_of_tie] / negatives)
    kept = np.unique(np.linspace(0, len(true_rate) - 1, min(ROC_POINTS, len(true_rate))).round().astype(int))
    return tuple((float(false_rate[at]), float(true_rate[at])) for at in kept)


def calibration_bins(happened: NDArray[np.bool_], probability: Floats) -> tuple[CalibrationBin, ...]:
    """Ten bins of equally many rows: mean probability, and how often it happened with Wilson's interval.

    Rows of one probability stay in one bin, so there may be fewer.
    """
    bins = calibration_codes(probability)
    return tuple(
        _bin(happened[bins == number], probability[bins == number]) for number in np.unique(bins).tolist()
    )


def calibration_codes(probability: Floats) -> NDArray[np.int64]:
    """The bin of each row, counted from 0 without gaps."""
    inner = np.unique(np.quantile(probability, np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]))
    bins = np.searchsorted(inner, probability, side="left")
    return np.unique(bins, return_inverse=True)[1].astype(np.int64)


def wilson_interval(successes: int, rows: int, z: float = Z_95) -> tuple[float, float]:
    """Of a share (Wilson 1927).

    >>> [round(bound, 4) for bound in wilson_interval(8, 10)]
    [0.4902, 0.9433]
    """
    if not rows:
        return 0.0, 1.0
    share, spread = successes / rows, z * z / rows
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * float(np.sqrt(share * (1 - share) / rows + spread / (4 * rows)))
    # Exactly, where rounding would leave 1e-18 above a share of 0.
    return 0.0 if successes == 0 else centre - half, 1.0 if successes == rows else centre + half


def confusion_counts(
    truth: NDArray[Any], said: NDArray[Any], classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Rows by true class, then by the class that was said; every class of the contract is there."""
    return {
        true: {label: int(np.sum((truth == true) & (said == label))) for label in classes} for true in classes
    }


def residual_histogram(truth: Floats, said: Floats) -> Histogram:
    """Truth minus prediction. The outermost 1% of rows are counted in the outermost bins, or a single
    extreme would leave everything else in one bar."""
    residuals = truth - said
    low, high = np.quantile(residuals, [0.005, 0.995])
    if not low < high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(residuals, low, high), bins=RESIDUAL_BINS, range=(low, high))
    return Histogram(edges=tuple(edges.tolist()), counts=tuple(counts.tolist()))


def sample_points(truth: Floats, said: Floats, seed: int) -> tuple[tuple[float, float], ...]:
    """(predicted, actual) of at most 500 rows, drawn once for a seed."""
    rows = np.arange(len(truth))
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
    return tuple((float(said[row]), float(truth[row])) for row in rows)


def _bin(happened: NDArray[np.bool_], probability: Floats) -> CalibrationBin:
    rows, successes = len(happened), int(happened.sum())
    low, high = wilson_interval(successes, rows)
    return CalibrationBin(
        rows=rows, predicted=float(probability.mean()), observed=successes / rows, low=low, high=high
    )
