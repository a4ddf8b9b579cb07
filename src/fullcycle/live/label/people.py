"""What is known of the people who labelled: how far they agree, together, in pairs and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.base import Finding, Interval, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.label import AgreementFacts, AnnotatorFacts, PairFacts, reading_of
from fullcycle.live.label.aggregate import Decided, class_counts
from fullcycle.live.label.agreement import (
    alpha_interval,
    cohen_interval,
    fleiss_interval,
    interval_of,
)

Floats = NDArray[np.float64]
PAIRS_AT_MOST = 30  # of 50 people there are 1,225


@dataclass(frozen=True)
class Ratings:
    """Labels as numbers: `matrix` (items, annotators) holds class codes or values, NaN where none is."""

    names: tuple[tuple[str, ...], ...]
    annotators: tuple[str, ...]
    matrix: Floats

    @property
    def voices(self) -> NDArray[np.int64]:
        """How many people labelled each item."""
        return np.asarray((~np.isnan(self.matrix)).sum(axis=1), dtype=np.int64)


def agreement_of(ratings: Ratings, contract: Contract, seed: int = 0) -> AgreementFacts | None:
    """Every measure that is defined; None where no row has labels of two people."""
    shared = ratings.matrix[ratings.voices >= 2]
    if not len(shared):
        return None
    level: Literal["nominal", "interval"] = "interval" if contract.task is Task.regression else "nominal"
    alpha, people = alpha_interval(shared, level, seed=seed), int((~np.isnan(shared)).any(axis=0).sum())
    facts = AgreementFacts(
        annotators=people, items=len(shared), alpha=alpha, level=level, reading=reading_of(alpha)
    )
    if level == "interval":
        return facts
    pairs = sorted(_pairs(ratings, seed), key=lambda pair: -pair.items)
    cohen = pairs[0].kappa if people == 2 and pairs[0].kappa.value is not None else None
    fleiss = fleiss_interval(class_counts(shared, len(contract.classes or ())), seed=seed)
    fleiss = None if fleiss is None or fleiss.value is None else fleiss
    more = {
        "cohen": cohen,
        "fleiss": fleiss,
        "cohen_kappa": cohen.value if cohen else None,
        "fleiss_kappa": fleiss.value if fleiss else None,
        "pairs": tuple(pairs[:PAIRS_AT_MOST]) if people > 2 else (),
        "pairs_left_off": max(0, len(pairs) - PAIRS_AT_MOST) if people > 2 else 0,
    }
    return facts.model_copy(update=more)


def _pairs(ratings: Ratings, seed: int) -> Iterator[PairFacts]:
    """Any two who labelled a row in common."""
    for (first, one), (second, other) in combinations(
        zip(ratings.annotators, ratings.matrix.T, strict=True), 2
    ):
        both = ~np.isnan(one) & ~np.isnan(other)
        if both.any():
            yield PairFacts(
                first=first,
                second=second,
                items=int(both.sum()),
                equal=float((one[both] == other[both]).mean()),
                kappa=cohen_interval(one, other, seed=seed),
            )


def annotators_of(
    ratings: Ratings, decided: Decided, contract: Contract, seed: int = 0
) -> Iterator[AnnotatorFacts]:
    """Each person beside the others, and beside what was decided."""
    classes = bool(contract.classes)
    for at, (name, said) in enumerate(zip(ratings.annotators, ratings.matrix.T, strict=True)):
        known = ~np.isnan(said) & ~np.isnan(decided.labels)
        apart = np.abs(said[known] - decided.labels[known])
        shared = ~np.isnan(said) & (ratings.voices >= 2)
        yield AnnotatorFacts(
            name=name,
            labels=int((~np.isnan(said)).sum()),
            agrees=float((apart == 0).mean()) if classes and known.any() else None,
            shared=int(shared.sum()),
            with_others=_with_others(ratings.matrix[shared], at, seed) if classes and shared.any() else None,
            apart=None if classes or not known.any() else float(np.median(apart)),
        )


def _with_others(shared: Floats, at: int, seed: int) -> Interval:
    """The share of pairs of labels, one of them of annotator `at`, that are equal."""
    others = np.delete(shared, at, axis=1)
    equal = (others == shared[:, [at]]).sum(axis=1)
    items = np.column_stack([equal, (~np.isnan(others)).sum(axis=1)]).astype(np.float64)
    return interval_of(items, lambda sums: sums[:, 0] / sums[:, 1], seed=seed)


def voices_of(ratings: Ratings) -> dict[int, int]:
    """Rows by how many people labelled them."""
    return dict(sorted(Counter(ratings.voices.tolist()).items()))


def unanimous_rows(ratings: Ratings) -> int:
    """Rows of two labels or more that are all equal."""
    shared = ratings.matrix[ratings.voices >= 2]
    if not len(shared):
        return 0
    return int((np.nanmax(shared, axis=1) == np.nanmin(shared, axis=1)).sum())


def disagreement(contract: Contract, agreement: AgreementFacts | None) -> tuple[Finding, ...]:
    """FC702, as Krippendorff reads alpha: below 0.8 a note, below 0.667 a warning."""
    if agreement is None or agreement.reading in (None, "reliable"):
        return ()
    alpha = agreement.alpha
    facts = {"agreement": alpha.value, "low": alpha.low, "high": alpha.high}
    disagree = finding(
        Code.annotators_disagree,
        Severity.info if agreement.reading == "tentative" else Severity.warning,
        contract.target.name,
        measure="krippendorff_alpha",
        items=agreement.items,
        reading=agreement.reading,
        **{name: round(value, 6) for name, value in facts.items() if value is not None},
    )
    return (disagree,)
