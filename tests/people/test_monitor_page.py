"""The page about monitoring: there when there is evidence, calm or alarmed, whatever windows it has."""

from __future__ import annotations

from typing import get_args

import pytest

from fullcycle.core.evidence.monitor import MonitorEvidence, RiskFacts, RiskKind
from fullcycle.core.evidence.retrain import RetrainFacts, RetrainReason
from fullcycle.core.evidence.skew import SkewFacts
from fullcycle.people.report.build import render_pages
from fullcycle.people.report.final.build import render_final
from fullcycle.people.report.records import Records
from tests.people import evidence_factory as factory
from tests.people.monitor_factory import (
    caused,
    causes,
    control,
    gone,
    monitored,
    performance,
    retrained,
    window,
)
from tests.people.reading import read


def page(evidence: MonitorEvidence, language: str = "en") -> str:
    return render_pages("p", Records(monitor=evidence), language, ("en", "ru"))["monitor.html"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_monitoring_has_a_page_and_its_alarms_stand_on_the_first_one(language: str) -> None:
    without = render_pages("p", Records(factory.collect(), factory.clean()), language, ("en", "ru"))
    assert "monitor.html" not in without["index.html"]
    with_it = render_pages("p", Records(monitor=monitored()), language, ("en", "ru"))
    assert 'href="monitor.html#conclusions"' in with_it["index.html"]


def test_an_alarm_is_told_with_its_test_its_id_and_what_to_do() -> None:
    html = page(monitored())
    text = read(html).text
    assert "1 alarm rings." in text
    assert "a1-12ab" in text
    assert "van der Waerden: how high numbers are" in text
    assert "acknowledged by Ada: a campaign" in text
    assert "fullcycle monitor ack a1-12ab" in text
    assert "Ask who supplies the column what changed" in text
    assert "no more than 1 false alarm a quarter" in text


def test_a_calm_page_has_no_alarms_and_says_so() -> None:
    text = read(page(monitored(ringing=False))).text
    assert "No alarm rings that nobody knows of." in text
    assert "Alarms that are not over" not in text


def test_windows_that_nobody_could_judge_make_a_page_too() -> None:
    calm = monitored(ringing=False)
    for windows in ((), (window(1, rows=3, judged=False),), (window(1, gone("tenure")),)):
        html = page(calm.model_copy(update={"windows": windows, "findings": ()}))
        assert read(html).all("h1")


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ("1 day", "of 1 day"),
        ("5000 rows", "of 5,000 rows"),
        ("all rows", "all rows as one"),
        ("2 months", "of 2 months"),
    ],
)
def test_a_window_is_told_in_words(window: str, told: str) -> None:
    assert told in read(page(monitored().model_copy(update={"window": window}))).text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_causes_performance_charts_and_the_certificate_have_their_sections(language: str) -> None:
    every = causes(
        caused("constant"),
        caused("missing"),
        caused("factor", factor=100.0),
        caused("renamed", before="Omsk", now="OMSK"),
        caused("unseen", now="trial"),
        caused("shares"),
        caused("shape"),
    )
    found = {
        "causes": every,
        "performance": performance(),
        "performance_of": "2026-05-02T00:00:00+00:00",
        "control": (control(),),
        "skew": SkewFacts(rows=300, different=0, largest=0.1),
    }
    html = page(monitored().model_copy(update=found), language)
    for section in ("causes", "performance", "control"):
        assert f'id="{section}"' in html
    text = read(html).text
    for told in ("OMSK", "trial", "ROC AUC", "100", "300", "young", "pro"):
        assert told in text


RISKS = (
    RiskFacts(
        name="Prices", declared=True, failure="They rise", detection="FC801", response="Ask", owner="CFO"
    ),
    *(
        RiskFacts(name=kind, declared=False, kind=kind, about="tenure", owner="ML engineer")
        for kind in get_args(RiskKind)
    ),
)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_risks_stand_on_the_page_as_people_wrote_them_or_in_words_of_the_language(language: str) -> None:
    text = read(page(monitored().model_copy(update={"risks": RISKS}), language)).text
    for told in ("Prices", "They rise", "CFO", "tenure", "fullcycle monitor risks --accept"):
        assert told in text
    proposed = {
        "en": ("weak slice tenure", "carries half of the model or more"),
        "ru": ("слабый срез: tenure", "держит на себе половину модели"),
    }
    for told in proposed[language]:
        assert told in text
    assert 'id="risks"' not in page(monitored(), language)
    with_risks = Records(monitor=monitored().model_copy(update={"risks": RISKS}))
    document, markdown = render_final("p", with_risks, language, ("en", "ru"))
    assert "They rise" in read(document).text
    assert "They rise" in markdown


REASONS = (
    RetrainReason(on="drift", code="FC801", about="tenure", found=0.3, bound=0.1),
    RetrainReason(on="performance", code="FC813"),
    RetrainReason(on="schedule", about="2026-05-04T03:00:00+00:00"),
    RetrainReason(on="labels", found=1200, bound=1000),
)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "It is not due: 1,200 outcomes came"),
        ({"reasons": REASONS, "waits": "pause"}, "It waits, as the pause after the last"),
        ({"reasons": REASONS, "now": True}, "It was due: drift (Column drifted: tenure)"),
        ({"then": "challenger"}, "released as challenger, unless it is shown to be worse"),
        ({"latest": retrained()}, "fullcycle release --bundle deploy/fedcba --as challenger"),
        ({"latest": retrained(target="production")}, "fullcycle ci deploy production --canary"),
        ({"latest": retrained(released=False)}, "fullcycle release --bundle deploy/fedcba"),
        ({"latest": retrained("worse")}, "not released: shown to be worse than the champion"),
        ({"latest": retrained()}, "Both on the newest 171 rows with outcomes"),
    ],
)
def test_retraining_says_what_starts_it_where_it_stands_and_how_it_ended(
    changes: dict[str, object], told: str
) -> None:
    facts = {"on": ("drift", "labels"), "then": "ask", "new_labels": 1200, **changes}
    evidence = monitored().model_copy(update={"retrain": RetrainFacts.model_validate(facts)})
    assert told in read(page(evidence)).text


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            {"performance": performance().model_copy(update={"not_foreseen": "regression"})},
            "a predicted number has no probability",
        ),
        (
            {"performance": performance().model_copy(update={"not_foreseen": "not_calibrated"})},
            "probabilities can't be read as shares",
        ),
        ({"performance": performance("data"), "performance_of": "row 0"}, "Inputs moved; outcomes follow"),
        ({"performance": performance("both"), "performance_of": "row 0"}, "Inputs moved, and outcomes"),
        ({"performance": performance("nothing"), "performance_of": "row 0"}, "Neither other inputs"),
        ({"control": (control(rings=False),)}, "No chart rang."),
        ({"skew": SkewFacts(rows=300, different=2, largest=9.0)}, "2 are answered or read otherwise"),
        ({"skew": SkewFacts(rows=0, different=0, largest=0.0, withheld=3)}, "No served row could be asked"),
        ({"causes": causes(caused("shape")).model_copy(update={"of": None})}, "The mean prediction was"),
    ],
)
def test_each_finding_beyond_drift_is_told_in_words(found: dict[str, object], told: str) -> None:
    assert told in read(page(monitored().model_copy(update=found))).text


def test_a_segments_own_mean_stands_there_where_training_rows_told_it() -> None:
    without = causes(caused("shape"))
    assert "by its own mean" not in read(page(monitored().model_copy(update={"causes": without}))).text
    known = {"score_before": 0.321, "by_mean": 0.016}
    segments = tuple(each.model_copy(update=known) for each in without.segments)
    told = without.model_copy(update={"segments": segments})
    text = read(page(monitored().model_copy(update={"causes": told}))).text
    assert "by its own mean" in text
    assert "0.321" in text
