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
    page = (project / "reports/ru/assess.html").read_text(encoding="utf-8")
    assert f"Доказано баллов: {result['points']:g} из 100." in page
    assert 'href="assess.html"' in (project / "reports/en/index.html").read_text(encoding="utf-8")
    verdict = project / "evidence/verify.json"
    verdict.write_text(verdict.read_text().replace('"passed":', '"passed" :'))
    told = fullcycle("-C", project, "assess", "--minimum", str(result["points"]), exit_code=1)
    assert "`evidence/verify.json` is not what `dvc.lock` records -> fullcycle run" in told
    assert "no released bundle -> fullcycle release" in told
