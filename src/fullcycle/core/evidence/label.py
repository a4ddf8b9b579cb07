"""What is known about the labels: how far annotators agree, and which labels are likely wrong."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Interval

Measure = Literal["cohen_kappa", "fleiss_kappa", "krippendorff_alpha"]


class Suspect(Facts):
    """A row whose label is likely wrong. `score` falls with suspicion; 0 is as suspect as can be."""

    row: int
    given: str | None
    suggested: str | None
    score: float


class ClassNoise(Facts):
    """Of the rows labelled `given`, how many look like `likely` (the off-diagonal of the confident joint)."""

    given: str
    likely: str
    rows: int


class AuditFacts(Facts):
    """Labels beside out-of-fold answers. `suspects` are the first of `suspect_rows`, the worst first."""

    method: Literal["confident_learning", "residuals"]
    score: Literal["self_confidence", "residual"]
    rows: int
    suspect_rows: int
    champion: str | None = None
    suspects: tuple[Suspect, ...] = ()
    noise: tuple[ClassNoise, ...] = ()


class AgreementFacts(Facts):
    """How far annotators agree on rows that several of them labelled; None where a measure is undefined."""

    annotators: int
    items: int  # rows with labels of at least two annotators
    alpha: Interval
    level: Literal["nominal", "interval"]
    cohen_kappa: float | None = None  # of exactly two annotators
    fleiss_kappa: float | None = None  # where as many people labelled each row


class AnnotatorFacts(Facts):
    """One annotator: rows labelled, and the share of them that agrees with what was decided."""

    name: str
    labels: int
    agrees: float | None


class ImportFacts(Facts):
    """What all imports so far make of the labels."""

    imports: int
    file: str
    aggregation: Literal["majority", "dawid-skene", "median"]
    annotations: int
    rows: int
    tied_rows: int
    annotators: tuple[AnnotatorFacts, ...] = ()


class LabelEvidence(Evidence):
    """Each command of `fullcycle label` writes its own part and keeps the other."""

    stage: ClassVar[str] = "label"
    audit: AuditFacts | None = None
    agreement: AgreementFacts | None = None
    imported: ImportFacts | None = None
