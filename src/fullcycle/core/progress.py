"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere. Always to stderr."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

LINE_EVERY_S = 10.0  # a log is read later: a line each ten seconds shows life without filling it


class Advance(Protocol):
    """Say that `steps` more are done; `note` is a few words about the last one (a score, a file)."""

    def __call__(self, steps: int = 1, note: str = "") -> None: ...


@contextmanager
def progress(total: int, label: str, *, stream: TextIO | None = None) -> Iterator[Advance]:
    """Show how far `total` steps have come; the block gets a function to call after each.

    >>> with progress(3, "folds") as advance:
    ...     for fold in range(3):
    ...         advance()
    """
    stream = stream or sys.stderr
    shown = _bar if _can_redraw(stream) else _lines
    with shown(total, label, stream) as advance:
        yield advance


def _can_redraw(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def _bar(total: int, label: str, stream: TextIO) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", style="dim"),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as display:
        task = display.add_task(label, total=total, note="")

        def advance(steps: int = 1, note: str = "") -> None:
            display.update(task, advance=steps, note=note)

        yield advance


@contextmanager
def _lines(
    total: int, label: str, stream: TextIO, clock: Callable[[], float] = time.monotonic
) -> Iterator[Advance]:
    done = 0
    last_line = clock()

    def advance(steps: int = 1, note: str = "") -> None:
        nonlocal done, last_line
        done += steps
        if clock() - last_line >= LINE_EVERY_S and done < total:
            last_line = clock()
            print(f"{label}: {done} of {total}{f', {note}' if note else ''}", file=stream, flush=True)

    yield advance
