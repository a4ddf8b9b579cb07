"""Leak suspects: every planted one on real tables, and none on the tables as they are."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from sklearn import datasets
from tests.cycle.conftest import contract_of

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.tables import ROW, connect, from_arrow
from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.project.settings import ExploreSettings
from fullcycle.cycle.explore.leaks.bounds import BOUNDS
from fullcycle.cycle.explore.stage import explore

AFTERWARDS = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"}


def contract_like(table: ibis.Table, target: str, classes: list[str] | None, **extra: Any) -> Contract:
    kinds = {}
    for name, kind in table.schema().items():
        if name != ROW:
            numeric, moment, truth = kind.is_numeric(), kind.is_timestamp(), kind.is_boolean()
            kinds[name] = (
                "numeric" if numeric else "datetime" if moment else "boolean" if truth else "categorical"
            )
    return contract_of(kinds | {target: kinds[target] + " target"}, classes, **extra)


def numbered(table: ibis.Table) -> ibis.Table:
    """With row numbers, integers as float64 and zones dropped, as coercion leaves it."""
    numbers = {n: table[n].cast("float64") for n, k in table.schema().items() if k.is_numeric()}
    return table.mutate(**numbers, **{ROW: ibis.row_number()})


@pytest.fixture(scope="module")
def flights(tests_data: Path) -> ibis.Table:
    table = numbered(connect().read_parquet(str(tests_data / "nyc_flights.parquet")))
    training = (table.time_hour < ibis.timestamp("2013-10-20")) & table.late.notnull()
    return table.filter(training).mutate(time_hour=table.time_hour.cast("timestamp"))


@pytest.fixture(scope="module")
def telco_table(telco: Path) -> ibis.Table:
    table = numbered(connect().read_csv(str(telco)))
    return table.mutate(churn=table.churn.cast("boolean").cast("string"))


@pytest.fixture(scope="module")
def ames(tests_data: Path) -> ibis.Table:
    return numbered(connect().read_csv(str(tests_data / "ames_housing.csv.gz")))


def explored(table: ibis.Table, target: str, classes: list[str] | None, **extra: Any) -> ExploreEvidence:
    return explore(table, contract_like(table, target, classes, **extra), ExploreSettings())


def test_flights_name_both_delays_and_nothing_known_before_departure(flights: ibis.Table) -> None:
    evidence = explored(flights, "late", ["false", "true"])
    found = [suspect.column for suspect in evidence.suspects]
    assert set(found) <= AFTERWARDS
    assert [f.columns for f in evidence.findings if f.code == "FC301"] == [("arr_delay",), ("dep_delay",)]
    assert all(f.severity == "warning" for f in evidence.findings if f.code == "FC301")
    strongest = next(f for f in evidence.findings if f.code == "FC306")
    assert not set(found) & set(strongest.columns)


@pytest.mark.nightly
def test_without_the_delays_flights_name_the_clock_times_that_differ_by_them(flights: ibis.Table) -> None:
    evidence = explored(flights.drop("arr_delay", "dep_delay"), "late", ["false", "true"])
    pairs = {s.columns: s.operation for s in evidence.suspects}
    assert pairs == {
        ("arr_time", "sched_arr_time"): "difference",
        ("dep_time", "sched_dep_time"): "difference",
    }
    told = [f for f in evidence.findings if f.code == "FC307"]
    assert [f.columns for f in told] == list(pairs)
    assert told[0].facts["operation"] == "difference"


def test_a_decision_of_a_person_is_repeated_and_calms_the_finding(flights: ibis.Table) -> None:
    few = flights.select(ROW, "late", "arr_delay", "dep_delay", "hour")
    evidence = explored(
        few,
        "late",
        ["false", "true"],
        arr_delay={"leak": "drop"},
        dep_delay={"leak": "keep", "leak_reason": "asked at the gate"},
    )
    decided = {s.column: (s.decision, s.reason) for s in evidence.suspects}
    assert decided == {"arr_delay": ("drop", None), "dep_delay": ("keep", "asked at the gate")}
    assert {f.severity for f in evidence.findings if f.code == "FC301"} == {"info"}


def test_telco_and_ames_have_no_suspect(telco_table: ibis.Table, ames: ibis.Table) -> None:
    churn = explored(telco_table, "churn", ["false", "true"])
    assert churn.suspects == ()
    assert {churn.columns[0].name, churn.columns[1].name} == {"tenure", "contract"}
    price = explored(ames, "Sale_Price", None)
    assert price.suspects == ()
    assert "Gr_Liv_Area" in [profile.name for profile in price.columns[:4]]


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        pytest.param(
            lambda t: (t.churn == "true").ifelse("closed", "active"), "value", marks=pytest.mark.nightly
        ),
        (lambda t: (t.churn == "true").ifelse(t.tenure, -1.0 - t.tenure), "value"),
        pytest.param(
            lambda t: (t.churn == "true").ifelse(t.monthly_charges, ibis.null("float64")),
            "missingness",
            marks=pytest.mark.nightly,
        ),
        (
            lambda t: ((t.churn == "true") & (t[ROW] % 4 == 0)).ifelse(
                "asked for a refund", ibis.null("string")
            ),
            "missingness",
        ),
    ],
)
def test_a_leak_planted_in_telco_is_the_only_suspect(telco_table: ibis.Table, plant: Any, kind: str) -> None:
    evidence = explored(telco_table.mutate(planted=plant(telco_table)), "churn", ["false", "true"])
    assert [(s.column, s.kind) for s in evidence.suspects] == [("planted", kind)]
    code = "FC301" if kind == "value" else "FC302"
    assert [f.columns for f in evidence.findings if f.code == code] == [("planted",)]


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(lambda t: -(t.Sale_Price.log()), marks=pytest.mark.nightly),
        pytest.param(lambda t: t.Sale_Price * 1.06 + 500, marks=pytest.mark.nightly),
        pytest.param(lambda t: (t.Sale_Price / 5000).round(), marks=pytest.mark.nightly),
    ],
)
def test_a_leak_planted_in_ames_is_the_only_suspect(ames: ibis.Table, plant: Any) -> None:
    evidence = explored(ames.mutate(planted=plant(ames)), "Sale_Price", None)
    assert [s.column for s in evidence.suspects] == ["planted"]


def test_names_of_rows_are_no_suspects(telco_table: ibis.Table) -> None:
    shuffled = random.Random(0).sample(range(10**6), 7043)
    names = ibis.memtable({ROW: list(range(7043)), "name": [f"n{value}" for value in shuffled]})
    evidence = explored(telco_table.join(names, ROW), "churn", ["false", "true"])
    assert evidence.suspects == ()
    told = {p.name: p.relation.strength for p in evidence.columns if p.relation}
    assert told["name"] < 0.05


def test_where_every_column_is_strong_none_is_suspect() -> None:
    clear = BOUNDS[Task.binary].standing_clear
    assert clear({"a": 0.95, "b": 0.9, "c": 0.8, "d": 0.74}) == {}
    assert list(clear({"a": 0.95, "b": 0.9, "c": 0.3, "d": 0.2})) == ["a", "b"]
    assert list(clear({"a": 0.99, "b": 0.9, "c": 0.8, "d": 0.74})) == ["a"]


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_easy_tables_have_no_suspect(name: str) -> None:
    """Each of iris' petals tells the flower, and nothing is wrong with that."""
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame.sample(frac=1, random_state=0)
    pixels = [f"pixel_{x}_{y}" for x in range(2, 6) for y in range(3, 5)]
    frame = frame[[*pixels, "target"]] if name == "digits" else frame
    classes = None if name == "diabetes" else [str(k) for k in sorted(frame["target"].unique())]
    if classes:
        frame["target"] = frame["target"].astype(str)
    table = numbered(from_arrow(pa.Table.from_pandas(frame, preserve_index=False)))
    assert explored(table, "target", classes).suspects == ()


def test_rows_sorted_by_flower_are_told() -> None:
    frame = datasets.load_iris(as_frame=True).frame.assign(target=lambda t: t["target"].astype(str))
    table = numbered(from_arrow(pa.Table.from_pandas(frame, preserve_index=False)))
    evidence = explored(table, "target", ["0", "1", "2"])
    assert [(f.code, f.columns) for f in evidence.findings if f.code > "FC306" and f.code < "FC313"] == [
        ("FC312", ())
    ]
