"""Explore: what the training rows say, as aggregates that reports draw from. The test rows stay sealed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import ColumnType, Contract, Role
from fullcycle.core.engines.arrays import number_arrays
from fullcycle.core.engines.counts import text_census
from fullcycle.core.engines.measures import as_number
from fullcycle.core.engines.sample import held
from fullcycle.core.engines.tables import read_parquet
from fullcycle.core.evidence.explore import ColumnProfile, ExploreEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.lineage import run_info
from fullcycle.cycle.explore.conclusions import conclusions
from fullcycle.cycle.explore.leaks import leak_suspects
from fullcycle.cycle.explore.looked import Tables
from fullcycle.cycle.explore.periods import timeline
from fullcycle.cycle.explore.pictures import scatters
from fullcycle.cycle.explore.profiles import Analysed, analyse
from fullcycle.cycle.explore.target import Target, class_counts, target_of
from fullcycle.cycle.explore.together import drawn, look_together

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
    """The analysis of a coerced table of training rows.

    A table of more than EXACT_ROWS rows is counted whole, and a sample of it is held in the engine's memory
    for what needs rows in order or columns in pairs.
    """
    texts = [c.name for c in contract.columns if c.type is ColumnType.text]
    counted = text_census(table, {name: table[name] for name in texts})
    idle = [name for name in texts if contract.column(name).role is not Role.group]
    with held(table.drop(*idle)) as kept:
        tables = Tables(kept.table if kept.sample_rows is None else table, kept.table)
        target = target_of(kept.table, contract)
        analysed = analyse(tables, contract, target, settings.bins, counted)
        suspects = leak_suspects(table if idle else tables.all, analysed, contract)
        profiles = sorted(analysed.profiles.values(), key=_telling_first)
        target = replace(target, of=_class_shown(profiles))
        together = look_together(analysed, contract, profiles, target, suspects)
        evidence = ExploreEvidence(
            rows=kept.rows,
            target=target.column,
            sample_rows=kept.sample_rows,
            columns=_with_timelines(profiles, analysed, target),
            suspects=suspects,
            scatters=scatters(
                kept.table, drawn(profiles), together["correlations"], target, settings.scatter_rows
            ),
            **together,
        )
        classes = class_counts(tables.all, contract)
    return evidence.model_copy(update={"findings": conclusions(evidence, classes, contract.task)})


def _telling_first(profile: ColumnProfile) -> float:
    """Features by strength; what isn't judged comes last, in the contract's order (the sort is stable)."""
    return -profile.relation.strength if profile.relation else 1.0


def _class_shown(profiles: Sequence[ColumnProfile]) -> str | None:
    """The class that the strongest column tells best."""
    return next((p.relation.of for p in profiles if p.relation is not None), None)


def _with_timelines(
    profiles: Sequence[ColumnProfile], analysed: Analysed, target: Target
) -> tuple[ColumnProfile, ...]:
    table = analysed.tables.sample
    shown = [p.name for p in profiles if p.type is ColumnType.datetime and p.role is not Role.identifier]
    lines = {
        name: timeline(moments, analysed.numbers[name].spread, target)
        for name, moments in number_arrays(table, {name: as_number(table[name]) for name in shown})
    }
    return tuple(p.model_copy(update={"timeline": lines.get(p.name, ())}) for p in profiles)
