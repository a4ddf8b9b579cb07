"""Folds that mix groups are told, by what a column does and not by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.cycle.experiment.conftest import MakeCleaned, contract_of

from fullcycle.core.contract.infer import infer_contract
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow
from fullcycle.core.evidence.base import Finding
from fullcycle.core.models.material import read_material
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment.mixed import mixed_groups, mixed_share

PATIENTS, VISITS = 150, 4


def visits(likeness: float, *, lasting: bool = False, seed: int = 3) -> pd.DataFrame:
    """Patients of four visits. The target is the patient's own with a chance of `likeness`, else the visit's;
    with `lasting`, what is measured once belongs to the patient."""
    random = np.random.default_rng(seed)
    patient = np.repeat(random.permutation(PATIENTS), VISITS)
    own, once = random.random(PATIENTS) < 0.5, random.random(len(patient)) < 0.5
    sick = np.where(random.random(len(patient)) < likeness, own[patient], once)
    rows = len(patient)
    age = random.uniform(20, 80, PATIENTS)[patient] if lasting else random.uniform(20, 80, rows)
    return pd.DataFrame(
        {
            ROW: np.arange(rows),
            "age": age,
            "plan": random.choice(["basic", "gold"], rows),
            "patient": patient.astype(float),
            "target": np.where(sick, "yes", "no"),
        }
    ).sample(frac=1, random_state=seed)


def told(project: Project) -> list[Finding]:
    return list(mixed_groups(read_material(project), project.contract, project.paths.train))


def patient_column(**more: object) -> Column:
    return Column(name="patient", type=ColumnType.numeric, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", [Role.feature, Role.identifier])
def test_a_column_whose_rows_share_the_target_is_told_whether_or_not_models_see_it(
    make_cleaned: MakeCleaned, role: Role
) -> None:
    contract = contract_of(Task.binary, patient_column(role=role))
    [found] = told(make_cleaned(table=visits(0.95), contract=contract))
    assert (found.code, found.columns) == ("FC407", ("patient",))
    assert found.facts["groups"] == PATIENTS
    assert 0.8 < float(str(found.facts["mixed"])) <= 1
    assert found.facts["by"] == []


def test_less_likeness_is_enough_where_features_tell_the_group(make_cleaned: MakeCleaned) -> None:
    contract = contract_of(Task.binary, patient_column(role=Role.identifier))
    loose, lasting = (
        told(make_cleaned(table=visits(0.6, lasting=each), contract=contract, name=f"p{each}"))
        for each in (False, True)
    )
    assert loose == []
    assert [(each.columns, each.facts["by"]) for each in lasting] == [(("patient",), ["age"])]


@pytest.mark.parametrize(
    "column",
    [
        patient_column(role=Role.group),
        patient_column(leak="keep", leak_reason="the same patients come again"),
    ],
)
def test_what_a_person_has_decided_is_not_told(make_cleaned: MakeCleaned, column: Column) -> None:
    assert told(make_cleaned(table=visits(0.95), contract=contract_of(Task.binary, column))) == []


def test_a_group_without_a_target_of_its_own_is_not_told(make_cleaned: MakeCleaned) -> None:
    contract = contract_of(Task.binary, patient_column())
    assert told(make_cleaned(table=visits(0.0, lasting=True), contract=contract)) == []


def test_a_measure_whose_neighbours_are_alike_is_no_group(make_cleaned: MakeCleaned) -> None:
    table = visits(0.95)
    years = (table["age"] * 5).round()
    table = table.assign(patient=years, target=np.where(years > years.median(), "yes", "no"))
    assert told(make_cleaned(table=table, contract=contract_of(Task.binary, patient_column()))) == []


@pytest.mark.parametrize(
    ("name", "target"), [("telco", "churn"), ("ames", "Sale_Price"), ("flights", "late")]
)
def test_real_tables_are_not_accused(make_cleaned: MakeCleaned, name: str, target: str) -> None:
    frame, contract = real_table(name, target)
    project = make_cleaned(task=contract.task, table=frame, contract=contract)
    assert read_material(project).kind in ("stratified", "random")
    assert told(project) == []


def real_table(name: str, target: str) -> tuple[pd.DataFrame, Contract]:
    """As clean leaves it, but for the split."""
    from benchmarks.leak_tables import before_departure, table

    raw = table(name)
    raw = before_departure(raw) if name == "flights" else raw
    raw = raw.assign(**{ROW: np.arange(len(raw))})
    import pyarrow as pa

    arrow = pa.Table.from_pandas(raw, preserve_index=False)
    contract = infer_contract(from_arrow(arrow.drop_columns([ROW])), target).contract
    coerced = to_arrow(coerce_table(from_arrow(arrow), contract).order_by(ROW))
    return coerced.select([ROW, *(each.name for each in contract.columns)]).to_pandas(), contract


def test_missing_values_are_no_group() -> None:
    codes = np.array([-1, -1, 0, 0, 1])
    folds = [(np.array([0, 2]), np.array([1, 3, 4]))]
    assert mixed_share(codes, folds) == pytest.approx(1 / 3)


def test_the_stage_tells_it(make_cleaned: MakeCleaned, no_tracking: object, tmp_path: Path) -> None:
    from fullcycle.cycle.experiment.stage import run

    contract = contract_of(Task.binary, patient_column(role=Role.identifier))
    project = make_cleaned(
        table=visits(0.95), contract=contract, trials=1, models=["linear"], learning_curve=False
    )
    assert "FC407" in {each.code for each in run(project).findings}
