"""A graph that may take only so long: ONNX Runtime is told to stop, so no thread waits for it.

Answering in another thread and giving it up would cost every request a hand-over and leave the lost thread
working. A run that carries options can be ended from outside, between two nodes of the graph.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.runtime import Session

LOOKS = 20  # looks at a run until its time is over
LOOK_AT_LEAST_S, LOOK_AT_MOST_S = 0.001, 0.05


class TooSlow(Exception):
    """The graph did not answer in time."""


class Watchdog:
    """One thread that ends runs whose time is over; it sleeps while nothing runs."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._look_s = min(LOOK_AT_MOST_S, max(LOOK_AT_LEAST_S, timeout_s / LOOKS))
        self._running: dict[int, tuple[float, Any]] = {}
        self._number = itertools.count()
        self._busy = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watches-runs", daemon=True)
        self._thread.start()

    def begin(self, options: Any) -> int:
        """A run begins; `options` are its own."""
        number = next(self._number)
        self._running[number] = (time.monotonic() + self.timeout_s, options)
        if not self._busy.is_set():
            self._busy.set()
        return number

    def end(self, number: int) -> None:
        """That run is over."""
        self._running.pop(number, None)

    def close(self) -> None:
        """No run begins any more."""
        self._ended.set()
        self._busy.set()

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._busy.wait()
            now = time.monotonic()
            for deadline, options in [*self._running.values()]:
                if deadline <= now:
                    options.terminate = True
            if not self._running:
                self._busy.clear()
                if self._running:  # one began in between, and saw the flag still set
                    self._busy.set()
            self._ended.wait(self._look_s)


class TimedSession:
    """A session of ONNX Runtime whose runs a watchdog ends."""

    def __init__(self, session: Any, watchdog: Watchdog) -> None:
        from onnxruntime import RunOptions

        self._session, self._watchdog, self._options = session, watchdog, RunOptions

    def run(self, output_names: Sequence[str], input_feed: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """As the session's; raises TooSlow where it was ended."""
        options = self._options()
        number = self._watchdog.begin(options)
        try:
            answers: list[NDArray[Any]] = self._session.run(output_names, input_feed, options)
        except Exception as error:
            if options.terminate:
                raise TooSlow(f"no answer within {self._watchdog.timeout_s * 1000:g} ms") from error
            raise
        finally:
            self._watchdog.end(number)
        return answers

    def get_inputs(self) -> Sequence[Any]:
        """As the session's."""
        inputs: Sequence[Any] = self._session.get_inputs()
        return inputs

    def get_outputs(self) -> Sequence[Any]:
        """As the session's."""
        outputs: Sequence[Any] = self._session.get_outputs()
        return outputs


def timed(bundle: Bundle, watchdog: Watchdog) -> Bundle:
    """The same bundle, whose runs are ended in time."""
    session: Session = TimedSession(bundle.session, watchdog)
    return replace(bundle, session=session)
