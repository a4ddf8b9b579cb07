"""What is counted of a model's answers: enough to compare two models, and it adds up over processes."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import Answer

# Milliseconds, a quarter of an octave apart: 0.001 to 60,000.
LATENCY_EDGES = tuple(0.001 * 2 ** (step / 4) for step in range(104))
DECILES = range(10, 100, 10)
# Of a probability, or of the range of the middle nine tenths of training answers. Models fitted on two
# bootstrap samples of telco are further apart on 3 to 5 rows of 100; its strongest column shuffled, on 36.
FAR = 0.15


@dataclass
class Counts:
    """Of one model since a moment, in requests: rows of one request are not independent of each other.

    `latencies[i]` are requests whose rows took up to LATENCY_EDGES[i]. One row of each `compared` request was
    answered by the champion too: `odd` of the answers are far from its own, and `said[i]` of them, as
    `champion_said[i]` of its own, are in bin i of its training answers. `loss` is a sum over `outcomes`, each
    0 to 1.
    """

    answers: int = 0
    errors: int = 0
    latencies: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_EDGES) + 1))
    said: list[int] = field(default_factory=list)
    champion_said: list[int] = field(default_factory=list)
    compared: int = 0
    odd: int = 0
    outcomes: int = 0
    loss: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.answers + other.answers,
            self.errors + other.errors,
            _added(self.latencies, other.latencies),
            _added(self.said, other.said),
            _added(self.champion_said, other.champion_said),
            self.compared + other.compared,
            self.odd + other.odd,
            self.outcomes + other.outcomes,
            self.loss + other.loss,
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """From JSON; what a newer version counts besides is left out."""
        return cls(**{name: given[name] for name in cls.__dataclass_fields__ if name in given})


def _added(ours: list[int], theirs: list[int]) -> list[int]:
    longer, shorter = (ours, theirs) if len(ours) >= len(theirs) else (theirs, ours)
    return [*map(sum, zip(longer, shorter, strict=False)), *longer[len(shorter) :]]


def latency_bin(milliseconds: float) -> int:
    """The place in `latencies`."""
    return bisect_right(LATENCY_EDGES, milliseconds)


@dataclass(frozen=True)
class Bins:
    """Where an answer is counted: the same bins for both models, by the champion's training answers.

    `ordered` bins are parts of a line (a number, or the probability of the second of two classes): their
    cumulative shares are compared. Otherwise each bin is a class. `apart` says whether two answers to one row
    are far from each other.
    """

    count: int
    ordered: bool
    bin_of: Callable[[Answer], int]
    apart: Callable[[Answer, Answer], bool]


def bins_of(champion: Bundle) -> Bins:
    """Bins by the deciles of the champion's answers, or by class where there are more than two."""
    classes = champion.classes
    if classes is not None and len(classes) > 2:
        place = {name: at for at, name in enumerate(classes)}
        return Bins(len(classes), False, lambda answer: place.get(str(answer["prediction"]), 0), _far_chances)
    name = "prediction" if classes is None else classes[1]
    shape = champion.reference.scores.get(name)
    edges = [] if shape is None else sorted({shape.quantiles[at] for at in DECILES})
    if classes is None:
        far = FAR * loss_range(champion)
        return Bins(
            len(edges) + 1,
            True,
            lambda answer: bisect_right(edges, float(answer["prediction"])),
            lambda one, other: abs(float(one["prediction"]) - float(other["prediction"])) > far,
        )
    return Bins(
        len(edges) + 1, True, lambda answer: bisect_right(edges, answer["probabilities"][name]), _far_chances
    )


def loss_of(champion: Bundle) -> Callable[[Answer, str | float], float]:
    """How wrong an answer was, 0 to 1, the same measure for both models.

    Half the Brier score over classes (Brier, 1950); in regression the distance in ranges of the middle nine
    tenths of the champion's training answers, at most 1.
    """
    classes = champion.classes
    if classes is not None:
        return lambda answer, outcome: _half_brier(answer, str(outcome))
    width = loss_range(champion) or math.inf
    return lambda answer, outcome: min(1.0, abs(float(answer["prediction"]) - float(outcome)) / width)


def loss_range(champion: Bundle) -> float:
    """The range of the middle nine tenths of its training answers, in regression; 0 where there is none."""
    shape = champion.reference.scores.get("prediction")
    return 0.0 if shape is None else shape.quantiles[95] - shape.quantiles[5]


def _far_chances(one: Answer, other: Answer) -> bool:
    ours, theirs = one["probabilities"], other["probabilities"]
    return any(abs(chance - theirs.get(name, 0.0)) > FAR for name, chance in ours.items())


def _half_brier(answer: Answer, outcome: str) -> float:
    chances = answer["probabilities"]
    return sum((chance - (name == outcome)) ** 2 for name, chance in chances.items()) / 2
