"""The explore report of 100,000 x 20 beside the default one of fg-data-profiling, each in a cold process."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.big import write_table
from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure, show
from benchmarks.peers import HERE, python_of
from benchmarks.process import cost

ROWS = 100_000
TIMES_FASTER = 10.0
TIMES = 3  # each, in turn; the least counts


def figures(folder: Path) -> Iterator[Figure]:
    """How many times faster, from the raw file to pages on disk: with the contract there, and learned first.

    What a fair comparison is: docs/decisions/speed.md.
    """
    table = write_table(folder / "profiling", ROWS)
    python, report = python_of("profiling"), str(HERE / "profiling/report.py")
    peer, learned, ran = [], [], []
    for number in range(TIMES):
        project = folder / f"profiling/project{number}"
        peer.append(cost([python, report, str(table), str(folder / "peer.html")]).seconds)
        learned.append(seconds(FULLCYCLE, "init", str(project), "--data", str(table), "--target", "target"))
        ran.append(cost([FULLCYCLE, "-C", str(project), "run", "explore"]).seconds)
        shutil.rmtree(project)
    name = "100,000 x 20: {}, times faster than its peer"
    alone, both = min(peer) / min(ran), min(peer) / (min(learned) + min(ran))
    yield Figure(name.format("run explore"), alone, TIMES_FASTER, "x", better="higher")
    yield Figure(name.format("init and run explore"), both, TIMES_FASTER, "x", better="higher")


if __name__ == "__main__":
    sys.exit(show(figures))
