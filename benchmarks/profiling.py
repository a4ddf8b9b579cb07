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
# The explore stage alone, with its English page, of a table that is cleaned already; garbage is collected as
# seldom as in `fullcycle` itself.
STAGE = """
import gc
import sys
gc.set_threshold(5_000)
from pathlib import Path
from fullcycle.core.project.project import Project
from fullcycle.cycle.explore.stage import run
from fullcycle.people.report.build import build_reports
project = Project(Path(sys.argv[1]))
run(project)
build_reports(project, languages=["en"])
"""


def figures(folder: Path) -> Iterator[Figure]:
    """How many times faster: the stage with its page, and from the raw file to pages on disk, with the
    contract there and learned first.

    What a fair comparison is: docs/decisions/speed.md.
    """
    table = write_table(folder / "profiling", ROWS)
    python, report = python_of("profiling"), str(HERE / "profiling/report.py")
    peer, learned, ran, stage = [], [], [], []
    for number in range(TIMES):
        project = folder / f"profiling/project{number}"
        peer.append(cost([python, report, str(table), str(folder / "peer.html")]).seconds)
        learned.append(seconds(FULLCYCLE, "init", str(project), "--data", str(table), "--target", "target"))
        ran.append(cost([FULLCYCLE, "-C", str(project), "run", "explore"]).seconds)
        stage.append(cost([sys.executable, "-c", STAGE, str(project)]).seconds)
        shutil.rmtree(project)
    name = "100,000 x 20: {}, times faster than its peer"
    alone, both = min(peer) / min(ran), min(peer) / (min(learned) + min(ran))
    yield Figure(
        name.format("the explore report of a cleaned table"),
        min(peer) / min(stage),
        TIMES_FASTER,
        "x",
        better="higher",
    )
    yield Figure(name.format("run explore"), alone, TIMES_FASTER, "x", better="higher")
    yield Figure(name.format("init and run explore"), both, TIMES_FASTER, "x", better="higher")


if __name__ == "__main__":
    sys.exit(show(figures))
