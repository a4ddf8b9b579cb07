"""Retraining: when it is due, on which rows, and who is better on the newest of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.live.monitor.conftest import NOW, people
from tests.people.monitor_factory import monitored
from tests.released import bundle_in

from fullcycle.core.bundle import read_bundle
from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.contract.model import Role
from fullcycle.core.contract.yaml_file import write_contract
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.monitor import AlarmFacts, MonitorEvidence
from fullcycle.core.project.monitor_settings import RetrainSettings
from fullcycle.core.project.project import Project
from fullcycle.core.served import ANSWERED, REQUEST_ID
from fullcycle.live.log.table import FORMAT, SOURCES, schema
from fullcycle.live.monitor.retrain import compare as comparing
from fullcycle.live.monitor.retrain.assemble import assemble, count_new
from fullcycle.live.monitor.retrain.compare import beside, compare
from fullcycle.live.monitor.retrain.due import Standing, reasons, waits

DAY = timedelta(days=1)
MOVED = finding(Code.column_drifted, Severity.error, "age", effect=0.3)
FELL = finding(Code.performance_fell, Severity.error, metric="log_loss", value=0.5, before=0.45)


def found(*findings: Any, state: str = "open") -> MonitorEvidence:
    alarms = [
        AlarmFacts.model_validate(
            {"id": f"a{at}", "finding": each, "state": state, "first_window": "x", "last_window": "x"}
        )
        for at, each in enumerate(findings)
    ]
    return monitored().model_copy(update={"alarms": tuple(alarms)})


def standing(**changes: Any) -> Standing:
    usual = {"now": NOW, "last": None, "trained": NOW - 2 * DAY, "new_labels": 500}
    return Standing(**{**usual, **changes})


def settings(*on: str, **changes: Any) -> RetrainSettings:
    return RetrainSettings.model_validate({"on": [*on], **changes})


@pytest.mark.parametrize(
    ("declared", "evidence", "met"),
    [
        (settings("drift"), found(MOVED), ["drift"]),
        (settings("drift", effect=0.4), found(MOVED), []),
        (settings("drift"), found(MOVED, state="acknowledged"), []),
        (settings("drift"), found(FELL), []),
        (settings("performance"), found(FELL), ["performance"]),
        (settings("performance", fall=0.04), found(FELL), ["performance"]),
        (settings("performance", fall=0.06), found(FELL), []),
        (settings("performance"), found(finding(Code.concept_drifted, Severity.error)), ["performance"]),
        (settings("labels", labels=500), found(), ["labels"]),
        (settings("labels", labels=501), found(), []),
        (settings("drift", "labels", labels=9), found(MOVED, FELL), ["drift", "labels"]),
    ],
)
def test_a_condition_is_met_by_what_rings_and_is_large_enough(
    declared: RetrainSettings, evidence: MonitorEvidence, met: list[str]
) -> None:
    assert [each.on for each in reasons(declared, evidence, standing())] == met


def test_a_schedule_is_due_once_its_time_has_passed_since_the_last_training() -> None:
    monday = settings("schedule")  # NOW is Monday, 2026-06-01, midnight
    at = standing(cron="0 23 * * 0")
    [due] = reasons(monday, found(), at)
    assert due.about == "2026-05-31T23:00+00:00"
    assert not reasons(monday, found(), standing(cron="0 23 * * 0", trained=NOW - timedelta(minutes=30)))
    assert not reasons(monday, found(), standing(cron="0 23 * * 0", last=NOW - timedelta(minutes=30)))
    assert not reasons(monday, found(), standing(cron=None))


def test_what_is_due_waits_for_outcomes_the_pause_and_a_challenger() -> None:
    declared = settings("drift", "schedule", labels_at_least=400, pause="3 days")
    due = reasons(declared, found(MOVED), standing())
    assert waits(declared, due, standing()) is None
    assert waits(declared, due, standing(new_labels=399)) == "labels"
    assert waits(declared, due, standing(last=NOW - 2 * DAY)) == "pause"
    assert waits(declared, due, standing(last=NOW - 3 * DAY)) is None
    assert waits(declared, due, standing(has_challenger=True)) == "challenger"
    by_clock = reasons(declared, found(), standing(cron="0 23 * * 0"))
    assert waits(declared, by_clock, standing(new_labels=0)) is None


@pytest.fixture
def labelled_project(watched_project: Project, people_bundle: Path) -> Project:
    """A log of two days whose model reads no personal column; every second row has its outcome."""
    contract = read_bundle(people_bundle).contract
    ignored = [
        column.model_copy(update={"role": Role.ignore}) if column.personal else column
        for column in contract.columns
    ]
    write_contract(watched_project.paths.contract, contract.model_copy(update={"columns": tuple(ignored)}))
    label(watched_project, NOW - 3 * DAY, 200)
    return watched_project


def label(project: Project, day: datetime, rows: int, *, known: int = 2) -> None:
    """Answers of a day and the outcomes of each `known`th: yes for those above 50."""
    columns = people(rows, seed=day.day)
    columns["since"] = [None if each is None else each * 1_000_000 for each in columns["since"]]
    records: list[dict[str, Any]] = []
    for at in range(rows):
        asked = {"request_id": f"{day:%m%d}-{at}", "row": 0, "time": day + DAY * at / rows}
        said = {
            "inputs": json.dumps({name: values[at] for name, values in columns.items()}),
            "output": json.dumps({"prediction": "yes", "probabilities": {"no": 0.5, "yes": 0.5}}),
        }
        records.append({**asked, **said, "kind": "prediction", "route": "champion", "version": "v"})
        if at % known == 0:
            late = {"kind": "feedback", "time": asked["time"] + DAY}
            records.append({**asked, **late, "outcome": "yes" if (columns["age"][at] or 0) > 50 else "no"})
    project.paths.predictions.mkdir(exist_ok=True)
    described = schema().with_metadata({SOURCES: b"[]", FORMAT: b"1"})
    target = project.paths.predictions / f"{day:%Y-%m-%d}_1.parquet"
    pq.write_table(pa.Table.from_pylist(records, described), target)


def test_rows_with_outcomes_are_trained_on_and_the_newest_are_kept_apart(
    labelled_project: Project, people_bundle: Path
) -> None:
    champion, paths = read_bundle(people_bundle).contract, labelled_project.paths
    assert count_new(labelled_project) == 100
    first = assemble(labelled_project, champion, 0.3)
    assert (first.rows, first.new, first.newest) == (70, 70, 30)
    trained, newest = pq.read_table(paths.served), pq.read_table(paths.newest)
    assert max(trained[ANSWERED].to_pylist()) < min(newest[ANSWERED].to_pylist())
    assert {*trained["id"].to_pylist()} == {f"{each}#0" for each in trained[REQUEST_ID].to_pylist()}
    assert {*trained["left"].to_pylist()} == {"yes", "no"}
    assert trained.num_rows == len({*trained[REQUEST_ID].to_pylist()})
    assert count_new(labelled_project) == 30

    # Next time, what was kept apart is trained on like the others, and newer rows are kept apart.
    label(labelled_project, NOW - 2 * DAY, 100)
    second = assemble(labelled_project, champion, 0.3)
    assert (second.rows, second.new, second.newest) == (126, 56, 24)
    seen = {*pq.read_table(paths.served)[REQUEST_ID].to_pylist()}
    assert {*newest[REQUEST_ID].to_pylist()} <= seen
    assert not seen & {*pq.read_table(paths.newest)[REQUEST_ID].to_pylist()}


def test_a_log_without_the_values_of_a_column_teaches_nothing(
    watched_project: Project, people_bundle: Path
) -> None:
    contract = read_bundle(people_bundle).contract
    write_contract(watched_project.paths.contract, contract)
    label(watched_project, NOW - 3 * DAY, 20)
    assert count_new(watched_project) == 0
    with pytest.raises(UserError, match="without the values of e-mail"):
        assemble(watched_project, contract, 0.3)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """It answers yes three times as surely as the first."""
    return read_bundle(bundle_in(tmp_path_factory.mktemp("other"), shift=-3.5))


def test_both_are_compared_row_by_row_on_the_newest_rows(
    labelled_project: Project, people_bundle: Path, other: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "RESAMPLES", 100)
    champion = read_bundle(people_bundle)
    label(labelled_project, NOW - 2 * DAY, 600, known=1)
    assemble(labelled_project, champion.contract, 0.5)
    newest = labelled_project.paths.newest
    assert compare(newest, champion, champion) == (), "e-mail is personal: the log does not keep it"
    rows = pq.read_table(newest)
    pq.write_table(rows.append_column("e-mail", pa.nulls(rows.num_rows, pa.string())), newest)
    same = compare(newest, champion, champion)
    assert {each.difference.value for each in same} == {0.0}
    assert beside(same, "log_loss") == "equal"
    ours = compare(newest, other, champion)
    assert beside(ours, "log_loss") == "worse", "most outcomes are yes, and it says no more often"
    turned = [each.model_copy(update={"higher_is_better": not each.higher_is_better}) for each in ours]
    assert beside(tuple(turned), "log_loss") == "better"
    assert beside(ours, "roc_auc") == "equal", "a shift keeps the order"
    assert beside((), "roc_auc") == "unknown"


def test_thirty_rows_are_the_least_to_compare_on(labelled_project: Project, people_bundle: Path) -> None:
    champion = read_bundle(people_bundle)
    assemble(labelled_project, champion.contract, 0.29)
    assert compare(labelled_project.paths.newest, champion, champion) == ()
