"""Files of the log: how they are called, which are still written to, and which rows lie in Parquet already.

A worker's file is `DAY_HOST-PID_START.jsonl` and holds records of that day alone. A part is
`DAY_NUMBER.parquet` and names in its metadata the files whose rows it took over: from the moment in which it
has its name, those files don't count any more, whether they are removed yet or not.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

RAW = re.compile(r"(\d{4}-\d\d-\d\d)_[^/]+\.jsonl")
PART = re.compile(r"(\d{4}-\d\d-\d\d)_[^/]+\.parquet")
NEW = ".new"
READABLE_BY_GROUP = 0o640
FIRST_DAY, DAY_US = date(1970, 1, 1), 86_400_000_000
UNWORTHY = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, order=True)
class LogFile:
    """A file of one day."""

    day: date
    path: Path


def raw_name(day: date) -> str:
    """A name that no other process gives: replicas in containers all have process number 1."""
    host = UNWORTHY.sub("-", socket.gethostname())[:40] or "host"
    return f"{day.isoformat()}_{host}-{os.getpid()}_{time.time_ns()}.jsonl"


def raw_files(folder: Path) -> list[LogFile]:
    """What workers wrote, in the order of days and names."""
    return _listed(folder, RAW)


def part_files(folder: Path) -> list[LogFile]:
    """What was compacted."""
    return _listed(folder, PART)


def _listed(folder: Path, pattern: re.Pattern[str]) -> list[LogFile]:
    if not folder.is_dir():
        return []
    found = [(pattern.fullmatch(path.name), path) for path in folder.iterdir()]
    return sorted(LogFile(date.fromisoformat(match[1]), path) for match, path in found if match)


def now_us() -> int:
    """This moment, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def day_of(moment_us: int) -> date:
    """The day that a record of a moment belongs to."""
    return FIRST_DAY + timedelta(days=moment_us // DAY_US)


def today() -> date:
    """The day that records of this moment belong to."""
    return day_of(now_us())


def open_held(path: Path) -> int:
    """A new file that this process writes to; the system lets go of it when the process ends, however.

    It gets its name when it is held: a file that nobody holds is compacted, and then removed.
    """
    aside = path.with_name(f".{path.name}{NEW}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, READABLE_BY_GROUP)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        aside.rename(path)
    except OSError:
        os.close(handle)
        raise
    return handle


def is_held(path: Path) -> bool:
    """Whether a process still writes to a file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def sync_folder(folder: Path) -> None:
    """Let new names and removals in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
