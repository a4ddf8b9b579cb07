"""What verify's suite of tests leaves in evidence, with something failed of every kind."""

from __future__ import annotations

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.explore import Condition
from fullcycle.core.evidence.prepare import Importance
from fullcycle.core.evidence.verify import (
    BehaviourResult,
    CalibrationSummary,
    ChampionComparison,
    ChampionMetric,
    CoverageOfPart,
    Disturbance,
    FairnessOfColumn,
    GateResult,
    GroupGap,
    GroupRate,
    IntervalCoverage,
    PartialDependence,
    PartialPoint,
    Refit,
    Slice,
    SliceSearch,
    VerifyEvidence,
)


def coverage() -> IntervalCoverage:
    shares = (0.95, 0.92, 0.91, 0.88, 0.82)
    return IntervalCoverage(
        claimed=0.9,
        covered=0.896,
        by_chance=0.868,
        median_width=61_400.0,
        low=0.86,
        high=0.922,
        parts=tuple(
            CoverageOfPart(
                lowest=90_000.0 + 40_000 * place,
                highest=129_000.0 + 40_000 * place,
                rows=117,
                covered=share,
                low=share - 0.06,
                high=min(share + 0.04, 1.0),
            )
            for place, share in enumerate(shares)
        ),
    )


def judged(evidence: VerifyEvidence) -> VerifyEvidence:
    """The same verdict with a whole suite behind it."""
    regression = not evidence.confusion
    return evidence.model_copy(
        update={
            "checks": checks(),
            "champion": champion(evidence.headline),
            "calibration_summary": None
            if regression
            else CalibrationSummary(
                error=0.017,
                error_by_chance=0.034,
                brier=0.128,
                reliability=0.0004,
                resolution=0.064,
                uncertainty=0.194,
            ),
            "coverage": coverage() if regression else None,
            "slices": slices(regression),
            "fairness": (fairness(),),
            "disturbances": disturbances(regression),
            "behaviour": behaviour(),
            "refits": (
                Refit(kind="bootstrap", moved=0.02, flipped=None if regression else 0.03, metric=0.84),
                Refit(kind="seed", moved=0.01, flipped=None if regression else 0.01, metric=None),
            ),
            "importance": (Importance(column="tenure", fall=0.08), Importance(column="fax", fall=-0.001)),
            "partial": partial(None if regression else "Yes"),
            "rows_asked": 1_000,
        }
    )


def checks() -> tuple[GateResult, ...]:
    return (
        GateResult(
            id="not_worse_than_champion",
            passed=False,
            found="0.84",
            bound="0.86",
            metric="roc_auc",
            severity="warning",
        ),
        GateResult(
            id="declared_slice", passed=True, found="0.1", bound="0.12", severity="warning", about="young"
        ),
        GateResult(
            id="missing", passed=False, found="0.3", bound="0.2", severity="info", columns=("tenure",)
        ),
    )


def champion(headline: str) -> ChampionComparison:
    worse = Interval(value=-0.02, low=-0.03, high=-0.01)
    unclear = Interval(value=0.01, low=-0.01, high=0.03)
    return ChampionComparison(
        bundle="a champion",
        same_test_rows=False,
        metrics=(
            ChampionMetric(
                metric=headline, higher_is_better=True, ours=0.84, champion=0.86, difference=worse
            ),
            ChampionMetric(
                metric="accuracy", higher_is_better=True, ours=0.8, champion=0.79, difference=unclear
            ),
        ),
    )


def slices(regression: bool) -> SliceSearch:
    shared = {
        "rows": 112,
        "loss": 0.24,
        "rest": 0.13,
        "difference": Interval(value=0.11, low=0.08, high=0.14),
        "expected": None if regression else 0.2,
        "p_value": 0.002,
        "metric": Interval(value=0.71, low=0.65, high=0.77),
        "metric_rest": 0.86,
    }
    return SliceSearch(
        loss="mae" if regression else "brier",
        declared=(
            Slice(name="young", expression="age < 25", weak=False, surprising=False, **shared),
            Slice(
                name="plan", value="<b>basic</b>", expression="plan", weak=True, surprising=False, **shared
            ),
        ),
        found=(
            Slice(
                conditions=(
                    Condition(column="tenure", label="1 to 6", start=1.0, end=6.0),
                    Condition(column="Contract", label="", kind="missing"),
                ),
                weak=True,
                surprising=True,
                **shared,
            ),
        ),
        looked_at=545,
        rows_at_least=30,
        false_alarms=0.05,
    )


def fairness() -> FairnessOfColumn:
    rate = Interval(value=0.4, low=0.3, high=0.5)
    return FairnessOfColumn(
        column="gender",
        groups=(
            GroupRate(group="Female", rows=600, rates={"selection": rate, "true_positive": rate}),
            GroupRate(group="Male", rows=500, rates={"selection": rate}),
        ),
        gaps=(
            GroupGap(
                rate="selection", lowest="Male", highest="Female", difference=rate, ratio=Interval(value=None)
            ),
        ),
        rows_left_out=3,
    )


def disturbances(regression: bool) -> tuple[Disturbance, ...]:
    flipped = None if regression else 0.02
    return (
        Disturbance(kind="noise", columns=("tenure", "fax"), moved=0.02, flipped=flipped, metric=0.84),
        *(
            Disturbance(kind="missing", columns=(f"column {at}",), moved=0.3 - at / 50, flipped=flipped)
            for at in range(6)
        ),
        Disturbance(kind="unit", columns=("tenure",), moved=0.4, flipped=flipped, metric=0.7, noticed=0.9),
        Disturbance(kind="unseen", columns=("Contract",), moved=0.1, flipped=flipped, metric=0.8),
    )


def behaviour() -> tuple[BehaviourResult, ...]:
    return (
        BehaviourResult(
            kind="invariance", name="gender", columns=("gender",), passed=True, rows=100, found="1",
            wanted="1", line=3,
        ),
        BehaviourResult(
            kind="direction", name="<i>tenure</i>", columns=("tenure",), passed=False, rows=100,
            found="0.8", wanted="0.95", line=9,
        ),
        BehaviourResult(
            kind="example", name="new", columns=("tenure",), passed=True, rows=1, found="Yes",
            wanted="Yes", line=20,
        ),
    )  # fmt: skip


def partial(of: str | None) -> tuple[PartialDependence, ...]:
    numbers = tuple(
        PartialPoint(value=float(at), answer=0.1 * at, low=0.05 * at, high=0.2 * at) for at in range(4)
    )
    names = tuple(PartialPoint(label=name, answer=0.3, low=0.1, high=0.6) for name in ("a", "<b>"))
    moments = tuple(p.model_copy(update={"value": 1.5e15 + 1e13 * p.answer}) for p in numbers)
    return (
        PartialDependence(column="tenure", of=of, kind="number", points=numbers),
        PartialDependence(column="Contract", of=of, kind="category", points=names),
        PartialDependence(column="signup", of=of, kind="moment", points=moments),
    )
