"""Requests per second and latency of the API beside a floor, the pydantic form and other servers, by wrk.

One worker each, one row a request, the same graph. Ours validates, logs, counts and follows routes; none of
the others does. Rounds go through all servers in turn, and the best of a server's rounds counts: what a
machine does besides slows any of them at any time.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure, show
from benchmarks.load import Load, loaded
from benchmarks.serving_peers import SERVERS

CONNECTIONS = (1, 16, 64)
SECONDS, ROUNDS = 4, 2
OURS, FLOOR, PYDANTIC, MLFLOW = "fullcycle", "bare FastAPI", "with pydantic", "mlflow models serve"
Found = dict[tuple[str, int], list[Load]]


@dataclass(frozen=True)
class Running:
    """A server that answers, and what it is asked."""

    url: str
    body: str


def figures(folder: Path) -> Iterator[Figure]:
    """With the bundle that the demo left in `folder`."""
    project = folder / "demo"
    if not (project / "bundle").exists():
        seconds(FULLCYCLE, "demo", str(project))
    seconds(FULLCYCLE, "-C", str(project), "release")
    found = measure(project, folder)
    for line in table(found):
        print(line)
    for at in CONNECTIONS:
        ours, floor = (best(found[name, at]) for name in (OURS, FLOOR))
        share = ours.requests_per_s / floor.requests_per_s
        yield Figure(f"serving, {at} connections: of the floor's requests", share, 0.8, "x", "higher")
        for name, bar in ((PYDANTIC, 1.0), (MLFLOW, 4.0)):
            times = ours.requests_per_s / best(found[name, at]).requests_per_s
            yield Figure(f"serving, {at} connections: requests of {name}", times, bar, "x", "higher")
        for name in SERVERS:
            slower = ours.p99_ms / best(found[name, at]).p99_ms
            yield Figure(f"serving, {at} connections: p99 beside {name}", slower, 1.0, "x")
    failed = sum(load.failed for (name, _), loads in found.items() for load in loads if name == OURS)
    yield Figure("serving: failed requests", failed, 0, "")


def measure(project: Path, folder: Path) -> Found:
    """Every server under every load, in turn."""
    row = json.loads(subprocess.check_output([FULLCYCLE, "-C", str(project), "predict", "--example"]))
    found: Found = {}
    with ExitStack() as running:
        servers = {name: running.enter_context(start(row)) for name, start in starts(project, folder).items()}
        for _ in range(ROUNDS):
            for at in CONNECTIONS:
                for name, server in servers.items():
                    load = loaded(server.url, server.body, connections=at, seconds=SECONDS, folder=folder)
                    found.setdefault((name, at), []).append(load)
    return found


def starts(project: Path, folder: Path) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """What starts each server, given a row."""
    bundle = project / "bundle"
    ours = [FULLCYCLE, "-C", str(project), "serve", "--workers", "1", "--port"]
    here = str(Path(__file__).with_name("floors.py"))
    made: dict[str, Callable[[dict[str, Any]], Any]] = {
        OURS: lambda row: server(
            lambda port: [*ours, str(port)], "/predict", "/health/ready", json.dumps(row)
        )
    }
    for name, form in ((FLOOR, "bare"), (PYDANTIC, "pydantic")):
        made[name] = lambda row, form=form: server(
            lambda port: [sys.executable, here, form, str(bundle), str(port)],
            "/predict",
            "/openapi.json",
            json.dumps(typed(bundle, row)),
        )
    for name, peer in SERVERS.items():
        place = folder / f"serving-{peer.peer}"
        place.mkdir(exist_ok=True)
        made[name] = lambda row, peer=peer, place=place: server(
            lambda port: peer.command(bundle, port, place),
            peer.path,
            peer.ready,
            peer.body(typed(bundle, row)),
        )
    return made


def typed(bundle: Path, row: dict[str, Any]) -> dict[str, Any]:
    """The row as the graph's inputs take it: what others leave to whoever asks."""
    inputs = json.loads((bundle / "contract.json").read_text(encoding="utf-8"))["inputs"]
    return {given["name"]: cell(row[given["name"]], given["dtype"]) for given in inputs}


def cell(value: Any, dtype: str) -> Any:
    """A value of the input's type; None where it is missing."""
    if value is None:
        return None
    return str(value) if dtype == "string" else float(value)


@contextmanager
def server(command: Callable[[int], list[str]], path: str, ready: str, body: str) -> Iterator[Running]:
    """Start it, wait until it answers, and end it and what it started."""
    port = free_port()
    process = subprocess.Popen(
        command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until_ready(process, f"http://127.0.0.1:{port}{ready}")
        yield Running(f"http://127.0.0.1:{port}{path}", body)
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server with all it started: LitServe's inference is a process that its parent leaves behind."""
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    process.wait()
    for child in below:
        with suppress(psutil.NoSuchProcess):
            child.terminate()
    for child in psutil.wait_procs(below, timeout=10)[1]:
        child.kill()


def until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    """Return once it answers with 200."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    sys.exit(f"{process.args!r} ended before it answered")


def free_port() -> int:
    """A port that nobody has, at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def best(loads: list[Load]) -> Load:
    """The round with the most requests."""
    return max(loads, key=lambda load: load.requests_per_s)


def table(found: Found) -> Iterator[str]:
    """All that was measured."""
    yield f"{'one row a request':<24} {'connections':>11} {'requests/s':>11} {'p50 ms':>9} {'p99 ms':>9}"
    for (name, at), loads in found.items():
        load = best(loads)
        yield f"{name:<24} {at:>11} {load.requests_per_s:>11,.0f} {load.p50_ms:>9.2f} {load.p99_ms:>9.2f}"


if __name__ == "__main__":
    sys.exit(show(figures))
