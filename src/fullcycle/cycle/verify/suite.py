"""The suite of tests beyond the gates that always hold: measured here, judged in `checks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.prepare import BudgetLine, Importance, PrepareEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.evidence.verify import (
    BehaviourResult,
    CalibrationSummary,
    ChampionComparison,
    Disturbance,
    FairnessOfColumn,
    IntervalCoverage,
    PartialDependence,
    Refit,
    SliceSearch,
)
from fullcycle.core.features.slices import slice_values
from fullcycle.core.models.frame import ROW, as_coerced
from fullcycle.core.models.keys import read_keys
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings_file import line_of
from fullcycle.cycle.verify.apart import Crossing, crossings
from fullcycle.cycle.verify.behaviour import check_behaviour
from fullcycle.cycle.verify.behaviour_file import Placed, read_behaviour
from fullcycle.cycle.verify.calibration import summarise_calibration
from fullcycle.cycle.verify.champion import compare_with_champion
from fullcycle.cycle.verify.coverage import coverage_of
from fullcycle.cycle.verify.fairness import fairness_of
from fullcycle.cycle.verify.judged import Judged
from fullcycle.cycle.verify.partial import partial_dependence, test_importance
from fullcycle.cycle.verify.robustness import disturb
from fullcycle.cycle.verify.slices import declared_slices, search_slices
from fullcycle.cycle.verify.stability import refits


@dataclass(frozen=True)
class Measured:
    """Everything that the suite found out; `tests` stand in the order of `behaviour`."""

    champion: ChampionComparison | None
    calibration: CalibrationSummary | None
    slices: SliceSearch
    fairness: tuple[FairnessOfColumn, ...]
    disturbances: tuple[Disturbance, ...]
    tests: tuple[Placed, ...]
    behaviour: tuple[BehaviourResult, ...]
    refits: tuple[Refit, ...]
    importance: tuple[Importance, ...]
    partial: tuple[PartialDependence, ...]
    crossings: tuple[Crossing, ...]
    coverage: IntervalCoverage | None
    rows_asked: int
    budget: tuple[BudgetLine, ...]
    graph_bytes: int


def read_tests(project: Project) -> tuple[Placed, ...]:
    """The file of behaviour; mistakes in it are told before the test set is opened."""
    return tuple(read_behaviour(project.root / project.settings.verify.behaviour, project.contract))


def measure(
    project: Project,
    judged: Judged,
    pipeline: Any,
    train: tuple[pd.DataFrame, pd.Series[Any]],
    tests: tuple[Placed, ...],
) -> Measured:
    """Run the whole suite. `train` holds features and target of the training rows."""
    settings = project.settings.verify
    prepared = read_evidence(project.paths.evidence, PrepareEvidence)
    by_importance = [each.column for each in prepared.importance]
    declared = declared_slices(slice_values(project, project.paths.test), settings.slices)
    importance = test_importance(judged)
    return Measured(
        champion=compare_with_champion(project, judged),
        calibration=summarise_calibration(judged),
        slices=search_slices(judged, declared, by_importance),
        fairness=tuple(_fairness(project, judged, settings.fairness)),
        disturbances=disturb(judged, by_importance),
        tests=tests,
        behaviour=check_behaviour(judged, tests),
        refits=refits(judged, pipeline, *train, read_keys(project)),
        importance=importance,
        partial=partial_dependence(judged, importance),
        crossings=tuple(crossings(project)),
        coverage=coverage_of(judged),
        rows_asked=len(judged.asked),
        budget=prepared.budget_lines,
        graph_bytes=(judged.bundle.folder / "model.onnx").stat().st_size,
    )


def _fairness(project: Project, judged: Judged, columns: Sequence[str]) -> list[FairnessOfColumn]:
    """Groups may stand in columns that no model sees; they are read from the test rows themselves."""
    if not columns:
        return []
    there = pq.read_schema(project.paths.test).names
    for at, name in enumerate(columns):
        if name not in there:
            raise UserError(
                where=line_of(project, ("verify", "fairness", at)),
                found=f"{name!r}, and the test rows have no such column",
                expected="a column of contract.yaml",
            )
    table = pq.read_table(project.paths.test, columns=[ROW, *columns])
    groups = {name: as_coerced(table[name], project.contract.column(name)) for name in columns}
    return [fairness_of(judged, name, list(values)) for name, values in groups.items()]
