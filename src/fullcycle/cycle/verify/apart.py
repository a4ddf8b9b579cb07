"""Leaks between the two sides of the split, looked for again on the files that were judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fullcycle.core.engines.tables import ROW, read_parquet
from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.project import Project

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Crossing:
    """What should be on one side and is on both: `found` rows or groups, 0 as it should be."""

    kind: Literal["rows", "groups", "time"]
    found: int
    columns: tuple[str, ...] = ()


def crossings(project: Project) -> Iterator[Crossing]:
    """Equal rows always; groups and order of time where the contract has them and the split is ours."""
    train, test = read_parquet(project.paths.train), read_parquet(project.paths.test)
    same = [name for name in test.columns if name != ROW and name in train.columns]
    shared = test.select(*same).intersect(train.select(*same))
    yield Crossing("rows", _count(shared))
    group, time = project.contract.group, project.contract.time
    if group is not None:
        both = test.select(group.name).intersect(train.select(group.name)).dropna()
        yield Crossing("groups", _count(both), (group.name,))
    split = read_evidence(project.paths.evidence, CleanEvidence).split
    if time is not None and split.kind == "time":
        [last] = fetch(train.aggregate(moment=train[time.name].max()))
        yield Crossing("time", _count(test.filter(test[time.name] < last["moment"])), (time.name,))


def _count(table: ibis.Table) -> int:
    [counted] = fetch(table.aggregate(rows=table.count()))
    return int(counted["rows"])
