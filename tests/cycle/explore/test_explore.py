"""Explore: every column of the training rows, whatever it is called and whatever it holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cycle.conftest import contract_of

from fullcycle.core.contract.model import Contract
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError
from fullcycle.core.evidence import ExploreEvidence
from fullcycle.core.evidence.explore import ColumnProfile
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import ExploreSettings
from fullcycle.cycle.explore.stage import run

RANDOM = np.random.default_rng(0)
N = 600
AGE = RANDOM.normal(40, 10, N).round(1)
CHURN = np.where(RANDOM.random(N) < 1 / (1 + np.exp((AGE - 40) / 5)), "yes", "no")
PLAN = RANDOM.choice(["basic", "full", "trial"], N, p=[0.6, 0.3, 0.1])
COLUMNS: dict[str, Any] = {
    "id": [f"c{i}" for i in range(N)],
    "age": [None if i % 10 == 0 else value for i, value in enumerate(AGE)],
    "months": pa.array((AGE * 12).round(), pa.float64()),
    "spent": RANDOM.lognormal(0, 2, N),
    "plan": PLAN,
    "adult": AGE > 18,
    "joined": pa.array(1_600_000_000_000_000 + RANDOM.integers(0, 10**13, N), pa.timestamp("us")),
    "note": ["lorem ipsum " * 50] * N,
    "same": [1.0] * N,
    "empty": pa.nulls(N, pa.float64()),
    "churn": CHURN,
}
KINDS = {
    "id": "text identifier",
    "age": "numeric",
    "months": "numeric",
    "spent": "numeric",
    "plan": "categorical",
    "adult": "boolean",
    "joined": "datetime",
    "note": "text",
    "same": "numeric constant",
    "empty": "numeric ignore",
    "churn": "categorical target",
}
CONTRACT = contract_of(KINDS, ["no", "yes"])


def explored(
    make_project: Any, columns: dict[str, Any], contract: Contract, **settings: Any
) -> ExploreEvidence:
    project = make_project("x\n1\n", contract, explore=ExploreSettings(**settings))
    project.paths.data.mkdir(exist_ok=True)
    rows = len(columns[contract.target.name])
    pq.write_table(pa.table({ROW: range(rows), **columns}), project.paths.train)
    return run(project)


@pytest.fixture
def evidence(make_project: Any) -> ExploreEvidence:
    return explored(make_project, COLUMNS, CONTRACT)


def profile(evidence: ExploreEvidence, name: str) -> ColumnProfile:
    return next(column for column in evidence.columns if column.name == name)


def test_evidence_is_written_and_comes_back_equal(make_project: Any) -> None:
    found = explored(make_project, COLUMNS, CONTRACT)
    folder = make_project("x\n1\n", CONTRACT).paths.evidence
    assert read_evidence(folder, ExploreEvidence) == found
    assert found.rows == N
    assert found.run is not None
    assert "duckdb" in found.run.versions


def test_every_column_has_a_profile_and_the_strongest_comes_first(evidence: ExploreEvidence) -> None:
    assert {column.name for column in evidence.columns} == set(KINDS)
    strengths = [column.relation.strength for column in evidence.columns if column.relation]
    assert strengths == sorted(strengths, reverse=True)
    assert {evidence.columns[0].name, evidence.columns[1].name} == {"age", "months"}
    assert [column.name for column in evidence.columns if column.relation is None] == [
        "id",
        "note",
        "same",
        "empty",
        "churn",
    ]


def test_statistics_of_a_number(evidence: ExploreEvidence) -> None:
    age, known = profile(evidence, "age"), np.array([v for v in COLUMNS["age"] if v is not None])
    assert (age.rows, age.missing) == (N, 60)
    assert age.mean == pytest.approx(known.mean(), rel=1e-8)
    assert age.quantiles["0.95"] == pytest.approx(np.quantile(known, 0.95))
    assert age.histogram is not None
    assert sum(age.histogram.counts) == len(known)
    assert age.box is not None
    q1, q3 = np.quantile(known, [0.25, 0.75])
    inside = known[(known >= q1 - 1.5 * (q3 - q1)) & (known <= q3 + 1.5 * (q3 - q1))]
    assert (age.box.low, age.box.high) == (inside.min(), inside.max())
    assert age.box.outliers == len(known) - len(inside)
    assert set(age.box_by_class) == {"no", "yes"}
    assert age.box_by_class["yes"].median < age.box_by_class["no"].median
    assert age.relation is not None
    assert age.relation.of == "yes"
    assert age.relation.bins[-1].kind == "missing"
    assert age.relation.bins[-1].rows == 60
    assert sum(one.rows for one in age.relation.bins) == N


def test_other_types_have_what_suits_them(evidence: ExploreEvidence) -> None:
    plan, joined, adult = (profile(evidence, name) for name in ("plan", "joined", "adult"))
    assert plan.top == {name: int((name == PLAN).sum()) for name in ("basic", "full", "trial")}
    assert plan.distinct == 3
    assert (plan.mean, plan.histogram) == (None, None)
    assert joined.first is not None
    assert joined.first.startswith("2020-09-13T")
    assert (joined.mean, joined.min, joined.box) == (None, None, None)
    assert joined.histogram is not None
    assert set(adult.top) <= {"true", "false"}
    assert profile(evidence, "note").top == {}
    assert profile(evidence, "id").top == {}
    assert profile(evidence, "churn").top == {name: int((name == CHURN).sum()) for name in set(CHURN)}
    empty = profile(evidence, "empty")
    assert (empty.missing, empty.distinct, empty.mean, empty.histogram) == (N, 0, None, None)


def test_findings_come_in_the_order_of_how_much_they_matter(evidence: ExploreEvidence) -> None:
    first, second = (profile.name for profile in evidence.columns[:2])
    assert [(f.code, f.columns) for f in evidence.findings] == [
        ("FC306", (first, second)),
        ("FC314", (first,)),
        ("FC314", (first,)),
        ("FC314", (first,)),
        ("FC206", ("age",)),
        ("FC303", (first, second)),
        ("FC304", ("spent",)),
    ]
    assert evidence.findings[4].facts == {"rows": 60, "share": 0.1}


def test_a_rare_class_is_told(make_project: Any) -> None:
    labels = np.random.default_rng(1).permutation(["yes"] * 30 + ["no"] * (N - 30)).tolist()
    found = explored(make_project, COLUMNS | {"churn": labels}, CONTRACT)
    assert found.findings[0].code == "FC305"
    assert found.findings[0].facts == {"class": "yes", "rows": 30, "share": 0.05}


def test_correlations_are_symmetric_and_those_of_numpy(evidence: ExploreEvidence) -> None:
    assert evidence.correlations is not None
    names, values = evidence.correlations.columns, np.array(evidence.correlations.values, dtype=float)
    assert set(names) == {"age", "months", "spent"}
    np.testing.assert_array_equal(values, values.T)
    expected = np.corrcoef(np.asarray(COLUMNS["months"]), COLUMNS["spent"])[0, 1]
    assert values[names.index("months"), names.index("spent")] == pytest.approx(expected, abs=1e-6)


def test_scatter_plots_draw_the_same_stated_sample(make_project: Any) -> None:
    draws = [explored(make_project, COLUMNS, CONTRACT, scatter_rows=100).scatters for _ in range(2)]
    assert draws[0] == draws[1]
    pairs = {(one.x, one.y) for one in draws[0]}
    assert ("age", "months") not in pairs  # they would draw a line
    assert pairs
    for one in draws[0]:
        assert 80 <= len(one.points) <= 100
        assert len(one.group) == len(one.points)


def test_regression_has_means_and_scatters_against_the_target(make_project: Any) -> None:
    kinds = KINDS | {"churn": "categorical", "spent": "numeric target"}
    found = explored(make_project, COLUMNS | {"spent": AGE * 3 + RANDOM.normal(0, 20, N)}, contract_of(kinds))
    assert found.columns[0].name == "months"
    relation = found.columns[0].relation
    assert relation is not None
    assert (relation.measure, relation.of) == ("correlation_ratio", None)
    assert relation.strength == pytest.approx(0.83, abs=0.05)
    means = [one.target for one in relation.bins]
    assert means == sorted(means)
    assert {one.y for one in found.scatters} == {"spent"}
    assert all(one.group == () for one in found.scatters)
    assert profile(found, "age").box_by_class == {}


def test_several_classes_name_the_one_that_is_told_best(make_project: Any) -> None:
    labels = np.where(PLAN == "trial", "gone", RANDOM.choice(["a", "b"], N))
    found = explored(make_project, COLUMNS | {"churn": labels}, contract_of(KINDS, ["a", "b", "gone"]))
    plan = profile(found, "plan")
    assert plan.relation is not None
    assert (plan.relation.of, plan.relation.strength) == ("gone", 1.0)
    assert found.suspects == ()  # it says nothing about the other two


def test_any_name_and_any_value_is_looked_at(make_project: Any) -> None:
    names = ['q"uote', "a[0].b", "'; DROP TABLE x; --", "<b>", "доход 😀", "order", "c", "v", "n", "fold"]
    columns = {name: AGE + i for i, name in enumerate(names)} | {
        "k": [f"<i>{'x' * 5_000_000}</i>" if i == 0 else '";--' for i in range(N)],
        "churn": CHURN,
    }
    contract = contract_of(
        dict.fromkeys(names, "numeric") | {"k": "categorical", "churn": "categorical target"}, ["no", "yes"]
    )
    found = explored(make_project, columns, contract)
    assert profile(found, "доход 😀").mean == pytest.approx(AGE.mean() + 4)
    assert max(map(len, profile(found, "k").top)) <= 60
    assert len(found.model_dump_json()) < 300_000


def test_values_of_personal_columns_are_not_in_evidence(make_project: Any) -> None:
    contract = contract_of(KINDS, ["no", "yes"], plan={"personal": True})
    found = explored(make_project, COLUMNS, contract)
    assert "basic" not in found.model_dump_json()
    assert profile(found, "plan").relation is not None


def test_huge_numbers_break_nothing(make_project: Any) -> None:
    columns = {
        "x": [1.7e308, -1.7e308, 5e-324, 0.0] * 10,
        "z": [2.0**53 + i for i in range(40)],
        "churn": ["no", "yes"] * 20,
    }
    contract = contract_of({"x": "numeric", "z": "numeric", "churn": "categorical target"}, ["no", "yes"])
    found = explored(make_project, columns, contract)
    assert profile(found, "x").median == pytest.approx(0.0, abs=1e-300)
    assert profile(found, "z").distinct > 15
    ExploreEvidence.model_validate_json(found.model_dump_json())


def test_the_test_rows_stay_sealed(make_project: Any, evidence: ExploreEvidence) -> None:
    project: Project = make_project("x\n1\n", CONTRACT)
    project.paths.test.write_bytes(b"whoever reads this fails")
    assert run(project).columns == evidence.columns


def test_without_training_rows_it_says_what_to_run(make_project: Any) -> None:
    with pytest.raises(UserError, match="no train rows yet"):
        run(make_project("x\n1\n", CONTRACT, name="new"))
