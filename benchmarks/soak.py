"""A server under steady load while what it serves is released and taken back again: no request fails or is
mixed, nothing is missing in the log, memory stays where it was.

`make soak` makes two bundles from the demo and soaks them for ten minutes; `python -m benchmarks.soak SECONDS
PROJECT PROJECT` takes bundles of projects that are there.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from benchmarks.clients import Clients, Heard
from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure, show
from benchmarks.serving import end, free_port, until_ready
from fullcycle.live.log.read import open_log

SECONDS, EACH_S, SHARE, WORKERS = 600, 10, 0.8, 2
MEASURING = 4_000  # requests that say what the server can do
AFTER_SWITCH = 500  # answers at least, so that all clients meet the bundle
ROWS = (1, 1, 1, 5)  # of requests, in turn
SETTINGS = "name: soak\ndata:\n  source: none.csv\n"


@dataclass(frozen=True)
class Site:
    """A project that serves, two bundles that answer its rows, and a row."""

    root: Path
    bundles: tuple[Path, Path]
    row: dict[str, object]
    workers: int = WORKERS

    @property
    def bodies(self) -> list[str]:
        """What clients send."""
        return [json.dumps([self.row] * rows if rows > 1 else self.row) for rows in ROWS]

    def switch(self, number: int) -> str:
        """Release the first, then the second, go back, and so on; gives what answers from now on."""
        if number and number % 2 == 0:
            command, named = ["rollback"], "champion"
        else:
            command = ["release", "--bundle", str(self.bundles[number % 2]), "--no-registry"]
            named = "version"
        told = json.loads(subprocess.check_output([FULLCYCLE, "-C", str(self.root), *command, "--json"]))
        return str(told[named])


@dataclass
class Soaked:
    """`memory_mb` is what server and workers held after each switch; `switch_s` how long after its rename a
    request could begin that the version before still answered."""

    per_second: float
    heard: Heard
    logged: int = 0
    asked_rows: int = 0
    memory_mb: list[float] = field(default_factory=list)
    switch_s: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Of memory, as a share: the last quarter of the switches beside the second one."""
        quarter = max(len(self.memory_mb) // 4, 1)
        before = statistics.median(self.memory_mb[quarter : 2 * quarter] or self.memory_mb)
        return statistics.median(self.memory_mb[-quarter:]) / before - 1


def soak(site: Site, *, switches: int, every_s: float, measuring: int = MEASURING) -> Soaked:
    """Switch so often, each time after as many requests as clients send in `every_s` at 80% of capacity."""
    version = site.switch(0)
    with _served(site) as (process, url):
        capacity, warming = _capacity(url, site.bodies, measuring)
        with Clients(url, site.bodies, SHARE * capacity) as clients:
            soaked = Soaked(SHARE * capacity, clients.heard)
            for number in range(1, switches + 1):
                before, version = version, site.switch(number)
                renamed = (site.root / "deploy/routes.json").stat().st_mtime
                due = round(number * every_s * soaked.per_second)
                clients.wait_for(max(due, clients.heard.answered + AFTER_SWITCH))
                soaked.switch_s.append(max(clients.heard.last[before] - renamed, 0.0))
                soaked.memory_mb.append(_memory_mb(process))
                print(told(soaked), file=sys.stderr, flush=True)
                if clients.heard.failures:
                    break
    with open_log(site.root / "predictions") as log:
        [logged] = log.rows("SELECT count(*) AS rows FROM predictions")
    soaked.logged, soaked.asked_rows = logged["rows"], warming.rows + clients.heard.rows
    return soaked


def told(soaked: Soaked) -> str:
    """How it goes."""
    heard = soaked.heard
    return (
        f"{len(soaked.switch_s):>3} switches, the last in {soaked.switch_s[-1]:.2f} s: {heard.answered:,} "
        f"answers at {soaked.per_second:,.0f} a second, {len(heard.failures)} failed, the slowest "
        f"{heard.slowest_s * 1000:.0f} ms; {soaked.memory_mb[-1]:.0f} MB"
    )


def _capacity(url: str, bodies: Sequence[str], answers: int) -> tuple[float, Heard]:
    """Requests a second where every connection asks again at once; and what was heard."""
    with Clients(url, bodies) as clients:
        clients.wait_for(answers // 4)  # the first ones find cold caches
        before, began = clients.heard.answered, time.perf_counter()
        clients.wait_for(answers)
        capacity = (clients.heard.answered - before) / (time.perf_counter() - began)
    return capacity, clients.heard


def _memory_mb(process: psutil.Process) -> float:
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6


@contextmanager
def _served(site: Site) -> Iterator[tuple[psutil.Process, str]]:
    port = free_port()
    words = ["serve", "--port", str(port), "--workers", str(site.workers)]
    process = subprocess.Popen([FULLCYCLE, "-C", str(site.root), *words], stderr=subprocess.DEVNULL)
    try:
        until_ready(process, f"http://127.0.0.1:{port}/health/ready")
        yield psutil.Process(process.pid), f"http://127.0.0.1:{port}"
    finally:
        end(process)


def figures(folder: Path, *, long_s: float = SECONDS, projects: Sequence[Path] = ()) -> Iterator[Figure]:
    """Soak what the projects last made, or the demo and the same with another seed."""
    first, second = projects or _projects(folder)
    example = subprocess.check_output([FULLCYCLE, "-C", str(first), "predict", "--example"])
    root = folder / "soak"
    root.mkdir()
    (root / "fullcycle.yaml").write_text(SETTINGS)
    site = Site(root, (first / "bundle", second / "bundle"), json.loads(example))
    soaked = soak(site, switches=round(long_s / EACH_S), every_s=EACH_S)
    for failure in soaked.heard.failures[:3]:
        print(failure)
    minutes = f"soak, {long_s / 60:g} minutes at {soaked.per_second:,.0f} requests/s"
    yield Figure(f"{minutes}: failed", len(soaked.heard.failures), 0, "")
    yield Figure("soak: answers of two bundles at once", soaked.heard.mixed, 0, "")
    yield Figure("soak: answered rows that the log lacks", soaked.asked_rows - soaked.logged, 0, "")
    yield Figure(f"soak: the slowest of {len(soaked.switch_s)} switches", max(soaked.switch_s), 1, "s")
    yield Figure("soak: growth of memory", soaked.growth * 100, 5, "%")


def _projects(folder: Path) -> tuple[Path, Path]:
    first, second = folder / "demo", folder / "other"
    if not (first / "bundle").exists():
        seconds(FULLCYCLE, "demo", str(first))
    shutil.copytree(first, second, symlinks=True)
    settings = second / "fullcycle.yaml"
    settings.write_text(f"seed: 7\n{re.sub('^seed:.*$', '', settings.read_text(), flags=re.MULTILINE)}")
    seconds(FULLCYCLE, "-C", str(second), "run")
    return first, second


def main() -> int:
    """SECONDS PROJECT PROJECT, all of them or none."""
    if len(sys.argv) == 1:
        return show(figures)
    long_s, *projects = sys.argv[1:]
    return show(partial(figures, long_s=float(long_s), projects=[Path(each) for each in projects]))


if __name__ == "__main__":
    sys.exit(main())
