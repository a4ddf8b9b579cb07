"""A command as a person types it, with its exit code and both streams."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from fullcycle.cli.main import main
from tests.journeys.warm import ended


@dataclass(frozen=True)
class Typed:
    """What a command answered."""

    exit_code: int
    stdout: str
    stderr: str


Type = Callable[..., Typed]


def typed(*words: str | Path, at: Path, environment: Mapping[str, str] | None = None) -> Typed:
    """`fullcycle WORDS` in the folder `at`, in a process of its own."""
    variables = {**os.environ, "COLUMNS": "100", **(environment or {})}
    return Typed(*ended([str(word) for word in words], at, variables))


def typed_here(*words: str | Path, at: Path) -> Typed:
    """The same by the function that the command calls: Python starts slower than most commands work."""
    stdout, stderr = StringIO(), StringIO()
    with chdir(at), redirect_stdout(stdout), redirect_stderr(stderr):
        code = main([str(word) for word in words])
    return Typed(code, stdout.getvalue(), stderr.getvalue())
