"""The slices of the verdict on rows that were answered since: the same parts, told by the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.live.monitor.conftest import people
from tests.released import bundle_in, project_in

from fullcycle.core.bundle import read_bundle
from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.contract.yaml_file import write_contract
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.explore import Condition
from fullcycle.core.evidence.verify import Slice
from fullcycle.live.monitor.performance.answered import Answered
from fullcycle.live.monitor.performance.slices import slices_of

ROWS = 400


def told(*conditions: Condition, **named: str) -> Slice:
    facts = {"rows": 50, "loss": 0.2, "rest": 0.1, "p_value": 0.01, "weak": True, "surprising": True}
    known = Interval(value=0.99, low=0.98, high=1.0)
    given: dict[str, Any] = {"difference": Interval(value=0.1), "metric": known, **facts, **named}
    return Slice(conditions=conditions, **given)


OLD = Condition(column="age", label="60 – 90", start=60.0, end=90.0)
PREMIUM = Condition(column="plan", label="premium")
NO_PLAN = Condition(column="plan", label="", kind="missing")
RARE = Condition(column="plan", label="", kind="rest")
SLICES = (
    told(OLD),
    told(PREMIUM, OLD),
    told(NO_PLAN),
    told(RARE),
    told(name="rich", value="", expression="income > 5e6"),
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return read_bundle(bundle_in(tmp_path_factory.mktemp("sliced"), headline="accuracy", slices=SLICES))


def test_each_slice_has_the_metric_of_its_own_rows_and_falls_by_itself(
    bundle: Bundle, tmp_path: Path
) -> None:
    project = project_in(tmp_path, "verify: {slices: {rich: income > 5e6}}\n")
    write_contract(project.paths.contract, bundle.contract)
    columns = people(ROWS)
    rows = pa.table({"_row": range(ROWS), **columns})
    old = np.array([(age or 0) >= 60 for age in columns["age"]])
    premium = np.array([plan == "premium" for plan in columns["plan"]])
    rich = np.array([(income or 0) > 5e6 for income in columns["income"]])
    yes = np.ones(ROWS)
    # Everybody is told yes; of the old with a premium plan half say no.
    truth = np.where(old & premium & (np.arange(ROWS) % 2 == 0), 0.0, 1.0)
    answered = Answered(Task.binary, np.column_stack([1 - yes * 0.9, yes * 0.9]), truth, 0.4)
    found = slices_of(project, bundle, rows, answered, 0.01)
    assert [each.known for each in found] == [SLICES[0], SLICES[1], SLICES[2], SLICES[4]], "rare is not told"
    masks = (old, old & premium, np.array([plan is None for plan in columns["plan"]]), rich)
    for each, mask in zip(found, masks, strict=True):
        assert each.fact.rows == mask.sum()
        assert each.fact.value.value == pytest.approx(truth[mask].mean())
    assert [each.fell for each in found[:3]] == [True, True, False]


def test_a_deployment_without_a_contract_tells_the_slices_that_need_none(
    bundle: Bundle, tmp_path: Path
) -> None:
    project = project_in(tmp_path, "verify: {slices: {rich: income > 5e6}}\n")
    rows = pa.table({"_row": range(ROWS), **people(ROWS)})
    answered = Answered(Task.binary, np.full((ROWS, 2), 0.5), np.ones(ROWS), 0.4)
    found = slices_of(project, bundle, rows, answered, 0.01)
    assert [each.known for each in found] == [*SLICES[:3]]
