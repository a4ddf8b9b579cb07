"""The drill: each fault rings the alarm that the table names, and nothing of the project is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.live.monitor.test_log import NOW, write_log
from tests.released import bundle_in

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.core.routes.store import Deploy, read_routes
from fullcycle.live.monitor.drill import run as drilling
from fullcycle.live.monitor.drill.faults import faults_of
from fullcycle.live.monitor.drill.responses import responses
from fullcycle.live.monitor.drill.run import drill
from fullcycle.live.monitor.drill.traffic import read_traffic

KINDS = [
    "missing_column",
    "unit",
    "renamed_category",
    "stale_model",
    "slow_model",
    "late_labels",
    "label_shift",
]


@pytest.fixture
def answered_project(watched_project: Project, people_bundle: Path) -> Project:
    write_log(watched_project, read_bundle(people_bundle), NOW.replace(month=5), 400)
    return watched_project


@pytest.mark.nightly
def test_every_fault_rings_an_alarm_that_the_table_names(answered_project: Project) -> None:
    before = sorted(answered_project.root.rglob("*"))
    drilled = drill(answered_project)
    assert [each.fault for each in drilled.faults] == KINDS
    for each in drilled.faults:
        assert each.late is not None, each
    assert drilled.passed
    assert [path for path in sorted(answered_project.root.rglob("*")) if path.name != ".fullcycle"] == [
        path for path in before if path.name != ".fullcycle"
    ]


def test_one_fault_rings_on_its_first_day_and_leaves_the_project_alone(
    answered_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only(*given: Any) -> Any:
        return [each for each in faults_of(*given) if each.kind == "unit"]

    monkeypatch.setattr(drilling, "faults_of", only)
    monkeypatch.setattr(drilling, "QUIET_DAYS", 3)
    monkeypatch.setattr(drilling, "BROKEN_DAYS", 2)
    drilled = drill(answered_project)
    [unit] = drilled.faults
    assert (unit.fault, unit.late) == ("unit", 1)
    assert unit.column in ("age", "income")
    assert drilled.passed
    assert not answered_project.paths.monitoring.exists()
    assert [each.kind for each in drilled.responses] == ["fallback", "rollback"]
    assert [each.works for each in drilled.responses] == [None, None]


def test_the_faults_fit_what_the_model_reads(answered_project: Project, people_bundle: Path) -> None:
    traffic = read_traffic(answered_project.paths.predictions, read_bundle(people_bundle))
    faults = {each.kind: each for each in faults_of(traffic, ["active", "income", "plan"])}
    assert [*faults] == KINDS
    assert [faults[kind].column for kind in KINDS[:3]] == ["active", "income", "plan"]


def test_a_release_before_this_one_answers_when_this_one_fails_and_is_back_soon(
    tmp_path: Path, people_bundle: Path, put: Callable[..., str], project: Project
) -> None:
    first = put(people_bundle)
    second = put(bundle_in(tmp_path / "second", shift=0.5))
    fallback, rollback = responses(project, Deploy(project.paths.deploy).bundle(second), tmp_path / "scratch")
    assert (fallback.works, fallback.by) == (True, "previous")
    assert (rollback.works, rollback.by) == (True, first)
    assert (rollback.recovery_ms or 0) > 0
    routes = read_routes(Deploy(project.paths.deploy))
    assert routes is not None
    assert routes.champion == second  # the drill rolled back a copy


def test_a_log_without_answers_can_not_be_drilled(watched_project: Project) -> None:
    with pytest.raises(UserError, match="0 answers"):
        drill(watched_project)
