"""What the prediction log costs a server: CPU seconds a request with it and without, under the same load.

Processor time and not requests per second: two servers on a busy machine differ more by chance than by a log.
`python -m benchmarks.log` makes the demo first; `python -m benchmarks.log PROJECT` takes one that is there.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psutil

from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure, show
from benchmarks.load import loaded
from benchmarks.serving import Running, free_port, until_ready

CONNECTIONS, SECONDS, ROUNDS = 16, 3, 15
WITHOUT = "\nlog:\n  enabled: false\n"


def figures(folder: Path) -> Iterator[Figure]:
    """With the bundle that the demo left in `folder`."""
    project = folder / "demo"
    if not (project / "bundle").exists():
        seconds(FULLCYCLE, "demo", str(project))
    yield from of_project(project, folder)


def of_project(project: Path, folder: Path) -> Iterator[Figure]:
    """Two servers of the same bundle, loaded in turn."""
    row = json.loads(subprocess.check_output([FULLCYCLE, "-C", str(project), "predict", "--example"]))
    spent: dict[str, list[float]] = {"with": [], "without": []}
    with ExitStack() as running:
        servers = {name: running.enter_context(_Server(project, folder, name, row)) for name in spent}
        for _ in range(ROUNDS):
            for name, server in servers.items():
                spent[name].append(server.cpu_us_of_a_request(folder))
    on, off = (statistics.median(spent[name]) for name in ("with", "without"))
    print(f"CPU of a request: {on:.0f} us with the log, {off:.0f} us without")
    yield Figure("prediction log: share of the throughput", 1 - off / on, 0.1, "")


class _Server:
    """A server of a copy of the project, with the log or without."""

    def __init__(self, project: Path, folder: Path, name: str, row: object) -> None:
        self._root = folder / f"log-{name}"
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir()
        shutil.copytree(project / "bundle", self._root / "bundle")
        settings = "name: cost\ndata:\n  source: none.csv\n"
        (self._root / "fullcycle.yaml").write_text(settings + (WITHOUT if name == "without" else ""))
        self._body = json.dumps(row)

    def __enter__(self) -> _Server:
        port = free_port()
        command = [FULLCYCLE, "-C", str(self._root), "serve", "--port", str(port)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until_ready(self._process, f"http://127.0.0.1:{port}/health/ready")
        self._running = Running(f"http://127.0.0.1:{port}/predict", self._body)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def cpu_us_of_a_request(self, folder: Path) -> float:
        """User and system time of the process, over what wrk got answered."""
        server = psutil.Process(self._process.pid)
        before = sum(server.cpu_times()[:2])
        load = loaded(self._running.url, self._body, connections=CONNECTIONS, seconds=SECONDS, folder=folder)
        if load.failed:
            print(f"{load.failed} requests failed")
        return (sum(server.cpu_times()[:2]) - before) / (load.requests_per_s * SECONDS) * 1e6


def main() -> int:
    """Measure the project that is named, or the demo."""
    parts = [partial(of_project, Path(argument)) for argument in sys.argv[1:]]
    return show(*(parts or [figures]))


if __name__ == "__main__":
    sys.exit(main())
