"""Evidence of what runs by itself, as a project with targets would have it."""

from __future__ import annotations

from fullcycle.core.evidence.automation import (
    Assumption,
    AutomationEvidence,
    ComparedMetric,
    Comparison,
    DeploymentFacts,
    JobFacts,
    Measured,
    PipelineFacts,
    PlanFacts,
    PlannedJob,
    SmokeFacts,
    SmokeProblem,
    StepFacts,
)
from fullcycle.core.evidence.base import Interval


def around(value: float, half: float) -> Interval:
    return Interval(value=value, low=value - half, high=value + half)


def comparison(*, known: bool = True, same_rows: bool = True) -> Comparison:
    """A change that raises one metric beyond chance, lowers another within it, and leaves a third."""
    theirs = (around(0.849, 0.01), around(0.806, 0.02), around(0.411, 0.03))
    ours = (around(0.893, 0.01), around(0.801, 0.02), around(0.411, 0.03))
    names = (("roc_auc", True), ("accuracy", True), ("log_loss", False))
    return Comparison(
        against="origin/main",
        commit="a" * 40,
        their_commit="b" * 40,
        headline="roc_auc",
        metrics=tuple(
            ComparedMetric(
                metric=name, higher_is_better=higher, ours=one, theirs=other if known else None, baseline=0.5
            )
            for (name, higher), one, other in zip(names, ours, theirs, strict=True)
        ),
        model="lightgbm",
        their_model="linear" if known else None,
        rows=1_404,
        their_rows=1_404 if known else None,
        same_test_rows=same_rows if known else None,
        training_s=61.2,
        their_training_s=64.8 if known else None,
        single_row_p99_us=88.0,
        their_single_row_p99_us=41.0 if known else None,
        graph_bytes=311_000,
        their_graph_bytes=12_000 if known else None,
        within_budget=known,
        importance=(("contract|type", 0.081), ("tenure", 0.044)),
    )


def smoke(target: str, *problems: SmokeProblem) -> SmokeFacts:
    speed = {"p50_ms": 1.2, "p99_ms": 3.4}
    return SmokeFacts(
        target=target, bundle="3f9a1c0d2b7e", golden_rows=72, broken_rows=28, problems=problems, speed=speed
    )


def deployment(target: str, ended: str, at: str, *why: str) -> DeploymentFacts:
    return DeploymentFacts.model_validate(
        {
            "target": target,
            "bundle": "3f9a1c0d2b7e",
            "before": "77aa01bc9d20",
            "ended": ended,
            "at": f"2026-11-{at}+00:00",
            "why": why,
        }
    )


def plan() -> PlanFacts:
    measured = Measured(
        bundle="3f9a1c0d2b7e",
        cores=2,
        training_s=95.2,
        training_rows=7_021,
        training_memory_mb=512.0,
        start_s=2.1,
        server_memory_mb=118.4,
        request_cpu_ms=0.75,
        request_p50_ms=1.12,
        row_cpu_ms=0.061,
        score_start_s=3.2,
        score_row_ms=0.0123,
        score_memory_mb=410.0,
    )
    jobs = (
        PlannedJob(
            kind="train",
            schedule="0 3 * * 1",
            runs_per_day=0.143,
            rows=7_021,
            seconds=95.2,
            memory_mb=768,
            cpu=2.0,
        ),
        PlannedJob(
            kind="answer",
            rows=1_152_000,
            memory_mb=192,
            cpu=0.1,
            replicas=2,
            replicas_at_most=6,
            disk_gb=62.2,
        ),
        PlannedJob(
            kind="score",
            schedule="0 4 * * *",
            runs_per_day=1.0,
            rows=250_000,
            seconds=6.3,
            memory_mb=640,
            cpu=1.0,
        ),
    )
    assumptions = (
        Assumption(code="this_machine", value=2),
        Assumption(code="headroom", value=1.5),
        Assumption(code="requests_like_golden_rows"),
        Assumption(code="one_core_per_replica", value=0.7),
        Assumption(code="busy_share", value=1 / 3),
        Assumption(code="log_row_guessed", value=600),
        Assumption(code="linear_in_rows"),
        Assumption(code="training_linear", value=5_000),
        Assumption(code="search_as_long", value=40),
    )
    return PlanFacts(
        answers="both",
        requests_per_s=40,
        rows_per_request=1,
        rows_per_day=250_000,
        log_days=90,
        jobs=jobs,
        measured=measured,
        assumptions=assumptions,
    )


def pipelines() -> tuple[PipelineFacts, ...]:
    check = (
        StepFacts(kind="restore", command="fullcycle ci restore"),
        StepFacts(kind="settings", command="fullcycle settings check"),
        StepFacts(kind="budget", command="fullcycle run --budget"),
        StepFacts(kind="comment", command="fullcycle ci comment --against origin/main --post"),
    )
    train = (
        StepFacts(kind="train", command="fullcycle run"),
        StepFacts(kind="save", command="fullcycle ci save --branch main"),
    )
    canary = (StepFacts(kind="canary", command="fullcycle ci deploy production --canary --minutes 240"),)
    return (
        PipelineFacts(
            id="pull-request",
            triggers=("pull_request",),
            jobs=(JobFacts(id="check", runner="ubuntu-latest", minutes=120, steps=check),),
        ),
        PipelineFacts(
            id="train",
            triggers=("push", "retraining"),
            schedule="0 3 * * 1",
            jobs=(
                JobFacts(id="train", runner="ubuntu-latest", minutes=120, steps=train),
                JobFacts(id="production", runner="self-hosted", minutes=270, after="train", steps=canary),
            ),
        ),
    )


def automation() -> AutomationEvidence:
    """Everything that there can be, with a service that is wrong and a canary that went back."""
    return AutomationEvidence(
        providers=("github", "jenkins"),
        pipelines=pipelines(),
        comparison=comparison(),
        smoke=(
            smoke(""),
            smoke("staging"),
            smoke(
                "production",
                SmokeProblem(kind="golden", about="unseen category", found="is 0.2 instead of 0.7"),
            ),
        ),
        deployments=(
            deployment("staging", "released", "23T10:00:00"),
            deployment("production", "promoted", "23T14:10:00"),
            deployment("production", "back_canary", "24T09:30:00", "odd"),
        ),
        plan=plan(),
    )
