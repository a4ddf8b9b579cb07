"""One finding of each code, with the facts that stages write."""

from __future__ import annotations

from typing import Any

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding


def every_finding() -> tuple[Finding, ...]:
    """One finding of each code, with the facts that stages write."""
    info, warning, error = Severity.info, Severity.warning, Severity.error
    return (
        finding(Code.encoding_guessed, warning, encoding="cp1251", others=["mac-cyrillic"]),
        finding(
            Code.values_out_of_type, warning, "TotalCharges", rows=11, expected="numeric", examples=["??"]
        ),
        finding(Code.sentinel_suspect, warning, "tenure", value="-999", rows=21),
        finding(Code.text_dropped, info, "remarks"),
        finding(Code.all_missing, info, "fax"),
        finding(Code.constant_column, info, "country", value="DE"),
        finding(Code.identifier_column, info, "customerID"),
        finding(Code.unnamed_column, info, "column_7"),
        finding(Code.duplicate_rows, info, rows=22, action="drop", without=["customerID"]),
        finding(Code.duplicate_keys, warning, "customerID", rows=2),
        finding(Code.target_missing, warning, rows=5),
        finding(Code.contradicting_labels, warning, rows=14),
        finding(Code.outliers, info, "TotalCharges", rows=31, lower=-100.5, upper=8_012.0),
        finding(Code.missing_values, info, "TotalCharges", rows=11, share=0.0016),
        finding(Code.unexpected_values, warning, "Contract", rows=3, examples=["Weekly"]),
        finding(Code.class_too_small, error, rows=1, **{"class": "maybe"}),
        finding(Code.train_test_overlap, warning, rows=4),
        finding(Code.groups_across_split, error, "household", groups=2),
        finding(Code.time_missing, warning, "signup", rows=6),
        finding(Code.leak_suspect, warning, "left_on", strength=0.99),
        finding(Code.missingness_leak, warning, "exit_interview", strength=0.97),
        finding(Code.strong_correlation, info, "tenure", "TotalCharges", r=0.826),
        finding(Code.skewed_column, info, "TotalCharges", skew=2.4),
        finding(Code.imbalanced_target, warning, **{"class": "Yes"}, share=0.041),
        finding(Code.strongest_columns, info, "Contract", "tenure", "OnlineSecurity"),
        finding(Code.search_ended_by_time, warning, trials=9, planned=16),
        finding(Code.more_rows_help, info, metric="r2", half=900, rows=1800, gain=0.02, low=0.01, high=0.03),
        finding(
            Code.more_rows_do_not_help, info, metric="r2", half=900, rows=1800, gain=0.0, low=-0.01, high=0.01
        ),
        finding(Code.no_better_than_baseline, warning, metric="roc_auc", low=0.48, high=0.53, baseline=0.5),
        finding(Code.simple_model_as_good, info, model="linear", champion="lightgbm"),
        finding(Code.folds_mix_groups, warning, "patient", groups=800, mixed=0.95, alike=0.7, by=[]),
        finding(
            Code.folds_mix_groups, warning, "patient", groups=800, mixed=0.95, alike=0.3, by=["age", "sex"]
        ),
        finding(Code.search_on_sample, info, rows=50_000, of=269_420),
        finding(Code.hypothesis_changed, warning, hypothesis="trees"),
        finding(
            Code.too_few_rows_for_claim,
            warning,
            hypothesis="trees",
            metric="roc_auc",
            minimum_effect=0.005,
            power=0.15,
            rows=5_617,
            rows_needed=40_978,
        ),
        finding(
            Code.value_contradicts_metric,
            warning,
            metric="roc_auc",
            champion="lightgbm",
            model="linear",
            champion_value=9_100.0,
            model_value=10_400.0,
        ),
        finding(Code.value_no_better, warning, policy="all", value=9_100.0, other=9_400.0),
        finding(Code.features_suggested, info, "plan", features=["plan_and_net"], tested=6),
        finding(Code.proposals_ended_by_time, warning, untested=3, time_budget_s=300.0),
        finding(Code.graph_proven, info, rows=5_635, largest_error=1.2e-7),
        finding(Code.calibrated, info, log_loss_before=0.4167, log_loss_after=0.4121),
        finding(Code.budget_missed, warning, variant="fewer_columns", latency_p99_ms=0.01, size_mb=None),
        finding(
            Code.budget_missed,
            warning,
            variant="distilled",
            latency_p99_ms=0.5,
            latency_p99_ms_found=0.81,
            size_mb=0.05,
            size_mb_found=0.0593,
            quality_loss_at_most=0.001,
            quality_loss_at_most_found=0.0035,
        ),
        finding(
            Code.variant_chosen,
            info,
            variant="distilled",
            model="ensemble",
            reason="smallest_within_loss",
            loss=0.0007,
            bytes=59_366,
            champion_bytes=92_752,
        ),
        finding(
            Code.slower_than_simple,
            warning,
            variant="champion",
            model="lightgbm",
            simple="linear",
            metric="roc_auc",
            loss=0.0007,
            low=-0.0002,
            high=0.0016,
            p50_us=83.2,
            simple_p50_us=31.0,
        ),
        finding(Code.gate_failed, error, gate="leak_suspects", found="1", bound="0"),
        finding(Code.test_opened_again, warning, openings=3),
        *verdict_findings(),
        *data_findings(),
        *analysis_findings(),
        finding(Code.labels_suspect, warning, rows=31, share=0.0055),
        finding(Code.annotators_disagree, warning, agreement=0.31, measure="krippendorff", items=200),
        *abtest_findings(),
    )


ENDED = ("challenger", "worse", "gates", "unchanged", "failed")
RETRAINED: dict[str, Any] = {
    "bundle": "fedcba",
    "champion": "0123",
    "metric": "roc_auc",
    "ours": 0.79,
    "theirs": 0.74,
    "rows": 171,
    "accept": "fullcycle release --bundle deploy/fedcba --as challenger",
}


def verdict_findings() -> tuple[Finding, ...]:
    """What the tests of verify find."""
    info, warning = Severity.info, Severity.warning
    slice_facts = {"rows": 112, "loss": 0.24, "rest": 0.13, "measure": "brier"}
    return (
        finding(Code.weak_slice, warning, "tenure", labels=["1 to 6"], surprising=True, **slice_facts),
        finding(Code.weak_slice, info, "Contract", labels=["missing"], surprising=False, **slice_facts),
        finding(Code.weak_slice, warning, name="young", surprising=True, **slice_facts),
        finding(
            Code.weak_slice, warning, name="plan", value="basic", surprising=False, rows=1, loss=1.5,
            rest=0.3, measure="mae",
        ),
        finding(Code.worse_than_champion, warning, metric="roc_auc", difference=-0.02, low=-0.03, high=-0.01),
        finding(Code.champion_not_compared, warning, reason="other_target"),
        finding(Code.champion_not_compared, warning, "income", reason="no_column"),
        finding(Code.miscalibrated, warning, error=0.081, by_chance=0.034),
        finding(
            Code.groups_unequal, warning, "gender", rate="true_positive", lowest="Female", highest="Male",
            ratio=0.61, low=0.5, high=0.72,
        ),
        finding(Code.answers_fragile, info, kind="noise", moved=0.07, bound=0.05),
        finding(Code.answers_fragile, info, "tenure", "Contract", kind="missing", moved=0.31, bound=0.2),
        finding(Code.answers_fragile, info, "tenure", kind="unit", moved=0.31, bound=0.2),
        finding(Code.answers_fragile, info, "Contract", kind="unseen", moved=0.31, bound=0.2),
        finding(Code.behaviour_failed, warning, name="tenure lowers", found="0.8", wanted="0.95", line=4),
        finding(Code.answers_unstable, info, moved=0.12, bound=0.1, refits=2),
        finding(Code.rows_not_apart, warning, kind="rows", found=3),
        finding(Code.intervals_too_narrow, warning, claimed=0.9, covered=0.81, by_chance=0.87),
        finding(Code.rows_not_apart, warning, "household", kind="groups", found=1),
        finding(Code.rows_not_apart, warning, "signup", kind="time", found=7),
    )  # fmt: skip


def data_findings() -> tuple[Finding, ...]:
    """What collect and clean find beyond single cells."""
    info, warning = Severity.info, Severity.warning
    return (
        finding(Code.source_changed, info, rows_before=7_000, rows_after=7_043),
        finding(Code.column_added, info, "loyalty"),
        finding(Code.column_gone, warning, "fax"),
        finding(
            Code.distribution_changed,
            warning,
            "PaymentMethod",
            psi=0.31,
            before=0.34,
            after=0.21,
            new_values=["Crypto"],
            missing_before=0.0,
            missing_after=0.02,
        ),
        finding(
            Code.join_unmatched,
            info,
            "tailnum",
            source="planes.csv",
            rows=52_606,
            share=0.156,
            examples=["N0"],
        ),
        finding(Code.ambiguous_format, warning, "signup", rows=7_043, read_as="%d/%m/%Y", other="%m/%d/%Y"),
        finding(
            Code.mixed_types, warning, "tenure", rows=180, type="numeric", examples=["not billed", "free"]
        ),
        finding(
            Code.epoch_suspect,
            warning,
            "created",
            form="epoch_s",
            rows=7_043,
            first="2019-01-01 00:00",
            last="2020-12-31 23:00",
            never=3,
            action="proposed",
        ),
        finding(
            Code.near_duplicates,
            warning,
            rows=12,
            pairs=6,
            action="report",
            columns_differ=["MonthlyCharges"],
            examples=["17 and 4012"],
        ),
        finding(Code.copied_column, info, "plan_name", "Contract", action="drop", kind="one_to_one"),
        finding(
            Code.rare_categories, info, "PaymentMethod", categories=3, rows=12, share=0.002, action="pooled"
        ),
        finding(
            Code.spelling_variants,
            info,
            "Contract",
            variants=2,
            rows=31,
            examples=["two year -> Two year", "1 year -> One year"],
            action="merged",
        ),
        finding(Code.missing_tokens, info, "TotalCharges", rows=11, tokens=["n/a", "-"]),
        finding(Code.trimmed_texts, info, "Contract", rows=8, examples=[" One year"]),
        finding(Code.read_from_text, info, "TotalCharges", rows=7_032),
        finding(
            Code.missing_depends,
            info,
            "TotalCharges",
            kind="depends_on_column",
            related="tenure",
            target_strength=0.02,
            related_strength=0.99,
            rows=11,
            share=0.0016,
        ),
        finding(Code.scaled, info, "TotalCharges", scaling="robust", reason="heavy_tails"),
    )


def analysis_findings() -> tuple[Finding, ...]:
    """What explore finds between columns, over time and in parts of the rows."""
    info, warning = Severity.info, Severity.warning
    return (
        finding(
            Code.pair_leak, warning, "MonthlyCharges", "TotalCharges", operation="difference", strength=0.98
        ),
        finding(Code.identifier_leak, warning, "customerID", strength=0.93),
        finding(Code.group_leak, warning, "household", strength=0.95, groups=812, rows=2_210),
        finding(Code.time_leak, warning, "signup", strength=0.6, split="stratified"),
        finding(Code.aggregate_leak, warning, "region_churn", "region", strength=0.97),
        finding(Code.order_leak, warning, strength=0.88),
        finding(Code.trend, info, "MonthlyCharges", "signup", slope=1.3, first=58.2, last=71.9),
        finding(
            Code.segment_differs,
            info,
            "Contract",
            "tenure",
            rows=831,
            target=0.58,
            low=0.53,
            high=0.63,
            overall=0.265,
            of="Yes",
            labels=["Month-to-month", "1 – 6"],
        ),
        finding(Code.missing_together, info, "TotalCharges", "tenure", rows=9),
        finding(Code.measured_on_sample, info, rows=5_000_000, sample_rows=200_000),
        *_monitored(),
    )


def _monitored() -> tuple[Finding, ...]:
    info, warning, error = Severity.info, Severity.warning, Severity.error
    moved = {"test": "van_der_waerden", "effect": 0.31, "p": 1e-9, "rows": 4_100}
    return (
        finding(Code.column_drifted, error, "tenure", **moved),
        finding(Code.missing_rate_moved, warning, "fax", missing_before=0.01, missing_now=0.2, **moved),
        finding(
            Code.missing_rate_moved, warning, "fax", missing_before=0, missing_now=0.2, unreadable=31, **moved
        ),
        finding(Code.column_vanished, error, "Contract"),
        finding(Code.score_drifted, warning, score="Yes", **moved),
        finding(Code.constant_answer, error, scores=["No", "Yes"]),
        finding(Code.contract_broken, warning, "Contract", **moved),
        finding(Code.rows_differ_together, warning, "tenure", "Contract", auc=0.71, p=0.001),
        finding(Code.window_too_small, info, rows=31, needed=50),
        finding(Code.variation_unknown, info),
        finding(Code.column_appeared, info, "shoe_size"),
        finding(Code.performance_fell, error, metric="roc_auc", value=0.71, before=0.84, rows=2_100),
        finding(Code.performance_expected_lower, warning, metric="accuracy", value=0.71, before=0.8, rows=90),
        finding(Code.concept_drifted, error, p=1e-9, rows=2_100, outcomes=0.41, foreseen=0.3),
        finding(Code.out_of_control, warning, metric="latency", side="above", value=3.1, since="2026-05-01"),
        finding(Code.skew_found, error, "plan", rows=300, different=12, largest=41.0, kinds=["read"]),
        finding(Code.outcomes_by_score, info, labelled=90, waiting=12, score_labelled=0.7, score_waiting=0.4),
        finding(Code.outcomes_late, warning, known=0.1, usual=0.93, age_s=300_000.0),
        *(finding(Code.retrained, warning, ended=ended, **RETRAINED) for ended in ENDED),
        finding(Code.retrained, warning, **{**RETRAINED, "ended": "proposed", "ours": None}),
    )


def abtest_findings() -> tuple[Finding, ...]:
    """What an A/B test may be told."""
    warning, name = Severity.warning, "checkout"
    return (
        finding(
            Code.sample_ratio_mismatch,
            Severity.error,
            test=name,
            variant="B",
            planned=0.5,
            share=0.462,
            units=9_240,
            p_value=1e-20,
        ),
        finding(Code.units_cross_variants, warning, test=name, units=31, share=0.0016),
        finding(Code.abtest_changed, warning, test=name),
        finding(Code.abtest_early, Severity.info, test=name, units=9_000, planned=20_000),
        finding(Code.missing_unequally, warning, test=name, metric="revenue", lowest=0.02, highest=0.08),
    )
