"""The verdict on the sealed test set."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Histogram, Interval
from fullcycle.core.evidence.prepare import Parity


class MetricResult(Facts):
    """A metric on the test rows with its bootstrap interval, beside the trivial baseline."""

    metric: str
    higher_is_better: bool
    model: Interval
    baseline: float | None


class GateResult(Facts):
    """One gate: `id` is a catalogue key; `found` and `bound` are what it compared (in `metric`, if any).

    Ids: parity, golden_rows, better_than_baseline, leak_suspects, metric_at_least, metric_at_most.
    """

    id: str
    passed: bool
    found: str
    bound: str
    columns: tuple[str, ...] = ()
    metric: str | None = None


class CalibrationBin(Facts):
    """Rows with a predicted probability in one bin: what was predicted, what happened (Wilson interval)."""

    rows: int
    predicted: float
    observed: float
    low: float
    high: float


class VerifyEvidence(Evidence):
    """What the bundle does on rows that nothing has seen."""

    stage: ClassVar[str] = "verify"
    rows: int
    openings: int
    headline: str
    metrics: tuple[MetricResult, ...]
    gates: tuple[GateResult, ...]
    parity: Parity
    passed: bool
    bundle: str
    threshold: float | None = None
    roc: tuple[tuple[float, float], ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    confusion: dict[str, dict[str, int]] = {}
    residuals: Histogram | None = None
    predicted_actual: tuple[tuple[float, float], ...] = ()


Verdict = Literal["passed", "failed"]
