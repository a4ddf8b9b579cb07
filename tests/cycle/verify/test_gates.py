"""Each gate says what it found and where the bound is."""

from __future__ import annotations

import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Interval, Severity
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.core.evidence.prepare import Parity
from fullcycle.core.evidence.verify import GateResult, MetricResult
from fullcycle.core.project.claims import Gate
from fullcycle.cycle.verify.gates import (
    baseline_gate,
    check_gates,
    leak_gate,
    own_gates,
    verdict_findings,
)


def metric(
    low: float | None, high: float | None, baseline: float | None, *, higher: bool = True
) -> MetricResult:
    value = None if low is None or high is None else (low + high) / 2
    interval = Interval(value=value, low=low, high=high)
    return MetricResult(
        metric="roc_auc" if higher else "rmse", higher_is_better=higher, model=interval, baseline=baseline
    )


def contract_with(**leaks: str | None) -> Contract:
    columns = tuple(
        Column(name=name, type=ColumnType.numeric, leak=leak, leak_reason="known before")  # type: ignore[arg-type]
        for name, leak in leaks.items()
    )
    target = Column(name="late", type=ColumnType.boolean, role=Role.target)
    return Contract(task=Task.binary, classes=("false", "true"), columns=(*columns, target))


def suspect(column: str) -> LeakSuspect:
    return LeakSuspect(column=column, kind="value", strength=0.99)


@pytest.mark.parametrize(
    ("measured", "passed"),
    [
        (metric(0.51, 0.9, 0.5), True),
        (metric(0.49, 0.9, 0.5), False),
        (metric(0.5, 0.9, 0.5), False),
        (metric(1.0, 1.9, 2.0, higher=False), True),
        (metric(1.0, 2.1, 2.0, higher=False), False),
        (metric(None, None, 0.5), False),
        (metric(0.8, 0.9, None), False),
    ],
)
def test_the_whole_interval_must_be_better_than_the_baseline(measured: MetricResult, passed: bool) -> None:
    gate = baseline_gate(measured)
    assert gate.passed is passed
    assert gate.metric == measured.metric


@pytest.mark.parametrize(("leak", "undecided"), [(None, ("arr_delay",)), ("drop", ()), ("keep", ())])
def test_a_leak_suspect_fails_until_the_contract_decides(
    leak: str | None, undecided: tuple[str, ...]
) -> None:
    gate = leak_gate([suspect("arr_delay")], contract_with(arr_delay=leak, carrier=None))
    assert (gate.passed, gate.columns) == (not undecided, undecided)
    assert gate.found == str(len(undecided))


def test_two_suspicions_of_one_column_are_one_and_a_column_that_left_is_none() -> None:
    suspects = [suspect("b"), suspect("b"), suspect("a"), suspect("gone")]
    assert leak_gate(suspects, contract_with(a=None, b=None)).columns == ("a", "b")


@pytest.mark.parametrize("decided", ["arr_time", "sched_arr_time"])
def test_of_a_pair_it_is_enough_to_decide_about_one_column(decided: str) -> None:
    pair = LeakSuspect(
        column="arr_time",
        columns=("arr_time", "sched_arr_time"),
        kind="pair",
        strength=0.99,
        operation="difference",
    )
    open_gate = leak_gate([pair], contract_with(arr_time=None, sched_arr_time=None))
    assert (open_gate.passed, open_gate.found) == (False, "1")
    assert open_gate.columns == ("arr_time", "sched_arr_time")
    leaks = {"arr_time": None, "sched_arr_time": None, decided: "drop"}
    assert leak_gate([pair], contract_with(**leaks)).passed


def test_a_suspect_that_only_warns_fails_no_gate() -> None:
    order = LeakSuspect(column="", kind="order", strength=0.99, blocks=False)
    assert leak_gate([order, suspect("b")], contract_with(b="drop")).passed


def test_of_an_aggregate_the_decision_is_about_the_aggregate_alone() -> None:
    mean = LeakSuspect(column="a", columns=("a", "b"), kind="aggregate", strength=0.7)
    assert leak_gate([mean], contract_with(a=None, b="keep")).columns == ("a",)
    assert leak_gate([mean], contract_with(a="drop", b=None)).passed


def test_a_gate_may_have_two_bounds() -> None:
    results = list(
        own_gates(Gate(metric="roc_auc", at_least=0.8, at_most=0.9), {"roc_auc": metric(0.9, 1, 0.5)})
    )
    assert [(gate.id, gate.passed, gate.found, gate.bound) for gate in results] == [
        ("metric_at_least", True, "0.95", "0.8"),
        ("metric_at_most", False, "0.95", "0.9"),
    ]


def test_a_gate_without_bounds_checks_nothing() -> None:
    assert list(own_gates(Gate(metric="roc_auc"), {"roc_auc": metric(0.9, 1, 0.5)})) == []


def test_a_bound_on_a_metric_that_is_undefined_fails() -> None:
    [gate] = own_gates(Gate(metric="roc_auc", at_least=0.0), {"roc_auc": metric(None, None, None)})
    assert (gate.passed, gate.found) == (False, "none")


def test_a_gate_on_a_metric_that_the_task_lacks_names_those_it_has() -> None:
    with pytest.raises(UserError, match="expected: one that this task has: roc_auc"):
        list(own_gates(Gate(metric="rmse", at_most=1), {"roc_auc": metric(0.9, 1, 0.5)}))


def test_what_the_product_demands_comes_before_the_projects_own() -> None:
    gates = check_gates(
        parity=Parity(
            rows_of="test", rows=9, largest_error=3e-7, tolerance=1e-5, labels_differ=0, passed=True
        ),
        golden_rows=74,
        headline="roc_auc",
        metrics=[metric(0.8, 0.9, 0.5)],
        suspects=[],
        contract=contract_with(a=None),
        wanted=[Gate(metric="roc_auc", at_least=0.7)],
    )
    assert [gate.id for gate in gates] == [
        "parity",
        "golden_rows",
        "better_than_baseline",
        "leak_suspects",
        "metric_at_least",
    ]
    assert all(gate.passed for gate in gates)
    assert (gates[0].found, gates[0].bound) == ("3.0e-07", "1e-05")


def test_each_failed_gate_is_an_error_and_a_second_opening_a_warning() -> None:
    gates = [
        GateResult(id="leak_suspects", passed=False, found="1", bound="0", columns=("arr_delay",)),
        GateResult(id="parity", passed=True, found="0", bound="1"),
    ]
    failed, opened = verdict_findings(gates, openings=3)
    assert (failed.code, failed.severity, failed.columns) == ("FC601", Severity.error, ("arr_delay",))
    assert (opened.code, opened.severity, opened.facts) == ("FC602", Severity.warning, {"openings": 3})
    assert verdict_findings(gates[1:], openings=1) == ()
