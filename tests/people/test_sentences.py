"""Every finding is a sentence in every language, with its numbers and columns in it."""

from __future__ import annotations

import re
from unittest.mock import patch

import pytest
from markupsafe import Markup

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences import SENTENCES, registry, tell, title_of
from fullcycle.people.report.words import LANGUAGES, Words
from tests.people.findings_factory import every_finding

CYRILLIC = re.compile("[А-Яа-яЁё]")


def plain(text: Markup) -> str:
    return text.striptags().replace("\u00a0", " ").replace("\u202f", " ")


def test_every_code_has_a_sentence_and_an_example_here() -> None:
    assert set(SENTENCES) == set(Code)
    assert {finding.code for finding in every_finding()} == {code.value for code in Code}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("finding", every_finding(), ids=lambda finding: finding.code)
def test_a_finding_is_told_whole_with_its_columns(finding: Finding, language: str) -> None:
    words = Words(language)
    with patch.object(registry, "tell_shortly", side_effect=AssertionError("a fact is missing")):
        told = tell(words, finding)
    assert all(column in told for column in finding.columns)
    assert bool(CYRILLIC.search(told)) == (language == "ru")
    assert plain(told)[-1] in ".?"
    assert "%(" not in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", Code)
def test_a_finding_without_its_facts_is_told_by_its_short_name(code: Code, language: str) -> None:
    told = plain(tell(Words(language), Finding(code=code.value, severity=Severity.info)))
    assert told
    assert "%(" not in told


def test_a_code_of_a_newer_version_does_not_break_a_report() -> None:
    told = tell(Words("en"), Finding(code="FC999", severity=Severity.info))
    assert plain(told) == "A finding that this version of the report has no words for."
    assert "FC999" in title_of(Words("en"), "FC999")


def duplicates(rows: int) -> Finding:
    return Finding(code="FC201", severity=Severity.info, facts={"rows": rows, "action": "keep"})


@pytest.mark.parametrize(
    ("rows", "russian"),
    [
        (1, "1 строка в точности повторяет одну из предыдущих; она оставлена"),
        (2, "2 строки в точности повторяют предыдущие; они оставлены"),
        (5, "5 строк в точности повторяют предыдущие; они оставлены"),
        (21, "21 строка в точности повторяет одну из предыдущих; она оставлена"),
    ],
)
def test_russian_verbs_agree_with_the_number(rows: int, russian: str) -> None:
    assert plain(tell(Words("ru"), duplicates(rows))).startswith(russian)


def test_what_was_done_decides_what_is_said() -> None:
    def told(code: str, *columns: str, **facts: str | float | None) -> str:
        return plain(
            tell(Words("en"), Finding(code=code, severity=Severity.info, columns=columns, facts=facts))
        )

    assert "was kept" in told("FC201", rows=1, action="keep")
    assert "was dropped" in told("FC201", rows=1, action="drop")
    assert "first row of each key stays" in told("FC202", "id", rows=3, action="keep_first")
    assert "were dropped" in told("FC204", rows=3, action="drop")
    assert "easier than real life" in told("FC209", rows=3, action="report")
    assert "left out of the model" in told("FC301", "x", strength=1.0, decision="drop")
    assert "stays in the model" in told("FC302", "x", strength=1.0, decision="keep")
    assert "small values" in told("FC304", "x", skew=-3.0)
    assert "changed little" in told("FC502", log_loss_before=0.41, log_loss_after=0.42)
    assert "0.75 or" not in told("FC601", gate="metric_at_least", metric="roc_auc", found="0.7", bound="0.75")
