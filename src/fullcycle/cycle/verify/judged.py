"""The test rows beside what the graph said of them: what every test of the suite looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.bundle import Answers, Bundle
from fullcycle.core.bundle.feeds import Feeds
from fullcycle.core.contract.model import Task
from fullcycle.core.metrics import Metric
from fullcycle.core.models.parity import graph_feeds
from fullcycle.core.project.verify_settings import VerifySettings
from fullcycle.cycle.verify.score import class_codes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """`truth` holds class codes (positions in the contract's classes) or numbers, of shape (n,)."""

    bundle: Bundle
    frame: pd.DataFrame
    truth: NDArray[Any]
    answers: Answers
    headline: Metric
    settings: VerifySettings
    seed: int

    @property
    def is_regression(self) -> bool:
        """Whether a number is predicted."""
        return self.bundle.contract.task is Task.regression

    @cached_property
    def said(self) -> Said:
        """What the graph answered."""
        return said_of(self.answers, self.bundle.classes)

    @cached_property
    def loss(self) -> Floats:
        """A loss for each row, which a slice has more of or less: see `losses`."""
        return losses(self.said, self.truth)

    @cached_property
    def expected_loss(self) -> Floats | None:
        """The loss that the probabilities themselves foresee, if they are true; None for numbers."""
        shares = self.said.shares
        return None if shares is None else (1 - (shares**2).sum(axis=1)) / 2

    @cached_property
    def asked(self) -> NDArray[np.int64]:
        """Positions of the rows that are asked again in changed form, at most `rows_at_most`, in order."""
        rows, most = len(self.frame), self.settings.rows_at_most
        if rows <= most:
            return np.arange(rows)
        return np.sort(np.random.default_rng(self.seed).choice(rows, most, replace=False))

    @cached_property
    def feeds(self) -> Feeds:
        """Those rows as the graph takes them."""
        return graph_feeds(self.frame.iloc[self.asked], self.bundle.contract)

    @cached_property
    def usual(self) -> Said:
        """What the graph answers to them unchanged."""
        return self.said.take(self.asked)

    def ask(self, feeds: Feeds) -> Said:
        """What the graph answers to changed rows."""
        return said_of(self.bundle.run(feeds), self.bundle.classes)

    def score(self, said: Said, rows: NDArray[Any] | None = None) -> float | None:
        """The headline metric of answers to some of the rows (default: those that are asked again)."""
        truth = self.truth[self.asked if rows is None else rows]
        value = self.headline.function(truth, said.for_metric(self.headline))
        return float(value) if np.isfinite(value) else None


@dataclass(frozen=True)
class Said:
    """Answers as numbers: `shares` (n, k) and `labels` (n,) as class codes, or `values` (n,)."""

    shares: Floats | None = None
    labels: NDArray[np.int64] | None = None
    values: Floats | None = None

    def take(self, rows: NDArray[Any]) -> Said:
        """The answers to some rows."""
        return Said(
            *(None if part is None else part[rows] for part in (self.shares, self.labels, self.values))
        )

    def for_metric(self, metric: Metric) -> NDArray[Any]:
        """What a metric takes."""
        part = {"probabilities": self.shares, "labels": self.labels, "values": self.values}[metric.needs]
        assert part is not None
        return part

    def numbers(self, at: int | None = None) -> Floats:
        """One number for each row: the probability of a class (of two the last), or the value."""
        if self.shares is None:
            assert self.values is not None
            return self.values
        return self.shares[:, -1 if at is None else at]


def said_of(answers: Answers, classes: tuple[str, ...] | None) -> Said:
    """The graph's answers as numbers."""
    if classes is None or answers.probabilities is None:
        return Said(values=answers.prediction.astype(np.float64))
    labels = class_codes(pd.Series(answers.prediction), classes)
    return Said(shares=answers.probabilities.astype(np.float64), labels=labels)


def losses(said: Said, truth: NDArray[Any]) -> Floats:
    """Of classes half the squared distance between probabilities and what happened (Brier 1950; for two
    classes the squared error of one of them), of numbers the absolute error."""
    if said.shares is None:
        return np.abs(truth - said.numbers())
    happened = said.shares[np.arange(len(truth)), truth]
    return np.asarray(((said.shares**2).sum(axis=1) - 2 * happened + 1) / 2)


def movements(before: Said, after: Said) -> Floats:
    """How far each answer moves: of classes the probability that changes its place (0 to 1), of numbers in
    standard deviations of the answers before."""
    if before.shares is not None and after.shares is not None:
        return np.asarray(np.abs(before.shares - after.shares).sum(axis=1) / 2)
    spread = float(np.std(before.numbers())) or 1.0
    return np.asarray(np.abs(before.numbers() - after.numbers()) / spread)


def flipped(before: Said, after: Said) -> float | None:
    """The share of rows with another label; None for numbers."""
    if before.labels is None or after.labels is None:
        return None
    return float(np.mean(before.labels != after.labels))
