"""What prepare built, the proof that the graph equals the pipeline, and how fast it is."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Scalar


class Parity(Facts):
    """The graph beside the fitted pipeline on one set of rows (DECISIONS 20)."""

    rows_of: Literal["train", "test", "adversarial"]
    rows: int
    largest_error: float
    tolerance: float
    labels_differ: int
    passed: bool


class Speed(Facts):
    """Measured in ONNX Runtime on one thread; microseconds for one row, milliseconds to load."""

    single_row_p50_us: float
    single_row_p99_us: float
    start_ms: float
    batch_rows_per_s: float


class ModelFile(Facts):
    """One form of the model on disk."""

    format: Literal["onnx", "skops", "pickle"]
    path: str
    bytes: int


class Calibration(Facts):
    """Log loss of out-of-fold predictions before and after the sigmoid (Platt 1999)."""

    method: Literal["sigmoid", "none"]
    log_loss_before: float | None = None
    log_loss_after: float | None = None


class Importance(Facts):
    """How much the metric falls on training rows when the column is shuffled."""

    column: str
    fall: float


class PrepareEvidence(Evidence):
    """The model in the form that will be deployed."""

    stage: ClassVar[str] = "prepare"
    model: str
    parameters: dict[str, Scalar]
    inputs: int
    nodes: int
    parity: tuple[Parity, ...]
    calibration: Calibration
    importance: tuple[Importance, ...] = ()
    files: tuple[ModelFile, ...]
    golden_rows: int
    speed: Speed | None = None
