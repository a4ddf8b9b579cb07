"""How often one caller may ask: a bucket of tokens for each key or address, filled at a steady rate."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.keys import OPEN
from fullcycle.live.serve.problems import TOO_OFTEN, Problem

CALLERS_AT_MOST = 10_000  # remembered; whoever has not asked for longest is forgotten, with a full bucket


class RateCheck:
    """`per_second` requests of a caller on the long run, `burst` at once. `clock` gives seconds."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, float(burst), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when that was so

    def __call__(self, asked: Asked) -> None:
        """Raises Problem with the seconds until the next token."""
        if asked.path in OPEN:
            return
        now = self._clock()
        tokens, since = self._buckets.pop(asked.caller, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._per_second)
        allowed = tokens >= 1
        self._buckets[asked.caller] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > CALLERS_AT_MOST:
            self._buckets.popitem(last=False)
        if not allowed:
            wait = math.ceil((1 - tokens) / self._per_second)
            detail = f"found more than {self._burst:g} requests at once and {self._per_second:g} a second"
            raise Problem(TOO_OFTEN, detail, headers={"retry-after": str(wait)})
