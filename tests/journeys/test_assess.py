"""Readiness of a real project, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of


def test_a_finished_project_is_assessed_gated_and_gets_a_badge(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path / "there")
    result = json.loads(fullcycle("-C", project, "assess", "--json", "--badge", "ready.svg"))
    earned = {check["id"]: check["points"] for each in result["criteria"] for check in each["checks"]}
    assert (earned["exchange_format"], earned["test_set_sealed"], earned["released"]) == (4, 4, 0)
    assert f"{result['points']:.0f} / 100" in (project / "ready.svg").read_text()
    fullcycle("-C", project, "assess", "--minimum", str(result["points"]))
    told = fullcycle("-C", project, "assess", "--minimum", str(result["points"] + 1), exit_code=1)
    assert "no deploy/routes.json -> fullcycle release" in told
