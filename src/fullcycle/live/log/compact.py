"""Compaction: files that no worker writes to any more become Parquet, by day, and days that are over go.

A part gets its name with one rename, when it is whole and on disk. Its metadata names the files that it took
over, and from then on those are not read: whether they are removed a moment later, or by the next compaction
because this one was killed, no row is lost or doubled.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import held_alone, written_aside
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.live.log.files import NEW, LogFile, is_held, part_files, raw_files, sync_folder, today
from fullcycle.live.log.table import Torn, sources_of, write_part

LOCK = ".compact.lock"
SURELY_LEFT_S = 3600  # a new file has its name within microseconds; one this old was left by a kill


@dataclass(frozen=True)
class Compacted:
    """What a compaction did: `waiting` files are still written to, `torn` lines could not be read."""

    files: int
    records: int
    parts: int
    torn: int
    waiting: int
    removed: int

    def as_dict(self) -> dict[str, int]:
        """For JSON."""
        return dict(self.__dict__)


def compact(folder: Path, settings: LogSettings) -> Compacted:
    """Turn closed files into Parquet, and remove days before the ones that are kept.

    Raises UserError where another compaction runs, or the disk refuses.
    """
    if not folder.is_dir():
        return Compacted(0, 0, 0, 0, 0, 0)
    with held_alone(folder / LOCK, _busy(folder)):
        _clear_left_behind(folder)
        removed = _remove_old(folder, settings.keep_days)
        _remove_taken_over(folder)
        closed, waiting = _closed(folder)
        torn, records, parts = Torn(), 0, 0
        for day, files in groupby(closed, key=lambda file: file.day):
            records += _take_over(folder, day, [file.path for file in files], torn)
            parts += 1
    return Compacted(len(closed), records, parts, torn.lines, waiting, removed)


def _take_over(folder: Path, day: date, paths: Sequence[Path], torn: Torn) -> int:
    with written_aside(folder / f"{day.isoformat()}_{time.time_ns()}.parquet") as aside:
        records = write_part(aside, paths, torn)
    sync_folder(folder)  # the part's name must be on disk before those of its files go
    for path in paths:
        path.unlink()
    return records


def _closed(folder: Path) -> tuple[list[LogFile], int]:
    files = raw_files(folder)
    closed = [file for file in files if not is_held(file.path)]
    return closed, len(files) - len(closed)


def _remove_taken_over(folder: Path) -> None:
    """Files that a compaction which was killed did not get round to removing."""
    there = {file.path.name: file.path for file in raw_files(folder)}
    if not there:
        return
    for part in part_files(folder):
        for name in sources_of(part.path) & there.keys():
            there[name].unlink(missing_ok=True)


def _remove_old(folder: Path, keep_days: int | None) -> int:
    if keep_days is None:
        return 0
    first_kept = today() - timedelta(days=keep_days - 1)
    # A part goes after the files that it took over: without it they would count again.
    old = [file for file in raw_files(folder) if file.day < first_kept and not is_held(file.path)]
    old += [part for part in part_files(folder) if part.day < first_kept]
    for file in old:
        file.path.unlink()
    return len(old)


def _clear_left_behind(folder: Path) -> None:
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)
    for path in folder.glob(f".*{NEW}"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > SURELY_LEFT_S and not is_held(path):
                path.unlink()


def _busy(folder: Path) -> UserError:
    return UserError(
        where=str(folder),
        found="another compaction that is under way",
        expected="one at a time",
        hint="try again when it is done",
    )
