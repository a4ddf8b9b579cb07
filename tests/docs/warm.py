"""`fullcycle` and `python -` of a page, in forks of a process that has imported what commands import.

A page is a bash script, so what stands first in its PATH are two small programs that hand their streams,
folder, environment and signals to a fork (tests/journeys/warm.py does the same for journeys). With
FULLCYCLE_THOROUGH set nothing of this is there, and `fullcycle serve` always is a new interpreter.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.reduction import DupFd
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fullcycle.cli.warm import without_main, work
from tests.journeys.warm import COLD, FULLCYCLE, PRELOADED

STREAMS = 3
STARTING = threading.Lock()  # `without_main` changes a module of the whole process

# Nothing but the standard library's smallest, so that it is up in some milliseconds.
CLIENT = """#!{python} -IS
import os, signal, socket, struct, sys
words = sys.argv[1:]
if {cold}:
    os.execv({real!r}, [{real!r}, *words])
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
socket.send_fds(line, [struct.pack("i", os.getpid())], [0, 1, 2])
[child] = struct.unpack("i", line.recv(4))
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(child, number))
told = line.recv(4)
sys.exit(struct.unpack("i", told)[0] % 256 if told else 1)
"""
# By name: when a new interpreter does it after all, and which.
PROGRAMS = {"fullcycle": ("'serve' in words", FULLCYCLE), "python": ("words != ['-']", sys.executable)}
LINE = "line"
SMALL = {"trials": 4, "folds": 3, "time_budget_s": 600, "bootstrap": 200}


@contextmanager
def programs() -> Iterator[Path]:
    """A folder of programs to put first in PATH, and what answers them as long as the block lasts."""
    if COLD:
        yield Path(sys.executable).parent
        return
    get_context("forkserver").set_forkserver_preload([*PRELOADED, "pandas", "onnxruntime"])
    # Not in pytest's folder: an address of a socket has room for a hundred characters.
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        _write(Path(folder))
        listener.bind(f"{folder}/{LINE}")
        listener.listen()
        threading.Thread(target=_answer, args=(listener,), daemon=True).start()
        yield Path(folder)


def _write(folder: Path) -> None:
    for name, (cold, real) in PROGRAMS.items():
        program = folder / name
        program.write_text(
            CLIENT.format(python=sys.executable, cold=cold, real=real, address=f"{folder}/{LINE}")
        )
        program.chmod(0o755)


def _answer(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # closed: the session is over
            return
        threading.Thread(target=_run, args=(connection,), daemon=True).start()


def _run(connection: socket.socket) -> None:
    """Start the fork with the caller's streams, say who it is, and how it ended."""
    with connection:
        told, streams, _, _ = socket.recv_fds(connection, 4, STREAMS)
        caller = int.from_bytes(told, sys.byteorder)
        with STARTING, without_main():
            fork = get_context("forkserver").Process(target=_work, args=(_Streams(streams), *_asked(caller)))
            fork.start()
        for each in streams:
            os.close(each)
        assert fork.pid is not None
        connection.sendall(fork.pid.to_bytes(4, sys.byteorder))
        fork.join()
        connection.sendall((fork.exitcode or 0).to_bytes(4, sys.byteorder, signed=True))


class _Streams:
    """Descriptors that are duplicated into the process which unpickles them."""

    def __init__(self, descriptors: list[int]) -> None:
        self.descriptors = descriptors

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (tuple(DupFd(each) for each in self.descriptors),)


def _received(streams: tuple[Any, ...]) -> list[int]:
    return [each.detach() for each in streams]


def _asked(caller: int) -> tuple[list[str], dict[str, str], str]:
    """Words with the program's name first, environment and folder, as the system has them of a process."""
    place = Path("/proc") / str(caller)
    _, _, program, *words = _split(place / "cmdline")  # behind the interpreter and its options
    environment = dict(each.split("=", 1) for each in _split(place / "environ") if "=" in each)
    return [Path(program).name, *words], environment, str((place / "cwd").readlink())


def _split(path: Path) -> list[str]:
    return path.read_bytes().decode(errors="surrogateescape").split("\0")[:-1]


@contextmanager
def _small_search(words: list[str], folder: Path) -> Iterator[None]:
    """After `init`: a page says what to type, and not that sixteen trials have to be waited for."""
    try:
        yield
    finally:
        settings = folder / words[1] / "fullcycle.yaml" if words[:1] == ["init"] else None
        if settings is not None and settings.exists():
            text = settings.read_text(encoding="utf-8")
            for key, value in SMALL.items():
                text = re.sub(rf"^  {key}: \S+", f"  {key}: {value}", text, flags=re.MULTILINE)
            settings.write_text(text, encoding="utf-8")


def _work(streams: list[int], words: list[str], environment: dict[str, str], folder: str) -> None:
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = os.fdopen(0, closefd=False)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    program, *rest = words
    if program == "fullcycle":
        sys.argv[:] = [FULLCYCLE, *rest]
        with _small_search(rest, Path(folder)):
            work(rest, environment, folder)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv[:] = rest
    sys.path.insert(0, "")
    exec(compile(sys.stdin.read(), "<stdin>", "exec"), {"__name__": "__main__"})
