"""Writing: the records of a request with one `write`, before its answer leaves.

What the system was given survives `kill -9` of the server, whenever it comes; `log.fsync` says what a power
cut may take. Imports neither pyarrow nor DuckDB: this is part of the serving image.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.live.log.entries import Entries, Outcome
from fullcycle.live.log.files import DAY_US, day_of, now_us, open_held, raw_name, sync_folder
from fullcycle.live.log.personal import project_salt

if TYPE_CHECKING:
    from fullcycle.live.routes.router import Deployment, Served

LOG = logging.getLogger("fullcycle.log")
MEGABYTE = 1_000_000
SYNC_EVERY_S = 1.0
TRIAL = b" " * 8192  # written and taken back: room for a few records


Told = Callable[[int, int], None]  # is told of lost records and of outcomes, for metrics


@dataclass(frozen=True)
class LogPlace:
    """Where a server logs, and how. Workers get it from their supervisor."""

    folder: Path
    settings: LogSettings


class NotLogged(Exception):
    """The log can't be written, and no answer may leave without a record."""


class PredictionLog:
    """One process' part of the log. May be called by many threads."""

    def __init__(self, place: LogPlace) -> None:
        """Raises UserError where the folder can't be written at all."""
        self.settings, self.folder = place.settings, place.folder
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._day_ends = self._size = 0
        self._full_at = self.settings.file_mb * MEGABYTE
        self._torn = self._unsynced = False
        self._named = 0  # how many versions' columns the file has
        self.written = self.lost = 0
        self.told: Told = lambda _lost, _outcomes: None
        self.failing = ""  # what the system said when the last write failed
        self._met: Deployment | None = None
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None
        _require_folder(self.folder)
        salt = project_salt(self.folder) if self.settings.personal == "hash" else b""
        self._entries = Entries(self.settings.personal, salt)

    @property
    def waits_for_disk(self) -> bool:
        """Whether an append takes as long as the disk does: nothing for an event loop."""
        return self.settings.fsync == "always"

    def meets(self, deployment: Deployment) -> None:
        """These bundles answer from now on; nearly free where they are the ones before."""
        if deployment is not self._met:
            self._entries.meets([lane.bundle for lane in deployment.lanes])
            self._met = deployment

    def append(self, request_id: str, served: Sequence[Served]) -> None:
        """Log the answers of a request. Raises NotLogged where that fails and `when_full` is refuse."""
        self.append_all([(request_id, served)])

    def append_all(self, requests: Iterable[tuple[str, Sequence[Served]]]) -> None:
        """The same for several requests with one write: all of them are on record, or none is."""
        moment = now_us()
        line, rows = self._entries.of_requests(requests, moment)
        if rows:
            self._append(line, rows, moment, may_be_lost=self._may_be_lost)

    def append_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Log what became known. Raises NotLogged where that fails: who sent them can send them again."""
        moment = now_us()
        self._append(self._entries.of_outcomes(outcomes, moment), len(outcomes), moment, may_be_lost=False)
        self.told(0, len(outcomes))

    def start(self) -> None:
        """Begin to sync each second, and to leave a file when its day is over."""
        self._thread = threading.Thread(target=self._beat, name="syncs-log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let everything reach the disk."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            self._leave()

    def state(self) -> dict[str, Any]:
        """Facts for health pages and metrics."""
        return {
            "written": self.written,
            "lost": self.lost,
            "when_full": self.settings.when_full,
            "failing": self.failing,
        }

    @property
    def refuses(self) -> bool:
        """Whether answers can't be given now, because they could not be logged."""
        return bool(self.failing) and not self._may_be_lost

    @property
    def _may_be_lost(self) -> bool:
        return self.settings.when_full == "go_on"

    def _append(self, lines: bytes, records: int, moment: int, *, may_be_lost: bool) -> None:
        with self._lock:
            try:
                self._write(lines, moment)
            except OSError as error:
                self._failed(error)
                if not may_be_lost:
                    raise NotLogged(self.failing) from error
                self.lost += records
                self.told(records, 0)
                return
            if self.failing:
                self._works_again()
            self.written += records

    def _write(self, content: bytes, moment: int) -> None:
        """All of it or, as far as anybody can tell later, nothing."""
        handle, columns = self._file(moment), self._entries.columns
        known = len(columns)
        if self._torn or self._named < known:
            unnamed = [*columns.values()][self._named : known]
            content = b"".join([b"\n" if self._torn else b"", *unnamed, content])
        try:
            done = os.write(handle, content)
            while done < len(content):  # less was taken where there was room for less: the rest says why
                done += os.write(handle, content[done:])
            if self.settings.fsync == "always":
                os.fsync(handle)
        except OSError:
            self._take_back(handle)
            raise
        self._size += len(content)
        self._named = known
        self._torn, self._unsynced = False, True

    def _take_back(self, handle: int) -> None:
        """Half a record is recognised as such, but it must not spoil the line of the next one."""
        try:
            os.ftruncate(handle, self._size)
            self._torn = False
        except OSError:
            self._torn = True

    def _file(self, moment: int) -> int:
        """The file that records of a moment belong into."""
        if self._handle is not None and moment < self._day_ends and self._size < self._full_at:
            return self._handle
        self._leave()
        self._handle = open_held(self.folder / raw_name(day_of(moment)))
        self._day_ends = moment - moment % DAY_US + DAY_US
        self._size, self._torn, self._named = 0, False, 0
        if self.settings.fsync != "never":
            sync_folder(self.folder)
        return self._handle

    def _leave(self) -> None:
        handle, self._handle = self._handle, None
        if handle is None:
            return
        try:
            if self._unsynced and self.settings.fsync != "never":
                os.fsync(handle)
        except OSError as error:
            self._failed(error)
        finally:
            self._unsynced = False
            os.close(handle)

    def _failed(self, error: OSError) -> None:
        said = error.strerror or str(error)
        if said != self.failing:
            LOG.error("the prediction log can't be written (%s): %s", self.settings.when_full, said)
        self.failing = said

    def _beat(self) -> None:
        while not self._ends.wait(SYNC_EVERY_S):
            with self._lock:
                handle = self._handle
                if handle is not None and now_us() >= self._day_ends:
                    self._leave()
                    handle = None
                due = handle is not None and self._unsynced and self.settings.fsync == "second"
                # Another descriptor of the same file: the disk may take its time, and nobody waits for it.
                beside = os.dup(handle) if due and handle is not None else None
                self._unsynced = self._unsynced and not due
            if beside is not None:
                self._sync(beside)
            if self.refuses:
                self._try_again()

    def _try_again(self) -> None:
        """Find out that there is room again, also where nobody asks because this server is not ready."""
        with self._lock:
            try:
                handle = self._file(now_us())
                try:
                    took = os.write(handle, TRIAL)
                finally:
                    self._take_back(handle)
            except OSError as error:
                self._failed(error)
                return
            if took == len(TRIAL) and not self._torn:
                self._works_again()

    def _works_again(self) -> None:
        LOG.warning("the prediction log is written again")
        self.failing = ""

    def _sync(self, handle: int) -> None:
        try:
            os.fsync(handle)
        except OSError as error:
            with self._lock:
                self._failed(error)
        finally:
            os.close(handle)


def _require_folder(folder: Path) -> None:
    """Better at the start than at the first request."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise UserError(
            where=str(folder),
            found=f"a folder that can't be written ({error.strerror or error})",
            expected="a place for the prediction log",
            hint="mend the permissions, or set log.enabled: false in fullcycle.yaml",
        ) from error
