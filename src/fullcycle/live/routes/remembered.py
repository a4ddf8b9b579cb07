"""The latest answers of champion and challenger, so that an outcome says at once how good each of them is.

Kept in the memory of the process that answered, while a challenger stands. An outcome that comes to another
process, or after a restart, is in the log and not here: what a canary learns from is a part, and a fair one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from fullcycle.core.bundle.model import Answer
from fullcycle.live.routes.router import Deployment, Served

ROWS_AT_MOST = 20_000
COMPARED = ("champion", "challenger")


class Kept(NamedTuple):
    """An answer; `challenger` stood beside the champion when it was given."""

    version: str
    answer: Answer
    challenger: str


class Remembered:
    """Answers by request and row; the oldest are forgotten first."""

    def __init__(self, rows_at_most: int = ROWS_AT_MOST) -> None:
        self._most = rows_at_most
        self._kept: OrderedDict[tuple[str, int], Kept] = OrderedDict()
        self._lock = Lock()

    def keep(self, deployment: Deployment, request_id: str, served: Sequence[Served]) -> None:
        """Remember a request. An answer in place of another one's says nothing of who gave it."""
        if deployment.challenger is None:
            return
        challenger = deployment.challenger.bundle.version
        with self._lock:
            for row, each in enumerate(served):
                if each.route in COMPARED and not each.fallback:
                    self._kept[request_id, row] = Kept(each.version, each.answer, challenger)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def learn(self, deployment: Deployment, request_id: str, row: int, outcome: str | float) -> None:
        """What became of a row; a second time it says nothing."""
        with self._lock:
            kept = self._kept.pop((request_id, row), None)
        if kept is None or deployment.challenger is None:
            return
        if kept.challenger == deployment.challenger.bundle.version:
            deployment.learned(kept.version, kept.answer, outcome)
