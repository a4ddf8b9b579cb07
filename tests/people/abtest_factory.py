"""Evidence of A/B tests: one that is decided, one whose draw is broken, and the designs."""

from __future__ import annotations

from typing import Any

from fullcycle.core.evidence.abtest import (
    AbtestEvidence,
    AnalysisFacts,
    ArmFacts,
    Comparison,
    Decision,
    DesignFacts,
    DurationPoint,
    MetricPlan,
    MetricResult,
    MismatchFacts,
    PathPoint,
    PowerPoint,
    SegmentEffect,
    VariantShare,
)
from fullcycle.core.evidence.base import Interval, RunInfo, Severity
from fullcycle.core.evidence.findings import Code, finding

RUN = RunInfo(seconds=0.5, created="2026-11-28T10:00:00+00:00")


def around(value: float, half: float) -> Interval:
    return Interval(value=value, low=value - half, high=value + half, confidence=0.975)


def draw(*, found: bool = False) -> MismatchFacts:
    shares = ((0.462, True), (0.538, True)) if found else ((0.501, False), (0.499, False))
    return MismatchFacts(
        found=found,
        p_value=1e-9 if found else 0.41,
        smallest=0.01,
        alpha=0.001,
        shares=tuple(
            VariantShare(
                variant=name,
                planned=0.5,
                units=round(40_000 * share),
                share=around(share, 0.01),
                broken=broken,
            )
            for name, (share, broken) in zip("AB", shares, strict=True)
        ),
    )


def comparison(size: float, half: float, **given: Any) -> Comparison:
    path = tuple(
        PathPoint(
            at=f"2026-11-{day:02d}",
            units=3_000 * day,
            effect=size,
            low=size - 6 * half / day,
            high=size + 6 * half / day,
        )
        for day in range(1, 9)
    )
    return Comparison(
        treatment="B",
        effect=around(size, half),
        relative=around(size * 4, half * 4),
        p_value=0.003,
        p_adjusted=0.006,
        level=0.025,
        sequential=around(size, 1.6 * half),
        sequential_p=0.02,
        path=path,
        **given,
    )


def metric(name: str, kind: str, *, guard: bool = False, size: float = 0.011) -> MetricResult:
    segments = tuple(
        SegmentEffect(
            column="country",
            value=value,
            units=9_000,
            effect=around(size, 0.012),
            p_value=0.2,
            p_adjusted=0.4,
        )
        for value in ("de", "fr")
    )
    return MetricResult.model_validate(
        {
            "name": name,
            "kind": kind,
            "guard": guard,
            "lower_is_better": guard,
            "smallest": 0.01,
            "test": {"conversion": "z", "mean": "welch", "ratio": "delta"}[kind],
            "arms": tuple(
                ArmFacts(variant=each, units=20_000, value=0.1 + size * at, standard_error=0.002)
                for at, each in enumerate("AB")
            ),
            "comparisons": (
                comparison(
                    size,
                    0.004,
                    bootstrap=None if kind == "conversion" else around(size, 0.0041),
                    kept=0.42 if kind == "mean" else None,
                    guard="holds" if guard else None,
                    segments=() if guard else segments,
                ),
            ),
        }
    )


def analysis(verdict: str = "better", **given: Any) -> AnalysisFacts:
    decision = {"treatment": "B", "verdict": verdict, "rule": "fixed", "metric": "conversion"}
    decision |= {key: given.pop(key) for key in ("broken", "open", "rule") if key in given}
    return AnalysisFacts.model_validate(
        {
            "name": "checkout",
            "claim": "",
            "source": "orders.parquet",
            "control": "A",
            "rows": 40_000,
            "units": 40_000,
            "since": "2026-11-01",
            "until": "2026-11-08",
            "alpha": 0.05,
            "correction": "holm",
            "comparisons": 2,
            "planned_units": 39_000,
            "strata": "country",
            "strata_used": 3,
            "mismatch": draw(found=verdict == "mismatch"),
            "metrics": (
                metric("conversion", "conversion"),
                metric("revenue", "mean"),
                metric("slow", "ratio", guard=True, size=-0.001),
            ),
            "decisions": (Decision.model_validate(decision),),
            "design": "13636bf4c6ed183f",
            "fixed": "2026-10-28T16:22:33+00:00",
            **given,
        }
    )


def plan(name: str, kind: str) -> MetricPlan:
    return MetricPlan.model_validate(
        {
            "name": name,
            "kind": kind,
            "base": 0.1,
            "sd": 0.3,
            "effect": 0.01,
            "relative_effect": 0.1,
            "level": 0.025,
            "units": 36_000,
            "per_variant": {"A": 18_000, "B": 18_000},
            "kept_by_cuped": 0.42 if kind == "mean" else None,
            "kept_by_strata": 0.9,
            "found": 0.0096,
            "power": 0.83,
            "curve": [PowerPoint(effect=0.001 * at, power=min(1.0, 0.025 + 0.07 * at)) for at in range(20)],
            "durations": [DurationPoint(units=2_000 * at, effect=0.04 / at) for at in range(1, 20)],
        }
    )


def design(**given: Any) -> DesignFacts:
    return DesignFacts.model_validate(
        {
            "name": "checkout",
            "shares": {"A": 0.5, "B": 0.5},
            "alpha": 0.05,
            "power": 0.8,
            "correction": "holm",
            "comparisons": 2,
            "peeking": False,
            "metrics": (plan("conversion", "conversion"), plan("revenue", "mean")),
            "guards": (plan("slow", "ratio"),),
            "units": 39_000,
            "per_day": 4_000.0,
            "per_day_from": "log",
            "days": 10,
            "history": "before.parquet",
            "history_units": 90_000,
            "fixed": "2026-10-28T16:22:33+00:00",
            "hash": "13636bf4c6ed183f",
            **given,
        }
    )


def abtests() -> AbtestEvidence:
    """Everything that there can be."""
    findings = (
        finding(
            Code.sample_ratio_mismatch,
            Severity.error,
            test="banner",
            variant="B",
            planned=0.5,
            share=0.538,
            units=21_520,
            p_value=1e-9,
        ),
        finding(Code.units_cross_variants, Severity.warning, test="checkout", units=31, share=0.0008),
    )
    return AbtestEvidence(
        findings=findings,
        run=RUN,
        designs=(design(), design(name="banner", peeking=True, days=None, per_day=None, comparisons=1)),
        analyses=(analysis("mismatch", name="banner", planned_units=None), analysis("better")),
    )
