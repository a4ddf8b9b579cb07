"""Evidence as the stages leave it, made by hand: a churn project and a house-price project."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

from fullcycle.core.contract.model import ColumnType, Role
from fullcycle.core.evidence.base import Histogram, Interval, RunInfo, Severity, Summary
from fullcycle.core.evidence.clean import CleanEvidence, ColumnPolicy, Decision, SplitFacts, TargetFacts
from fullcycle.core.evidence.collect import CollectEvidence, SourceColumn
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence, Trial
from fullcycle.core.evidence.explore import (
    Box,
    ColumnProfile,
    Correlations,
    ExploreEvidence,
    LeakSuspect,
    Relation,
    Scatter,
    TargetBin,
)
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.prepare import (
    Budget,
    Calibration,
    Importance,
    ModelFile,
    Parity,
    PrepareEvidence,
    Speed,
    VariantChoice,
    VariantFacts,
    VariantSpeed,
)
from fullcycle.core.evidence.proposals import KindTried, ProposalKind, ProposalsEvidence, ProposedFeature
from fullcycle.core.evidence.verify import CalibrationBin, GateResult, MetricResult, VerifyEvidence
from fullcycle.people.report.records import Records
from tests.people.abtest_factory import abtests
from tests.people.analysis_factory import analysed
from tests.people.assess_factory import assessed
from tests.people.automation_factory import automation
from tests.people.claims_factory import claimed
from tests.people.data_factory import CHANGED, FILES, JOINED, STUDIES, cleaned
from tests.people.findings_factory import every_finding
from tests.people.label_factory import labels
from tests.people.monitor_factory import monitored
from tests.people.value_factory import valued
from tests.people.verdict_factory import judged

ANALYSED = {"FC303", "FC304", "FC306", "FC307", "FC312", "FC313", "FC314", "FC315", "FC316"}
RUN = RunInfo(seconds=1.5, created="2026-11-23T19:40:00+00:00", commit="abc123", dirty=False)
CHURN_NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")
CHURN_CATEGORIES = ("Contract", "InternetService", "OnlineSecurity", "PaymentMethod", "gender")


def churn(passed: bool = True) -> Records:
    """A binary project whose stages have all run."""
    records = Records(
        collect(),
        clean(),
        explore(),
        experiment(),
        prepare(),
        verify(passed),
        hypotheses=claimed(),
        label=labels(),
        abtest=abtests(),
        monitor=monitored(),
        proposals=proposals(),
        automation=automation(),
    )
    return replace(records, assess=assessed(records))


def houses() -> Records:
    """A regression project with a time column and a leak suspect."""
    records = Records(
        collect(),
        clean(regression=True),
        explore(regression=True),
        experiment(regression=True),
        prepare(regression=True),
        verify(regression=True),
        hypotheses=claimed(),
        label=labels(regression=True),
        abtest=abtests(),
        monitor=monitored(ringing=False),
        automation=automation(),
    )
    return replace(records, assess=assessed(records))


def collect() -> CollectEvidence:
    names = ("customerID", *CHURN_NUMBERS, *CHURN_CATEGORIES, "Churn")
    return CollectEvidence(
        source="data/telco_churn.csv",
        source_sha256="9f" * 32,
        source_bytes=977_501,
        format="csv",
        encoding="utf-8",
        separator=",",
        decimal=".",
        rows=7_043,
        columns=tuple(SourceColumn(name=name, physical_type="text") for name in names),
        findings=tuple(f for f in every_finding() if f.code.startswith("FC1")),
        run=RUN,
        files=FILES,
        joins=JOINED,
        change=CHANGED,
    )


def summary(missing: int = 0, mean: float = 2_283.3) -> Summary:
    return Summary(
        rows=7_021,
        missing=missing,
        distinct=6_531,
        mean=mean,
        median=1_397.5,
        std=2_266.8,
        min=18.8,
        max=8_684.8,
    )


def bell(low: float, high: float, bins: int = 20, rows: int = 5_617) -> Histogram:
    edges = tuple(low + (high - low) * i / bins for i in range(bins + 1))
    weights = [math.exp(-((i - bins / 3) ** 2) / bins) for i in range(bins)]
    return Histogram(edges=edges, counts=tuple(round(rows * w / sum(weights)) for w in weights))


def clean(regression: bool = False) -> CleanEvidence:
    decisions = (
        Decision(code="FC201", rows=22, action="drop", reason="repeats_a_row", examples=("964", "1338")),
        Decision(
            code="FC206",
            column="TotalCharges",
            rows=11,
            action="own_category",
            reason="gap_may_tell",
            examples=(" ",),
            before=summary(11),
            after=summary(0, 2_279.7),
            histogram_before=bell(18.8, 8_684.8),
            histogram_after=bell(18.8, 8_684.8),
        ),
        Decision(code="FC205", column="tenure", rows=1, action="keep", reason="far_and_maybe_true"),
        *cleaned(summary(), bell(18.8, 8_684.8), bell(18.8, 6_000.0)),
    )
    target = (
        TargetFacts(column="Sale_Price", summary=summary())
        if regression
        else TargetFacts(column="Churn", classes={"No": 4_130, "Yes": 1_487})
    )
    return CleanEvidence(
        rows_in=7_043,
        rows_out=7_021,
        decisions=decisions,
        policies=(
            ColumnPolicy(
                column="tenure", missing="median", indicator=True, clip=True, lower=0, upper=72, fill=29.0
            ),
            ColumnPolicy(
                column="TotalCharges",
                missing="constant",
                missing_reason="gap_follows_column",
                fill=0.0,
                outliers="clip",
                outlier_rule="mad",
                lower=-100.5,
                upper=8_012.0,
                scaling="robust",
                scaling_reason="heavy_tails",
                skew=0.95,
                tail_share=0.02,
            ),
            ColumnPolicy(column="Contract", missing="own_category", fill="", scaling="none", rare_share=0.01),
            ColumnPolicy(column="gender", missing="most_frequent", fill="Male"),
        ),
        missing_studies=STUDIES,
        split=SplitFacts(kind="stratified", train_rows=5_617, test_rows=1_404, seed=0),
        target=target,
        findings=tuple(f for f in every_finding() if f.code.startswith("FC2")),
        run=RUN,
    )


def profile(name: str, strength: float, regression: bool = False) -> ColumnProfile:
    of, scale = (None, 200_000.0) if regression else ("Yes", 1.0)
    measure = "correlation_ratio" if regression else "auc_gini"
    if name in CHURN_CATEGORIES:
        bins = tuple(
            TargetBin(
                label=label, rows=rows, target=t * scale, low=(t - 0.03) * scale, high=(t + 0.03) * scale
            )
            for label, rows, t in (
                ("Month-to-month", 3_090, 0.427),
                ("One year", 1_180, 0.113),
                ("Two year", 1_347, 0.03),
            )
        )
        return ColumnProfile(
            name=name,
            type=ColumnType.categorical,
            role=Role.feature,
            rows=5_617,
            missing=0,
            distinct=3,
            top={"Month-to-month": 3_090, "Two year": 1_347, "One year": 1_180},
            relation=Relation(measure=measure, strength=strength, of=of, bins=bins),
        )
    bins = (
        *(
            TargetBin(
                label="",
                start=12.0 * i,
                end=12.0 * (i + 1),
                rows=900,
                target=(0.5 - 0.07 * i) * scale,
                low=(0.47 - 0.07 * i) * scale,
                high=(0.53 - 0.07 * i) * scale,
            )
            for i in range(6)
        ),
        TargetBin(label="", kind="missing", rows=11, target=0.2 * scale, low=0.05 * scale, high=0.5 * scale),
    )
    box = Box(low=1, q1=9, median=29, q3=55, high=72, outliers=0)
    return ColumnProfile(
        name=name,
        type=ColumnType.numeric,
        role=Role.feature,
        rows=5_617,
        missing=11,
        distinct=73,
        mean=32.4,
        median=29.0,
        std=24.6,
        skew=0.24,
        min=0,
        max=72,
        quantiles={"0.25": 9.0, "0.75": 55.0},
        histogram=bell(0, 72),
        box=box,
        box_by_class=(
            {} if regression else {"No": box, "Yes": Box(low=1, q1=2, median=10, q3=29, high=69, outliers=23)}
        ),
        relation=Relation(measure=measure, strength=strength, of=of, bins=bins),
    )


def explore(regression: bool = False) -> ExploreEvidence:
    names = (*CHURN_CATEGORIES[:1], *CHURN_NUMBERS, *CHURN_CATEGORIES[1:])
    columns = tuple(profile(name, max(0.0, 0.55 - 0.07 * i), regression) for i, name in enumerate(names))
    chance = random.Random(0)
    points = tuple((round(chance.uniform(0, 72), 1), round(chance.gauss(65, 25), 2)) for _ in range(400))
    group = () if regression else tuple(chance.choice(("No", "No", "Yes")) for _ in points)
    r = ((1.0, 0.25, 0.83), (0.25, 1.0, -0.65), (0.83, -0.65, 1.0))
    plain = ExploreEvidence(
        rows=5_617,
        target="Sale_Price" if regression else "Churn",
        columns=columns,
        correlations=Correlations(columns=CHURN_NUMBERS, values=r),
        scatters=(Scatter(x="tenure", y="MonthlyCharges", points=points, group=group),),
        suspects=(LeakSuspect(column="TotalCharges", kind="value", strength=0.98),) if regression else (),
        findings=tuple(f for f in every_finding() if f.code in ANALYSED),
        run=RUN,
    )
    return analysed(plain)


def experiment(regression: bool = False) -> ExperimentEvidence:
    metric, baseline = ("r2", 0.0) if regression else ("roc_auc", 0.5)
    chance = random.Random(1)
    trials = []
    for number in range(16):
        model = ("linear", "lightgbm", "ensemble")[number % 3]
        score = 0.83 + chance.random() * 0.02
        trials.append(
            Trial(
                number=number,
                model=model,
                parameters={"C": 0.1 + number / 10, "leaves": number + 7},
                scores=tuple(score + chance.gauss(0, 0.01) for _ in range(5)),
                score=score,
            )
        )
    candidates = tuple(
        Candidate(
            model=model,
            parameters={"C": 0.37, "num_leaves": 15, "max_depth": None},
            trial=trial,
            score=Interval(value=value, low=value - 0.011, high=value + 0.011),
            fold_scores=tuple(value + d for d in (-0.012, 0.004, 0.009, -0.003, 0.001)),
            metrics={metric: value, "log_loss": 0.41, "accuracy": 0.803},
        )
        for model, trial, value in (("linear", 3, 0.8452), ("lightgbm", 7, 0.8461), ("ensemble", 11, 0.8487))
    )
    return ExperimentEvidence(
        metric=metric,
        higher_is_better=True,
        folds=5,
        fold_kind="random" if regression else "stratified",
        rows=5_617,
        trials=tuple(trials),
        candidates=candidates,
        baseline=baseline,
        champion="ensemble",
        ended_by="trials",
        time_budget_s=40.0,
        tracking={"uri": "sqlite:///mlflow.db", "experiment": "churn"},
        run=RUN,
    )


def proposals() -> ProposalsEvidence:
    """One that is suggested, one that says the same, one that gains nothing, one that time left out."""

    def tested(name: str, gain: float | None, *, kind: ProposalKind, **told: Any) -> ProposedFeature:
        interval = None if gain is None else Interval(value=gain, low=gain - 0.004, high=gain + 0.004)
        expression = told.pop("expression")
        p_value = None if gain is None else 0.001 if gain > 0.004 else 0.4
        return ProposedFeature(
            name=name,
            expression=expression,
            kind=kind,
            columns=("tenure",),
            shortlist_gain=0.01,
            gain=interval,
            p_value=p_value,
            p_adjusted=p_value,
            **told,
        )

    return ProposalsEvidence(
        metric="roc_auc",
        higher_is_better=True,
        model="lightgbm",
        parameters={"num_leaves": 5},
        fold_kind="stratified",
        rows=5_617,
        available_rows=5_617,
        choosing_rows=2_809,
        judging_rows=2_808,
        folds=5,
        repeats=3,
        confidence=0.95,
        baseline=0.846,
        tried=(KindTried(kind="ratio", expressions=56), KindTried(kind="joined", expressions=16)),
        shortlisted=20,
        excluded=("left_on",),
        tested=(
            tested(
                "charge_per_month",
                0.009,
                kind="ratio",
                expression="TotalCharges / tenure",
                earned=True,
                suggested=True,
            ),
            tested("log_tenure", 0.005, kind="log", expression="log1p(tenure)", earned=True),
            tested("tenure_missing", -0.001, kind="missing", expression="is_missing(tenure)"),
            tested("plan_and_net", None, kind="joined", expression="Contract + '/' + InternetService"),
        ),
        together=Interval(value=0.009, low=0.005, high=0.013),
        ended_by="time",
        time_budget_s=300.0,
    )


def prepare(regression: bool = False) -> PrepareEvidence:
    before, after = (None, None) if regression else (0.4167, 0.4121)
    return PrepareEvidence(
        model="ensemble",
        parameters={"weight": 0.6, "num_leaves": 15},
        inputs=19,
        nodes=61,
        parity=(
            Parity(
                rows_of="train",
                rows=5_617,
                largest_error=1.2e-7,
                tolerance=1e-5,
                labels_differ=0,
                passed=True,
            ),
            Parity(
                rows_of="adversarial",
                rows=41,
                largest_error=2.4e-7,
                tolerance=1e-5,
                labels_differ=0,
                passed=True,
            ),
        ),
        calibration=Calibration(
            method="none" if regression else "sigmoid", log_loss_before=before, log_loss_after=after
        ),
        importance=tuple(Importance(column=f"column {i}", fall=0.05 / (i + 1)) for i in range(19)),
        files=(
            ModelFile(format="onnx", path="build/model.onnx", bytes=214_332),
            ModelFile(format="skops", path="model/pipeline.skops", bytes=731_120),
            ModelFile(format="pickle", path="model/pipeline.pkl", bytes=690_011),
        ),
        golden_rows=61,
        speed=Speed(
            single_row_p50_us=54.2, single_row_p99_us=91.0, start_ms=31.0, batch_rows_per_s=412_000.0
        ),
        variants=variants(regression),
        choice=VariantChoice(place=2, reason="smallest_within_loss"),
        budget=Budget(latency_p99_ms=0.5, size_mb=1.0, quality_loss_at_most=0.002),
        metric="r2" if regression else "roc_auc",
        findings=tuple(f for f in every_finding() if f.code == "FC502" and not regression),
        run=RUN,
    )


def variants(regression: bool) -> tuple[VariantFacts, ...]:
    kinds = (
        "champion",
        "candidate",
        "one_standard_error",
        "fewer_columns",
        "principal_components",
        "distilled",
    )
    score = 0.912 if regression else 0.848
    return tuple(
        VariantFacts(
            kind=kind,
            model="ensemble" if kind in ("champion", "distilled") else "linear",
            parameters={"C": 0.3},
            columns=19 - 4 * (kind == "fewer_columns"),
            score=Interval(value=score - place / 1000, low=score - 0.01, high=score + 0.01),
            loss=Interval(value=place / 1000, low=place / 1000 - 0.0005, high=place / 1000 + 0.0005),
            bytes=93_000 - 9_000 * place,
            speed=VariantSpeed(
                single_row_p50_us=54.2 - 4 * place,
                single_row_p99_us=91.0 - place,
                start_ms=15.0,
                batch_rows_per_s=412_000.0,
                on_front=kind != "one_standard_error",
            ),
        )
        for place, kind in enumerate(kinds)
    )


def verify(passed: bool = True, regression: bool = False) -> VerifyEvidence:
    bend = tuple((i / 40, (i / 40) ** 0.3) for i in range(41))
    points = tuple((100_000.0 + 500 * i, 98_000.0 + 505 * i + 9_000 * math.sin(i)) for i in range(300))
    common: dict[str, Any] = dict(  # noqa: C408 - its keys are arguments
        rows=1_404,
        openings=1,
        passed=passed,
        bundle="3f9a1c0d2b7e",
        gates=(
            GateResult(id="better_than_baseline", passed=True, found="0.829", bound="0.5", metric="roc_auc"),
            GateResult(id="parity", passed=True, found="1.1e-07", bound="1e-05"),
            GateResult(
                id="leak_suspects",
                passed=passed,
                found="0" if passed else "1",
                bound="0",
                columns=() if passed else ("left_on",),
            ),
        ),
        parity=Parity(
            rows_of="test", rows=1_404, largest_error=1.1e-7, tolerance=1e-5, labels_differ=0, passed=True
        ),
        findings=(
            ()
            if passed
            else (
                finding(
                    Code.gate_failed, Severity.error, "left_on", gate="leak_suspects", found="1", bound="0"
                ),
            )
        ),
        run=RUN,
    )
    if regression:
        return judged(
            VerifyEvidence(
                headline="r2",
                metrics=(
                    metric("r2", 0.905, 0.0, spread=0.02),
                    metric("rmse", 24_310.0, 79_800.0, spread=2_900.0, higher=False),
                ),
                residuals=bell(-90_000, 120_000),
                predicted_actual=points,
                **common,
            )
        )
    return judged(
        VerifyEvidence(
            headline="roc_auc",
            metrics=(
                metric("roc_auc", 0.849, 0.5),
                metric("average_precision", 0.664, 0.265),
                metric("accuracy", 0.806, 0.735),
                metric("log_loss", 0.411, 0.579, higher=False),
            ),
            threshold=0.312,
            value=valued(),
            roc=bend,
            calibration=tuple(
                CalibrationBin(
                    rows=140, predicted=p / 10, observed=p / 10 + 0.02, low=p / 10 - 0.05, high=p / 10 + 0.09
                )
                for p in range(1, 9)
            ),
            confusion={"No": {"No": 880, "Yes": 152}, "Yes": {"No": 101, "Yes": 271}},
            **common,
        )
    )


def metric(
    name: str, value: float, baseline: float, spread: float = 0.02, higher: bool = True
) -> MetricResult:
    return MetricResult(
        metric=name,
        higher_is_better=higher,
        model=Interval(value=value, low=value - spread, high=value + spread),
        baseline=baseline,
    )
