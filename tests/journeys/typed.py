"""A command as a person types it, with its exit code and both streams."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from fullcycle.cli.main import main
from tests.journeys.commands import FULLCYCLE


@dataclass(frozen=True)
class Typed:
    """What a command answered."""

    exit_code: int
    stdout: str
    stderr: str


Type = Callable[..., Typed]


def typed(*words: str | Path, at: Path, environment: Mapping[str, str] | None = None) -> Typed:
    """`fullcycle WORDS` in the folder `at`, in a process of its own."""
    answer = subprocess.run(
        [FULLCYCLE, *map(str, words)],
        cwd=at,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "100", **(environment or {})},
    )
    return Typed(answer.returncode, answer.stdout, answer.stderr)


def typed_here(*words: str | Path, at: Path) -> Typed:
    """The same by the function that the command calls: Python starts slower than most commands work."""
    stdout, stderr = StringIO(), StringIO()
    with chdir(at), redirect_stdout(stdout), redirect_stderr(stderr):
        code = main([str(word) for word in words])
    return Typed(code, stdout.getvalue(), stderr.getvalue())
