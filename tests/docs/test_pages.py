"""What the pages tell a person to type works, in the order they tell it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Once
from tests.docs.pages import RUN, as_script, blocks, broken_links
from tests.docs.warm import programs

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
def commands() -> Iterator[str]:
    """What PATH has to be for a page's `fullcycle` and `python`."""
    with programs() as folder:
        yield os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])


# It goes on from what `init` left, with the small search of `warm.py`; journeys/test_demo.py has it whole.
DEMO = f"""
set -euo pipefail
mkdir demo
cp {ROOT}/src/fullcycle/data/telco_churn.csv demo
fullcycle init demo --data demo/telco_churn.csv --target churn --name "Telco churn"
git -C demo add .
git -C demo -c user.name=docs -c user.email=docs@example.org commit --quiet --message "A smaller search"
fullcycle demo demo
"""


@pytest.fixture(scope="session")
def demo(once: Once, commands: str) -> Path:
    return once("pages", partial(run_script, DEMO, commands)) / "demo"


def by_night(page: Path) -> object:
    """The Russian course asks for what the English one does: its blocks are run at night."""
    at_night = pytest.mark.nightly if "course/ru" in page.as_posix() else ()
    return pytest.param(page, marks=at_night, id=BY_NAME["ids"](page))


ENGLISH, RUSSIAN = ROOT / "docs/course/en", ROOT / "docs/course/ru"
TOPICS = [page for page in ENGLISH.rglob("*.md") if page.name != "index.md"]
PARTS = {ENGLISH: ("**Look at**", "**Exercise.**"), RUSSIAN: ("**Посмотрите**", "**Упражнение.**")}


def test_the_course_has_a_page_for_each_topic_in_both_languages() -> None:
    here, there = (sorted(str(page.relative_to(each)) for page in each.rglob("*.md")) for each in PARTS)
    assert here == there
    assert len(TOPICS) == 22


@pytest.mark.parametrize("page", sorted(ENGLISH.rglob("*.md")), **BY_NAME)
def test_both_languages_of_the_course_have_the_same_parts_and_the_same_code(page: Path) -> None:
    other = RUSSIAN / page.relative_to(ENGLISH)
    english, russian = (each.read_text(encoding="utf-8").splitlines() for each in (page, other))
    assert [line.count("#") for line in english if HEADING.match(line)] == [
        line.count("#") for line in russian if HEADING.match(line)
    ]
    ours, theirs = ([block.code for block in blocks(each) if block.language in RUN] for each in (page, other))
    assert [LANGUAGE.sub("", code) for code in ours] == [LANGUAGE.sub("", code) for code in theirs]


@pytest.mark.parametrize("page", sorted(TOPICS), **BY_NAME)
def test_each_topic_has_a_command_what_to_look_at_and_an_exercise(page: Path) -> None:
    for folder, parts in PARTS.items():
        topic = folder / page.relative_to(ENGLISH)
        text = topic.read_text(encoding="utf-8")
        assert all(part in text for part in parts)
        assert [block for block in blocks(topic) if block.language in RUN]


@pytest.mark.docs
@pytest.mark.parametrize("page", [by_night(page) for page in RUNNABLE])
def test_every_code_block_of_a_page_runs(page: Path, demo: Path, commands: str, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "demo", symlinks=True)
    lines = as_script(page).splitlines()
    script = "\n".join(line for line in lines if not line.startswith(MADE_ALREADY))
    run_script(script, commands, tmp_path)


def run_script(script: str, commands: str, folder: Path) -> None:
    """Run bash in `folder` with these folders of commands; its whole output is the failure's text."""
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": commands},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
