"""What happens after an answer, in a thread of its own: the shadow is asked, and the champion where the
challenger answered, so that both are compared on the same rows.

Where it can't keep up, requests are left out and counted; no client ever waits for it.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Full, Queue

from fullcycle.live.routes.lane import Failed
from fullcycle.live.routes.router import Batch, Deployment, Served

LOG = logging.getLogger("fullcycle.routes")
WAITING_AT_MOST = 256
ASKED_TWICE = 0.1  # of all traffic, at most: a large share need not be compared row by row
Told = Callable[[object, Sequence[Served]], None]


@dataclass(frozen=True)
class Task:
    """A request that was answered; `request` is whatever tells the log which one."""

    deployment: Deployment
    batch: Batch
    served: Sequence[Served]
    request: object


class Watcher:
    """Takes answered requests; tells `told` what the shadow said to which one."""

    def __init__(self, told: Told = lambda _request, _served: None) -> None:
        self.told = told
        self.left_out = self.failed = 0
        self._tasks: Queue[Task | None] = Queue(WAITING_AT_MOST)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(
        self, deployment: Deployment, batch: Batch, served: Sequence[Served], request: object = None
    ) -> None:
        """Look at it later."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="watches-answers", daemon=True)
                self._thread.start()
        try:
            self._tasks.put_nowait(Task(deployment, batch, served, request))
        except Full:
            self.left_out += 1

    def close(self) -> None:
        """Do what waits, and end."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._ask_shadow(task)
                compare(task)
            except Exception:  # the thread must not end with it: nobody waits for what it does
                LOG.exception("an answer could not be watched")
                self.failed += 1

    def _ask_shadow(self, task: Task) -> None:
        if task.deployment.shadow is None:
            return
        try:
            served = task.deployment.asked_of(task.deployment.shadow, task.batch)
        except Failed:
            self.failed += 1
            return
        self.told(task.request, served)


def compare(task: Task) -> None:
    """Put one of the challenger's answers beside the champion's on the same row."""
    challenger, routes = task.deployment.challenger, task.deployment.routes
    if challenger is None or routes is None or routes.challenger is None:
        return
    theirs = [at for at, each in enumerate(task.served) if each.route == "challenger"]
    if not theirs or random.random() * routes.challenger.share > ASKED_TWICE:
        return
    one = random.choice(theirs)  # rows of a request are alike: one of them says what there is to say
    # Not through the lane: what nobody asked for is neither counted nor the breaker's business.
    [champion] = task.deployment.bundle.answer(task.batch.pick([one]).coerced)
    challenger.compared(task.served[one].answer, champion)
