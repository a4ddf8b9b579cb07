"""What the deployed champion is worth beside AutoGluon in the same time, and beside two plain models.

Every side gets the same training rows and answers the same test rows. Ours is the whole of `init` and `run
verify`, and what answers is the bundle; AutoGluon (`medium_quality`, no bagging, nothing of torch) gets the
same seconds for `fit` alone, and what answers is its copy for deployment, held in memory. Differences are
paired: both are scored on the same resamples of the test rows.

`python -m benchmarks.automl [--splits N] [--tables telco ames flights] [--seconds S]` prints every side's
scores, costs and processor seconds, and the machine's load; what was found is in docs/reference/automl.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.automl_sides import FLOORS, PEER, Floats, Side, floors, ours, theirs
from benchmarks.automl_tables import TABLES, Split, Table
from benchmarks.figure import Figure, show

SECONDS = 60.0
SPLITS = 5
RESAMPLES = 1000
TWO_ERRORS = -2.0
LATENCY, SIZE = 0.01, 1.0


@dataclass(frozen=True)
class Difference:
    """Ours less theirs in a metric, positive where ours is better, and its bootstrap standard error."""

    value: float
    error: float

    @property
    def in_errors(self) -> float:
        """The difference in standard errors; equal answers differ by none."""
        return self.value / self.error if self.error else 0.0


@dataclass(frozen=True)
class Compared:
    """One split: ours, and the difference to each other side by its name and the metric's."""

    ours: Side
    peer: Side
    differences: dict[tuple[str, str], Difference]


def figures(
    folder: Path, tables: Sequence[str] = tuple(TABLES), splits: int = 1, seconds: float = SECONDS
) -> Iterator[Figure]:
    """Of each table: scores, latency, size and time; then the mean of all comparisons with the peer."""
    level = []
    for name in tables:
        table = TABLES[name]
        found = [compared(table, split, folder / f"automl/{name}{split}", seconds) for split in range(splits)]
        for other in (PEER, *FLOORS):
            for metric in table.metrics:
                pooled = over_splits([each.differences[other, metric] for each in found])
                level += [pooled.in_errors] if other == PEER else []
                title = f"{name}, {metric}: ours less {other}"
                yield Figure(title, pooled.in_errors, TWO_ERRORS, "errors", better="higher")
        yield from _costs(name, found, seconds)
    yield Figure(f"ours less {PEER}, mean over tables and metrics", mean(level), 0, "errors", better="higher")


def _costs(name: str, found: Sequence[Compared], seconds: float) -> Iterator[Figure]:
    latency = mean(each.ours.latency_s / each.peer.latency_s for each in found)
    size = mean(each.ours.size_bytes / each.peer.size_bytes for each in found)
    yield Figure(f"{name}: latency of one row, share of {PEER}'s", latency, LATENCY, "x")
    yield Figure(f"{name}: size on disk, share of {PEER}'s", size, SIZE, "x")
    whole = max(each.ours.seconds for each in found)
    yield Figure(f"{name}: init to verify, the longest", whole, seconds, "s")


def over_splits(differences: Sequence[Difference]) -> Difference:
    """The mean; its error is the mean error, as if splits told nothing new: their rows overlap."""
    return Difference(mean(each.value for each in differences), mean(each.error for each in differences))


def compared(table: Table, number: int, folder: Path, seconds: float) -> Compared:
    """One split, every side in turn, and a line for each of what it reached."""
    from fullcycle.core.metrics import METRICS

    folder.mkdir(parents=True)
    split = table.split(number)
    sides = []
    for side in _answering(split, folder, number, table.metrics[0], seconds):
        print(line(f"{table.name} {number}", side, split, table.metrics), flush=True)
        sides.append(side)
    own, peer, *_ = sides
    differences = {
        (side.name, metric): paired_bootstrap(METRICS[metric], split.truth, own.answers, side.answers)
        for side in sides[1:]
        for metric in table.metrics
    }
    return Compared(own, peer, differences)


def _answering(split: Split, folder: Path, number: int, metric: str, seconds: float) -> Iterator[Side]:
    """Each side when its turn has come."""
    yield ours(split, folder, number, seconds)
    yield theirs(split, folder, metric, seconds)
    yield from floors(split)


def line(label: str, side: Side, split: Split, metrics: Sequence[str]) -> str:
    """What one side reached and took; load is how many processes wanted to run meanwhile."""
    from fullcycle.core.metrics import METRICS

    scores = " ".join(f"{name} {METRICS[name].function(split.truth, side.answers):.5g}" for name in metrics)
    taken = f"{side.seconds:.0f} s, {side.cpu_s:.0f} CPU s, load {os.getloadavg()[0]:.0f}"
    cost = f"{side.latency_s * 1e3:.3g} ms {side.size_bytes / 1e6:.2f} MB"
    return f"  {label:10} {side.name:18} {scores:36} {cost:18} {taken}  {side.chosen}"


def paired_bootstrap(
    metric: Any, truth: NDArray[Any], ours: Floats, theirs: Floats, resamples: int = RESAMPLES
) -> Difference:
    """Both scored on the same resamples of rows; the error is the deviation of the difference over them."""
    statistics = [metric.statistic(truth, answers) for answers in (ours, theirs)]
    sign = 1 if metric.higher_is_better else -1
    random, rows = np.random.default_rng(0), len(truth)

    def difference(weights: Floats) -> float:
        first, second = (statistic(weights) for statistic in statistics)
        return float(sign * (first - second))

    drawn = [
        difference(np.bincount(random.integers(0, rows, rows), minlength=rows).astype(np.float64))
        for _ in range(resamples)
    ]
    return Difference(difference(np.ones(rows)), float(np.nanstd(drawn, ddof=1)))


def main() -> int:
    """Every figure, over as many splits as asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.automl", description=__doc__)
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--tables", nargs="+", choices=tuple(TABLES), default=tuple(TABLES))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each side, for each split")
    asked = parser.parse_args()
    return show(partial(figures, tables=asked.tables, splits=asked.splits, seconds=asked.seconds))


if __name__ == "__main__":
    sys.exit(main())
