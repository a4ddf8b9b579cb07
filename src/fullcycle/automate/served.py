"""A service of our own for as long as it is asked: `fullcycle serve` on a free port of this machine."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fullcycle.core.errors import UserError

ADDRESS = re.compile(r"http://[\w.:\[\]-]+")
STARTS_WITHIN_S = 60
ENDS_WITHIN_S = 20
PAUSE_S = 0.05


@contextmanager
def served(bundle: Path) -> Iterator[tuple[str, int]]:
    """Its address and the id of its process, from its first answer until the block ends."""
    command = [sys.executable, "-m", "fullcycle.cli.main", "serve", "--bundle", str(bundle), "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "FULLCYCLE_KEYS"}
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        try:
            yield _address(server, said), server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _address(server: subprocess.Popen[bytes], said: IO[str]) -> str:
    """What it says when it is ready, or a UserError with its last line."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        told = _so_far(said)
        address = ADDRESS.search(told)
        if address is not None and told.endswith("\n"):
            return address.group()
        time.sleep(PAUSE_S)
    lines = _so_far(said).strip().splitlines() or ["nothing said"]
    raise UserError(
        where="fullcycle serve",
        found=f"a server that does not start: {lines[0]}",
        hint="start it by hand to see why",
    )


def _so_far(said: IO[str]) -> str:
    said.seek(0)
    return said.read()
