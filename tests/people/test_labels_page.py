"""The page about labels: there when there is evidence, told in numbers, and nothing personal on it."""

from __future__ import annotations

import pytest

from fullcycle.core.evidence.base import Interval, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.label import AgreementFacts, AuditFacts, LabelEvidence
from fullcycle.people.report.build import render_pages
from fullcycle.people.report.records import Records
from fullcycle.people.report.sentences import tell
from fullcycle.people.report.words import Words
from tests.people import evidence_factory as factory
from tests.people.label_factory import around, labels
from tests.people.reading import read


def page(evidence: LabelEvidence, language: str = "en") -> str:
    return render_pages("p", Records(label=evidence), language, ("en", "ru"))["labels.html"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_labels_have_a_page_and_a_place_in_the_navigation_only_with_evidence(language: str) -> None:
    without = render_pages("p", Records(factory.collect(), factory.clean()), language, ("en", "ru"))
    assert "labels.html" not in without["index.html"]
    with_it = render_pages("p", Records(label=labels()), language, ("en", "ru"))
    assert 'href="labels.html"' in with_it["index.html"]
    assert 'href="labels.html#conclusions"' in with_it["index.html"]  # a warning about labels


def test_each_part_alone_makes_a_page() -> None:
    whole = labels()
    for part in ("audit", "agreement", "imported", "handed_out"):
        html = page(LabelEvidence.model_validate({part: getattr(whole, part)}))
        assert read(html).all("h2")


def test_evidence_of_earlier_versions_has_a_page_too() -> None:
    old = {
        "version": 1,
        "audit": {
            "method": "confident_learning",
            "score": "self_confidence",
            "rows": 900,
            "suspect_rows": 1,
            "suspects": [{"row": 3, "given": "No", "suggested": "Yes", "score": 0.01}],
            "noise": [{"given": "No", "likely": "Yes", "rows": 1}],
        },
        "agreement": {
            "annotators": 2,
            "items": 20,
            "alpha": {"value": 0.85, "low": 0.7, "high": 0.95},
            "level": "nominal",
            "cohen_kappa": 0.84,
        },
        "imported": {
            "imports": 1,
            "file": "labels/labels.csv",
            "aggregation": "majority",
            "annotations": 40,
            "rows": 20,
            "tied_rows": 0,
            "annotators": [{"name": "ann", "labels": 20, "agrees": 1.0}],
        },
    }
    text = read(page(LabelEvidence.model_validate(old))).text
    assert "0.84" in text
    assert "may be relied on" in text


def test_rows_of_a_personal_target_or_key_show_neither() -> None:
    text = read(page(labels(regression=True))).text
    assert "given" not in [cell.text for cell in read(page(labels(regression=True))).all("th")]
    assert "K-1" not in text


@pytest.mark.parametrize(
    ("alpha", "severity", "said"),
    [
        (Interval(value=0.71, low=0.6, high=0.8), Severity.info, "tentative conclusions"),
        (Interval(value=0.6, low=0.5, high=0.7), Severity.warning, "Below 0.667"),
        (Interval(value=0.05, low=-0.1, high=0.2), Severity.warning, "told from chance"),
        (Interval(value=-0.2), Severity.warning, "told from chance"),
    ],
)
def test_disagreement_is_told_as_krippendorff_reads_alpha(
    alpha: Interval, severity: Severity, said: str
) -> None:
    facts = {name: getattr(alpha, name) for name in ("low", "high") if alpha.low is not None}
    found = finding(
        Code.annotators_disagree,
        severity,
        "left",
        agreement=alpha.value,
        measure="krippendorff_alpha",
        items=40,
        **facts,
    )
    facts_of_page = AgreementFacts(annotators=2, items=40, alpha=alpha, level="nominal")
    told = tell(Words("en"), found)
    if alpha.low is not None and alpha.low <= 0:  # without a reading, alpha alone is what there is to read
        found = found.model_copy(update={"facts": {**found.facts, "reading": "chance"}})
        told = tell(Words("en"), found)
    assert said in told
    assert "little more than by chance" not in told
    assert "may be relied on (" not in read(page(LabelEvidence(agreement=facts_of_page))).text


def test_labels_without_a_suspect_are_told_so() -> None:
    audit = AuditFacts(method="confident_learning", score="self_confidence", rows=900, suspect_rows=0)
    assert "None of the 900 training labels is suspect" in read(page(LabelEvidence(audit=audit))).text


def test_the_one_who_differs_from_all_others_is_named_and_equals_are_not() -> None:
    whole = labels()
    assert "cy agrees least with the others" in read(page(whole)).text
    assert whole.imported is not None
    alike = tuple(each.model_copy(update={"with_others": around(0.8)}) for each in whole.imported.annotators)
    equals = whole.model_copy(update={"imported": whole.imported.model_copy(update={"annotators": alike})})
    assert "agrees least" not in read(page(equals)).text
