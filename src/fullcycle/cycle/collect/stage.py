"""Collect: a snapshot of the source, as it came, with its rows numbered and the contract checked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fullcycle.core.engines.tables import read_snapshot
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.collect import CollectEvidence, SnapshotChange
from fullcycle.core.evidence.store import read_evidence, write_evidence
from fullcycle.core.project.files import written_aside
from fullcycle.core.project.lineage import run_info
from fullcycle.core.sources.scan import hash_file
from fullcycle.cycle.collect.border import check_border
from fullcycle.cycle.collect.snapshot import Snapshot, take_snapshot

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.evidence.base import Finding
    from fullcycle.core.project.project import Project

LIBRARIES = ("duckdb", "ibis-framework", "charset-normalizer")


def run(project: Project) -> CollectEvidence:
    """Read the source whole, check it, and only then put it where the snapshot before was."""
    started = time.monotonic()
    settings = project.settings.data
    with written_aside(project.paths.raw) as aside:
        snapshot = take_snapshot(settings, project.root, project.contract, aside)
        table = read_snapshot(aside)
        broken = check_border(table, project.contract, settings.source)
        sha256 = snapshot.sha256 or hash_file(aside)[0]
        change = _change(project, table, sha256)
        evidence = _evidence(settings.source, snapshot, sha256, change, broken)
        timed = evidence.model_copy(update={"run": run_info(project, time.monotonic() - started, LIBRARIES)})
        # Before the snapshot takes its place: if this process is killed in between, the next one finds that
        # evidence knows this snapshot already, and tells the same change.
        write_evidence(project.paths.evidence, timed)
    return timed


def _change(project: Project, table: ibis.Table, sha256: str) -> SnapshotChange | None:
    """What is new beside the snapshot before; the same snapshot again keeps what was told of it."""
    from fullcycle.cycle.collect.change import find_change

    previous, raw = _previous(project), project.paths.raw
    if previous is None:
        return None
    there = hash_file(raw)[0] if raw.is_file() else None
    known = previous.snapshot_sha256 or there or previous.source_sha256
    if known == sha256:
        return previous.change
    before = read_snapshot(raw) if there == known else None
    return find_change(before, previous, known, table, project.contract)


def _previous(project: Project) -> CollectEvidence | None:
    try:
        return read_evidence(project.paths.evidence, CollectEvidence)
    except UserError:  # none, or none that can be read: it is about to be written anew
        return None


def _evidence(
    source: str,
    snapshot: Snapshot,
    sha256: str,
    change: SnapshotChange | None,
    broken: tuple[Finding, ...],
) -> CollectEvidence:
    from fullcycle.cycle.collect.change import change_findings

    facts = snapshot.source
    return CollectEvidence(
        source=source,
        source_sha256=facts.sha256,
        source_bytes=facts.bytes,
        snapshot_sha256=sha256,
        format=facts.format,
        compression=facts.compression,
        encoding=facts.encoding,
        separator=facts.separator,
        decimal=facts.decimal,
        rows=facts.rows,
        columns=snapshot.columns,
        files=facts.files,
        joins=snapshot.joins,
        labels=snapshot.labels,
        served=snapshot.served,
        change=change,
        findings=(*snapshot.findings, *broken, *change_findings(change)),
    )
