"""What is known about the labels: how far annotators agree, what to label next, which are likely wrong.

Fields with a default came later: evidence without them stays readable.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fullcycle.core.evidence.base import Evidence, Facts, Histogram, Interval

Measure = Literal["cohen_kappa", "fleiss_kappa", "krippendorff_alpha"]
Reading = Literal["reliable", "tentative", "unreliable", "chance"]

# Krippendorff, "Content Analysis", 2nd edition (2004), page 241: rely only on variables with an alpha above
# 0.8; between 0.667 and 0.8 draw tentative conclusions at most.
RELIABLE, TENTATIVE = 0.8, 0.667


def reading_of(alpha: Interval) -> Reading | None:
    """How an alpha is to be read; None where it is undefined.

    `chance` where it is below 0.667 and its interval holds 0, as do answers that were drawn from a hat.

    >>> reading_of(Interval(value=0.6, low=0.5, high=0.7))
    'unreliable'
    """
    if alpha.value is None:
        return None
    if alpha.value >= TENTATIVE:
        return "reliable" if alpha.value >= RELIABLE else "tentative"
    return (
        "chance" if min(alpha.value, alpha.value if alpha.low is None else alpha.low) <= 0 else "unreliable"
    )


class Suspect(Facts):
    """A row whose label is likely wrong. `score` falls with suspicion; 0 is as suspect as can be.

    `key` is the row's name by the contract's key, unless there is none or it is personal.
    """

    row: int
    key: str | None = None
    given: str | None
    suggested: str | None
    score: float


class ClassNoise(Facts):
    """Of the rows labelled `given`, how many look like `likely` (the off-diagonal of the confident joint)."""

    given: str
    likely: str
    rows: int
    of: int | None = None  # rows labelled `given`


class AuditFacts(Facts):
    """Labels beside out-of-fold answers. `suspects` are the first of `suspect_rows`, the worst first."""

    method: Literal["confident_learning", "residuals"]
    score: Literal["self_confidence", "residual"]
    rows: int
    suspect_rows: int
    champion: str | None = None
    suspects: tuple[Suspect, ...] = ()
    noise: tuple[ClassNoise, ...] = ()
    scores: Histogram | None = None  # of all rows, 0 to 1
    file: str | None = None


class PairFacts(Facts):
    """Two annotators on the rows that both labelled: the share of equal labels, and Cohen's kappa."""

    first: str
    second: str
    items: int
    equal: float
    kappa: Interval


class AgreementFacts(Facts):
    """How far annotators agree on rows that several of them labelled; None where a measure is undefined."""

    annotators: int
    items: int  # rows with labels of at least two annotators
    alpha: Interval
    level: Literal["nominal", "interval"]
    cohen_kappa: float | None = None  # of exactly two annotators
    fleiss_kappa: float | None = None  # where as many people labelled each row
    cohen: Interval | None = None  # the same with bounds
    fleiss: Interval | None = None
    reading: Reading | None = None
    pairs: tuple[PairFacts, ...] = ()  # of three annotators or more, those with most rows in common
    pairs_left_off: int = 0


class AnnotatorFacts(Facts):
    """One annotator: rows labelled, and the share of them that agrees with what was decided.

    `with_others` looks at the `shared` rows, which somebody else labelled too: how often two labels of a
    row, one of them this annotator's, are equal. For numbers `apart` is its median distance to the decided.
    """

    name: str
    labels: int
    agrees: float | None
    shared: int = 0
    with_others: Interval | None = None
    apart: float | None = None


class ImportFacts(Facts):
    """What all imports so far make of the labels."""

    imports: int
    file: str
    aggregation: Literal["majority", "dawid-skene", "median"]
    annotations: int
    rows: int
    tied_rows: int
    annotators: tuple[AnnotatorFacts, ...] = ()
    classes: dict[str, int] = Field(default_factory=dict)  # decided rows by label
    voices: dict[int, int] = Field(default_factory=dict)  # rows by how many people labelled them
    unanimous_rows: int | None = None  # of those that several people labelled


class ChosenRow(Facts):
    """A row that was handed out. `apart` is its distance, 0 to 1, to the nearest other one that was."""

    row: int
    key: str | None = None
    prediction: str | None  # None where the sheet is blind, or the target personal
    uncertainty: float
    apart: float | None = None


class NextFacts(Facts):
    """What `label next` handed out last, and why: uncertain by `measure` (0 to 1), and unlike each other.

    `apart` is the mean distance of a chosen row to the nearest other, `apart_by_uncertainty` what it would
    have been for as many of the most uncertain rows. `chosen` are the first of `rows`, in their order.
    """

    source: str
    file: str
    bundle: str
    measure: Literal["entropy", "margin", "distance"]
    candidates: int
    rows: int
    chosen: tuple[ChosenRow, ...] = ()
    apart: float | None = None
    apart_by_uncertainty: float | None = None
    uncertainty: Histogram | None = None  # of all candidates
    chosen_uncertainty: Histogram | None = None


class LabelEvidence(Evidence):
    """Each command of `fullcycle label` writes its own part and keeps the other."""

    stage: ClassVar[str] = "label"
    audit: AuditFacts | None = None
    agreement: AgreementFacts | None = None
    imported: ImportFacts | None = None
    handed_out: NextFacts | None = None
