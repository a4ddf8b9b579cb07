"""Processes on one socket: ready together, replaced one by one, ended together."""

from __future__ import annotations

import functools
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from pathlib import Path

import psutil
import pytest

from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.live.serve import workers

DEADLINE_S = 60.0


def serve(folder: Path, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Says that it is there, and waits to be told to end."""
    (folder / str(os.getpid())).touch()
    ready()
    threading.Event().wait(DEADLINE_S)


def cannot_start(listener: socket.socket, ready: Callable[[], None]) -> None:
    raise CheckFailed(where="the bundle", found="wrong answers")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """A supervisor that never ends is told to, so that the test fails instead of hanging."""
    timer = threading.Timer(DEADLINE_S, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    yield
    timer.cancel()


def pids(folder: Path) -> set[int]:
    return {int(entry.name) for entry in folder.iterdir()}


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_is_announced_once_all_are_ready_and_a_signal_ends_all(
    listener: socket.socket, tmp_path: Path, stop: signal.Signals
) -> None:
    ready: list[set[int]] = []

    def announce() -> None:
        ready.append(pids(tmp_path))
        os.kill(os.getpid(), stop)

    workers.supervise(functools.partial(serve, tmp_path), listener, 2, announce)
    assert len(ready) == 1
    assert len(ready[0]) == 2
    assert not any(psutil.pid_exists(pid) for pid in ready[0])


def test_handlers_of_signals_are_put_back(listener: socket.socket, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    announce = functools.partial(os.kill, os.getpid(), signal.SIGTERM)
    workers.supervise(functools.partial(serve, tmp_path), listener, 1, announce)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_worker_that_dies_is_replaced(
    listener: socket.socket, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def kill_one_and_end_when_there_is_another() -> None:
        first = min(pids(tmp_path))
        os.kill(first, signal.SIGKILL)
        threading.Thread(target=end_when, args=(lambda: len(pids(tmp_path)) == 3,)).start()

    def end_when(condition: Callable[[], bool]) -> None:
        until = time.monotonic() + DEADLINE_S
        while not condition() and time.monotonic() < until:
            threading.Event().wait(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    workers.supervise(functools.partial(serve, tmp_path), listener, 2, kill_one_and_end_when_there_is_another)
    assert len(pids(tmp_path)) == 3
    assert not any(psutil.pid_exists(pid) for pid in pids(tmp_path))
    assert "died; starting another" in capfd.readouterr().err


def test_a_worker_that_cannot_start_ends_all_with_its_reason(
    listener: socket.socket, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match="could not start"):
        workers.supervise(cannot_start, listener, 2, pytest.fail)
    assert "the bundle: found wrong answers" in capfd.readouterr().err


def test_a_worker_ends_when_its_supervisor_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: told.append((pid, number)))
    ours, theirs = Pipe()
    ours.close()
    workers._end_with_supervisor(theirs)
    assert told == [(os.getpid(), signal.SIGTERM)]


def test_a_worker_says_ready_and_leaves_with_the_code_of_its_error(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ours, theirs = Pipe()
    workers._work(lambda listener, ready: ready(), listener, theirs)
    assert ours.recv_bytes() == b"ready"
    with pytest.raises(SystemExit) as ended:
        workers._work(cannot_start, listener, theirs)
    assert ended.value.code == 1
    ours.send_bytes(b"")  # lets the watching threads end
    ours.send_bytes(b"")
