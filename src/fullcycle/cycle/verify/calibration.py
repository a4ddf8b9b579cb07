"""Whether probabilities can be read as shares: the expected calibration error beside what chance allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.verify import CalibrationSummary
from fullcycle.cycle.verify.judge import calibration_codes
from fullcycle.cycle.verify.judged import Judged

DRAWN_AT_MOST = 20_000_000  # outcomes: 50,000 rows 400 times take 0.4 s
SAMPLES = (100, 500)
BY_CHANCE = 0.95

Floats = NDArray[np.float64]


def summarise_calibration(judged: Judged) -> CalibrationSummary | None:
    """Of the probability of the second of two classes, or of the class that was said; None for numbers."""
    said = judged.said
    if said.shares is None or said.labels is None:
        return None
    if said.shares.shape[1] == 2:
        return calibration_summary(judged.truth == 1, said.shares[:, 1], judged.seed)
    return calibration_summary(judged.truth == said.labels, said.shares.max(axis=1), judged.seed)


def calibration_summary(happened: NDArray[np.bool_], probability: Floats, seed: int) -> CalibrationSummary:
    """The error over the bins that the report draws, and what true probabilities would show on as many rows.

    A perfect model has an error too, as bins are finite; so outcomes are drawn from the probabilities
    themselves, again and again (Bröcker and Smith 2007), and the 95th percentile of their errors is the
    border.
    """
    codes = calibration_codes(probability)
    rows = np.bincount(codes).astype(np.float64)
    mean = np.bincount(codes, probability) / rows
    observed = np.bincount(codes, happened.astype(np.float64)) / rows
    weights, base = rows / rows.sum(), float(happened.mean())
    return CalibrationSummary(
        error=float((weights * np.abs(observed - mean)).sum()),
        error_by_chance=_error_by_chance(codes, probability, rows, mean, seed),
        brier=float(((probability - happened) ** 2).mean()),
        reliability=float((weights * (observed - mean) ** 2).sum()),
        resolution=float((weights * (observed - base) ** 2).sum()),
        uncertainty=base * (1 - base),
    )


def _error_by_chance(
    codes: NDArray[np.int64], probability: Floats, rows: Floats, mean: Floats, seed: int
) -> float:
    random = np.random.default_rng(seed)
    errors = []
    for _ in range(int(np.clip(DRAWN_AT_MOST // len(codes), *SAMPLES))):
        drawn = random.random(len(codes)) < probability
        observed = np.bincount(codes, drawn.astype(np.float64), minlength=len(rows)) / rows
        errors.append(float((rows * np.abs(observed - mean)).sum() / rows.sum()))
    return float(np.quantile(errors, BY_CHANCE))
