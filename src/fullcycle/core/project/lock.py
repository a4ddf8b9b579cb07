"""One writer at a time, and no stage that outlives the process that asked for it.

After `kill -9` of the parent, a child of DVC went on and wrote its output nine seconds later (DECISIONS 7).
So each stage holds the project's lock itself, watches the processes above it and ends with them.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.project.paths import Paths

if TYPE_CHECKING:
    import psutil

LOOK_EVERY_S = 0.1
# What core/project/files leaves when it is killed.
ASIDE = re.compile(r"^\.(?P<name>.+)\.(?P<pid>\d+)\.(?P<kind>part|old)$")
PARENT_VARIABLE = "FULLCYCLE_RUN_PID"


@contextmanager
def run_lock(paths: Paths, *, wait_s: float = -1) -> Iterator[None]:
    """Held by `fullcycle run` as a whole; a second run waits for the first and says so."""
    with _held(paths.lock.with_name("run.lock"), wait_s):
        # A stage whose run was killed may still be on its way out: its own lock says when it is gone.
        with _held(paths.lock, wait_s):
            pass
        yield


@contextmanager
def stage_session(paths: Paths) -> Iterator[None]:
    """Held by one stage while it works; the process ends within moments of the one that started it."""
    _end_with(_processes_above())
    with _held(paths.lock, -1):
        remove_leftovers(paths)
        yield


def remove_leftovers(paths: Paths) -> None:
    """Delete what a killed process left half written beside a whole file, and put back a folder that had
    stepped aside for a new one which never came."""
    for folder in (paths.root, paths.data, paths.evidence, paths.reports, paths.model):
        remove_leftovers_in(folder)


def remove_leftovers_in(folder: Path) -> None:
    """The same in one folder, which need not be there."""
    import shutil

    import psutil

    for entry in folder.iterdir() if folder.is_dir() else ():
        match = ASIDE.match(entry.name)
        if match is None or psutil.pid_exists(int(match["pid"])):
            continue
        whole = folder / match["name"]
        if match["kind"] == "old" and not whole.exists():
            entry.rename(whole)
        elif entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


@contextmanager
def _held(path: Path, wait_s: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print("another fullcycle works in this project; waiting for it to end", file=sys.stderr)  # noqa: T201
            lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise UserError(
            where=str(path),
            found="another fullcycle at work in this project",
            hint="wait for it, or end it, then run the same command again",
        ) from error
    except OSError as error:
        raise UserError(
            where=str(path),
            found=f"a lock that can't be taken ({error.strerror or error})",
            hint="make the project's folder writable and free some space",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _processes_above() -> list[psutil.Process]:
    """Who asked for this stage: `fullcycle run` by its number, and under DVC the shell and DVC itself."""
    if "DVC_STAGE" not in os.environ:
        return []
    import psutil

    above = psutil.Process().parents()[:2]
    asked_by = os.environ.get(PARENT_VARIABLE)
    if asked_by and asked_by.isdigit():
        try:
            above.append(psutil.Process(int(asked_by)))
        except psutil.NoSuchProcess:
            os._exit(1)  # it died before this stage had begun
    return above


def _end_with(processes: Sequence[psutil.Process]) -> None:
    if not processes:
        return

    def watch() -> None:
        pause = threading.Event()
        while all(process.is_running() and process.status() != "zombie" for process in processes):
            pause.wait(LOOK_EVERY_S)
        os._exit(1)  # nothing is half written: every file is written aside and renamed

    def guarded() -> None:
        import psutil

        try:
            watch()
        except psutil.NoSuchProcess:
            os._exit(1)

    threading.Thread(target=guarded, name="ends-with-its-parent", daemon=True).start()
