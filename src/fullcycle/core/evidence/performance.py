"""How well answers turned out, how well they should have, and what the difference is: parts of monitoring."""

from __future__ import annotations

from typing import Literal

from fullcycle.core.evidence.base import Facts, Interval
from fullcycle.core.evidence.verify import Slice

NotForeseen = Literal["regression", "not_calibrated"]
Drifted = Literal["nothing", "data", "concept", "both"]


class LabelDelay(Facts):
    """How late outcomes come. Rows that have none yet are counted with their age (Kaplan and Meier 1958), so
    that the newest ones don't make outcomes look slow.

    `curve` are (seconds after the answer, share of rows whose outcome is known by then). `score_labelled` and
    `score_waiting` are mean scores of rows with and without an outcome, and `p` the chance of such a
    difference if outcomes come regardless of the score.
    """

    labelled: int
    waiting: int
    median_s: float | None = None
    p90_s: float | None = None
    curve: tuple[tuple[float, float], ...] = ()
    score_labelled: float | None = None
    score_waiting: float | None = None
    p: float | None = None


class MetricFact(Facts):
    """A metric on answered rows with its interval."""

    metric: str
    higher_is_better: bool
    rows: int
    value: Interval


class SliceMetric(Facts):
    """The same on the rows of a slice."""

    name: str
    fact: MetricFact
    known: Slice | None = None  # the slice as the verdict told it; its `metric` is the one before
    fell: bool = False  # worse than then, beyond chance over all slices


class MetricChange(Facts):
    """A metric told apart: `reference` -> `expected` is what other inputs do to a model that is as right as
    it was, `expected` -> `realised` is what the model's probabilities did not foresee."""

    metric: str
    higher_is_better: bool
    reference: float | None
    expected: float
    realised: float
    by_data: float | None
    by_concept: Interval


class ConceptFacts(Facts):
    """Whether outcomes follow inputs as they did. `p` is the chance that probabilities as true as at the
    verdict give such outcomes; `outcomes` and `foreseen` are the mean outcome and what was foreseen."""

    rows: int
    drifted: Drifted
    p: float
    outcomes: float
    foreseen: float
    changes: tuple[MetricChange, ...]


class PerformanceFacts(Facts):
    """Everything about one set of answered rows. `estimated` needs no outcomes; it is empty where
    probabilities are not calibrated, or where there are none, and `not_foreseen` says which."""

    rows: int
    delay: LabelDelay | None = None
    realised: tuple[MetricFact, ...] = ()
    by_slice: tuple[SliceMetric, ...] = ()
    estimated: tuple[MetricFact, ...] = ()
    not_foreseen: NotForeseen | None = None
    concept: ConceptFacts | None = None
