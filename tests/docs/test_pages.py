"""What the pages tell a person to type works, in the order they tell it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Once
from tests.docs.pages import RUN, as_script, blocks, broken_links

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUNNABLE = [page for page in PAGES if any(block.language in RUN for block in blocks(page))]
HEADING = re.compile("#{1,3} ")
LANGUAGE = re.compile(r' --lang \w\w|reports/\w\w|echo "[^"]*"|"\^## [^"]*"')  # what differs by language
BY_NAME = {"ids": lambda page: str(page.relative_to(ROOT))}

# Lines of the README that make what is there already: this very run is `make test`, and the demo is made once
# for all pages by the command that `make demo` calls. `pip install` has a test of its own.
MADE_ALREADY = ("make demo", "make test", "python3 -m venv .venv", ".venv/bin/")


@pytest.mark.parametrize("page", PAGES, **BY_NAME)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert broken_links(page, ROOT) == []


def test_the_pages_have_something_to_run() -> None:
    assert ROOT / "README.md" in RUNNABLE


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_the_plain_runtime_of_the_readme_is_the_snippet_that_tests_run() -> None:
    snippet = (ROOT / "docs/snippets/plain_runtime.py").read_text(encoding="utf-8").strip()
    assert snippet in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def demo(once: Once) -> Path:
    return once("pages", partial(run_script, "fullcycle demo demo")) / "demo"


def by_night(page: Path) -> object:
    """The Russian course asks for what the English one does: its blocks are run at night."""
    at_night = pytest.mark.nightly if "course/ru" in page.as_posix() else ()
    return pytest.param(page, marks=at_night, id=BY_NAME["ids"](page))


@pytest.mark.parametrize("page", sorted((ROOT / "docs/course/en").glob("*.md")), **BY_NAME)
def test_both_languages_of_the_course_have_the_same_parts_and_the_same_code(page: Path) -> None:
    other = ROOT / "docs/course/ru" / page.name
    english, russian = (each.read_text(encoding="utf-8").splitlines() for each in (page, other))
    assert [line.count("#") for line in english if HEADING.match(line)] == [
        line.count("#") for line in russian if HEADING.match(line)
    ]
    ours, theirs = ([block.code for block in blocks(each) if block.language in RUN] for each in (page, other))
    assert [LANGUAGE.sub("", code) for code in ours] == [LANGUAGE.sub("", code) for code in theirs]


@pytest.mark.docs
@pytest.mark.parametrize("page", [by_night(page) for page in RUNNABLE])
def test_every_code_block_of_a_page_runs(page: Path, demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "demo")
    lines = as_script(page).splitlines()
    script = "\n".join(line for line in lines if not line.startswith(MADE_ALREADY))
    run_script(script, tmp_path)


def run_script(script: str, folder: Path) -> None:
    """Run bash in `folder` with this environment's commands first; its whole output is the failure's text."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
