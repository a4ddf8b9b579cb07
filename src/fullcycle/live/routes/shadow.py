"""A shadow watches: it answers in a thread of its own, and nobody but the log hears of it.

Where it can't keep up, requests are left out and counted; no client ever waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Full, Queue

from fullcycle.live.routes.lane import Failed
from fullcycle.live.routes.router import Batch, Deployment, Served

WAITING_AT_MOST = 256
Told = Callable[[object, Sequence[Served]], None]
Task = tuple[Deployment, Batch, object]


class Shadow:
    """Asks the shadow of a deployment, and tells `told` what it said to which request."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.left_out = self.failed = 0
        self._tasks: Queue[Task | None] = Queue(WAITING_AT_MOST)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, deployment: Deployment, batch: Batch, request: object = None) -> None:
        """Ask later; `request` is whatever tells the log which one it was."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
                self._thread.start()
        try:
            self._tasks.put_nowait((deployment, batch, request))
        except Full:
            self.left_out += 1

    def close(self) -> None:
        """Answer what waits, and end."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            deployment, batch, request = task
            if deployment.shadow is None:
                continue
            try:
                self.told(request, deployment.asked_of(deployment.shadow, batch))
            except Failed:
                self.failed += 1
