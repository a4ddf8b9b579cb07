"""Planted duplicates, repeated keys, near-duplicates and contradicting labels: what `clean` finds of them.

`python -m benchmarks.duplicates` plants copies of 1% of the rows in telco, Ames and flights, one kind at a
time, and runs init, collect and clean as a person does, with the setting that drops what is found. Found is
a pair of which a row is gone (both, where contradictions go); a false alarm is a row gone that belongs to no
planted pair. The twins are the same tables with nothing planted, where everything that is found goes.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.duplicates_planted import KEY, Plant, clean_table, planted, plants
from benchmarks.figure import Figure
from benchmarks.leak_tables import TARGETS
from benchmarks.leaks import wilson

SEEDS = 2
RECALL, PRECISION = 0.9, 0.95
NEVER = {
    "duplicates": "keep",
    "duplicate_keys": "report",
    "contradictions": "report",
    "near_duplicates": "report",
}
ALWAYS = {
    "duplicates": "drop",
    "duplicate_keys": "keep_first",
    "contradictions": "drop",
    "near_duplicates": "drop",
}


TWINS = (("", False, False), (", with a key and a text", True, False), (", with a text, no key", True, True))


@dataclass(frozen=True)
class Found:
    """Pairs planted and found; rows gone, and those of them that belong to a planted pair."""

    planted: int = 0
    found: int = 0
    gone: int = 0
    right: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(
            self.planted + other.planted,
            self.found + other.found,
            self.gone + other.gone,
            self.right + other.right,
        )


def measure(plant: Plant, name: str, seed: int) -> Found:
    """Plant, clean, and compare what is gone with what was planted."""
    frame, pairs = planted(plant, name, np.random.default_rng((seed, sum(map(ord, plant.kind)))))
    gone = rows_gone(frame, name, {**NEVER, plant.setting: plant.value}, named=plant.named)
    every = all if plant.both else any
    found = sum(every(row in gone for row in pair) for pair in pairs)
    return Found(len(pairs), found, len(gone), len(gone & {row for pair in pairs for row in pair}))


def rows_gone(frame: pd.DataFrame, name: str, clean: Mapping[str, str], *, named: bool) -> set[int]:
    """Rows of the source that are in neither part after clean."""
    import pyarrow.parquet as pq

    from fullcycle.automate.init import NewProject, init_project
    from fullcycle.core.project.project import Project
    from fullcycle.cycle.clean import stage as cleaning
    from fullcycle.cycle.collect import stage as collecting

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.csv"
        frame.to_csv(source, index=False)
        project = init_project(NewProject(Path(folder) / "project", source, TARGETS[name])).project
        if named and KEY in frame:
            a_person_says(project.paths.contract)
        settings = project.paths.settings.read_text(encoding="utf-8")
        for key, value in clean.items():
            settings = re.sub(rf"^  {key}: \w+", f"  {key}: {value}", settings, flags=re.MULTILINE)
        project.paths.settings.write_text(settings, encoding="utf-8")
        project = Project(project.root)
        collecting.run(project)
        cleaning.run(project)
        parts = (project.paths.train, project.paths.test)
        kept = {row for part in parts for row in pq.read_table(part, columns=["_row"])["_row"].to_pylist()}
    return set(range(len(frame))) - kept


def a_person_says(path: Path) -> None:
    """The record's number is a key, whether it repeats or not."""
    from fullcycle.core.contract.model import Role
    from fullcycle.core.contract.yaml_file import read_contract, write_contract

    contract = read_contract(path)
    columns = [
        each.model_copy(update={"role": Role.identifier}) if each.name == KEY else each
        for each in contract.columns
    ]
    write_contract(path, contract.model_copy(update={"columns": tuple(columns)}))


def tables_of(plant: Plant) -> list[str]:
    """Where it can be planted."""
    return [name for name in TARGETS if not (plant.classes and name == "ames")]


def twins() -> Iterator[tuple[str, int, int]]:
    """Tables with nothing planted: rows, and how many of them go."""
    for words, named, keyless in TWINS:
        for name in TARGETS:
            frame = clean_table(name, named=named, keyless=keyless)
            gone = rows_gone(frame, name, ALWAYS, named=named)
            yield f"{name}{words}", len(frame), len(gone)


def figures(folder: Path) -> Iterator[Figure]:
    """Recall and precision of each kind, pooled over tables, and what the twins lose, for `make bench`."""
    for plant in plants():
        found = pooled(plant)
        yield Figure(f"{plant.kind}: found", found.found / found.planted, RECALL, "", "higher")
        yield Figure(f"{plant.kind}: right", found.right / max(found.gone, 1), PRECISION, "", "higher")
    yield Figure("twins without duplicates: rows told", sum(gone for *_, gone in twins()), 0.0, "")


def pooled(plant: Plant) -> Found:
    parts = [measure(plant, name, seed) for name in tables_of(plant) for seed in range(SEEDS)]
    return sum(parts, Found())


def main() -> int:
    """The table by kind and by table; exit 1 where a bar is missed. Words choose kinds or tables."""
    words, missed = sys.argv[1:], 0
    print(f"{'kind':<22} {'table':<9} {'found of planted':<34} right of those gone")
    for plant in plants():
        names = [n for n in tables_of(plant) if not words or any(w in f"{plant.kind} {n}" for w in words)]
        parts = {n: sum((measure(plant, n, seed) for seed in range(SEEDS)), Found()) for n in names}
        for name, found in (parts | {"all": sum(parts.values(), Found())} if parts else {}).items():
            print(line(plant.kind, name, found), flush=True)
        missed += parts != {} and not holds(sum(parts.values(), Found()))
    for name, rows, gone in twins():
        print(f"twin of {name}: {gone} of {rows} rows gone", flush=True)
        missed += gone > 0
    print(f"bars: found {RECALL:.0%}, right {PRECISION:.0%}, twins 0:", "MISSED" if missed else "hold")
    return 1 if missed else 0


def holds(found: Found) -> bool:
    return found.found >= RECALL * found.planted and found.right >= PRECISION * found.gone


def line(kind: str, name: str, found: Found) -> str:
    return f"{kind:<22} {name:<9} {share(found.found, found.planted):<34} {share(found.right, found.gone)}"


def share(hits: int, of: int) -> str:
    """With the 95% interval (Wilson 1927)."""
    if not of:
        return "none"
    low, high = wilson(hits, of)
    return f"{hits} of {of}, {hits / of:.1%} ({low:.0%} to {high:.0%})"


if __name__ == "__main__":
    sys.exit(main())
