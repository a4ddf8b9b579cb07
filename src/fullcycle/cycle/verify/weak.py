"""Which parts of the rows have more loss than the rest, with a known chance of a false alarm over all.

Losses are dealt out to the rows at random, again and again, and each time the largest of all parts'
statistics is kept (Westfall and Young 1993). What reaches beyond the (1 - alpha) quantile of these maxima is
weak; so one rule holds however many parts overlap, and whatever the shape of the losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.cycle.verify.parts import Part

DEALS = 400
GRID = 2.0**20  # losses become whole numbers, whose sums are exact in any order
TOLD_AT_MOST = 8
FURTHER_OUT = 2.5  # a pair must be so many standard errors worse than the rest of a single that holds it

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """Each part's statistic (standard errors of its mean loss above all rows', if rows were drawn at random)
    and its corrected p-value; `border` is what the largest of all stays under but for false alarms."""

    statistics: Floats
    p_values: Floats
    border: float


def rank_parts(loss: Floats, parts: Sequence[Part], false_alarms: float, seed: int) -> Ranked:
    """One-sided: only more loss than elsewhere counts. Exact under the hypothesis that losses don't depend on
    the part, up to the number of deals."""
    if not parts:
        return Ranked(np.empty(0), np.empty(0), float("inf"))
    whole = _on_grid(loss)
    members, sizes = _members(parts), np.array([part.size for part in parts], dtype=np.float64)
    random = np.random.default_rng(seed)
    dealt = np.stack([random.permutation(whole) for _ in range(DEALS)], axis=1)
    highest = _statistics(members @ dealt, whole, sizes[:, None]).max(axis=0)
    own = _statistics(members @ whole, whole, sizes)
    p_values = (1 + (highest[None, :] >= own[:, None]).sum(axis=1)) / (1 + DEALS)
    border = float(np.quantile(highest, 1 - false_alarms, method="higher"))
    return Ranked(own, p_values, border)


def weak_parts(
    loss: Floats, parts: Sequence[Part], ranked: Ranked, false_alarms: float, rows_at_least: int
) -> list[int]:
    """Positions of the weak parts that are told: the clearest first, each still weak among the rows that
    those before it leave, and a pair only where it is worse than either of its conditions alone."""
    weak = [int(at) for at in np.flatnonzero(ranked.p_values <= false_alarms)]
    told: list[int] = []
    left = np.ones(len(loss), dtype=bool)
    for clearest in sorted(weak, key=lambda at: (-ranked.statistics[at], at)):
        at = _simplest(clearest, weak, loss, parts)
        rows = parts[at].rows & left
        if at in told or rows.sum() < rows_at_least or left.sum() - rows.sum() < rows_at_least:
            continue
        if statistic_of(loss[left], rows[left]) >= ranked.border:
            told.append(at)
            left &= ~parts[at].rows
        if len(told) == TOLD_AT_MOST:
            break
    return told


def statistic_of(loss: Floats, rows: NDArray[np.bool_]) -> float:
    """The statistic of one part among some rows."""
    return float(_statistics(np.array([loss[rows].sum()]), loss, np.array([rows.sum()], dtype=float))[0])


def _simplest(at: int, weak: Sequence[int], loss: Floats, parts: Sequence[Part]) -> int:
    """A weak single condition in place of a pair that is hardly worse than it."""
    pair = parts[at]
    if len(pair.conditions) == 1:
        return at
    for other in weak:
        single = parts[other]
        if len(single.conditions) == 1 and single.conditions[0] in pair.conditions:
            inside = loss[single.rows]
            if statistic_of(inside, pair.rows[single.rows]) < FURTHER_OUT:
                return other
    return at


def _on_grid(loss: Floats) -> Floats:
    scale = float(np.abs(loss).max(initial=0.0)) or 1.0
    return np.asarray(np.round(loss / scale * GRID))


def _members(parts: Sequence[Part]) -> Any:
    """A sparse matrix of shape (parts, rows)."""
    from scipy.sparse import csr_array

    return csr_array(np.stack([part.rows for part in parts])).astype(np.float64)


def _statistics(sums: Floats, loss: Floats, sizes: Floats) -> Floats:
    """Sums of `sizes` losses, standardised as a sample without replacement is."""
    rows, mean, spread = len(loss), float(loss.mean()), float(loss.std())
    error = spread * np.sqrt(sizes * (rows - sizes) / max(rows - 1, 1))
    return np.divide(sums - sizes * mean, error, out=np.zeros_like(sums), where=error > 0)
