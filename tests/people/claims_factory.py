"""Hypotheses as `fullcycle experiment --hypothesis` leaves them: every verdict, changed, not yet decided."""

from __future__ import annotations

from typing import Any

from fullcycle.core.evidence.base import Interval, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.hypotheses import Claim, ClaimResult, EarlierClaim, HypothesesEvidence

DAY = "2026-11-23T19:40:00+00:00"


def claimed() -> HypothesesEvidence:
    """Five claims."""
    return HypothesesEvidence(
        findings=(finding(Code.hypothesis_changed, Severity.warning, hypothesis="tenure"),),
        claims=(
            claim("trees", result=result("supported", 0.011, 0.004)),
            claim("charges", result=result("refuted", -0.001, 0.002), metric="log_loss"),
            claim(
                "tenure",
                result=result("inconclusive", 0.002, 0.006),
                changed="after_result",
                earlier=(
                    EarlierClaim(
                        claim="tenure helps",
                        text="b" * 64,
                        fixed=DAY,
                        verdict="refuted",
                        gain=interval(0, 0.001),
                    ),
                ),
            ),
            claim("contract", state="undecided"),
            claim("gone", state="fixed", declared=False, changed="before_result"),
        ),
    )


def claim(name: str, *, state: str | None = None, metric: str = "roc_auc", **more: Any) -> Claim:
    decided = more.get("result") is not None
    state = state or ("decided" if decided else "fixed")
    fixed = {} if state == "undecided" else {"hash": "3f9a1c0d2b7e" + "0" * 52, "fixed": DAY}
    content: dict[str, Any] = {
        "claim": f"{name} matters",
        "metric": metric,
        "higher_is_better": metric == "roc_auc",
        "control": {"model": "linear"},
        "treatment": {"model": "linear", "features": {"monthly_mean": "TotalCharges / tenure"}},
        "minimum_effect": 0.005,
        "alpha": 0.05,
        "test": "corrected_t",
        "text": "a" * 64,
        "state": state,
        **fixed,
        **more,
    }
    return Claim(id=name, **content)


def interval(value: float, spread: float) -> Interval:
    return Interval(value=value, low=value - spread, high=value + spread, confidence=0.99)


def result(verdict: Any, gain: float, spread: float) -> ClaimResult:
    return ClaimResult(
        verdict=verdict,
        control=0.842,
        treatment=0.842 + gain,
        gain=interval(gain, spread),
        p_value=0.004,
        level=0.01,
        among=5,
        power=0.62,
        rows=5_617,
        rows_needed=9_120,
        folds=5,
        repeats=4,
        fold_kind="stratified",
        gains=(gain,) * 20,
        decided=DAY,
    )
