"""A command in a fork of a process that has imported what commands import (docs/decisions/suite.md).

A cold start costs each command about a second of imports. With FULLCYCLE_THOROUGH in the environment, as in
`make coverage` and `make nightly`, each command is a new interpreter, as a person starts it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from fullcycle.cli.warm import MODELS, TABLES, without_main, work
from tests.tiers import THOROUGH

FULLCYCLE = str(Path(sys.executable).with_name("fullcycle"))
COLD = THOROUGH or sys.platform != "linux"
PRELOADED = [TABLES, MODELS, "fullcycle.automate.running", "dvc.repo", "scmrepo.git"]


def ended(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit code and both streams of `fullcycle WORDS`, in a process of its own."""
    return (_cold if COLD else _forked)(words, folder, environment)


def _cold(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [FULLCYCLE, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


def _forked(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    server = get_context("forkserver")
    server.set_forkserver_preload(PRELOADED)
    with TemporaryDirectory() as streams, without_main():
        paths = [Path(streams) / name for name in ("stdout", "stderr")]
        command = server.Process(target=_work, args=(paths, list(words), dict(environment), str(folder)))
        command.start()
        command.join()
        stdout, stderr = (path.read_text(encoding="utf-8") for path in paths)
    assert command.exitcode is not None
    return command.exitcode, stdout, stderr


def _work(streams: Sequence[Path], words: list[str], environment: dict[str, str], folder: str) -> None:
    for descriptor, path in enumerate(streams, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
    sys.argv[:] = [FULLCYCLE, *words]
    work(words, environment, folder)
