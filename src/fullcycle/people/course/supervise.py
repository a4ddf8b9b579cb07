"""A program under limits, and the end of all that it started: `python -m ...supervise LIMITS OUTCOME CMD`.

LIMITS is JSON of `RebuildLimits`; OUTCOME is the file that gets an `Outcome`. The program has a session of
its own, and orphans of any session come back here (Linux: a subreaper), so that no daemon outlives it.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import psutil

from fullcycle.people.course.course_file import RebuildLimits
from fullcycle.people.course.seen import Part

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>
GIGABYTE, MEGABYTE = 10**9, 10**6


class Outcome(Part):
    """How it ended; `code` is negative for a signal."""

    ended: Literal["by_itself", "by_time"]
    code: int
    seconds: float


def supervise(limits: RebuildLimits, command: Sequence[str]) -> Outcome:
    """Run it to its end, or the end of its time; nothing that it started is left."""
    _ask_kernel(PR_SET_CHILD_SUBREAPER, 1)
    _ask_kernel(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that `finally` runs
    _limit(limits)  # what it starts inherits them
    started = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = child.wait(limits.time_s)
        return Outcome(ended="by_itself", code=code, seconds=time.monotonic() - started)
    except subprocess.TimeoutExpired:
        return Outcome(ended="by_time", code=-signal.SIGKILL, seconds=time.monotonic() - started)
    finally:
        _end_all(child.pid)


def _limit(limits: RebuildLimits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, int(limits.memory_gb * GIGABYTE)),
        (resource.RLIMIT_FSIZE, int(limits.file_mb * MEGABYTE)),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        lowered = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (lowered, lowered))


def _end_all(group: int) -> None:
    """The group at once, then whatever left it: children of a killed parent come to us."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    while left := psutil.Process().children(recursive=True):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=1)


def _ask_kernel(what: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(what, value)


if __name__ == "__main__":
    outcome = supervise(RebuildLimits.model_validate_json(sys.argv[1]), sys.argv[3:])
    Path(sys.argv[2]).write_text(outcome.model_dump_json(), encoding="utf-8")
