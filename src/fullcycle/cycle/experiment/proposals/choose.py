"""From a short list to the few that are tested: those that gain most on the rows that choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fullcycle.core.models.folds import Folds
from fullcycle.cycle.experiment.proposals.judge import Floats, Judge
from fullcycle.cycle.experiment.proposals.pool import Proposal

Advance = Callable[..., None]
InTime = Callable[[], bool]

OF_THE_SAME_COLUMNS = 2  # a ratio and a difference may stand for one effect; more would crowd others out


@dataclass(frozen=True)
class Chosen:
    """A proposal, and what it gained alone on the rows that chose it: an optimistic figure."""

    proposal: Proposal
    gain: float


def choose(
    listed: Sequence[Proposal], judge: Judge, folds: Folds, *, at_most: int, in_time: InTime, advance: Advance
) -> list[Chosen]:
    """Fit each alone beside what there is; the largest gains first, none that loses."""
    baseline = judge.scores([[]], folds)[0]
    found = []
    for each in listed:
        if not in_time():
            break
        gain = mean_of(judge.scores([[each.derived]], folds)[0] - baseline)
        found.append(Chosen(each, gain))
        advance(note=f"{each.name} {gain:+.4f}")
    return _of_many_columns(sorted(found, key=lambda each: -each.gain))[:at_most]


def _of_many_columns(ordered: Sequence[Chosen]) -> list[Chosen]:
    seen: Counter[frozenset[str]] = Counter()
    kept = []
    for each in ordered:
        columns = frozenset(each.proposal.columns)
        if each.gain > 0 and seen[columns] < OF_THE_SAME_COLUMNS:
            seen[columns] += 1
            kept.append(each)
    return kept


def mean_of(differences: Floats) -> float:
    """Over the folds that define it; nothing gained where none does."""
    defined = differences[np.isfinite(differences)]
    return float(defined.mean()) if len(defined) else 0.0
