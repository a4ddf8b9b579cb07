"""How often one caller may ask: a bucket of tokens for each key or address, filled at a steady rate.

Of a bucket one number is kept, the moment at which it is full again (the generic cell rate algorithm of ATM
networks, 1994), in memory that all workers of a server share: a caller that is spread over them counts
once. A full bucket is as good as none, so its place is free for another caller.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.keys import OPEN
from fullcycle.live.serve.problems import TOO_OFTEN, Problem

SECRET_BYTES = 16  # at the beginning: nobody outside can find callers that share a place
PLACE = struct.Struct("<Qd")  # a caller's hash, and when its bucket is full
PLACES = 16_384
LOOKED_AT = 16  # places of one caller: in none of them but these it may stand
WHOLE = 1 - 1e-9  # of a token: seconds are added up in floats
SIZE = SECRET_BYTES + PLACES * PLACE.size


@contextmanager
def shared_buckets() -> Iterator[Path]:
    """A file for all workers of a server; it goes with the server."""
    with NamedTemporaryFile(prefix="fullcycle-rate-") as file:
        file.write(os.urandom(SECRET_BYTES))
        file.truncate(SIZE)
        file.flush()
        yield Path(file.name)


class RateCheck:
    """`per_second` requests of a caller on the long run, `burst` at once. `clock` gives seconds.

    With `shared`, the file of `shared_buckets`, all processes that have it count together.
    """

    def __init__(
        self,
        per_second: float,
        burst: int,
        shared: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second, self._burst, self._clock = per_second, float(burst), clock
        self._file = None if shared is None else os.open(shared, os.O_RDWR)
        if self._file is None:
            self._memory = mmap.mmap(-1, SIZE)
            self._memory[:SECRET_BYTES] = os.urandom(SECRET_BYTES)
        else:
            self._memory = mmap.mmap(self._file, SIZE)
        self._secret = self._memory[:SECRET_BYTES]

    def __call__(self, asked: Asked) -> None:
        """Raises Problem with the seconds until the next token."""
        if asked.path in OPEN:
            return
        name = asked.caller.encode("utf-8", "surrogatepass")
        caller = int.from_bytes(blake2b(name, key=self._secret, digest_size=8).digest(), "little")
        with self._alone():
            tokens = self._take(caller)
        if tokens < WHOLE:
            wait = math.ceil((1 - tokens) / self._per_second)
            detail = f"found more than {self._burst:g} requests at once and {self._per_second:g} a second"
            raise Problem(TOO_OFTEN, detail, headers={"retry-after": str(wait)})

    def _take(self, caller: int) -> float:
        """How many tokens there were; one of them is taken if there was one."""
        now = self._clock()
        at, full = self._place_of(caller, now)
        tokens = self._burst - (full - now) * self._per_second
        if tokens >= WHOLE:
            PLACE.pack_into(self._memory, at, caller, full + 1 / self._per_second)
        return tokens

    def _place_of(self, caller: int, now: float) -> tuple[int, float]:
        """Where the caller's bucket stands, or may stand, and when it is full.

        Where all places are taken, the bucket that is full soonest is given up: that forgives least.
        """
        best, soonest = 0, math.inf
        for step in range(LOOKED_AT):
            at = SECRET_BYTES + (caller + step) % PLACES * PLACE.size
            there, full = PLACE.unpack_from(self._memory, at)
            if there == caller:
                return at, max(full, now)
            if full < soonest:
                best, soonest = at, full
        return best, now

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process counts meanwhile; the system takes the lock from one that dies."""
        if self._file is None:
            yield
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
