"""A person asks the API from its own page in a real browser: no other host is needed, and mistakes stand by
the field they are in."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fullcycle.live.serve.keys import VARIABLE, new_key
from tests.core.bundle import conftest as by_hand
from tests.journeys.test_serve import Running, serving

CHROMIUM = next(
    filter(
        None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
    ),
    None,
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE, DESK = 390, 1280

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(by_hand.bundle_folder(tmp_path_factory.mktemp("served"))) as running:
        yield running


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A server that asks for keys, and one that it knows; no server that starts later asks for it."""
    secret, key = new_key("page", ["predict"])
    with ExitStack() as servers:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv(VARIABLE, key.as_line())
            running = servers.enter_context(serving(by_hand.bundle_folder(tmp_path_factory.mktemp("keyed"))))
        yield running, secret


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: playwright.Browser, server: Running) -> Iterator[playwright.Page]:
    opened = browser.new_page(viewport={"width": DESK, "height": 900})
    opened.goto(f"{server.url}/docs")
    opened.wait_for_selector(".figure")
    yield opened
    opened.close()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_page_needs_no_other_host_has_no_errors_and_fits(
    browser: playwright.Browser, server: Running, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{server.url}/docs")
    page.wait_for_selector(".figure")
    assert complaints == []
    assert asked - {""} == {urlsplit(server.url).netloc}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_page_that_needs_a_key_asks_for_it_in_its_place_and_says_which_is_wrong(
    browser: playwright.Browser, keyed: tuple[Running, str], width: int
) -> None:
    server, secret = keyed
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(f"{server.url}/docs")
    page.wait_for_selector("#key:focus")
    assert "undefined" not in page.inner_text("main")
    assert page.get_attribute("#key", "type") == "password"
    page.fill("#key", "fck_wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#key-field.wrong")
    assert "does not know this key" in page.inner_text("#key-note")
    page.fill("#key", secret)
    page.click("#key-form button")
    page.wait_for_selector(".figure")
    assert not page.is_visible("#key-form")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.reload()  # the tab remembers it
    page.wait_for_selector(".figure")
    page.close()


def test_an_answer_follows_what_is_typed(page: playwright.Page) -> None:
    page.fill("[name=age]", "90")
    page.select_option("[name=active]", "false")
    page.wait_for_selector('.figure:text-is("yes")')
    page.fill("[name=age]", "18")
    page.fill("[name=plan]", "basic")
    page.select_option("[name=active]", "true")
    page.wait_for_selector('.figure:text-is("no")')


def test_an_unexpected_value_is_answered_and_marked_at_its_field(page: playwright.Page) -> None:
    page.fill("[name=plan]", "gold")
    page.wait_for_selector(".field.odd")
    assert "one of basic, premium" in page.inner_text(".field.odd .note")
    assert page.inner_text(".figure") in ("no", "yes")


def test_a_bad_value_is_named_at_its_field_and_goes_with_it(page: playwright.Page) -> None:
    page.fill("[name=age]", "soon")
    page.wait_for_selector(".field.wrong")
    assert "found 'soon'" in page.inner_text(".field.wrong .note")
    assert "422" in page.inner_text("#answer")
    page.click("text=Back to the example")
    page.wait_for_selector(".figure")
    assert page.query_selector(".field.wrong") is None


def test_what_is_typed_stays_text(page: playwright.Page) -> None:
    page.fill("[name=plan]", "<img src=x onerror=alert(1)>")
    page.wait_for_selector(".field.odd")
    assert page.query_selector("#answer img") is None


def test_the_commands_on_the_page_give_the_answer_on_the_page(page: playwright.Page, tmp_path: Path) -> None:
    page.fill("[name=plan]", 'it\'s "quoted"')
    page.wait_for_selector(".field.odd")
    said = page.inner_text(".figure")
    shell = subprocess.run(
        ["sh", "-c", page.inner_text("#curl")], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(shell.stdout)["prediction"] == said
    python = subprocess.run(
        [sys.executable, "-c", page.inner_text("#python")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert f"'prediction': '{said}'" in python.stdout
