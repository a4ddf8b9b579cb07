"""Several server processes on one socket: started, replaced when one dies, and ended together.

A worker that can't start ends them all: it would fail the same way for ever. Each holds one end of a pipe
whose other end is the supervisor's, so that none outlives it, even after `kill -9`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from fullcycle.core.errors import UserError
from fullcycle.live.serve.metrics import forget_process

ENDS_WITHIN_S = 15.0  # a little longer than a server takes to finish the requests it has
Serve = Callable[
    [socket.socket, Callable[[], None]], None
]  # called with the socket and what to call when ready


@dataclass
class Worker:
    """A process and our end of its pipe."""

    process: SpawnProcess
    pipe: Connection
    ready: bool = False


def supervise(serve: Serve, listener: socket.socket, workers: int, announce: Callable[[], None]) -> None:
    """Run `serve` in so many processes until SIGTERM or Ctrl-C; `announce` is called once all are ready.

    `serve` is called in each process with the listening socket, and must be picklable. Raises UserError if a
    worker ends before it was ready.
    """
    running: list[Worker] = []
    with _stop_signals() as stop:
        try:
            running.extend(_start(serve, listener) for _ in range(workers))
            announced = False
            while stop not in (events := wait([stop, *_watched(running)])):
                _note_ready(running, events)
                _replace_dead(running, serve, listener)
                if not announced and all(worker.ready for worker in running):
                    announce()
                    announced = True
        finally:
            _end(running)


def _watched(running: list[Worker]) -> Iterator[Connection | int]:
    for worker in running:
        yield worker.process.sentinel
        if not worker.ready:
            yield worker.pipe


def _note_ready(running: list[Worker], events: Sequence[object]) -> None:
    for worker in running:
        if worker.pipe in events:
            try:
                worker.ready = worker.pipe.recv_bytes() == b"ready"
            except EOFError:  # it died: its sentinel says so too
                continue


def _replace_dead(running: list[Worker], serve: Serve, listener: socket.socket) -> None:
    for index, worker in enumerate(running):
        if worker.process.is_alive():
            continue
        if not worker.ready:
            raise UserError(
                where="fullcycle serve",
                found="a worker that could not start (the reason is above)",
                hint="mend it, or try `fullcycle serve --workers 1`",
            )
        sys.stderr.write(f"worker {worker.process.pid} died; starting another\n")
        worker.pipe.close()
        forget_process(worker.process.pid or 0)
        running[index] = _start(serve, listener)


def _start(serve: Serve, listener: socket.socket) -> Worker:
    spawn = multiprocessing.get_context("spawn")  # fork would copy threads of the runtime half alive
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_work, args=(serve, listener, theirs))
    with _without_interrupts():
        process.start()
    theirs.close()
    return Worker(process, ours)


def _work(serve: Serve, listener: socket.socket, pipe: Connection) -> None:
    """What runs in a worker."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server has its own
    threading.Thread(target=_end_with_supervisor, args=(pipe,), daemon=True).start()
    try:
        serve(listener, lambda: pipe.send_bytes(b"ready"))
    except UserError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(0)


def _end_with_supervisor(pipe: Connection) -> None:
    try:
        pipe.recv_bytes()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)


def _end(running: list[Worker]) -> None:
    for worker in running:
        worker.process.terminate()
    for worker in running:
        worker.process.join(ENDS_WITHIN_S)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.pipe.close()


@contextmanager
def _stop_signals() -> Iterator[int]:
    """A descriptor that becomes readable on SIGTERM or SIGINT."""
    reading, writing = os.pipe()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: os.write(writing, b"."))
    try:
        yield reading
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; one that still imports would answer with a traceback."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
