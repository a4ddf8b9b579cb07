"""Whether outcomes still come as they used to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.live.monitor.performance.delay import arrival_curve

if TYPE_CHECKING:
    from fullcycle.live.monitor.answers import Waits

DUE = 0.9  # of the outcomes that ever come: batches that come monthly are then no alarm
PART_OF_DUE = 0.5
WINDOWS_AT_LEAST = 3  # that are older, to know what is usual
KNOWN_AT_LEAST = 50  # outcomes of these


def outcomes_late(windows: Sequence[Waits]) -> list[Finding]:
    """Of windows in order of time: is the newest one that is due less than half as known as older ones were?

    A window is due when nine tenths of the outcomes that ever came to older ones came within its age.
    """
    for place in range(len(windows) - 1, WINDOWS_AT_LEAST - 1, -1):
        newest, older = windows[place], windows[:place]
        if not len(newest.age_s):
            continue
        age = float(np.median(newest.age_s))
        usual = _usual(older, age)
        if usual is None:
            continue
        known = float((newest.known & (newest.waited_s <= age)).mean())
        if known >= PART_OF_DUE * usual:
            return []
        return [finding(Code.outcomes_late, Severity.warning, known=known, usual=usual, age_s=age)]
    return []


def _usual(older: Sequence[Waits], age: float) -> float | None:
    """The share of outcomes that came to older windows within this age; None while not nine tenths of those
    that ever came did."""
    known = np.concatenate([each.known for each in older])
    if known.sum() < KNOWN_AT_LEAST:
        return None
    seconds, arrived = arrival_curve(np.concatenate([each.waited_s for each in older]), known)
    place = int(np.searchsorted(seconds, age, side="right")) - 1
    if place < 0 or arrived[place] < DUE * arrived[-1]:
        return None
    return float(arrived[place])
