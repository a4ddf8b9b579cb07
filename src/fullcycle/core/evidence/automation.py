"""What runs by itself: pipelines, what a change does to metrics, smoke tests, deployments, and the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Interval
from fullcycle.core.evidence.store import evidence_path, read_evidence, write_evidence

DEPLOYMENTS_KEPT = 20
StepKind = Literal[
    "settings", "files", "restore", "contract", "tests", "budget", "collect", "train", "smoke", "comment",
    "save", "image", "deploy", "canary", "score", "rollback", "monitor",
]  # fmt: skip
Trigger = Literal["pull_request", "push", "retraining", "schedule", "by_hand"]


class StepFacts(Facts):
    """One command of a job."""

    kind: StepKind
    command: str


class JobFacts(Facts):
    """Commands on one machine, in order."""

    id: str
    runner: str
    minutes: int
    after: str | None = None
    steps: tuple[StepFacts, ...]


class PipelineFacts(Facts):
    """Jobs with what starts them; `schedule` is cron, UTC."""

    id: str
    triggers: tuple[Trigger, ...]
    schedule: str | None = None
    jobs: tuple[JobFacts, ...]


class ComparedMetric(Facts):
    """A metric of this change and of the branch it is for, each on its own sealed test rows.

    `better` is None where there is nothing to compare with; equal is neither.
    """

    metric: str
    higher_is_better: bool
    ours: Interval
    theirs: Interval | None = None
    baseline: float | None = None

    @property
    def difference(self) -> float | None:
        """Ours less theirs."""
        if self.theirs is None or self.ours.value is None or self.theirs.value is None:
            return None
        return self.ours.value - self.theirs.value

    @property
    def better(self) -> bool | None:
        """Whether ours is better; None where they are equal or there is nothing beside it."""
        difference = self.difference
        return None if not difference else (difference > 0) is self.higher_is_better

    @property
    def by_chance(self) -> bool:
        """Whether each lies in the other's interval: then other test rows might turn them round."""
        ours, theirs = self.ours, self.theirs
        return theirs is not None and _holds(theirs, ours.value) and _holds(ours, theirs.value)


def _holds(interval: Interval, value: float | None) -> bool:
    low, high = interval.low, interval.high
    return low is not None and high is not None and value is not None and low <= value <= high


class Comparison(Facts):
    """A change beside the branch it is for. `theirs` fields are None where that branch has no evidence yet.

    Test rows are the same where both were sealed from the same snapshot and split.
    """

    against: str
    commit: str | None
    their_commit: str | None
    headline: str
    metrics: tuple[ComparedMetric, ...]
    model: str
    their_model: str | None = None
    rows: int
    their_rows: int | None = None
    same_test_rows: bool | None = None
    training_s: float | None = None
    their_training_s: float | None = None
    single_row_p99_us: float | None = None
    their_single_row_p99_us: float | None = None
    graph_bytes: int | None = None
    their_graph_bytes: int | None = None
    within_budget: bool = False
    importance: tuple[tuple[str, float], ...] = ()


class SmokeProblem(Facts):
    """What a service answered wrongly."""

    kind: Literal["not_ready", "other_version", "golden", "accepted", "rejected_otherwise"]
    about: str = ""
    found: str = ""


class SmokeFacts(Facts):
    """Golden rows and rows that break the contract, asked over HTTP; times of single rows, milliseconds."""

    target: str
    bundle: str
    golden_rows: int
    broken_rows: int
    problems: tuple[SmokeProblem, ...] = ()
    speed: dict[str, float] = {}

    @property
    def passed(self) -> bool:
        """Whether everything was answered as it must be."""
        return not self.problems


Ended = Literal[
    "released",
    "promoted",
    "challenger",
    "unchanged",
    "back_smoke",
    "back_canary",
    "back_time",
    "back_by_hand",
    "wrong",
]


class DeploymentFacts(Facts):
    """One deployment: which bundle, after which, and how it ended; `back_by_hand` went back to `bundle`.

    `challenger`: its canary ended well, and a person promotes it (release.canary.promote is false). `wrong`:
    the service answers wrongly, and there is nothing before this bundle to go back to.
    """

    target: str
    bundle: str
    before: str | None
    ended: Ended
    at: str
    why: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the bundle answers now."""
        return self.ended in ("released", "promoted", "challenger", "unchanged", "back_by_hand")

    @property
    def answering(self) -> str | None:
        """The bundle that answers after it, rightly or (`wrong`) not."""
        return self.bundle if self.passed or self.ended == "wrong" else self.before


class Measured(Facts):
    """What a plan rests on. Training is as the stages recorded it; the service and a scoring were run here.

    CPU is seconds of one core; memory is the peak, megabytes. None where it could not be measured.
    """

    bundle: str
    cores: int
    training_s: float
    training_rows: int
    training_memory_mb: float | None = None
    libraries_mb: float | None = None  # of it, before the first row is read
    search_s: float | None = None  # of a search that time ended: more rows make it no longer
    start_s: float
    server_memory_mb: float
    request_cpu_ms: float
    request_p50_ms: float
    row_cpu_ms: float
    score_start_s: float | None = None
    score_row_ms: float | None = None
    score_memory_mb: float | None = None
    log_row_bytes: float | None = None


AssumptionCode = Literal[
    "requests_like_golden_rows", "linear_in_rows", "training_linear", "search_as_long",
    "busy_share", "headroom", "one_core_per_replica",
    "log_row_guessed", "this_machine",
]  # fmt: skip


class Assumption(Facts):
    """Something that the plan takes for granted: a code and its number."""

    code: AssumptionCode
    value: float | None = None


class PlannedJob(Facts):
    """A job that follows from how the model is used; `seconds`, `memory_mb` and `cpu` are of one run or one
    replica, `disk_gb` is of the log."""

    kind: Literal["train", "answer", "score"]
    schedule: str | None = None
    runs_per_day: float | None = None
    rows: float | None = None
    seconds: float | None = None
    memory_mb: int | None = None
    cpu: float | None = None
    replicas: int | None = None
    replicas_at_most: int | None = None
    disk_gb: float | None = None


class PlanFacts(Facts):
    """Jobs and resources for a stated load."""

    answers: Literal["online", "batch", "both"]
    requests_per_s: float | None = None
    rows_per_request: float | None = None
    rows_per_day: float | None = None
    log_days: float | None = None
    jobs: tuple[PlannedJob, ...]
    measured: Measured
    assumptions: tuple[Assumption, ...]


class AutomationEvidence(Evidence):
    """Everything that runs without a person, as far as it was written or has run here."""

    stage: ClassVar[str] = "automation"
    providers: tuple[Literal["github", "jenkins"], ...] = ()
    pipelines: tuple[PipelineFacts, ...] = ()
    comparison: Comparison | None = None
    smoke: tuple[SmokeFacts, ...] = ()
    deployments: tuple[DeploymentFacts, ...] = ()
    plan: PlanFacts | None = None


def read_automation(folder: Path) -> AutomationEvidence:
    """What is on record; empty where nothing is."""
    if not evidence_path(folder, AutomationEvidence.stage).exists():
        return AutomationEvidence()
    return read_evidence(folder, AutomationEvidence)


def update_automation(folder: Path, **changes: Any) -> AutomationEvidence:
    """Put these fields in the place of what was there."""
    evidence = read_automation(folder).model_copy(update=changes)
    write_evidence(folder, evidence)
    return evidence


def record_smoke(folder: Path, smoke: SmokeFacts) -> None:
    """The latest smoke test of each target."""
    there = read_automation(folder).smoke
    update_automation(folder, smoke=(*(each for each in there if each.target != smoke.target), smoke))


def record_deployment(folder: Path, deployment: DeploymentFacts) -> None:
    """The latest deployments, the oldest first."""
    there = read_automation(folder).deployments
    update_automation(folder, deployments=(*there, deployment)[-DEPLOYMENTS_KEPT:])
