"""Why values may be missing: found where it was planted, and not where chance made it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.cycle.conftest import contract_of

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.evidence.base import Summary
from fullcycle.core.evidence.clean import MissingStudy
from fullcycle.cycle.clean.gaps import missing_findings, study_missing

ROWS = 4000
KINDS = {"x": "numeric", "z": "numeric", "plan": "categorical", "city": "categorical"}
BINARY = contract_of(KINDS | {"y": "categorical target"}, ["no", "yes"])
NUMBER = contract_of(KINDS | {"y": "numeric target"})


def columns(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "x": random.normal(0, 1, ROWS),
        "z": random.normal(0, 1, ROWS),
        "plan": random.choice(["basic", "full", "gold"], ROWS),
        "city": np.array([f"city {n}" for n in random.integers(0, 2000, ROWS)]),
        "y": random.choice(["no", "yes"], ROWS),
        "lot": random.random(ROWS),
    }


def study_of(values: dict[str, Any], where: Any, contract: Any = BINARY, column: str = "x") -> MissingStudy:
    values = {name: own for name, own in values.items() if name != "lot"}
    held = values | {ROW: np.arange(ROWS), column: pa.array(values[column], mask=np.asarray(where))}
    table = connect().create_table("gaps", pa.table(held), overwrite=True, temp=True)
    summaries = {name: Summary(rows=ROWS, missing=0, distinct=1) for name in KINDS}
    summaries[column] = Summary(rows=ROWS, missing=int(np.sum(where)), distinct=1)
    [study] = study_missing(table, contract, summaries)
    return study


def test_gaps_that_follow_the_target_are_told() -> None:
    values = columns(1)
    study = study_of(values, (values["y"] == "yes") & (values["lot"] < 0.3))
    assert (study.kind, study.column, study.rows) == ("depends_on_target", "x", ROWS)
    # Of rows with a gap all are "yes", of the others 41%.
    assert study.target_strength == pytest.approx(0.59, abs=0.05)
    assert study.related is None


def test_gaps_that_follow_a_number_of_the_target_are_told() -> None:
    values = columns(2)
    values["y"] = values["z"] + values["lot"]
    study = study_of(values, values["y"] > 1.8, NUMBER)
    assert study.kind == "depends_on_target"
    assert study.target_strength > 0.9


@pytest.mark.parametrize("related", ["z", "plan"])
def test_gaps_that_follow_another_column_name_it(related: str) -> None:
    values = columns(3)
    far = values["z"] > 1 if related == "z" else values["plan"] == "gold"
    study = study_of(values, far & (values["lot"] < 0.5))
    assert (study.kind, study.related) == ("depends_on_column", related)
    assert study.related_strength > 0.4
    [told] = missing_findings([study])
    assert (told.code, told.columns) == ("FC218", ("x",))
    assert set(told.facts) == {"kind", "related", "target_strength", "related_strength", "rows", "share"}


def test_columns_that_are_missing_together_name_each_other() -> None:
    values = columns(4)
    where = values["lot"] < 0.1
    values["z"] = pa.array(values["z"], mask=where)
    held = {name: own for name, own in values.items() if name != "lot"}
    held |= {ROW: np.arange(ROWS), "x": pa.array(values["x"], mask=where)}
    table = connect().create_table("gaps", pa.table(held), overwrite=True, temp=True)
    summaries = {name: Summary(rows=ROWS, missing=0, distinct=1) for name in KINDS}
    summaries |= {name: Summary(rows=ROWS, missing=int(where.sum()), distinct=1) for name in ("x", "z")}
    studies = study_missing(table, BINARY, summaries)
    assert [(study.column, study.related) for study in studies] == [("x", "z"), ("z", "x")]
    assert min(study.related_strength for study in studies) == 1.0


def test_gaps_by_chance_follow_nothing_even_beside_a_column_of_many_categories() -> None:
    """Each would be named by chance once in a thousand tables."""
    for seed in range(20):
        values = columns(seed)
        study = study_of(values, values["lot"] < 0.05)
        assert (study.kind, study.related) == ("random", None), study
        assert missing_findings([study]) == ()


def test_the_same_rows_give_the_same_study() -> None:
    values = columns(5)
    first, second = (study_of(values, values["z"] > 1) for _ in range(2))
    assert first == second
