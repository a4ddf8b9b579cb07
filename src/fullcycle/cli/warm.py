"""Stages of one run start from a process that has imported the libraries once.

`dvc.yaml` names commands, and under `dvc repro` each of them is a new interpreter that imports Ibis, DuckDB
and Arrow for more than a second. Below `fullcycle run` the same command is run by a fork of a server, that of
Python's multiprocessing, which never has threads: same environment, folder and exit code, and a process of
its own that ends with the run.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from fullcycle.cli.stages import HELP

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess


BEFORE_MODELS = ("collect", "clean", "explore")
TABLES, MODELS = "fullcycle.cli.preloaded.tables", "fullcycle.cli.preloaded.models"


@contextmanager
def warm_stages(last: str | None = None, *, at_once: bool = False) -> Iterator[None]:
    """Inside, DVC's commands `fullcycle STAGE` start warm; on Linux, where forks are safe.

    The server has imported what a model takes unless the run ends before models, with the stage `last`. It
    starts with the first stage, or `at_once`, where it is known that there will be one and it needs no model:
    then it imports while DVC does.
    """
    if sys.platform != "linux":
        yield
        return
    preloaded = [TABLES] if last in BEFORE_MODELS else [TABLES, MODELS]
    if at_once and MODELS not in preloaded:  # what takes models must import them in DVC's environment
        _start_server(preloaded)
    from dvc.stage import run as dvc_run

    start_cold = dvc_run._run

    def start(executable: str | None, command: str, **how: Any) -> None:
        words = command.split()
        if words[:1] == ["fullcycle"] and len(words) > 1 and words[1] in HELP:
            _start_warm(command, words[1:], how["env"], str(how["cwd"]), preloaded)
        else:
            start_cold(executable, command, **how)

    dvc_run._run = start
    try:
        yield
    finally:
        dvc_run._run = start_cold


def _start_warm(
    command: str, words: Sequence[str], environment: Mapping[str, str], folder: str, preloaded: list[str]
) -> None:
    """Run it to its end; DVC's own error where it fails. As DVC does, leave Ctrl-C to the stage."""
    from multiprocessing import get_context

    from dvc.stage.exceptions import StageCmdFailedError

    server = get_context("forkserver")
    _start_server(preloaded)
    stage = server.Process(target=work, args=(list(words), dict(environment), folder))
    with without_main():
        stage.start()
    with _interrupts_left_to_stages():
        stage.join()
    if stage.exitcode != 0:
        raise StageCmdFailedError(command, _status(stage))


def _start_server(preloaded: list[str]) -> None:
    """Deaf to Ctrl-C from its first moment: it sets its own handlers only after all imports."""
    from multiprocessing import forkserver

    forkserver.set_forkserver_preload(preloaded)
    with _interrupts_left_to_stages():
        forkserver.ensure_running()


def _status(stage: ForkServerProcess) -> int:
    return 1 if stage.exitcode is None else stage.exitcode


def work(words: list[str], environment: dict[str, str], folder: str) -> None:
    """In the fork: what the command does."""
    from fullcycle.cli.main import main

    signal.signal(signal.SIGINT, signal.default_int_handler)  # the server was started deaf to it
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.exit(main(words))


@contextmanager
def without_main() -> Iterator[None]:
    """A started process imports the main script again; ours has nothing that a stage needs."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _interrupts_left_to_stages() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
