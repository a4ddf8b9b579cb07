"""One look at a table: what rings, what doesn't, and what never breaks it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.live.monitor.conftest import NOW, Table

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.bundle.reference import _learn_numbers
from fullcycle.core.contract import few_texts
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.monitor import ColumnDrift, MonitorEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.monitor_settings import MonitorLimits
from fullcycle.core.project.project import Project
from fullcycle.live.monitor import measure
from fullcycle.live.monitor.current import from_source
from fullcycle.live.monitor.drift.columns import judge_columns, watched
from fullcycle.live.monitor.drift.noise import Noise
from fullcycle.live.monitor.measure import Counted
from fullcycle.live.monitor.stage import Asked, run

Ask = Callable[[str], Asked]


def by_name(evidence: MonitorEvidence) -> dict[str, ColumnDrift]:
    return {column.name: column for column in evidence.windows[-1].columns}


def codes(evidence: MonitorEvidence) -> list[tuple[str, tuple[str, ...]]]:
    return [(alarm.finding.code, alarm.finding.columns) for alarm in evidence.ringing]


def test_rows_like_the_reference_ring_nothing(watched_project: Project, make_table: Table, ask: Ask) -> None:
    evidence = run(watched_project, ask(make_table()), NOW)
    assert codes(evidence) == []
    columns = by_name(evidence)
    assert {"age", "income", "plan", "active", "since", "e-mail", "yes"} == set(columns)
    assert all(column.p is not None and column.p > 0.01 for column in columns.values())
    assert columns["e-mail"].status == "personal"
    assert read_evidence(watched_project.paths.evidence, MonitorEvidence) == evidence


def test_a_shifted_number_is_named_with_its_test_and_effect(
    watched_project: Project, make_table: Table, ask: Ask
) -> None:
    table = make_table(age=lambda ages: [None if age is None else min(age + 20, 90) for age in ages])
    evidence = run(watched_project, ask(table), NOW)
    assert ("FC801", ("age",)) in codes(evidence)
    age = by_name(evidence)["age"]
    assert age.drifted
    assert age.effect is not None
    assert age.effect > 0.2
    assert {test.kind for test in age.tests} >= {"van_der_waerden", "klotz", "chi_squared", "missing"}


def test_what_is_missing_more_often_is_drift(watched_project: Project, make_table: Table, ask: Ask) -> None:
    table = make_table(income=lambda values: [None if at % 2 else value for at, value in enumerate(values)])
    evidence = run(watched_project, ask(table), NOW)
    assert ("FC802", ("income",)) in codes(evidence)


def test_a_long_window_is_spread_by_a_sample_and_counted_whole(
    watched_project: Project, make_table: Table, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(
        4_000,
        age=lambda ages: [200.0 if at % 10 == 0 else age for at, age in enumerate(ages)],
        income=lambda values: [None if at % 2 else value for at, value in enumerate(values)],
    )
    whole = by_name(run(watched_project, ask(table), NOW))
    assert all(column.sample_rows is None for column in whole.values())
    monkeypatch.setattr(measure, "EXACT_ROWS", 3_000)
    monkeypatch.setattr(measure, "SAMPLE_ROWS", 1_500)
    sampled = by_name(run(watched_project, ask(table), NOW))
    assert {name for name, column in sampled.items() if column.sample_rows} == {"age", "income", "since"}
    age, income = sampled["age"], sampled["income"]
    assert age.sample_rows is not None
    assert 1_300 < age.sample_rows < 1_700
    assert income.missing_rate == whole["income"].missing_rate
    unexpected = [next(t for t in each["age"].tests if t.kind == "unexpected") for each in (whole, sampled)]
    assert unexpected[0] == unexpected[1]
    assert age.jensen_shannon == pytest.approx(whole["age"].jensen_shannon, abs=0.05)
    assert {name for name, column in sampled.items() if column.drifted} == {
        name for name, column in whole.items() if column.drifted
    }


def test_values_that_the_contract_does_not_expect_are_counted(
    watched_project: Project, make_table: Table, ask: Ask
) -> None:
    table = make_table(age=lambda ages: [200.0 if at % 10 == 0 else age for at, age in enumerate(ages)])
    evidence = run(watched_project, ask(table), NOW)
    assert ("FC806", ("age",)) in codes(evidence)


def always(value: Any, values: list[Any]) -> list[Any]:
    return [value] * len(values)


DEGENERATE: dict[str, Any] = {
    "all null": {"age": lambda ages: [None] * len(ages)},
    "one value": {"age": lambda ages: [30.0] * len(ages), "plan": lambda plans: ["basic"] * len(plans)},
    "gone": {"age": None, "plan": None},
    "new": {"extra": lambda _: list(range(1000))},
    "another type": {"age": lambda ages: ["x"] * len(ages)},
    "beyond": {"income": lambda values: [1e300] * len(values)},
}


@pytest.mark.parametrize("kind", DEGENERATE)
def test_no_degenerate_column_breaks_a_look(
    kind: str, watched_project: Project, make_table: Table, ask: Ask
) -> None:
    evidence = run(watched_project, ask(make_table(**DEGENERATE[kind])), NOW)
    ringing = codes(evidence)
    assert (ringing == []) == (kind == "new")
    if kind == "gone":
        assert {("FC803", ("age",)), ("FC803", ("plan",))} <= set(ringing)


def test_an_answer_that_never_changes_rings_an_alarm_of_its_own(
    watched_project: Project, make_table: Table, ask: Ask
) -> None:
    frozen = {"age": 40.0, "income": 1e6, "plan": "basic", "active": True, "since": 1.3e9}
    same = {name: partial(always, value) for name, value in frozen.items()}
    evidence = run(watched_project, ask(make_table(**same)), NOW)
    assert ("FC805", ()) in codes(evidence)


def test_a_table_without_rows_is_told_and_not_judged(
    watched_project: Project, make_table: Table, ask: Ask
) -> None:
    evidence = run(watched_project, ask(make_table(20)), NOW)
    assert not evidence.windows[-1].judged
    assert [found.code for found in evidence.windows[-1].findings] == ["FC808"]


def test_cells_that_can_not_be_read_are_counted_beside_what_is_missing(
    watched_project: Project, make_table: Table, ask: Ask
) -> None:
    table = make_table(age=lambda ages: ["x" if at % 2 else str(age) for at, age in enumerate(ages)])
    evidence = run(watched_project, ask(table), NOW)
    [alarm] = [each for each in evidence.ringing if each.finding.columns == ("age",)]
    assert alarm.finding.code == "FC802"
    assert (alarm.finding.facts["unreadable"] or 0) >= 500


def test_a_picture_of_few_values_has_rows_at_these_values_alone() -> None:
    numbers = np.array([0.0] * 300 + [1.0] * 700)
    learned = _learn_numbers(Column(name="member", type=ColumnType.numeric), numbers, np.zeros(1_000, bool))
    column = watched(learned)
    assert column.numbers is not None
    places = np.searchsorted(column.numbers.edges, [0.0] * 120 + [1.0] * 80)
    counts = np.bincount(places, minlength=len(column.numbers.edges) + 1)
    counted = Counted(200, 0, counts, low=0.0, high=1.0)
    [drift] = judge_columns([(column, counted, Noise())], MonitorLimits(), 0.01)
    assert drift.reference is not None
    assert drift.current is not None
    assert (drift.reference.counts[0], drift.reference.counts[-1]) == (300_000, 700_000)
    assert (drift.current.counts[0], drift.current.counts[-1]) == (600_000, 400_000)
    assert sum(drift.reference.counts) == sum(drift.current.counts) == 1_000_000


def test_few_known_texts_say_what_counting_every_cell_says(
    watched_project: Project, make_table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_table(
        active=lambda truths: ["perhaps" if at % 7 == 0 else "yes" for at, _ in enumerate(truths)]
    )
    bundle, found = read_bundle(watched_project.paths.bundle), []
    for rows in (0, 1_000_000):
        monkeypatch.setattr(few_texts, "LONG_ROWS", rows)
        with from_source(watched_project, bundle, source, tmp_path) as current:
            found.append(current.unreadable)
    assert found == [{"active": 143}] * 2


@pytest.mark.parametrize(("years", "told"), [(4, ("later", False)), (30, ("compared", True))])
def test_moments_later_than_training_are_what_time_does_unless_they_are_yet_to_come(
    watched_project: Project, make_table: Table, ask: Ask, years: int, told: tuple[str, bool]
) -> None:
    later = years * 365 * 86_400
    table = make_table(since=lambda moments: [None if each is None else each + later for each in moments])
    evidence = run(watched_project, ask(table), NOW)
    since = by_name(evidence)["since"]
    assert (since.status, since.drifted) == told
