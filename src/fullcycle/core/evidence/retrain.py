"""When retraining is due, and how one ended: parts of monitoring."""

from __future__ import annotations

from typing import Literal

from fullcycle.core.evidence.base import Facts
from fullcycle.core.evidence.verify import ChampionMetric

On = Literal["drift", "performance", "schedule", "labels", "person"]
Waits = Literal["labels", "pause", "challenger"]
Ended = Literal["challenger", "proposed", "worse", "gates", "unchanged", "failed"]
Beside = Literal["better", "equal", "worse", "unknown"]


class RetrainReason(Facts):
    """A condition that is met: `found` reached `bound`, where it is a number. `code` and `about` are those of
    the alarm, `about` of a schedule is the moment that passed."""

    on: On
    code: str | None = None
    about: str = ""
    found: float | None = None
    bound: float | None = None


class Retrained(Facts):
    """How one retraining ended.

    challenger: released beside the champion; proposed: a person is asked; worse: shown to be worse than the
    champion on the newest rows; gates: a gate is closed; unchanged: the data gave the same bundle; failed:
    the run ended with an error. `metrics` are both on the newest labelled rows, which neither was trained on;
    `beside` is the verdict of the headline metric.
    """

    at: str
    ended: Ended
    seconds: float
    bundle: str | None = None
    champion: str | None = None
    target: str | None = None
    served_rows: int = 0
    new_rows: int = 0
    newest_rows: int = 0
    headline: str | None = None
    beside: Beside = "unknown"
    metrics: tuple[ChampionMetric, ...] = ()
    released: bool = True  # whether there is a champion to stand beside

    @property
    def of_headline(self) -> ChampionMetric | None:
        """The metric that decides."""
        return next((each for each in self.metrics if each.metric == self.headline), None)

    @property
    def accept(self) -> str:
        """The command that does what is proposed."""
        if self.target is not None:
            return f"fullcycle ci deploy {self.target} --canary"
        beside = " --as challenger" if self.released else ""
        return f"fullcycle release --bundle deploy/{self.bundle}{beside}"


class RetrainFacts(Facts):
    """`reasons` are the conditions met at this look; `waits` says why nothing was begun all the same.
    `latest` is the retraining of this look (`now` true) or the one before."""

    on: tuple[On, ...]
    then: Literal["challenger", "ask"]
    new_labels: int
    reasons: tuple[RetrainReason, ...] = ()
    waits: Waits | None = None
    now: bool = False
    latest: Retrained | None = None
