"""A person opens the reports in a real browser, on a desk and on a phone, by day and by night."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fullcycle.people.report.build import PAGES, render_pages
from tests.people import evidence_factory as factory

CHROMIUM = next(
    filter(
        None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]
PHONE, DESK = 360, 1280
LANGUAGES = ("en", "ru")
NOTE = "Ask `Anna`:\n\n| when | what |\n| --- | --- |\n| Monday | a long remark |\n\n## tenure\n\nIn months."

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    for language in LANGUAGES:
        (folder / language).mkdir()
        records = replace(factory.churn(), notes={"explore": NOTE, "clean": "All rows were *seen*."})
        for file, html in render_pages(
            "A project with quite a long name", records, language, LANGUAGES
        ).items():
            (folder / language / file).write_text(html, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """A page with what went wrong on it, and what it asked for."""

    def __init__(self, page: playwright.Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


AT_NIGHT = [pytest.param(each, marks=pytest.mark.nightly) for each in ((PHONE, "dark"), (DESK, "light"))]


@pytest.fixture(params=[(PHONE, "light"), *AT_NIGHT], ids=lambda p: f"{p[0]}-{p[1]}")
def visit(request: pytest.FixtureRequest, browser: playwright.Browser) -> Iterator[Visit]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield Visit(context.new_page())
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_wider_than_the_screen_complains_or_asks_the_network(
    visit: Visit, reports: Path, language: str
) -> None:
    for stage in PAGES:
        url = (reports / language / f"{stage}.html").as_uri()
        visit.requests.clear()
        visit.page.goto(url)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), url
        assert [asked for asked in visit.requests if not asked.startswith("data:")] == [url]
        assert visit.complaints == []


CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colors) => {
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const behind = (element) => {
    const colors = [];
    for (let at = element; at; at = at.parentElement) colors.unshift(getComputedStyle(at).backgroundColor);
    return ["white", ...colors];
  };
  const poor = [];
  const told = (element, color) => poor.push(`${element.tagName} ${color}: ${element.textContent.trim()}`);
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest(".skip, title, .anchor, span.later")) continue;
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const under = behind(element);
    const [a, b] = [luminance([...under, color]), luminance(under)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) told(element, color);
  }
  return poor;
}"""


TOO_WIDE = """() => [...document.querySelectorAll("svg, table, pre, dl, p, li")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => `${each.tagName} ${each.textContent.trim().slice(0, 60)}`)"""


CRAMPED = """() => [...document.querySelectorAll(".scroll tbody tr")]
  .filter((row) => row.checkVisibility() && row.offsetHeight > 140)
  .map((row) => `${row.offsetHeight} ${row.textContent.trim().slice(0, 60)}`)"""

BROKEN = """() => {
  const lineOf = (node, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return Math.round(range.getBoundingClientRect().top);
  };
  const broken = [];
  for (const cell of document.querySelectorAll(".scroll tbody th, .scroll tbody td")) {
    if (!cell.checkVisibility()) continue;
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (const { 0: word, index } of node.data.matchAll(/[\\p{L}\\d_]{2,24}/gu))
        if (lineOf(node, index) !== lineOf(node, index + word.length - 1)) broken.push(word);
  }
  return broken;
}"""

SILENT = """() => [...document.querySelectorAll(".scroll, .pan")]
  .filter((box) => box.tabIndex !== 0 || box.getAttribute("role") !== "region" || !box.ariaLabel
    || !getComputedStyle(box).backgroundAttachment.includes("local"))
  .map((box) => box.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_scroll_in_boxes_that_say_so_with_rows_and_words_whole(
    visit: Visit, reports: Path, language: str
) -> None:
    for stage in PAGES:
        visit.page.goto((reports / language / f"{stage}.html").as_uri())
        visit.page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        visit.page.evaluate("document.querySelectorAll('table').forEach((t) => t.style.hyphens = 'manual')")
        assert visit.page.evaluate(CRAMPED) == [], stage
        assert visit.page.evaluate(BROKEN) == [], stage  # a hyphenated word is not broken
        assert visit.page.evaluate(SILENT) == [], stage


@pytest.mark.parametrize("visit", [(PHONE, "light"), (PHONE, "dark")], ids=lambda p: p[1], indirect=True)
def test_all_text_has_the_contrast_of_aa(visit: Visit, reports: Path) -> None:
    for stage in PAGES:
        visit.page.goto((reports / "en" / f"{stage}.html").as_uri())
        assert visit.page.evaluate(CONTRAST)[:3] == []


def test_a_column_is_found_by_its_name_and_columns_are_sorted_by_a_click(visit: Visit, reports: Path) -> None:
    page = visit.page
    page.goto((reports / "en" / "explore.html").as_uri())
    overview = page.locator("section[aria-labelledby=overview]")
    overview.get_by_label("Find a column").fill("charges")
    names = overview.locator("tbody tr:visible th").all_inner_texts()
    assert sorted(names) == ["MonthlyCharges", "TotalCharges"]
    assert overview.get_by_role("status").inner_text() == "2 of 9 shown"
    overview.get_by_label("Find a column").fill("")
    overview.get_by_role("button", name="distinct").click()
    assert overview.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    counts = [
        int(text.replace(",", "")) for text in overview.locator("tbody tr td:nth-child(5)").all_inner_texts()
    ]
    assert counts == sorted(counts, reverse=True)
    assert visit.complaints == []


def test_cards_of_columns_are_filtered_by_name(visit: Visit, reports: Path) -> None:
    page = visit.page
    page.goto((reports / "ru" / "explore.html").as_uri())
    section = page.locator("section[aria-labelledby=columns]")
    section.get_by_label("Найти столбец").fill("TENURE")
    assert section.locator(".card:visible h3").count() == 1


def test_columns_are_sorted_by_name_by_type_and_back_with_the_keyboard(visit: Visit, reports: Path) -> None:
    page = visit.page
    page.goto((reports / "en" / "explore.html").as_uri())
    section = page.locator("section[aria-labelledby=columns]")
    names = section.locator(".card h3 > span:first-child")
    first = names.all_inner_texts()
    section.get_by_label("Find a column").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert names.all_inner_texts() == sorted(first, key=str.lower)
    page.keyboard.press("ArrowDown")
    types = section.locator(".card h3 .badge:nth-child(2)").all_inner_texts()
    assert types == sorted(types)
    page.keyboard.press("Home")
    assert names.all_inner_texts() == first
    assert visit.complaints == []


def test_a_table_is_sorted_with_the_keyboard_and_says_in_which_order(visit: Visit, reports: Path) -> None:
    page = visit.page
    page.goto((reports / "en" / "explore.html").as_uri())
    overview = page.locator("section[aria-labelledby=overview]")
    overview.get_by_role("button", name="missing").focus()
    page.keyboard.press("Enter")
    assert overview.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    page.keyboard.press("Space")
    assert overview.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_escape_clears_a_search_and_a_link_finds_a_card_that_a_search_has_hidden(
    visit: Visit, reports: Path
) -> None:
    page = visit.page
    page.goto((reports / "en" / "explore.html").as_uri())
    section = page.locator("section[aria-labelledby=columns]")
    search = section.get_by_label("Find a column")
    search.fill("tenure")
    assert section.locator(".card:visible").count() == 1
    search.press("Escape")
    assert section.locator(".card:visible").count() == 9
    search.fill("tenure")
    page.locator("section[aria-labelledby=conclusions] a[href='#column-Contract']").first.click()
    page.locator("#column-Contract").wait_for(state="visible")
    assert visit.complaints == []


def test_without_script_everything_is_there_and_no_dead_control_shows(
    browser: playwright.Browser, reports: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((reports / "en" / "explore.html").as_uri())
    assert page.locator(".card:visible").count() == 9
    assert page.locator(".search:visible").count() == 0
    context.close()


def test_a_matrix_can_be_opened_as_a_table_with_its_numbers(visit: Visit, reports: Path) -> None:
    page = visit.page
    page.goto((reports / "en" / "explore.html").as_uri())
    summary = page.locator("summary").filter(has_text="Pearson")
    summary.focus()
    page.keyboard.press("Enter")
    table = page.locator("details[open] table")
    assert table.locator("tbody th").all_inner_texts() == ["tenure", "MonthlyCharges", "TotalCharges"]
    assert "0.83" in table.inner_text()


def test_a_reader_goes_through_all_pages_and_languages_by_links(visit: Visit, reports: Path) -> None:
    page = visit.page
    page.goto((reports / "en" / "index.html").as_uri())
    for title in ("Data", "Analysis", "Experiments", "Preparation", "Verification"):
        page.get_by_role("navigation", name="Reports").get_by_role("link", name=title, exact=True).click()
        assert page.locator("main h1").is_visible()
    page.get_by_role("link", name="Русский").click()
    assert page.url.endswith("/ru/verify.html")
    assert page.locator("html").get_attribute("lang") == "ru"


def test_the_keyboard_reaches_the_content_first(visit: Visit, reports: Path) -> None:
    visit.page.goto((reports / "en" / "index.html").as_uri())
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.getAttribute('href')") == "#main"


@pytest.mark.parametrize("stage", ["explore", "clean"])
def test_a_printed_page_has_no_controls_and_nothing_cut(visit: Visit, reports: Path, stage: str) -> None:
    page = visit.page
    page.goto((reports / "en" / f"{stage}.html").as_uri())
    page.set_viewport_size({"width": 700, "height": 1000})  # a sheet of A4 less its margins
    page.emulate_media(media="print")
    for control in (".stages", ".search", ".contents", ".up", "summary"):
        assert page.locator(f"{control}:visible").count() == 0, control
    assert page.locator("main section:visible").last.is_visible()
    assert page.evaluate(TOO_WIDE) == []
