"""Explore: what the training rows say, as aggregates that reports draw from. The test rows stay sealed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import ColumnType, Contract, Role
from fullcycle.core.engines.tables import read_parquet
from fullcycle.core.evidence.explore import ColumnProfile, ExploreEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.lineage import run_info
from fullcycle.cycle.explore.conclusions import conclusions
from fullcycle.cycle.explore.leaks import leak_suspects
from fullcycle.cycle.explore.pictures import correlations, scatters
from fullcycle.cycle.explore.profiles import analyse
from fullcycle.cycle.explore.target import class_counts, target_of

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings import ExploreSettings

LIBRARIES = ("duckdb", "ibis-framework")


def run(project: Project) -> ExploreEvidence:
    """Read the training rows, measure them, write what they say."""
    started = time.monotonic()
    evidence = explore(read_parquet(project.paths.train), project.contract, project.settings.explore)
    timed = evidence.model_copy(update={"run": run_info(project, time.monotonic() - started, LIBRARIES)})
    write_evidence(project.paths.evidence, timed)
    return timed


def explore(table: ibis.Table, contract: Contract, settings: ExploreSettings) -> ExploreEvidence:
    """The analysis of a coerced table of training rows."""
    target = target_of(table, contract)
    analysed = analyse(table, contract, target, settings.bins)
    profiles = sorted(analysed.profiles.values(), key=_telling_first)
    numbers = [p.name for p in profiles if _is_drawn(p)]
    found = correlations(table, numbers)
    suspects = leak_suspects(table, analysed.told, contract, target)
    return ExploreEvidence(
        rows=profiles[0].rows,
        target=target.column,
        columns=tuple(profiles),
        correlations=found,
        scatters=scatters(table, numbers, found, target, settings.scatter_rows),
        suspects=suspects,
        findings=conclusions(profiles, suspects, found, class_counts(table, target), contract.task),
    )


def _telling_first(profile: ColumnProfile) -> float:
    """Features by strength; what isn't judged comes last, in the contract's order (the sort is stable)."""
    return -profile.relation.strength if profile.relation else 1.0


def _is_drawn(profile: ColumnProfile) -> bool:
    return profile.role is Role.feature and profile.type is ColumnType.numeric and profile.distinct > 1
