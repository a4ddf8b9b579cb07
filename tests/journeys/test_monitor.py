"""Monitoring as its user types it: a calm look, an alarm, its acknowledgement, the page."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of


@pytest.mark.nightly  # by day the guide walks this way: make docs
def test_a_table_is_watched_from_the_command_line(finished_project: Path, tmp_path: Path) -> None:
    project = copy_of(finished_project, tmp_path / "work")
    source = project.parent / "customers.csv"
    calm = fullcycle("-C", project, "monitor", "--current", source)
    assert "no alarm" in calm

    with source.open(newline="") as table:
        rows = list(csv.DictReader(table))
    moved = tmp_path / "moved.csv"
    with moved.open("w", newline="") as table:
        writer = csv.DictWriter(table, rows[0])
        writer.writeheader()
        writer.writerows({**row, "tenure": "" if at % 3 else row["tenure"]} for at, row in enumerate(rows))
    rung = fullcycle("-C", project, "monitor", "--current", moved, exit_code=1)
    assert "FC802" in rung
    assert "to do: look at the source before it" in rung
    told = json.loads(fullcycle("-C", project, "monitor", "--current", moved, "--json", exit_code=1))
    for alarm in told["alarms"]:
        fullcycle("-C", project, "monitor", "ack", alarm["id"], "--note", "known")
    fullcycle("-C", project, "monitor", "--current", moved)
    fullcycle("-C", project, "report")
    assert "FC802" in (project / "reports/en/monitor.html").read_text(encoding="utf-8")
    fullcycle("-C", project, "monitor", "--window", "a fortnight", exit_code=2)
