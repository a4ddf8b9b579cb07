"""Whole commands as a person types them: help, the demo, a run with nothing to do, flights to the verdict."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure

FULLCYCLE = str(Path(sys.executable).with_name("fullcycle"))
FLIGHTS = Path(__file__).parents[1] / "tests/data/nyc_flights.parquet"
LEAKS = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")


def seconds(*command: str, times: int = 1) -> float:
    """The least of several runs; a command that fails ends the benchmark with its output."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        taken.append(time.perf_counter() - started)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return min(taken)


def figures(folder: Path) -> Iterator[Figure]:
    """Measures in `folder`; leaves the demo there for the figures that need a bundle."""
    python = seconds(sys.executable, "-c", "import typer", times=5)
    yield Figure(
        "fullcycle --help, cold command",
        seconds(FULLCYCLE, "--help", times=5),
        0.3,
        "s",
        floor=python,
        floor_name="importing typer",
    )
    demo = folder / "demo"
    yield Figure("fullcycle demo, whole pipeline on telco", seconds(FULLCYCLE, "demo", str(demo)), 90, "s")
    yield Figure(
        "fullcycle run with nothing to do", seconds(FULLCYCLE, "-C", str(demo), "run", times=3), 2, "s"
    )
    yield Figure("flights, 336,776 rows, init to verify", flights(folder / "flights"), 360, "s")


def flights(project: Path) -> float:
    """Seconds from `init` to `verify`, the five columns known only after departure dropped by decision."""
    started = time.perf_counter()
    seconds(
        FULLCYCLE, "init", str(project), "--data", str(FLIGHTS), "--target", "late", "--time", "time_hour"
    )
    decide_leaks(project / "contract.yaml", LEAKS)
    seconds(FULLCYCLE, "-C", str(project), "run")
    return time.perf_counter() - started


def decide_leaks(contract: Path, columns: tuple[str, ...]) -> None:
    """What a person does in contract.yaml: `leak: drop` for columns that are known too late."""
    from fullcycle.core.contract.yaml_file import read_contract, write_contract

    learned = read_contract(contract)
    decided = tuple(
        column.model_copy(update={"leak": "drop"}) if column.name in columns else column
        for column in learned.columns
    )
    write_contract(contract, learned.model_copy(update={"columns": decided}))
