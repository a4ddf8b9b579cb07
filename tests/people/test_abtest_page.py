"""The page about A/B tests: the decision first, by rule and with its numbers; charts have titles, units."""

from __future__ import annotations

import pytest

from fullcycle.core.evidence.abtest import ROUTES_TEST, AbtestEvidence, Verdict
from fullcycle.people.report.build import render_pages
from fullcycle.people.report.final.decisions import decisions_page
from fullcycle.people.report.pages.abtest_parts.decided import SENTENCES, TONES
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words
from tests.people import evidence_factory as factory
from tests.people.abtest_factory import abtests, analysis, design
from tests.people.reading import read


def page(evidence: AbtestEvidence, language: str = "en") -> str:
    return render_pages("p", Records(abtest=evidence), language, ("en", "ru"))["abtest.html"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_tests_have_a_page_and_a_place_in_the_navigation_only_with_evidence(language: str) -> None:
    without = render_pages("p", Records(factory.collect(), factory.clean()), language, ("en", "ru"))
    assert "abtest.html" not in without["index.html"]
    with_it = render_pages("p", Records(abtest=abtests()), language, ("en", "ru"))
    assert 'href="abtest.html"' in with_it["index.html"]
    assert 'href="abtest.html#conclusions"' in with_it["index.html"]  # the broken draw


def test_every_verdict_has_a_sentence_and_a_tone() -> None:
    assert set(Verdict.__args__) == set(TONES)  # type: ignore[attr-defined]
    assert set(TONES) <= set(SENTENCES)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("better", "B: take it. conversion changes by +1.1 pp (97.5% interval +0.7 pp to +1.5 pp)."),
        ("worse", "B: keep A. conversion changes by"),
        ("harmed", "B: keep A. It is shown to break the limit of slow."),
        ("mismatch", "B: no decision. The variants did not get their planned shares; mend the draw first."),
        ("early", "B: wait. 40,000 units of 39,000 planned are there; so far conversion changes by"),
        ("no_effect", "B: no effect that would matter (+1 pp)."),
        ("undecided", "but slow is not shown to stay within its limit."),
    ],
)
def test_the_decision_stands_first_with_its_numbers(verdict: str, said: str) -> None:
    more = {"harmed": {"broken": ("slow",)}, "undecided": {"open": ("slow",)}}.get(verdict, {})
    html = read(page(AbtestEvidence(analyses=(analysis(verdict, **more),))))
    [status] = [each for each in html.all("div") if each.attributes.get("role") == "status"]
    assert said in status.text


def test_a_rule_for_every_look_tells_its_own_interval() -> None:
    text = read(page(AbtestEvidence(analyses=(analysis("better", rule="sequential"),)))).text
    assert "+0.46 pp to +1.74 pp" in text
    assert "Decided by the interval that holds at every look." in text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_charts_of_the_page_have_titles_and_axes_with_units(language: str) -> None:
    html = read(page(abtests(), language))
    titles = [each.text for each in html.all("figcaption")]
    assert len(html.all("svg")) >= 12
    assert all(titles)
    wanted = "percentage points" if language == "en" else "процентные пункты"
    assert any(wanted in svg.text for svg in html.all("svg"))


def test_designs_alone_and_old_evidence_make_a_page() -> None:
    assert "39,000 units of all variants: 10 days" in read(page(AbtestEvidence(designs=(design(),)))).text
    small = analysis(since=None, until=None, strata=None, design=None, fixed=None, planned_units=None)
    text = read(page(AbtestEvidence(analyses=(small.model_copy(update={"comparisons": 1}),)))).text
    assert "Chance of a false difference" in text


def test_the_test_that_routes_are_is_told_in_the_language_of_the_page() -> None:
    told = analysis("better", name=ROUTES_TEST, versions={"champion": "3f9a", "challenger": "77aa"})
    renamed = told.model_dump_json().replace('"B"', '"challenger"').replace('"A"', '"champion"')
    evidence = AbtestEvidence(analyses=(told.model_validate_json(renamed),))
    text = read(page(evidence, "ru")).text
    assert "претендент: внедряйте" in text
    assert "challenger" not in text
    assert "challenger: take it" in read(page(evidence)).text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_tests_decided_stands_in_the_log_of_decisions(language: str) -> None:
    page = decisions_page(Words(language), Records(abtest=abtests()))
    assert page is not None
    [table] = [block for section in page.sections for block in section.blocks]
    told = [str(cell.text) for row in table.rows for cell in row]  # type: ignore[union-attr]
    assert len(told) == 3 * 2
    assert any("+1.1" in text or "+1,1" in text for text in told)
