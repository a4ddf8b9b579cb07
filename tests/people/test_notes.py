"""A person's remarks are shown in their place, safely, and never written."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.project import Project
from fullcycle.people.report import build_reports
from fullcycle.people.report.build import PAGES, render_pages
from fullcycle.people.report.notes import read_notes, remarks
from fullcycle.people.report.records import Records
from tests.people import evidence_factory as factory
from tests.people.reading import Element, read

NOTE = """# What we think

Ask *Anna* about `Contract`.

## tenure

Months since the first bill.

### Who says so

Billing.

## Open

- prices
"""


def page(notes: dict[str, str], language: str = "en") -> Element:
    records = Records(explore=factory.explore(), clean=factory.clean(), notes=notes)
    return read(render_pages("p", records, language, ("en", "ru"))["explore.html"])


def section(tree: Element, heading: str) -> Element:
    (found,) = [s for s in tree.all("section") if s.attributes["aria-labelledby"] == heading]
    return found


def test_remarks_stand_before_what_was_measured_and_those_on_a_column_with_it() -> None:
    tree = page({"explore": NOTE})
    headings = [h.attributes["id"] for h in tree.all("h2")]
    assert headings[:2] == ["conclusions", "remarks"]
    general = section(tree, "remarks").text
    assert "Ask Anna about Contract." in general
    assert "prices" in general
    assert "Months since" not in general
    (card,) = [a for a in tree.all("article") if a.attributes.get("id") == "column-tenure"]
    assert "Months since the first bill. Who says so Billing." in card.text


def test_headings_of_a_remark_stand_below_those_of_the_page() -> None:
    tree = page({"explore": NOTE})
    levels = [int(e.tag[1]) for e in tree.all() if e.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_both_languages_show_the_same_remarks_unless_one_has_its_own() -> None:
    notes = {"explore": "For all.", "explore.ru": "Для нас."}
    assert section(page(notes, "en"), "remarks").all("p")[0].text == "For all."
    assert section(page(notes, "ru"), "remarks").all("p")[0].text == "Для нас."
    assert section(page({"explore": "For all."}, "ru"), "remarks").all("p")[0].text == "For all."


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![picture](https://example.com/spy.png)",
        "[x]: data:text/html;base64,PHNjcmlwdD4=\n\n[x]",
    ],
)
def test_a_remark_brings_no_code_and_loads_nothing(hostile: str) -> None:
    tree = page({"explore": hostile})
    assert len(tree.all("script")) == 1
    assert tree.all("img") == []
    links = [a.attributes["href"] for a in section(tree, "remarks").all("a")]
    assert not [link for link in links if link.startswith(("javascript:", "data:"))]


def test_every_page_of_a_stage_shows_its_own_remarks() -> None:
    notes = {stage: f"About {stage}." for stage in PAGES}
    churn = factory.churn()
    records = Records(*churn.in_order, notes=notes)
    for file, html in render_pages("p", records, "en", ("en",)).items():
        assert f"About {file.removesuffix('.html')}." in read(html).text


def test_an_empty_note_has_no_section() -> None:
    assert "remarks" not in [h.attributes["id"] for h in page({"explore": " \n"}).all("h2")]
    assert remarks({}, "explore", "en").general == ""


def test_notes_are_read_from_their_folder_and_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "fullcycle.yaml").write_text("version: 1\nname: p\ndata:\n  source: t.csv\n", "utf-8")
    write_evidence(tmp_path / "evidence", factory.explore())
    note = tmp_path / "notes" / "explore.md"
    note.parent.mkdir()
    note.write_bytes("Ours, \u00fcber alles.\r\n".encode())
    (tmp_path / "notes" / "other.md").write_text("Not shown.", "utf-8")
    before = note.read_bytes()
    written = build_reports(Project(tmp_path))
    assert note.read_bytes() == before
    pages = [path.read_text("utf-8") for path in written if path.name == "explore.html"]
    assert len(pages) == 2
    assert all("Ours, \u00fcber alles." in html for html in pages)
    assert read_notes(tmp_path / "notes", PAGES) == {"explore": note.read_text("utf-8")}
    assert read_notes(tmp_path / "nowhere", PAGES) == {}


def test_a_note_that_is_no_text_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "explore.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"notes/explore\.md"):
        read_notes(tmp_path, PAGES)
