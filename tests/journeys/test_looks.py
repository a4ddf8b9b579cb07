"""Every page of every kind of project, on a desk and on a phone: nothing is cut, overlaps or lacks a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fullcycle.people.course.feedback import as_html
from fullcycle.people.report.final.build import render_final
from fullcycle.people.report.words import LANGUAGES, Words
from tests.journeys.looks import EVERYWHERE, SCROLLED
from tests.journeys.test_reports_browser import CHROMIUM, DESK, FLAGS, PHONE
from tests.people.course.factory import course, graded
from tests.people.languages import PROJECTS, pages_of

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pages of each project, its final report and a letter of the course, in each language."""
    folder = tmp_path_factory.mktemp("looks")
    for language in LANGUAGES:
        made = {
            f"{name}-{file}": html for name in PROJECTS for file, html in pages_of(name, language).items()
        }
        for name, records in PROJECTS.items():
            made[f"{name}-final.html"] = render_final(name, records(), language, tuple(LANGUAGES))[0]
        made["letter.html"] = as_html(course(), graded(), Words(language))
        for file, html in made.items():
            (folder / f"{language}-{file}").write_text(html, encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.fixture(params=[PHONE, DESK])
def page(request: pytest.FixtureRequest) -> Iterator[playwright.Page]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        made = chromium.new_page(viewport={"width": request.param, "height": 800})
        made.set_default_timeout(0)  # however busy the machine is
        yield made
        chromium.close()


def test_nothing_is_cut_or_overlaps_and_everything_has_its_name(
    page: playwright.Page, pages: list[Path]
) -> None:
    looked_for = EVERYWHERE | ({"scrolled": SCROLLED} if page.viewport_size["width"] == DESK else {})
    complaints = []
    for path in pages:
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        for what, script in looked_for.items():
            complaints += [f"{path.name} {what}: {told}" for told in page.evaluate(script)]
    assert complaints == []


SPOILT = """<h1>A</h1><h3>B</h3><input><p style="width:1em;overflow:hidden;white-space:nowrap">cut off</p>
<p style="margin:0">under</p><p style="margin:-1.6em 0 0">over</p>
<div class="scroll" style="width:4em;overflow:auto"><table><caption><span style="white-space:nowrap">longer
than its box</span></caption><tr><th>c</th></tr></table></div>
<figure><svg viewBox="0 0 100 20" width="100"><text x="90" y="12">leaves it</text>
<text class="at">its tit…</text></svg></figure>"""


def test_each_look_sees_what_it_looks_for(page: playwright.Page) -> None:
    page.set_content(SPOILT)
    for what, script in EVERYWHERE.items():
        assert page.evaluate(script), what
