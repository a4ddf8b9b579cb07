"""The final report: every chapter in order, in one language, as HTML, Markdown and PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.people.report.final import build
from fullcycle.people.report.final.build import render_final
from fullcycle.people.report.final.pdf import browser, print_pdf
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words
from tests.people import evidence_factory as factory
from tests.people.languages import CYRILLIC, LATIN, OWN, foreign, prose, spoken, theirs
from tests.people.reading import our_words, read

ALL = factory.churn()
assert ALL.explore is not None
SUSPECTS = tuple(
    each.model_copy(update={"decision": "keep", "reason": "known at signing"})
    for each in ALL.explore.suspects
)
CHURN = replace(
    ALL,
    explore=ALL.explore.model_copy(update={"suspects": SUSPECTS}),
    notes={"goals": "We lose *too many* customers.", "decisions.ru": "Так решила Анна."},
)
ANCHORS = ["goals", "clean", "explore", "hypotheses", "experiment", "prepare", "verify", "automation",
           "abtest", "labels", "decisions"]  # fmt: skip


@pytest.fixture(scope="module", params=["en", "ru"])
def made(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    return (request.param, *render_final("churn", CHURN, request.param, ("en", "ru")))


def test_chapters_follow_the_cycle_and_end_with_the_decisions(made: tuple[str, str, str]) -> None:
    _, html, text = made
    titles = [heading for heading in read(html).all("h2") if heading.attributes.get("id")]
    assert [heading.attributes["id"] for heading in titles if heading.attributes["id"] in ANCHORS] == ANCHORS
    assert re.findall("^## (.+)$", text, re.MULTILINE) == [heading.text for heading in titles]


def test_decisions_of_people_and_rules_stand_with_their_reasons(made: tuple[str, str, str]) -> None:
    language, _, text = made
    log = text.split(f"## {Words(language).gettext('Log of decisions')}")[1]
    decided = [line for line in log.splitlines() if line.startswith("| ")][2:]
    assert CHURN.clean is not None
    assert CHURN.explore is not None
    assert CHURN.hypotheses is not None
    leaks = [each for each in CHURN.explore.suspects if each.decision]
    claims = [each for each in CHURN.hypotheses.claims if each.result]
    assert leaks
    assert claims
    assert len(decided) >= len(CHURN.clean.decisions) + 1 + len(leaks) + len(claims) + 2
    assert all(cell.strip() for line in decided for cell in line.strip("|").split(" | "))


def test_a_persons_text_has_its_place_in_both_forms(made: tuple[str, str, str]) -> None:
    language, html, text = made
    assert "We lose <em>too many</em> customers." in html
    assert "We lose *too many* customers." in text
    assert ("Так решила Анна." in html) is (language == "ru")


def test_it_speaks_one_language(made: tuple[str, str, str]) -> None:
    language, html, text = made
    notes = " ".join(CHURN.notes.values())
    allowed = {*OWN, *theirs(html), *LATIN.findall(notes), *CYRILLIC.findall(notes)}
    assert foreign(spoken(our_words(read(html))), language, allowed) == set()
    assert foreign(prose(text), language, allowed) == set()


def test_markdown_means_what_it_says(made: tuple[str, str, str]) -> None:
    *_, text = made
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert "<td><strong>7" in html
    assert "<b class" not in text
    tables = [line for line in text.splitlines() if line.startswith("| ---")]
    assert len(re.findall("<table>", html)) == len(tables)
    assert re.search(r"<td>880 \(85\s?%\)</td>", html)


def test_what_has_no_evidence_has_no_chapter() -> None:
    html, _ = render_final("churn", Records(CHURN.collect, CHURN.clean), "en", ("en",))
    ids = {heading.attributes.get("id") for heading in read(html).all("h2")}
    assert ids == {"goals", "clean", "decisions"}


@pytest.mark.skipif(browser() is None, reason="no browser on this machine")
def test_a_browser_prints_it(made: tuple[str, str, str], tmp_path: Path) -> None:
    page, pdf = tmp_path / "final.html", tmp_path / "final.pdf"
    page.write_text(made[1], encoding="utf-8")
    print_pdf(page, pdf, str(browser()))
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) >= len(ANCHORS)


def test_a_browser_that_fails_says_what_to_do_instead(tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(UserError, match="no display") as failed:
        print_pdf(tmp_path / "final.html", tmp_path / "final.pdf", str(program))
    assert "--no-pdf" in failed.value.hint
    assert not (tmp_path / "final.pdf").exists()


def test_a_browser_that_fails_takes_no_page_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fullcycle.yaml").write_text("name: churn\ndata:\n  source: churn.csv\n")
    monkeypatch.setattr(build, "read_records", lambda *_: CHURN)
    monkeypatch.setattr(build, "browser", lambda: "/bin/false")
    with pytest.raises(UserError):
        build.build_final(Project(tmp_path), ["en", "ru"])
    written = {path.relative_to(tmp_path / "reports").as_posix() for path in tmp_path.glob("reports/*/*")}
    assert written == {"en/final.html", "en/final.md", "ru/final.html", "ru/final.md"}
