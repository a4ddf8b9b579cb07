"""The leak scoreboard: leaks planted in real tables, and whether they, and nothing else, are named.

`python -m benchmarks.leaks` plants each leak in its table, learns a contract as `init` does, seals off a
fifth of the rows at random, and explores the rest; the twin, without the leak, goes the same way.
Found is a leak whose code and columns are named; a false alarm is any finding of a leak in a twin that the
table as it is doesn't have. A second set was written after the detectors were tuned, and never tuned on.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figure import Figure
from benchmarks.leak_duplicates import Overlap, findings_of_overlap, overlaps
from benchmarks.leak_tables import TARGETS, Plant, before_departure, table
from benchmarks.leaks_later import planted_later
from benchmarks.leaks_planted import planted

LEAKS = {"FC301", "FC302", "FC307", "FC308", "FC309", "FC310", "FC311", "FC312"}
FOUND_AT_LEAST = 0.9
Found = set[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Result:
    """One leak: whether it was named, what its twin was accused of, and all that was said of it."""

    plant: Plant | Overlap
    found: bool
    alarms: Found
    said: Found


def judge(plant: Plant | Overlap) -> Result:
    """Plant it, look, plant its twin, look again."""
    if isinstance(plant, Overlap):
        with tempfile.TemporaryDirectory() as folder:
            said, twin = (findings_of_overlap(plant, clean, Path(folder)) for clean in (False, True))
        return Result(plant, plant.code in {code for code, _ in said}, twin, said)
    frame = table(plant.table)
    said = leaks_in(plant.leak(frame, _random(plant)), plant.table)
    alarms = leaks_in(plant.twin(frame, _random(plant)), plant.table) - known(plant.table)
    named = any(code == plant.code and set(plant.columns) == set(columns) for code, columns in said)
    return Result(plant, named, alarms, said)


def _random(plant: Plant) -> np.random.Generator:
    return np.random.default_rng(sum(map(ord, plant.name)))


@cache
def _known(name: str) -> frozenset[tuple[str, tuple[str, ...]]]:
    frame = table(name)
    return frozenset(leaks_in(before_departure(frame) if name == "flights" else frame, name))


def known(name: str) -> Found:
    """What the table as it is says; nothing, today."""
    return set(_known(name))


def leaks_in(frame: pd.DataFrame, name: str) -> Found:
    """Codes and columns of the leaks that explore finds in four fifths of the rows."""
    import pyarrow as pa

    from fullcycle.core.contract.infer import infer_contract
    from fullcycle.core.contract.table import coerce_table
    from fullcycle.core.engines.tables import ROW, from_arrow
    from fullcycle.core.project.settings import ExploreSettings
    from fullcycle.cycle.explore.stage import explore

    arrow = pa.Table.from_pandas(frame, preserve_index=False).append_column(
        ROW, pa.array(np.arange(len(frame)), pa.int64())
    )
    source = from_arrow(arrow.drop_columns([ROW]))
    contract = infer_contract(source, TARGETS[name]).contract
    sealed = np.random.default_rng(1).random(len(frame)) < 0.2
    coerced = coerce_table(from_arrow(arrow.filter(pa.array(~sealed))), contract)
    columns: Any = coerced.columns
    rows = coerced.select(*[c for c in columns if c == ROW or c in {k.name for k in contract.columns}])
    found = explore(rows.cache(), contract, ExploreSettings()).findings
    return {(each.code, tuple(each.columns)) for each in found if each.code in LEAKS}


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    z2 = 1.959964**2
    share, spread = hits / of, z2 / of
    half = 1.959964 * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(share + spread / 2 - half, 0.0) / (1 + spread), (share + spread / 2 + half) / (1 + spread)


def results(
    plants: Sequence[Plant | Overlap], tell: Callable[[str], Any] = lambda line: None
) -> list[Result]:
    """Each plant judged, with a line for what went wrong."""
    judged = []
    for plant in plants:
        result = judge(plant)
        judged.append(result)
        if not result.found or result.alarms:
            tell(
                f"  {plant.table}, {plant.kind}: {plant.name}: found {result.found}, "
                f"said {sorted(result.said)}, "
                f"false alarms {sorted(result.alarms)}"
            )
    return judged


def scoreboard(judged: Sequence[Result]) -> Iterator[str]:
    """The table: kind, planted, found, false alarms."""
    yield f"{'kind':<20} {'planted':>8} {'found':>8} {'false alarms':>14}"
    for kind in dict.fromkeys(result.plant.kind for result in judged):
        yield _line(kind, [result for result in judged if result.plant.kind == kind])
    yield _line("all", judged)
    for what, hits in (("found", _found(judged)), ("false alarms", _alarms(judged))):
        low, high = wilson(hits, len(judged))
        yield f"{what}: {hits} of {len(judged)}, 95% interval {low:.0%} to {high:.0%}"


def _line(kind: str, judged: Sequence[Result]) -> str:
    return f"{kind:<20} {len(judged):>8} {_found(judged):>8} {_alarms(judged):>14}"


def _found(judged: Sequence[Result]) -> int:
    return sum(result.found for result in judged)


def _alarms(judged: Sequence[Result]) -> int:
    return sum(bool(result.alarms) for result in judged)


def tuned() -> list[Plant | Overlap]:
    """The leaks that the detectors were tuned on."""
    return [*planted(), *overlaps()]


def later() -> list[Plant | Overlap]:
    """Those that were written afterwards."""
    return list(planted_later())


def figures(folder: Path) -> Iterator[Figure]:
    """Recall and false alarms of both sets for `make bench`."""
    for name, plants in (("tuned on", tuned()), ("written later", later())):
        judged = results(plants)
        yield Figure(
            f"leaks planted, {name}, found", _found(judged) / len(judged), FOUND_AT_LEAST, "", "higher"
        )
        yield Figure(f"leaks planted, {name}, false alarms", _alarms(judged), 0.0, "")


def main() -> int:
    """Print both scoreboards; exit 1 if the first misses its bar. Words choose plants by kind or table."""
    words, missed = sys.argv[1:], 0
    for name, plants in (("Tuned on", tuned()), ("Written later", later())):
        chosen = [
            p
            for p in plants
            if not words or any(word in f"{p.kind} {p.table} {p.name} {name}" for word in words)
        ]
        if chosen:
            started = time.monotonic()
            judged = results(chosen, tell=lambda line: print(line, flush=True))
            print(f"{name} ({time.monotonic() - started:.0f} s)", *scoreboard(judged), sep="\n", flush=True)
            missed += _found(judged) < FOUND_AT_LEAST * len(judged) or _alarms(judged) > 0
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
