"""Collect: a snapshot of the source, as it came, with its rows numbered and the contract checked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.files import written_aside
from fullcycle.core.project.lineage import run_info
from fullcycle.core.sources.source import Facts, open_source
from fullcycle.cycle.collect.border import check_border

if TYPE_CHECKING:
    from fullcycle.core.evidence.base import Finding
    from fullcycle.core.project.project import Project

LIBRARIES = ("duckdb", "ibis-framework", "charset-normalizer")


def run(project: Project) -> CollectEvidence:
    """Read the source whole, check it, and only then put it where the snapshot before was."""
    started = time.monotonic()
    settings = project.settings.data
    with written_aside(project.paths.raw) as aside:
        with open_source(settings, project.root, snapshot=aside) as source:
            broken = check_border(source.table, project.contract, settings.source)
        evidence = _evidence(settings.source, source.facts, broken)
    timed = evidence.model_copy(update={"run": run_info(project, time.monotonic() - started, LIBRARIES)})
    write_evidence(project.paths.evidence, timed)
    return timed


def _evidence(source: str, facts: Facts, broken: tuple[Finding, ...]) -> CollectEvidence:
    return CollectEvidence(
        source=source,
        source_sha256=facts.sha256,
        source_bytes=facts.bytes,
        format=facts.format,
        compression=facts.compression,
        encoding=facts.encoding,
        separator=facts.separator,
        decimal=facts.decimal,
        rows=facts.rows,
        columns=facts.columns,
        findings=(*facts.findings, *broken),
    )
