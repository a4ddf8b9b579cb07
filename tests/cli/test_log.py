"""`fullcycle log`: what a person and a program are told of the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.live.log.test_log import deployment_of
from tests.released import ROW, bundle_in, project_in

from fullcycle.cli.main import main
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.project.project import Project
from fullcycle.live.log.entries import Outcome
from fullcycle.live.log.writer import LogPlace, PredictionLog
from fullcycle.live.routes.router import Served


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose server answered one row twice, and ended."""
    made = project_in(tmp_path / "project", "log:\n  keep_days: 30\n")
    bundle = read_bundle(bundle_in(tmp_path / "made"))
    log = PredictionLog(LogPlace(made.paths.predictions, made.settings.log))
    log.meets(deployment_of(bundle))
    row = bundle.coerce(ROW)
    for request in ("first", "second"):
        log.append(request, [Served("champion", bundle.version, row, bundle.answer([row])[0], 0.25)])
    log.append_outcomes([Outcome("second", "yes")])
    log.close()
    return made


def test_answers_are_counted_before_and_after_they_are_compacted(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(project.root)
    assert main(["-C", root, "log", "show", "-n", "1"]) == 0
    said = capsys.readouterr()
    assert "2 answers, 1 with a known outcome, 0 outcomes of no answer" in said.out
    assert "second 0  champion said" in said.out
    assert "turned out yes" in said.out
    assert f"fullcycle -C {root} log compact" in said.err
    assert main(["-C", root, "log", "compact", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["records"], done["files"], done["removed"]) == (3, 1, 0)
    assert main(["-C", root, "log", "show", "--json", "--records", "5"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["answers"], shown["outcomes"], shown["files"]) == (2, 1, 0)
    assert [record["request_id"] for record in shown["records"]] == ["first", "second"]
    assert shown["records"][0]["inputs"]["age"] == 52
    assert shown["groups"][0]["latency_p50_ms"] == 0.25


def test_a_project_that_answered_nothing_has_an_empty_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(project_in(tmp_path / "new").root)
    assert main(["-C", root, "log", "show"]) == 0
    assert main(["-C", root, "log", "compact"]) == 0
    assert "0 answers" in capsys.readouterr().out
