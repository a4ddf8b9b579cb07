"""Evidence of monitor: two days of a log, on the second of which columns moved in every way."""

from __future__ import annotations

from typing import Literal

from fullcycle.core.evidence.base import Histogram, Interval, RunInfo, Severity
from fullcycle.core.evidence.causes import CauseFacts, ColumnCause, SegmentCause
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.monitor import (
    AlarmFacts,
    BudgetFacts,
    ColumnDrift,
    ControlFacts,
    ControlSignal,
    DriftTest,
    JointFacts,
    MonitorEvidence,
    WindowFacts,
)
from fullcycle.core.evidence.performance import (
    ConceptFacts,
    LabelDelay,
    MetricChange,
    MetricFact,
    PerformanceFacts,
    SliceMetric,
)
from fullcycle.core.evidence.retrain import Retrained
from fullcycle.core.evidence.verify import ChampionMetric, Slice

RUN = RunInfo(seconds=0.5, created="2026-05-04T00:05:00+00:00")
EDGES = tuple(float(edge) for edge in range(0, 80, 4))
MOVED = {"test": "van_der_waerden", "effect": 0.31, "p": 1e-9, "rows": 4_100}


def test_of(kind: str, why: str, effect: float, p: float) -> DriftTest:
    return DriftTest.model_validate(
        {"kind": kind, "why": why, "statistic": 3.2, "effect": effect, "limit": 0.05, "p": p}
    )


def spread(top: int) -> Histogram:
    counts = tuple(1_000_000 // 19 + (top if at > 9 else -top) for at in range(19))
    return Histogram(edges=EDGES, counts=counts)


def number(name: str, moved: bool, part: str = "input") -> ColumnDrift:
    tests = (test_of("van_der_waerden", "level", 0.31 if moved else 0.01, 1e-12 if moved else 0.7),)
    return ColumnDrift.model_validate(
        {
            "name": name,
            "part": part,
            "type": "numeric",
            "status": "compared",
            "rows": 4_100,
            "missing_rate": 0.01,
            "reference_missing_rate": 0.0,
            "tests": tests,
            "p": tests[0].p,
            "p_adjusted": tests[0].p,
            "decided_by": "van_der_waerden",
            "drifted": moved,
            "effect": tests[0].effect,
            "psi": 0.4,
            "jensen_shannon": 0.2,
            "wasserstein": 0.3,
            "variation": "assumed",
            "reference": spread(20_000),
            "current": spread(-20_000 if moved else 19_000),
        }
    )


def category(name: str) -> ColumnDrift:
    tests = (test_of("chi_squared", "categories", 0.02, 0.4),)
    return ColumnDrift(
        name=name,
        part="input",
        type="categorical",
        status="compared",
        rows=4_100,
        missing_rate=0.0,
        reference_missing_rate=0.0,
        tests=tests,
        p=0.4,
        p_adjusted=0.6,
        decided_by="chi_squared",
        effect=0.02,
        psi=0.001,
        jensen_shannon=0.03,
        variation="blocks",
        categories=tuple(f"value {at}" for at in range(10)),
        reference_shares=(*[0.095] * 10, 0.05),
        current_shares=(*[0.09] * 10, 0.1),
    )


def gone(name: str) -> ColumnDrift:
    return ColumnDrift(name=name, part="input", type="", status="vanished", rows=4_100, drifted=True)


def window(day: int, *columns: ColumnDrift, rows: int = 4_100, judged: bool = True) -> WindowFacts:
    return WindowFacts(
        key=f"2026-05-{day:02}T00:00:00+00:00",
        start=f"2026-05-{day:02}T00:00:00+00:00",
        end=f"2026-05-{day + 1:02}T00:00:00+00:00",
        first_row=0,
        rows=rows,
        score_rows=rows,
        judged=judged,
        columns=columns,
    )


def causes(*columns: ColumnCause) -> CauseFacts:
    segments = [
        {"value": "pro"},
        {"low": 30.0, "high": 40.0},
        {"low": 30.0},
        {"high": 30.0},
        {},
    ]
    told = {"column": "tenure", "share_before": 0.1, "share_now": 0.3, "score_now": 0.4, "gain": 0.2}
    return CauseFacts(
        of="Yes",
        rows=2_000,
        score_before=0.27,
        score_now=0.41,
        columns=columns,
        together=0.01,
        segments=tuple(SegmentCause.model_validate({**told, "by_share": 0.02, **each}) for each in segments),
    )


def caused(kind: str, **facts: object) -> ColumnCause:
    told = {"column": "tenure", "moved": 0.4, "contribution": 0.1, "impact": 0.12, "kind": kind}
    return ColumnCause.model_validate({**told, "missing_before": 0.0, "missing_now": 0.2, **facts})


def metric(name: str, value: float) -> MetricFact:
    interval = Interval(value=value, low=value - 0.02, high=value + 0.02)
    return MetricFact(metric=name, higher_is_better=True, rows=900, value=interval)


def weak_slice() -> Slice:
    interval = Interval(value=0.75, low=0.7, high=0.8)
    facts = {"rows": 90, "loss": 0.2, "rest": 0.1, "p_value": 0.01, "weak": True, "surprising": True}
    told = {"conditions": ({"column": "plan", "label": "pro"},), "difference": interval, "metric": interval}
    return Slice.model_validate({**facts, **told})


def performance(drifted: str = "concept") -> PerformanceFacts:
    change = MetricChange(
        metric="roc_auc",
        higher_is_better=True,
        reference=0.84,
        expected=0.83,
        realised=0.7,
        by_data=-0.01,
        by_concept=Interval(value=-0.13, low=-0.16, high=-0.1),
    )
    concept = ConceptFacts.model_validate(
        {"rows": 900, "drifted": drifted, "p": 0.001, "outcomes": 0.4, "foreseen": 0.3, "changes": (change,)}
    )
    return PerformanceFacts(
        rows=1_000,
        delay=LabelDelay(labelled=900, waiting=100, median_s=200_000.0),
        realised=(metric("roc_auc", 0.7), metric("accuracy", 0.71)),
        estimated=(metric("roc_auc", 0.83),),
        by_slice=(
            SliceMetric(name="young", fact=metric("roc_auc", 0.61), fell=True),
            SliceMetric(name="", fact=metric("roc_auc", 0.72), known=weak_slice()),
        ),
        concept=concept,
    )


def retrained(ended: str = "proposed", **facts: object) -> Retrained:
    difference = Interval(value=0.05, low=0.01, high=0.09)
    told = ChampionMetric(
        metric="roc_auc", higher_is_better=True, ours=0.79, champion=0.74, difference=difference
    )
    given = {"at": "2026-05-04T04:00:00+00:00", "ended": ended, "seconds": 61.0, "bundle": "fedcba"}
    rows = {"champion": "0123", "served_rows": 700, "new_rows": 400, "newest_rows": 171}
    more = {"headline": "roc_auc", "beside": "better", "metrics": (told,)}
    return Retrained.model_validate({**given, **rows, **more, **facts})


def control(rings: bool = True) -> ControlFacts:
    days = tuple(f"2026-05-{day:02}T00:00:00+00:00" for day in range(1, 15))
    plain = tuple(0.1 * at for at in range(14))
    return ControlFacts(
        metric="latency",
        windows=days,
        values=(None, *plain[1:]),
        scores=(None, *plain[1:]),
        ewma=plain,
        ewma_limit=plain,
        cusum_above=plain,
        cusum_below=plain,
        shewhart_limit=3.5,
        cusum_limit=6.0,
        weekly=True,
        signals=(ControlSignal(chart="cusum", at=13, since=11, side="above"),) if rings else (),
    )


def monitored(ringing: bool = True) -> MonitorEvidence:
    """With alarms of every state, or calm."""
    found = (
        finding(Code.column_drifted, Severity.error, "tenure", **MOVED),
        finding(Code.score_drifted, Severity.warning, score="Yes", **MOVED),
    )
    states: tuple[Literal["open", "acknowledged"], ...] = ("open", "acknowledged")
    alarms = [
        AlarmFacts(
            id=f"a{at + 1}-12ab",
            finding=each,
            state=state,
            first_window="2026-05-03T00:00:00+00:00",
            last_window="2026-05-03T00:00:00+00:00",
            acknowledged_by=None if state == "open" else "Ada",
            note=None if state == "open" else "a campaign",
        )
        for at, (each, state) in enumerate(zip(found, states, strict=True))
    ]
    newest = (number("tenure", ringing), category("Contract"), number("Yes", ringing, "score"))
    return MonitorEvidence(
        findings=(*(found if ringing else ()), finding(Code.variation_unknown, Severity.info)),
        run=RUN,
        source="predictions",
        kind="log",
        bundle="0123456789abcdef",
        reference_rows=5_617,
        window="1 day",
        budget=BudgetFacts(count=1, per="quarter", look_s=86_400, alpha_per_look=0.011),
        variation="assumed",
        windows=(
            window(1, rows=12, judged=False),
            window(2, number("tenure", False)),
            window(3, *newest, *([gone("gender")] if ringing else [])),
        ),
        alarms=tuple(alarms) if ringing else (),
        together=JointFacts(ran=False, why_not="no_reference_rows"),
    )
