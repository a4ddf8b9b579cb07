"""A circuit breaker: a model that fails often is left alone for a while, then tried with one request.

Closed lets everything through. It opens where a window has enough failures and a large enough share of them;
half open, one request tries; its success closes it, its failure opens it again (Nygard, Release It!, 2007).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Literal

from fullcycle.core.project.route_settings import BreakerSettings

State = Literal["closed", "open", "half_open"]
BUCKETS = 30  # the window is counted in so many parts


class Breaker:
    """One model's. May be asked by many threads; `clock` counts seconds."""

    def __init__(self, settings: BreakerSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._lock = Lock()
        self._counts: deque[list[float]] = deque()  # [begin of the bucket, asked, failed]
        self._opened: float | None = None
        self._trying = False
        self.opened_times = 0

    @property
    def state(self) -> State:
        """As of now."""
        if self._opened is None:
            return "closed"
        return "open" if self._clock() - self._opened < self._settings.open_s else "half_open"

    def allows(self) -> bool:
        """Whether the model may be asked now; half open, the first who asks is the one that tries."""
        if self._opened is None:  # without the lock: this is every request of a model that works
            return True
        with self._lock:
            if self.state == "half_open" and not self._trying:
                self._trying = True
                return True
            return self._opened is None

    def succeeded(self, requests: int = 1) -> None:
        """The model answered so many."""
        with self._lock:
            if self._trying:
                self._opened, self._trying = None, False
                self._counts.clear()
            self._count(requests, failed=0)

    def failed(self) -> None:
        """The model failed, or took too long."""
        with self._lock:
            self._count(1, failed=1)
            if self._trying or (self._opened is None and self._too_many()):
                self._opened, self._trying = self._clock(), False
                self.opened_times += 1

    def _count(self, requests: int, failed: int) -> None:
        now, width = self._clock(), self._settings.window_s / BUCKETS
        if not self._counts or now - self._counts[-1][0] >= width:
            self._counts.append([now, 0, 0])
            while now - self._counts[0][0] > self._settings.window_s:
                self._counts.popleft()
        self._counts[-1][1] += requests
        self._counts[-1][2] += failed

    def _too_many(self) -> bool:
        asked = sum(bucket[1] for bucket in self._counts)
        failed = sum(bucket[2] for bucket in self._counts)
        return failed >= self._settings.failures and failed >= self._settings.share * asked
