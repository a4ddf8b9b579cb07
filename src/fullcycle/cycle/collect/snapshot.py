"""The snapshot: the source as it came, with the columns of its joins, written whole beside the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fullcycle.core.engines.writing import write_parquet
from fullcycle.core.evidence.collect import JoinFacts, LabelFacts, ServedFacts, SourceColumn
from fullcycle.core.joins.joined import join_table, reading_of
from fullcycle.core.project.files import scratch_folder
from fullcycle.core.project.paths import Paths
from fullcycle.core.sources.source import Facts, open_source

if TYPE_CHECKING:
    from pathlib import Path

    import ibis

    from fullcycle.core.contract.model import Contract
    from fullcycle.core.evidence.base import Finding
    from fullcycle.core.project.settings import DataSettings, Join


@dataclass(frozen=True)
class Snapshot:
    """What was written: the facts of the first source, those of each join, and all columns together.

    `sha256` is that of the snapshot where it is known already: of a source that is its own snapshot.
    """

    source: Facts
    columns: tuple[SourceColumn, ...]
    findings: tuple[Finding, ...]
    joins: tuple[JoinFacts, ...] = ()
    labels: LabelFacts | None = None
    served: ServedFacts | None = None
    sha256: str | None = None


def take_snapshot(settings: DataSettings, root: Path, contract: Contract, target: Path) -> Snapshot:
    """Read the source and whatever is joined to it, and write `target`, in the source's order; below it
    served rows, where monitoring has put some together.

    Raises UserError for a source that can't be read, a join that would multiply or drop rows, and labels of
    people that fit no row.
    """
    served = Paths(root).served
    if not settings.joins and settings.labels is None and not served.is_file():
        with open_source(settings, root, snapshot=target) as source:
            facts = source.facts
            known = facts.sha256 if facts.copied else None
            return Snapshot(facts, facts.columns, source.findings, sha256=known)
    with scratch_folder(target.parent) as scratch:
        with open_source(settings, root, snapshot=scratch / "source.parquet") as source:
            table, found = source.table, Snapshot(source.facts, source.facts.columns, source.findings)
        for place, join in enumerate(settings.joins):
            reading = reading_of(join, settings)
            with open_source(reading, root, snapshot=scratch / f"join{place}.parquet") as source:
                done = join_table(
                    table, source.table, join, contract, place=place, source_sha256=source.facts.sha256
                )
            table, found = done.table, _wider(found, join, done.facts, source.facts, done.findings)
        if settings.labels is not None:
            table, found = _labelled(table, found, settings.labels, root, contract)
        if served.is_file():
            table, found = _with_served(table, found, served, contract)
        write_parquet(table, target)
    return found


def _wider(
    found: Snapshot, join: Join, facts: JoinFacts, read: Facts, findings: tuple[Finding, ...]
) -> Snapshot:
    kinds = {join.prefix + column.name: column.physical_type for column in read.columns}
    columns = [SourceColumn(name=name, physical_type=kinds[name]) for name in facts.columns]
    return Snapshot(
        found.source,
        (*found.columns, *columns),
        (*found.findings, *_of_taken(join, facts, read), *findings),
        (*found.joins, facts),
    )


def _of_taken(join: Join, facts: JoinFacts, read: Facts) -> list[Finding]:
    """What was found while the joined table was read, of the columns that were taken."""
    renamed = [
        found.model_copy(update={"columns": tuple(join.prefix + name for name in found.columns)})
        for found in read.findings
    ]
    return [found for found in renamed if set(found.columns) <= set(facts.columns)]


def _labelled(
    table: ibis.Table, found: Snapshot, labels: str, root: Path, contract: Contract
) -> tuple[ibis.Table, Snapshot]:
    from fullcycle.core.labels import apply_labels

    applied = apply_labels(table, root / labels, contract, labels)
    return applied.table, replace(found, labels=applied.facts)


def _with_served(
    table: ibis.Table, found: Snapshot, path: Path, contract: Contract
) -> tuple[ibis.Table, Snapshot]:
    from fullcycle.core.served import put_below

    whole, facts = put_below(table, path, contract)
    return whole, replace(found, served=facts)
