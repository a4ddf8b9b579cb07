"""The prediction log by windows of time: each is looked at once; alarms live as long as what rang them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.core.bundle.conftest import pipeline
from tests.live.monitor.conftest import NOW, people

from fullcycle.cli.monitor import told
from fullcycle.core.bundle import read_bundle
from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.live.log.table import FORMAT, SOURCES, schema
from fullcycle.live.monitor.history import open_history
from fullcycle.live.monitor.stage import Asked, run

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def bundle(people_bundle: Any) -> Bundle:
    return read_bundle(people_bundle)


def write_log(project: Project, bundle: Bundle, day: datetime, rows: int, **changes: Any) -> None:
    """A compacted part with answers of one day, as the server logs them."""
    columns = people(rows, seed=day.day)
    for name, change in changes.items():
        columns[name] = change(columns[name])
    columns["since"] = [None if each is None else each * 1_000_000 for each in columns["since"]]
    answers = pipeline(columns, Task.binary).tolist()
    records = []
    for at in range(rows):
        inputs = {name: values[at] for name, values in columns.items()}
        said = {"prediction": "yes", "probabilities": dict(zip(("no", "yes"), answers[at], strict=True))}
        records.append(
            {
                "kind": "prediction",
                "time": day + DAY * at / rows,
                "request_id": f"{day:%m%d}-{at}",
                "row": 0,
                "route": "champion",
                "version": bundle.version,
                "latency_ms": 1.0,
                "inputs": json.dumps(inputs),
                "output": json.dumps(said),
                "prediction": "yes",
            }
        )
    project.paths.predictions.mkdir(exist_ok=True)
    described = schema().with_metadata({SOURCES: b"[]", FORMAT: b"1"})
    target = project.paths.predictions / f"{day:%Y-%m-%d}_1.parquet"
    pq.write_table(pa.Table.from_pylist(records, described), target)


def older(ages: list[Any]) -> list[Any]:
    return [None if age is None else min(age + 25, 90) for age in ages]


@pytest.fixture
def logged_project(watched_project: Project, bundle: Bundle) -> Project:
    """Three days; on the third, customers are older."""
    first = datetime(2026, 5, 1, tzinfo=UTC)
    write_log(watched_project, bundle, first, 600)
    write_log(watched_project, bundle, first + DAY, 600)
    write_log(watched_project, bundle, first + 2 * DAY, 600, age=older)
    return watched_project


def test_each_day_is_judged_once_and_the_alarm_is_acknowledged(
    logged_project: Project, bundle: Bundle
) -> None:
    evidence = run(logged_project, Asked(), NOW)
    assert [window.key[:10] for window in evidence.windows] == ["2026-05-01", "2026-05-02", "2026-05-03"]
    drifted = [
        {c.name for c in window.columns if c.part == "input" and c.drifted} for window in evidence.windows
    ]
    assert drifted == [set(), set(), {"age"}]
    [alarm] = [each for each in evidence.ringing if each.finding.columns == ("age",)]
    assert alarm.first_window.startswith("2026-05-03")

    again = run(logged_project, Asked(), NOW)
    assert [window.key for window in again.windows] == [window.key for window in evidence.windows]
    assert [each.windows for each in again.alarms] == [each.windows for each in evidence.alarms]

    with open_history(logged_project.paths.monitoring) as history:
        for each in again.ringing:
            history.acknowledge(each.id, "me", "known")
        with pytest.raises(UserError, match="no alarm 'a99'"):
            history.acknowledge("a99", "me", None)
    assert run(logged_project, Asked(), NOW).ringing == ()

    write_log(logged_project, bundle, datetime(2026, 5, 4, tzinfo=UTC), 600)
    over = run(logged_project, Asked(), NOW)
    assert over.alarms == ()
    assert len(over.windows) == 4


def test_a_day_that_is_not_over_waits(watched_project: Project, bundle: Bundle) -> None:
    write_log(watched_project, bundle, datetime(2026, 5, 1, tzinfo=UTC), 100)
    evidence = run(watched_project, Asked(), datetime(2026, 5, 1, 20, tzinfo=UTC))
    assert evidence.windows == ()
    assert len(run(watched_project, Asked(), NOW).windows) == 1
    said = "\n".join(told(evidence))
    assert "no window of 1 day is over yet" in said
    assert "monitor --window '200 rows'" in said


def test_personal_columns_of_the_log_are_compared_by_their_gaps_alone(
    watched_project: Project, bundle: Bundle
) -> None:
    hashed = {"e-mail": lambda values: [f"sha:{each}" for each in values]}
    write_log(watched_project, bundle, datetime(2026, 5, 1, tzinfo=UTC), 100, **hashed)
    [window] = run(watched_project, Asked(), NOW).windows
    [email] = [column for column in window.columns if column.name == "e-mail"]
    assert email.status == "personal"
    assert email.missing_rate == 0
    assert email.categories == ()


def test_an_empty_log_says_what_to_do(watched_project: Project) -> None:
    with pytest.raises(UserError, match="no answer in the prediction log"):
        run(watched_project, Asked(), NOW)
