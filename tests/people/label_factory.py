"""Evidence of label: three people on classes, two on numbers, and an audit of each."""

from __future__ import annotations

from fullcycle.core.evidence.base import Histogram, Interval, RunInfo, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.label import (
    AgreementFacts,
    AnnotatorFacts,
    AuditFacts,
    ChosenRow,
    ClassNoise,
    ImportFacts,
    LabelEvidence,
    NextFacts,
    PairFacts,
    Suspect,
)

RUN = RunInfo(seconds=0.5, created="2026-11-27T10:00:00+00:00")
EDGES = tuple(index / 20 for index in range(21))


def around(value: float, half: float = 0.1) -> Interval:
    return Interval(value=value, low=round(value - half, 3), high=round(value + half, 3))


def spread(top: int) -> Histogram:
    return Histogram(edges=EDGES, counts=tuple(top * (index + 1) // 20 for index in range(20)))


def labels(regression: bool = False) -> LabelEvidence:
    """All parts that there can be."""
    if regression:
        return of_numbers()
    return LabelEvidence(
        findings=(
            finding(Code.labels_suspect, Severity.warning, "Churn", rows=31, share=0.0055),
            finding(
                Code.annotators_disagree,
                Severity.info,
                "Churn",
                agreement=0.71,
                low=0.62,
                high=0.79,
                measure="krippendorff_alpha",
                items=120,
                reading="tentative",
            ),
        ),
        run=RUN,
        audit=AuditFacts(
            method="confident_learning",
            score="self_confidence",
            rows=5_617,
            suspect_rows=31,
            champion="lightgbm",
            suspects=tuple(
                Suspect(row=40 * at, key=f"K-{at}", given="No", suggested="Yes", score=0.01 * at)
                for at in range(1, 13)
            ),
            noise=(
                ClassNoise(given="No", likely="Yes", rows=24, of=4_130),
                ClassNoise(given="Yes", likely="No", rows=7),
            ),
            scores=spread(900),
            file="labels/suspects.csv",
        ),
        agreement=AgreementFacts(
            annotators=3,
            items=120,
            alpha=Interval(value=0.71, low=0.62, high=0.79),
            level="nominal",
            fleiss_kappa=0.7,
            fleiss=around(0.7),
            reading="tentative",
            pairs=(
                PairFacts(first="ann", second="bob", items=120, equal=0.93, kappa=around(0.86)),
                PairFacts(first="ann", second="cy", items=120, equal=0.8, kappa=around(0.61)),
                PairFacts(first="bob", second="cy", items=118, equal=0.81, kappa=around(0.62)),
            ),
            pairs_left_off=2,
        ),
        imported=ImportFacts(
            imports=2,
            file="labels/labels.csv",
            aggregation="majority",
            annotations=410,
            rows=148,
            tied_rows=2,
            annotators=(
                AnnotatorFacts(
                    name="ann", labels=150, agrees=0.97, shared=120, with_others=around(0.87, 0.03)
                ),
                AnnotatorFacts(
                    name="bob", labels=140, agrees=0.96, shared=120, with_others=around(0.86, 0.03)
                ),
                AnnotatorFacts(
                    name="cy", labels=120, agrees=0.84, shared=120, with_others=around(0.76, 0.04)
                ),
            ),
            classes={"No": 90, "Yes": 58},
            voices={1: 30, 2: 2, 3: 118},
            unanimous_rows=94,
        ),
        handed_out=NextFacts(
            source="data/telco_churn.csv",
            file="labels/next.csv",
            bundle="9f3c0a1b2c3d",
            measure="entropy",
            candidates=5_200,
            rows=50,
            chosen=tuple(
                ChosenRow(row=7 * at, key=f"K-{at}", prediction="Yes", uncertainty=1 - at / 100, apart=0.2)
                for at in range(1, 13)
            ),
            apart=0.21,
            apart_by_uncertainty=0.09,
            uncertainty=spread(400),
            chosen_uncertainty=spread(9),
        ),
    )


def of_numbers() -> LabelEvidence:
    """A target that is a number, about a person: rows by their number, no values."""
    return LabelEvidence(
        run=RUN,
        audit=AuditFacts(
            method="residuals",
            score="residual",
            rows=2_340,
            suspect_rows=2,
            champion="ensemble",
            suspects=(Suspect(row=3, given=None, suggested=None, score=0.05),),
            scores=spread(300),
        ),
        agreement=AgreementFacts(
            annotators=2, items=40, alpha=around(0.93, 0.02), level="interval", reading="reliable"
        ),
        imported=ImportFacts(
            imports=1,
            file="labels/labels.csv",
            aggregation="median",
            annotations=80,
            rows=40,
            tied_rows=0,
            annotators=tuple(
                AnnotatorFacts(name=name, labels=40, agrees=None, shared=40, apart=1_200.0)
                for name in ("ann", "bob")
            ),
        ),
        handed_out=NextFacts(
            source="new.csv",
            file="next.csv",
            bundle="9f3c0a1b2c3d",
            measure="distance",
            candidates=12,
            rows=1,
            chosen=(ChosenRow(row=4, prediction=None, uncertainty=0.4),),
        ),
    )
