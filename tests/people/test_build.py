"""From a project's evidence folder to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.project import Project
from fullcycle.people.report import build_reports
from tests.people import evidence_factory as factory

SETTINGS = "version: 1\nname: Отток & co\nlanguages: [ru, en]\ndata:\n  source: telco.csv\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "fullcycle.yaml").write_text(SETTINGS, encoding="utf-8")
    for evidence in factory.churn().in_order:
        write_evidence(tmp_path / "evidence", evidence)
    return Project(tmp_path)


def test_reports_lie_by_language_as_the_settings_say(project: Project) -> None:
    written = build_reports(project)
    assert written[0] == project.paths.reports / "ru" / "index.html"
    assert len(written) == 12
    assert all(path.read_text(encoding="utf-8").startswith("<!doctype html>") for path in written)
    assert "Отток &amp; co" in written[0].read_text(encoding="utf-8")


def test_one_language_can_be_asked_for_and_then_has_no_link_to_another(project: Project) -> None:
    written = build_reports(project, ["en"])
    assert {path.parent.name for path in written} == {"en"}
    assert "hreflang" not in written[0].read_text(encoding="utf-8")


def test_a_page_whose_evidence_is_gone_goes_too(project: Project) -> None:
    build_reports(project)
    (project.paths.evidence / "verify.json").unlink()
    build_reports(project)
    assert not (project.paths.reports / "en" / "verify.html").exists()


def test_the_same_evidence_gives_the_same_bytes(project: Project) -> None:
    first = [path.read_bytes() for path in build_reports(project)]
    assert first == [path.read_bytes() for path in build_reports(project)]


def test_a_language_without_words_is_refused_by_name(project: Project) -> None:
    with pytest.raises(UserError, match="'de'") as caught:
        build_reports(project, ["de"])
    assert caught.value.expected == "one of en, ru"


@pytest.mark.parametrize(
    "spoil", [lambda path: path.write_text("{"), lambda path: path.write_text('{"version": 99}')]
)
def test_evidence_that_cannot_be_read_is_an_error_that_names_it(
    project: Project, spoil: Callable[[Path], object]
) -> None:
    spoil(project.paths.evidence / "explore.json")
    with pytest.raises(UserError, match=r"evidence/explore\.json"):
        build_reports(project)
