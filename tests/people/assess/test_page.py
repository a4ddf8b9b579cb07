"""The page about readiness: every sentence in both languages, points as in the evidence, links to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fullcycle.core.evidence.assess import AssessEvidence, CheckFacts, CriterionFacts, Seen
from fullcycle.people.assess.assess import measure
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.build import render_pages
from fullcycle.people.report.final.build import render_final
from fullcycle.people.report.pages.assess_parts.said import earn_text
from fullcycle.people.report.pages.assess_parts.seen import SEEN
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words, as_line
from tests.people.assess.made import READY, ready
from tests.people.assess.test_checks import LOSSES
from tests.people.languages import foreign, spoken
from tests.people.reading import our_words, read

FILE = {"file": "evidence/verify.json", "by": "bundle/tests.json", "on": "evidence/clean.json"}
DOUBTS = ("unreadable", "not_recorded", "edited", "overtaken", "rests_on", "not_opened", "contradicted",
          "other_bundle")  # fmt: skip
languages = pytest.mark.parametrize("language", ["en", "ru"])


def everything_seen() -> list[CheckFacts]:
    """A check for each thing that can be seen."""
    several = [measure(Records(), Repository()), measure(ready(), READY)]
    several += [measure(*loss(ready(), READY)) for losses in LOSSES.values() for loss in losses]
    several.append(measure(ready(), replace(READY, tracked_runs=None)))
    found = {check.seen.code: check for one in several for each in one.criteria for check in each.checks}
    tests = {test.seen.code: test.seen for one in several for each in one.sections for test in each.tests}
    plain = next(iter(found.values()))
    for code in (*DOUBTS, *tests):
        seen = tests.get(code) or Seen(code=code, facts=dict(FILE))
        found.setdefault(code, plain.model_copy(update={"seen": seen, "earned": False}))
    return list(found.values())


@languages
def test_everything_that_can_be_seen_is_told_in_one_language(language: str) -> None:
    checks = everything_seen()
    assert {check.seen.code for check in checks} == set(SEEN)
    whole = measure(ready(), READY)
    criteria = (CriterionFacts(id="analysis", weight=20, checks=tuple(checks)), *whole.criteria[1:])
    html = page(Records(assess=whole.model_copy(update={"criteria": criteria})), language)
    said = our_words(read(html))
    assert foreign(spoken(said), language) == set()
    for code in SEEN:
        assert f">{code}</code>" not in html


def page(records: Records, language: str) -> str:
    return render_pages("p", records, language, ("en", "ru"))["assess.html"]


@languages
def test_each_check_stands_with_its_points_and_what_would_earn_them(language: str) -> None:
    evidence = measure(ready(), replace(READY, notes={}, answering=None, ci=()))
    tree = read(page(Records(assess=evidence), language))
    rows = [row for table in tree.all("table") for row in table.all("tr")]
    assert len(rows) == 5 + 1 + 5 * (5 + 1) + 4 * (7 + 1)
    words = Words(language)
    text = " ".join(tree.text.split())
    missing = [check for each in evidence.criteria for check in each.checks if not check.earned]
    assert {check.id for check in missing} == {"conclusions", "pipeline_in_ci", "released"}
    assert all(as_line(earn_text(words, check)).replace("`", "") in text for check in missing)
    assert len(tree.all("figure")) == 2


@languages
def test_the_first_page_and_the_final_report_have_it_in_short(language: str) -> None:
    records = Records(collect=ready().collect, assess=measure(ready(), READY))
    index = render_pages("p", records, language, ("en", "ru"))["index.html"]
    assert [a for a in read(index).all("a") if a.attributes["href"] == "assess.html"]
    html, text = render_final("p", records, language, ("en", "ru"))
    said = Words(language).gettext("What each criterion gives, and what is missing")
    assert said in html
    assert said in text
    assert Words(language).gettext("how to earn the rest") not in text


def test_it_says_that_stages_have_run_since() -> None:
    evidence: AssessEvidence = measure(ready(), READY)
    run = ready().clean.run  # type: ignore[union-attr]
    assert run is not None
    for created, said in (("2020-01-01T00:00:00+00:00", True), ("2030-01-01T00:00:00+00:00", False)):
        asked = evidence.model_copy(update={"run": run.model_copy(update={"created": created})})
        html = page(Records(clean=ready().clean, assess=asked), "en")
        assert ("Stages have run since readiness was assessed" in html) is said
