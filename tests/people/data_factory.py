"""What collect and clean add to a plain table: files, joins, a snapshot before, studies of gaps."""

from __future__ import annotations

from fullcycle.core.evidence.base import Histogram, Summary
from fullcycle.core.evidence.clean import Decision, MissingStudy, NearPair, PairCell
from fullcycle.core.evidence.collect import ColumnChange, JoinFacts, SnapshotChange, SourceFile

FILES = (
    SourceFile(name="telco_2012.csv", sha256="1a" * 32, bytes=500_000, rows=3_600),
    SourceFile(name="telco_2013.csv", sha256="2b" * 32, bytes=477_501, rows=3_443),
)
JOINED = (
    JoinFacts(
        source="data/planes.csv",
        on={"tailnum": "tail_number"},
        how="left",
        cardinality="many_to_one",
        rows=7_043,
        matched=6_000,
        joined_rows=3_322,
        columns=("seats", "engines"),
        unmatched_examples=("N0EGMQ", "N10575"),
    ),
    JoinFacts(
        source="data/weather.csv",
        on={"origin": "origin"},
        how="inner",
        cardinality="one_to_one",
        as_of=True,
        rows=7_043,
        matched=7_043,
        joined_rows=26_115,
        columns=("temp",),
    ),
)
CHANGED = SnapshotChange(
    previous_sha256="3c" * 32,
    rows_before=7_000,
    rows_after=7_043,
    columns_added=("loyalty",),
    columns_gone=("fax",),
    changed=(
        ColumnChange(
            column="PaymentMethod", psi=0.31, missing_before=0.0, missing_after=0.02, new_values=("Crypto",)
        ),
        ColumnChange(
            column="tenure", psi=0.27, missing_before=0.0, missing_after=0.0, before=29.0, after=34.0
        ),
    ),
)
STUDIES = (
    MissingStudy(
        column="TotalCharges",
        rows=5_617,
        missing=11,
        target_strength=0.02,
        related="tenure",
        related_strength=0.99,
        kind="depends_on_column",
    ),
    MissingStudy(column="gender", rows=5_617, missing=40, target_strength=0.01, kind="random"),
    MissingStudy(column="Contract", rows=5_617, missing=9, target_strength=0.7, kind="depends_on_target"),
)


NEAR = NearPair(
    first=17,
    second=4012,
    equal=16,
    across=True,
    cells=(
        PairCell(column="Contract", kind="text", first="Two year", second="Tow year"),
        PairCell(column="TotalCharges", kind="missing", first="1889.5"),
        PairCell(column="name", kind="name", hidden=True),
        PairCell(column="tenure", first="34", second="34"),
    ),
)


def cleaned(summary: Summary, before: Histogram, after: Histogram) -> tuple[Decision, ...]:
    """A decision of each kind that cleaning takes on columns."""
    return (
        Decision(
            code="FC215",
            column="Contract",
            rows=31,
            examples=("two year -> Two year", "1 year -> One year"),
            action="merged",
            reason="in_the_contract",
            before=summary,
            after=summary.model_copy(update={"distinct": 3}),
        ),
        Decision(
            code="FC213",
            column="plan_name",
            rows=5_617,
            action="left_out",
            reason="in_the_contract",
            facts={"original": "Contract", "kind": "one_to_one"},
        ),
        Decision(
            code="FC212",
            rows=12,
            examples=("4012",),
            action="report",
            reason="for_a_person_alike",
            facts={"pairs": 12, "columns_differ": ["Contract"], "across": 3, "looked_at": 0.25},
            pairs=(NEAR,),
        ),
        Decision(
            code="FC205",
            column="MonthlyCharges",
            rows=40,
            examples=("9999",),
            action="clip",
            reason="settings",
            before=summary,
            after=summary.model_copy(update={"max": 6_000.0, "mean": 2_201.7}),
            histogram_before=before,
            histogram_after=after,
        ),
        Decision(code="FC219", column="TotalCharges", rows=5_606, action="robust", reason="heavy_tails"),
    )
