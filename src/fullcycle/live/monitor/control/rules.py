"""Run rules: patterns of scores that a process in control seldom makes.

Nelson (1984), Journal of Quality Technology 16(4); four of the eight are those of Western Electric's
handbook (1956), which rings every 92 windows on average though nothing changed (Champ and Woodall 1987),
where three sigma alone ring every 370. So they tell what a chart looks like, and the alarm is another's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """`holds` says of each run of scores, a row of shape (n, windows), whether it is the pattern."""

    windows: int
    holds: Callable[[Floats], Truths]


def _on_a_side(beyond: float, at_least: int) -> Callable[[Floats], Truths]:
    """At least so many on the same side of the centre, further than `beyond` from it; the last one too."""

    def holds(runs: Floats) -> Truths:
        above, below = runs > beyond, runs < -beyond
        high = (above.sum(axis=1) >= at_least) & above[:, -1]
        low = (below.sum(axis=1) >= at_least) & below[:, -1]
        return np.asarray(high | low)

    return holds


def _trend(runs: Floats) -> Truths:
    steps = np.diff(runs, axis=1)
    return np.asarray(np.all(steps > 0, axis=1) | np.all(steps < 0, axis=1))


def _alternates(runs: Floats) -> Truths:
    steps = np.diff(runs, axis=1)
    return np.asarray(np.all(steps[:, 1:] * steps[:, :-1] < 0, axis=1))


def _within_one(runs: Floats) -> Truths:
    return np.asarray(np.all(np.abs(runs) < 1, axis=1))


def _beyond_one(runs: Floats) -> Truths:
    return np.asarray(np.all(np.abs(runs) > 1, axis=1))


NELSON: Mapping[str, Rule] = {
    "beyond_three": Rule(1, _on_a_side(3, 1)),
    "nine_on_a_side": Rule(9, _on_a_side(0, 9)),
    "six_trending": Rule(6, _trend),
    "fourteen_alternating": Rule(14, _alternates),
    "two_of_three_beyond_two": Rule(3, _on_a_side(2, 2)),
    "four_of_five_beyond_one": Rule(5, _on_a_side(1, 4)),
    "fifteen_within_one": Rule(15, _within_one),
    "eight_beyond_one": Rule(8, _beyond_one),
}
WESTERN_ELECTRIC: Mapping[str, Rule] = {
    "beyond_three": NELSON["beyond_three"],
    "two_of_three_beyond_two": NELSON["two_of_three_beyond_two"],
    "four_of_five_beyond_one": NELSON["four_of_five_beyond_one"],
    "eight_on_a_side": Rule(8, _on_a_side(0, 8)),
}


def broken(scores: Floats, rules: Mapping[str, Rule]) -> dict[str, list[int]]:
    """The windows at which each rule's pattern is complete; a score that is NaN completes none.

    >>> broken(np.array([0.1, 2.5, 0.3, 2.2]), WESTERN_ELECTRIC)["two_of_three_beyond_two"]
    [3]
    """
    return {name: _complete(scores, rule) for name, rule in rules.items()}


def _complete(scores: Floats, rule: Rule) -> list[int]:
    if len(scores) < rule.windows:
        return []
    runs = sliding_window_view(scores, rule.windows)
    whole = ~np.isnan(runs).any(axis=1)
    ends = np.flatnonzero(whole & rule.holds(runs)) + rule.windows - 1
    return [int(end) for end in ends]
