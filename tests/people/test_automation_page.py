"""The page about automation: there when there is evidence, and what went wrong stands at its top."""

from __future__ import annotations

import re

import pytest

from fullcycle.automate.pipelines.jobs import pipelines
from fullcycle.core.evidence.automation import AssumptionCode, AutomationEvidence, Ended, StepKind
from fullcycle.people.report.build import render_pages
from fullcycle.people.report.pages.automation import ENDED
from fullcycle.people.report.pages.automation_parts.pipelines import JOBS, PIPELINES, STEPS
from fullcycle.people.report.records import Records
from tests.people import evidence_factory as factory
from tests.people.automation_factory import automation


def page(evidence: AutomationEvidence, language: str = "en") -> str:
    html = render_pages("p", Records(automation=evidence), language, ("en", "ru"))["automation.html"]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.partition("</head>")[2]))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_automation_has_a_page_and_a_place_in_the_navigation_only_with_evidence(language: str) -> None:
    without = render_pages("p", Records(factory.collect(), factory.clean()), language, ("en", "ru"))
    assert "automation.html" not in without["index.html"]
    with_it = render_pages("p", Records(automation=automation()), language, ("en", "ru"))
    assert 'href="automation.html"' in with_it["index.html"]


def test_what_went_wrong_is_told_first() -> None:
    text = page(automation())
    assert "In production, bundle 3f9a1c0d: sent back by its canary." in text
    assert "The service in production does not answer as its bundle must." in text
    assert "sent back by its canary: odd answers" in text
    assert "a golden row is answered otherwise (unseen category)" in text


def test_the_bundle_that_answers_after_a_way_back_is_the_one_before() -> None:
    tile = page(automation()).partition("In production")[2][:20]
    assert "77aa01bc" in tile


def test_a_bundle_that_a_person_went_back_to_answers_though_it_does_so_wrongly() -> None:
    evidence = automation()
    wrong = evidence.deployments[-1].model_copy(update={"ended": "wrong"})
    tile = page(evidence.model_copy(update={"deployments": (wrong,)})).partition("In production")[2][:20]
    assert wrong.bundle[:8] in tile


def test_the_plan_is_told_with_what_it_takes_for_granted() -> None:
    text = page(automation())
    assert "requests a second at the busiest time: 40" in text
    assert "2 to 6" in text
    assert "a logged row takes 600 bytes" in text


def test_each_part_alone_makes_a_page() -> None:
    whole = automation()
    for part in ("pipelines", "comparison", "smoke", "deployments", "plan"):
        assert "What to type next" in page(AutomationEvidence.model_validate({part: getattr(whole, part)}))


def test_every_code_of_the_evidence_has_its_words() -> None:
    assert set(StepKind.__args__) == set(STEPS)  # type: ignore[attr-defined]
    assert set(Ended.__args__) == set(ENDED)  # type: ignore[attr-defined]
    told = {each.code for each in automation().plan.assumptions}  # type: ignore[union-attr]
    assert set(AssumptionCode.__args__) == told  # type: ignore[attr-defined]


def test_every_pipeline_and_job_has_its_words(tmp_path: object) -> None:
    from pathlib import Path

    from fullcycle.core.project.project import Project
    from tests.automate.pipelines.test_pipelines import RETRAIN, SETTINGS

    root = Path(str(tmp_path))
    (root / "fullcycle.yaml").write_text(SETTINGS + RETRAIN, encoding="utf-8")
    found = pipelines(Project(root), "github")
    assert {each.id for each in found} == set(PIPELINES)
    assert {job.id for each in found for job in each.jobs} == set(JOBS)
