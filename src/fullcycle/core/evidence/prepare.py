"""What prepare built, the proof that the graph equals the pipeline, and how fast it is."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Interval, Scalar

VariantKind = Literal[
    "champion", "candidate", "one_standard_error", "fewer_columns", "principal_components", "distilled"
]


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
    """One form of the model on disk; `types` are those that a reader of the skops copy must trust."""

    format: Literal["onnx", "skops", "pickle"]
    path: str
    bytes: int
    types: tuple[str, ...] = ()


class Calibration(Facts):
    """Log loss of out-of-fold predictions before and after the sigmoid (Platt 1999)."""

    method: Literal["sigmoid", "none"]
    log_loss_before: float | None = None
    log_loss_after: float | None = None


class Importance(Facts):
    """How much worse the metric is on training rows when the column is shuffled."""

    column: str
    fall: float


class VariantSpeed(Speed):
    """A variant's speed, and whether no other is as good in quality, latency and size and better in one."""

    on_front: bool = True


class VariantFacts(Facts):
    """A form in which a candidate could be deployed, fitted on the rows that the search saw.

    `score` is out of fold, in the experiment's metric; `loss` is against the champion on the same rows,
    positive is worse. `columns` and `bytes` are of its graph.
    """

    kind: VariantKind
    model: str
    parameters: dict[str, Scalar]
    columns: int
    score: Interval
    loss: Interval
    bytes: int
    speed: VariantSpeed


class VariantChoice(Facts):
    """The place of the variant that is deployed, and the rule that chose it."""

    place: int
    reason: Literal[
        "no_budget", "champion_in_budget", "best_in_budget", "smallest_within_loss", "nothing_in_budget"
    ]


class Budget(Facts):
    """What `prepare:` in fullcycle.yaml asked for; the loss is in the metric's unit."""

    latency_p99_ms: float | None = None
    size_mb: float | None = None
    quality_loss_at_most: float | None = None


class BudgetLine(Facts):
    """One line of the budget beside what was measured of the form that is deployed, in the budget's unit."""

    key: Literal["latency_p99_ms", "size_mb", "quality_loss_at_most"]
    found: float | None
    bound: float

    @property
    def kept(self) -> bool:
        """What was not measured is not kept."""
        return self.found is not None and self.found <= self.bound


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
    variants: tuple[VariantFacts, ...] = ()
    choice: VariantChoice | None = None
    budget: Budget = Budget()
    columns: tuple[str, ...] | None = None  # those that the model sees, where it sees fewer than the contract
    metric: str | None = None

    @property
    def budget_lines(self) -> tuple[BudgetLine, ...]:
        """Each line of the budget that was set: latency and size of the proven graph, and the loss of the
        form out of fold. The one verdict on the budget: FC503, verify's gates and reports all take it."""
        graph = next((file.bytes for file in self.files if file.format == "onnx"), None)
        taken = None if self.choice is None or self.choice.place == 0 else self.variants[self.choice.place]
        found = {
            "latency_p99_ms": None if self.speed is None else self.speed.single_row_p99_us / 1000,
            "size_mb": None if graph is None else graph / 1e6,
            # Of the search's champion, nothing is lost against itself.
            "quality_loss_at_most": 0.0 if taken is None else taken.loss.value,
        }
        asked = self.budget.model_dump(exclude_none=True)
        return tuple(BudgetLine(key=key, found=found[key], bound=asked[key]) for key in found if key in asked)
