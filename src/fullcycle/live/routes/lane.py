"""One bundle behind a route: asked in time, its failures counted, left alone while its breaker is open."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import Answer
from fullcycle.core.contract.row import CoercedRow
from fullcycle.live.routes.breaker import Breaker
from fullcycle.live.routes.counts import Bins, Counts, latency_bin
from fullcycle.live.routes.timed import TooSlow

Route = Literal["champion", "challenger", "shadow", "previous", "rule", "constant"]
Reason = Literal["", "error", "timeout", "breaker", "rejected"]
DIGITS = 4  # of milliseconds
MS = 1000.0


class Failed(Exception):
    """The model gave no answer, for `reason`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass
class Lane:
    """A bundle that answers. `counts` are None where nothing is compared; `reads_alike` says that its
    contract is the champion's."""

    route: Route
    bundle: Bundle
    breaker: Breaker
    lock: Lock
    reads_alike: bool = True
    bins: Bins | None = None
    counts: Counts | None = None

    def ask(self, rows: Sequence[CoercedRow], *, counted: bool = True) -> tuple[list[Answer], float]:
        """Answers and the milliseconds that they took, or Failed. Where it answers for another one, it is not
        `counted`: what others fail on is not what comes to it by chance."""
        if not self.breaker.allows():
            # It did not answer either: without this, what is known of a model stops where it fails most.
            self._count_failure(None, counted=counted)
            raise Failed("breaker", f"{self.route} {self.bundle.version} is left alone for a while")
        began = time.perf_counter()
        try:
            answers = self.bundle.answer(rows)
            _refuse_no_numbers(answers)
        except Exception as error:
            took = (time.perf_counter() - began) * MS
            self._failed(took / len(rows), counted=counted)
            raise Failed("timeout" if isinstance(error, TooSlow) else "error", _first_line(error)) from error
        took = (time.perf_counter() - began) * MS
        self.breaker.succeeded()
        if self.counts is not None and counted:
            with self.lock:
                self.counts.answers += 1
                # A list is answered at once: what a row of it took is what can be compared with a single one.
                self.counts.latencies[latency_bin(took / len(rows))] += 1
        return answers, round(took, DIGITS)

    def ask_together(self, rows: Sequence[CoercedRow], requests: int) -> tuple[list[Answer], float] | None:
        """The same for the rows of so many requests at once, where nothing is compared. None where that
        fails, or the breaker isn't closed: each request has to be asked for itself."""
        if self.breaker.state != "closed":
            return None
        began = time.perf_counter()
        try:
            answers = self.bundle.answer(rows)
            _refuse_no_numbers(answers)
        except Exception:  # noqa: BLE001 - whatever it is, it comes again for the request that it is about
            return None
        took = (time.perf_counter() - began) * MS
        self.breaker.succeeded(requests)
        return answers, round(took, DIGITS)

    def rejected(self) -> None:
        """The model's own contract refused rows that the champion's takes: a failure of the model."""
        self._failed(None, counted=True)

    def compared(self, answer: Answer, champion: Answer) -> None:
        """What the model answered is put beside the champion's answer to the same row."""
        if self.counts is None or self.bins is None:
            return
        places = self.bins.bin_of(answer), self.bins.bin_of(champion)
        odd = self.bins.apart(answer, champion)
        with self.lock:
            self.counts.compared += 1
            self.counts.odd += odd
            self.counts.said[places[0]] += 1
            self.counts.champion_said[places[1]] += 1

    def learned(self, loss: float) -> None:
        """An outcome became known, and this is how wrong the answer was."""
        if self.counts is not None:
            with self.lock:
                self.counts.outcomes += 1
                self.counts.loss += loss

    def _failed(self, row_took: float | None, *, counted: bool) -> None:
        self.breaker.failed()
        self._count_failure(row_took, counted=counted)

    def _count_failure(self, row_took: float | None, *, counted: bool) -> None:
        if self.counts is None or not counted:
            return
        with self.lock:
            self.counts.answers += 1
            self.counts.errors += 1
            if row_took is not None:
                self.counts.latencies[latency_bin(row_took)] += 1


def _refuse_no_numbers(answers: Sequence[Answer]) -> None:
    """NaN is null in JSON, which no client expects."""
    for answer in answers:
        chances = answer.get("probabilities")
        number = sum(chances.values()) if chances else answer["prediction"]
        if isinstance(number, float) and not math.isfinite(number):
            raise ValueError("an answer that is not a finite number")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
