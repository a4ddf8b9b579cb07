"""From a table to a monitored endpoint: how long until a verified model answers over HTTP and is watched.

`python -m benchmarks.endpoint` does it for the shipped table, `python -m benchmarks.endpoint TABLE TARGET`
for another one, by the commands that a person types: init, run, release, serve; the first answer; a thousand
rows of the table through the API; and the first verdict of `monitor` on what was asked. All by default.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from benchmarks.commands import FULLCYCLE
from benchmarks.figure import Figure, show
from benchmarks.process import Cost, cost
from benchmarks.serving import end, free_port, until_ready

ROWS, AT_ONCE, WINDOW = 1_000, 50, "500 rows"
SECONDS = 120


def figures(folder: Path, *, table: Path | None = None, target: str = "churn") -> Iterator[Figure]:
    """One figure; a line for each step before it."""
    if table is None:
        with as_file(files("fullcycle.data") / "telco_churn.csv") as shipped:
            yield from figures(folder, table=shipped, target=target)
        return
    steps = dict(_steps(folder / "endpoint", table, target))
    for name, step in steps.items():
        print(f"  {name:<40} {step.seconds:8.1f} s {step.cpu_seconds:8.1f} CPU s")
    whole = sum(step.seconds for step in steps.values())
    cpu = sum(step.cpu_seconds for step in steps.values())
    yield Figure(f"{table.name} to a monitored endpoint ({cpu:.0f} CPU s)", whole, SECONDS, "s")


def _steps(project: Path, table: Path, target: str) -> Iterator[tuple[str, Cost]]:
    begin = [FULLCYCLE, "-C", str(project)]
    yield "init", cost([FULLCYCLE, "init", str(project), "--data", str(table), "--target", target])
    yield "run: collect to verify", cost([*begin, "run"])
    yield "release", cost([*begin, "release"])
    port = free_port()
    started = time.perf_counter()
    server = subprocess.Popen([*begin, "serve", "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        until_ready(server, f"http://127.0.0.1:{port}/health/ready")
        rows = _rows(table, target)
        _ask(port, rows[:1])
        yield "serve, to the first answer", _of_server(server, started, 0.0)
        before, started = _cpu(server), time.perf_counter()
        for at in range(0, len(rows), AT_ONCE):
            _ask(port, rows[at : at + AT_ONCE])
        yield f"{len(rows):,} rows through the API", _of_server(server, started, before)
        # An alarm (exit code 1) is a verdict, too.
        look = f'"$0" -C "$1" monitor --window "{WINDOW}" --json > "$1/verdict.json" || test $? = 1'
        yield "monitor: the first verdict", cost(["bash", "-c", look, FULLCYCLE, str(project)])
    finally:
        end(server)
    windows = json.loads((project / "verdict.json").read_text())["windows"]
    if not any(window["judged"] for window in windows):
        sys.exit("monitor has judged no window: nothing is watched yet")


def _rows(table: Path, target: str) -> list[dict[str, Any]]:
    frame = pd.read_parquet(table) if table.suffix == ".parquet" else pd.read_csv(table)
    text = frame.drop(columns=target).head(ROWS).to_json(orient="records", date_format="iso")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def _ask(port: int, rows: list[dict[str, Any]]) -> None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/predict", json.dumps(rows).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(asked) as answer:
        if len(json.load(answer)) != len(rows):
            sys.exit("not every row was answered")


def _of_server(server: subprocess.Popen[bytes], started: float, before: float) -> Cost:
    return Cost(time.perf_counter() - started, _cpu(server) - before, 0.0)


def _cpu(server: subprocess.Popen[bytes]) -> float:
    used = psutil.Process(server.pid).cpu_times()
    return float(used.user + used.system)


def main() -> int:
    """TABLE TARGET, both or none."""
    if len(sys.argv) == 1:
        return show(figures)
    table, target = sys.argv[1:]
    return show(partial(figures, table=Path(table), target=target))


if __name__ == "__main__":
    sys.exit(main())
