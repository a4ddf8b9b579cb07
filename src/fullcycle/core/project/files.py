"""Writing so that an interruption leaves the previous file whole: aside, then rename."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fullcycle.core.errors import UserError


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A path to write to; renamed over `path` when the block ends well, removed when it doesn't.

    Raises UserError where the disk is full or the folder may not be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        with aside.open("rb") as handle:
            os.fsync(handle.fileno())
        aside.replace(path)
    except OSError as error:
        raise UserError(
            where=str(path),
            found=f"a file that can't be written ({error.strerror or error})",
            hint="free some space or mend the permissions, then run the same command again; nothing was lost",
        ) from error
    finally:
        with suppress(OSError):  # what kept it from being written may keep it from being found
            aside.unlink(missing_ok=True)


@contextmanager
def held_alone(lock: Path, busy: UserError) -> Iterator[None]:
    """For this process alone, as long as the block lasts; `busy` is raised where another one holds it.

    The system takes the lock from a process that dies. The file stays.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise busy from error
        yield
    finally:
        os.close(handle)


@contextmanager
def scratch_folder(inside: Path) -> Iterator[Path]:
    """An empty folder for work in progress, gone afterwards; after a kill the next stage removes it."""
    folder = inside / f".scratch.{os.getpid()}.part"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text_atomically(path: Path, text: str) -> None:
    """Replace a text file whole."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Replace a file whole."""
    with written_aside(path) as aside:
        aside.write_bytes(content)


def replace_folder(path: Path, filled: Path) -> None:
    """Put the folder `filled` where `path` is: the old one steps aside first and goes last."""
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    if path.exists():
        path.rename(old)
    filled.rename(path)
    shutil.rmtree(old, ignore_errors=True)
