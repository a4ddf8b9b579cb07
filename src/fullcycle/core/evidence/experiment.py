"""What the search tried, and the candidate that it chose."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fullcycle.core.evidence.base import Evidence, Facts, Interval, Scalar
from fullcycle.core.evidence.value import ValueFacts


class Trial(Facts):
    """One setting of one model on the same folds; scores are of the experiment's metric, by fold."""

    number: int
    model: str
    parameters: dict[str, Scalar]
    scores: tuple[float, ...]
    score: float
    replayed: bool = False


class Candidate(Facts):
    """The best of a model: its score on pooled out-of-fold predictions with a bootstrap interval."""

    model: str
    parameters: dict[str, Scalar]
    trial: int
    score: Interval
    fold_scores: tuple[float, ...]
    metrics: dict[str, float | None]


class LearningPoint(Facts):
    """The best model on so many training rows of a fold, judged on the same rows as with all of them."""

    rows: int
    score: Interval


class ParameterEffect(Facts):
    """How much of the differences between a model's trials a parameter explains, 0 to 1.

    The best third of the trials had it between `best_low` and `best_high`, or mostly at `best_value`.
    """

    model: str
    parameter: str
    share: float
    best_low: float | None = None
    best_high: float | None = None
    best_value: Scalar = None


class ExperimentEvidence(Evidence):
    """The search whole: trials in order, the best of each model, the baseline and the champion."""

    stage: ClassVar[str] = "experiment"
    metric: str
    higher_is_better: bool
    folds: int
    fold_kind: Literal["stratified", "random", "group", "time"]
    rows: int
    trials: tuple[Trial, ...]
    candidates: tuple[Candidate, ...]
    baseline: float
    champion: str
    threshold: float | None = None
    ended_by: Literal["trials", "time"]
    time_budget_s: float
    tracking: dict[str, str] = {}
    learning: tuple[LearningPoint, ...] = ()
    learning_model: str = ""
    effects: tuple[ParameterEffect, ...] = ()
    value: ValueFacts | None = None
    candidate_values: dict[str, float] = Field({}, description="Each at its own best threshold")
