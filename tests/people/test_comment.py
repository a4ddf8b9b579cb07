"""The comment under a pull request: one verdict, metrics beside the branch, charts that are pictures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fullcycle.people.report.comment import _text, charts, comment, not_judged
from fullcycle.people.report.words import Words
from tests.people import evidence_factory as factory
from tests.people.automation_factory import comparison
from tests.people.languages import OWN, PROJECTS, data_of, foreign, prose

PNG = b"\x89PNG\r\n\x1a\n"
IMAGES = {"metrics.png": "https://a/metrics.png"}


def rows_of(text: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {line[0]: line[1:] for line in lines}


def test_the_verdict_is_that_of_verify() -> None:
    words = Words("en")
    passed = comment(words, "churn", factory.churn(), comparison(), {})
    failed = comment(words, "churn", factory.churn(passed=False), comparison(), {})
    assert "## ✅ churn: Passed" in passed
    assert "## ❌ churn: Failed" in failed
    assert "Closed gates" in failed
    assert "left\\_on" in failed
    assert "Closed gates" not in passed


def test_a_difference_is_told_with_its_direction_and_whether_it_may_be_chance() -> None:
    rows = rows_of(comment(Words("en"), "churn", factory.churn(), comparison(), {}))
    assert rows["**ROC AUC**"][-1] == "🟢 +0.044, better"
    assert rows["accuracy"][-1] == "⚪ −0.005, may be chance"
    assert rows["log loss"][-1] == "none"
    assert rows["model"] == ["LightGBM", "linear model"]


def test_other_test_rows_and_a_smaller_search_are_said() -> None:
    words = Words("en")
    same = comment(words, "churn", factory.churn(), comparison(), {})
    other = comment(words, "churn", factory.churn(), comparison(same_rows=False), {})
    assert "same 1,404 sealed test rows" in same
    assert "different test rows" in other
    assert "smaller than that of the branch" in same


def test_a_branch_without_evidence_is_nothing_to_compare_with() -> None:
    told = comment(Words("en"), "churn", factory.churn(), comparison(known=False), {})
    assert "`main` has no evidence yet" in told
    assert rows_of(told)["**ROC AUC**"][1:] == ["–", "–"]
    assert "smaller" not in told


def test_images_stand_where_there_is_an_address() -> None:
    told = comment(Words("en"), "churn", factory.churn(), comparison(), IMAGES)
    assert "](https://a/metrics.png)" in told
    assert "importance" not in told


def test_a_persons_own_words_are_no_markdown() -> None:
    records = factory.churn(passed=False)
    assert records.verify is not None
    [*others, gate] = records.verify.gates
    bad = gate.model_copy(update={"columns": ("<img src=x>|*a*",)})
    verify = records.verify.model_copy(update={"gates": (*others, bad)})
    told = comment(Words("en"), "a`b <script>", replace(records, verify=verify), comparison(), {})
    body = told.partition("\n")[2]
    assert "<script>" not in body
    assert "<img" not in body
    assert "\\|\\*a\\*" in body


def test_a_change_that_was_not_trained_has_no_metrics() -> None:
    told = not_judged(Words("ru"), "churn", ["prepare", "verify"])
    assert told.startswith("<!-- fullcycle: churn -->\n## ❌")
    assert "`prepare`, `verify`" in told


@pytest.mark.parametrize("language", ["en", "ru"])
def test_charts_are_pictures_in_both_languages(language: str) -> None:
    drawn = charts(Words(language), comparison())
    assert set(drawn) == {"metrics.png", "importance.png"}
    assert all(content.startswith(PNG) and len(content) > 5_000 for content in drawn.values())


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("project", ["churn", "refused"])
def test_a_comment_speaks_one_language(project: str, language: str) -> None:
    words = Words(language)
    told = comment(words, project, PROJECTS[project](), comparison(), IMAGES)
    assert foreign(prose(told), language, data_of(project, language)) == set()
    assert foreign(prose(not_judged(words, project, ["prepare"])), language, OWN) == set()


def test_code_stays_code() -> None:
    assert _text(Words("en").say("type %(c)s", c=Words("en").code("a_b | c"))) == "type `a_b \\| c`"
    assert "`" not in _text(Words("en").code("a`b\nc")).replace("\\`", "")
