"""How fast the graph answers in ONNX Runtime, on one thread as a server runs it."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import Feeds
from fullcycle.core.bundle.runtime import Session
from fullcycle.core.evidence.prepare import Speed
from fullcycle.core.models.parity import open_session

WARM_UP = 200
RUNS = 2000
STARTS = 5
BATCH_ROWS = 10_000


def measure_speed(model: bytes, fed: Feeds) -> Speed:
    """Latency of one row over 2,000 runs, start-up as the median of five, rows per second in a batch.

    `fed` holds at least one row; rows are used again as often as needed.
    """
    session = open_session(model)
    latencies_us = _latencies_us(session, fed)
    return Speed(
        single_row_p50_us=round(float(np.percentile(latencies_us, 50)), 1),
        single_row_p99_us=round(float(np.percentile(latencies_us, 99)), 1),
        start_ms=round(_start_ms(model), 2),
        batch_rows_per_s=round(_rows_per_s(session, fed)),
    )


def _latencies_us(session: Session, fed: Feeds) -> NDArray[np.float64]:
    names = _names(session)
    available = len(next(iter(fed.values())))
    rows = [{name: values[at : at + 1] for name, values in fed.items()} for at in range(min(available, RUNS))]
    for turn in range(WARM_UP):
        session.run(names, rows[turn % len(rows)])
    spent = np.empty(RUNS)
    for turn in range(RUNS):
        row = rows[turn % len(rows)]
        begin = time.perf_counter_ns()
        session.run(names, row)
        spent[turn] = time.perf_counter_ns() - begin
    return spent / 1000


def _start_ms(model: bytes) -> float:
    spent = []
    for _ in range(STARTS):
        begin = time.perf_counter()
        open_session(model)
        spent.append(time.perf_counter() - begin)
    return float(np.median(spent)) * 1000


def _rows_per_s(session: Session, fed: Feeds) -> float:
    names = _names(session)
    batch = {name: np.resize(values, (BATCH_ROWS, 1)) for name, values in fed.items()}
    session.run(names, batch)
    begin = time.perf_counter()
    session.run(names, batch)
    return BATCH_ROWS / (time.perf_counter() - begin)


def _names(session: Session) -> list[str]:
    return [output.name for output in session.get_outputs()]
