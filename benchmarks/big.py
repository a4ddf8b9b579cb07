"""Big tables: collect, clean and explore beside DuckDB's SUMMARIZE of the same file, in the same minute."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure, show
from benchmarks.process import Cost, cost

ROWS, MORE_ROWS = 5_000_000, 20_000_000
RATIO, PEAK_GB = 3.0, 4.0
# 20 columns: a key, eleven numbers (one with gaps, one with a tail), five categories, two moments, a boolean
# and the target.
COLUMNS = """
    i AS id, random() AS share, random() * 100 AS percent, (random() * 1000)::INT AS pieces,
    exp(random() * 5) AS amount, CASE WHEN random() < 0.1 THEN NULL ELSE random() END AS score,
    (random() * 5)::INT AS stars, random() - random() AS change, random() * 1e6 AS income,
    (random() * 30)::INT AS days, random() AS chance,
    ['red', 'green', 'blue', 'white'][1 + (random() * 3.9)::INT] AS colour,
    'cat' || (random() * 50)::INT AS category, 'k' || (random() * 1000)::INT AS shop,
    ['a', 'b'][1 + (random() * 1.9)::INT] AS variant, ['yes', 'no'][1 + (random() * 1.9)::INT] AS member,
    TIMESTAMP '2020-01-01' + to_seconds((random() * 1e8)::INT) AS seen,
    DATE '2015-01-01' + (random() * 3000)::INT AS since, random() < 0.5 AS active,
    CASE WHEN random() < 0.3 THEN 'yes' ELSE 'no' END AS target
"""
SUMMARIZE = "import duckdb, sys; duckdb.execute(f\"SUMMARIZE FROM '{sys.argv[1]}'\").fetchall()"


def figures(folder: Path) -> Iterator[Figure]:
    """The ratio of 5 million rows, its memory, and how both grow to 20 million."""
    once = analyse(folder / "five", ROWS)
    yield Figure("5 M x 20: run explore, beside SUMMARIZE", once.ratio, RATIO, "x", floor=1, floor_name="it")
    yield Figure("5 M x 20: the same by CPU", once.cpu_ratio, RATIO, "x", floor=1, floor_name="it")
    yield Figure("5 M x 20: most memory", once.run.peak_gb, PEAK_GB, "GB")
    more = analyse(folder / "twenty", MORE_ROWS)
    grown = more.run.seconds / once.run.seconds
    yield Figure("20 M x 20: seconds, beside those of 5 M", grown, 1.25 * MORE_ROWS / ROWS, "x")
    yield Figure("20 M x 20: most memory", more.run.peak_gb, PEAK_GB, "GB")


class Analysed:
    """One file summarized by DuckDB, then collected, cleaned and explored by a cold command."""

    def __init__(self, run: Cost, summarize: Cost) -> None:
        self.run, self.summarize = run, summarize

    @property
    def ratio(self) -> float:
        return self.run.seconds / self.summarize.seconds

    @property
    def cpu_ratio(self) -> float:
        return self.run.cpu_seconds / self.summarize.cpu_seconds


def analyse(folder: Path, rows: int) -> Analysed:
    """`init` learns the contract and is not part of the figure."""
    table = write_table(folder, rows)
    project = folder / "project"
    seconds(FULLCYCLE, "init", str(project), "--data", str(table), "--target", "target")
    summarize = [cost([sys.executable, "-c", SUMMARIZE, str(table)])]
    run = cost([FULLCYCLE, "-C", str(project), "run", "explore"])
    summarize.append(cost([sys.executable, "-c", SUMMARIZE, str(table)]))
    return Analysed(run, min(summarize, key=lambda each: each.seconds))


def write_table(folder: Path, rows: int) -> Path:
    """One Parquet file of made-up rows."""
    folder.mkdir(parents=True)
    path = folder / "table.parquet"
    made = duckdb.connect()
    made.execute("SELECT setseed(0.5)")
    made.execute(f"COPY (SELECT {COLUMNS} FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)")
    return path


if __name__ == "__main__":
    sys.exit(show(figures))
