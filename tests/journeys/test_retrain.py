"""Monitoring that closes the loop: customers change, outcomes come, and `fullcycle monitor` trains anew."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.cli.exercise import exercise_retraining
from fullcycle.core.bundle import Bundle, read_bundle
from fullcycle.core.project.project import Project
from fullcycle.core.routes.store import Deploy, read_routes
from fullcycle.live.log.table import FORMAT, SOURCES, schema
from fullcycle.live.monitor.drill.traffic import Day, records_of
from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of
from tests.journeys.test_pipelines import edit

DAY = timedelta(days=1)
CALM, MOVED, ROWS = 3, 8, 250


def serve_days(project: Path) -> Bundle:
    """A log as the service leaves it: after three calm days, those who stay are the long-standing customers
    that used to leave least, at twice the price; every outcome comes within a day."""
    bundle = read_bundle(project / "bundle")
    with (project.parent / "customers.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    names = [column.name for column in bundle.contract.features]
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(CALM + MOVED):
        chosen = [rows[(number * ROWS + at) * 7 % len(rows)] for at in range(ROWS)]
        columns: dict[str, list[Any]] = {
            name: [bundle.coerce(row).values[at] for row in chosen] for at, name in enumerate(names)
        }
        outcomes = [row["churn"] for row in chosen]
        if number >= CALM:
            charges = columns["monthly_charges"]
            columns["monthly_charges"] = [None if each is None else each * 2 for each in charges]
            outcomes = [{"Yes": "No", "No": "Yes"}[each] for each in outcomes]
        start = today - (CALM + MOVED - number) * DAY
        write_day(project, bundle, Day(start, columns, outcomes, [3600.0] * ROWS, [1.0] * ROWS))
    return bundle


def write_day(project: Path, bundle: Bundle, day: Day) -> None:
    said, known = records_of(bundle, day)
    folder = project / "predictions"
    folder.mkdir(exist_ok=True)
    described = schema().with_metadata({SOURCES: b"[]", FORMAT: b"1"})
    pq.write_table(
        pa.Table.from_pylist([*said, *known], described), folder / f"{day.start:%Y-%m-%d}_1.parquet"
    )


def retrain(then: str) -> Any:
    def change(settings: Any) -> None:
        settings["monitor"] = {"retrain": {"on": ["drift", "performance"], "then": then}}

    return change


@pytest.mark.nightly
def test_drift_in_the_log_trains_anew_and_what_is_better_becomes_challenger(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path / "work")
    fullcycle("-C", project, "release", "--no-registry")
    edit(project, retrain("challenger"))
    champion = serve_days(project).version
    told = fullcycle("-C", project, "monitor", exit_code=1)
    assert "retraining is due: " in told
    assert re.search(r"drift \(FC80[16] monthly_charges\)", told), told
    assert f"is challenger beside {champion}" in told

    evidence = json.loads((project / "evidence/monitor.json").read_text(encoding="utf-8"))
    done = evidence["retrain"]["latest"]
    assert (done["ended"], done["beside"], done["champion"]) == ("challenger", "better", champion)
    routes = read_routes(Deploy(project / "deploy"))
    assert routes is not None
    assert (routes.champion, routes.bundles["challenger"]) == (champion, done["bundle"])

    # A new version of the data: source and served rows, under DVC, told where data is told.
    collected = json.loads((project / "evidence/collect.json").read_text(encoding="utf-8"))
    assert collected["served"]["rows"] == done["served_rows"] == done["new_rows"]
    assert done["new_rows"] + done["newest_rows"] == (CALM + MOVED) * ROWS
    assert (project / "data/served.parquet.dvc").exists()
    assert "outs" in (project / "data/served.parquet.dvc").read_text(encoding="utf-8")
    assert pq.read_table(project / "data/raw.parquet").num_rows == 1500 + done["served_rows"]

    # The next look meets a challenger, and waits; nobody has to dispatch anything, and nothing runs twice.
    again = fullcycle("-C", project, "monitor", exit_code=1)
    assert "waits: a challenger is being tried" in again
    fullcycle("-C", project, "report")
    for language, word in (("en", "released as challenger"), ("ru", "выпущена претендентом")):
        assert word in (project / f"reports/{language}/monitor.html").read_text(encoding="utf-8")

    # The drill goes the same way on a copy, and says how long it took.
    before = (project / "deploy/routes.json").read_bytes()
    response = exercise_retraining(Project(project))
    assert (response.works, response.by.split()[0]) == (True, "challenger")
    assert (response.recovery_ms or 0) > 0
    assert (project / "deploy/routes.json").read_bytes() == before

    # By hand, where it asks: a proposal with the command that accepts it.
    fullcycle("-C", project, "routes", "set", "--challenger", "none")
    edit(project, retrain("ask"))
    asked = json.loads(fullcycle("-C", project, "monitor", "--retrain", "--json", exit_code=1))
    latest = asked["retrain"]["latest"]
    assert (latest["ended"], latest["new_rows"] > 0) == ("proposed", True)
    waiting = fullcycle("-C", project, "monitor", "--no-retrain", exit_code=1)
    assert "retraining" not in waiting
    waiting = fullcycle("-C", project, "monitor", exit_code=1)
    accept = f"fullcycle release --bundle deploy/{latest['bundle']} --as challenger"
    assert accept in waiting
    fullcycle("-C", project, *accept.split()[1:], "--no-registry", folder=project)
    assert "is proposed" not in fullcycle("-C", project, "monitor", exit_code=1)
