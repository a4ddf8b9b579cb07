"""Reference pages follow from the code."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.make_reference import (
    COURSE_PAGE,
    OPERATIONS_PAGE,
    PAGE,
    course_page,
    operations_page,
    settings_page,
)

from fullcycle.core.evidence.findings import Code

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "type `make reference`"


def test_the_page_of_operations_is_what_the_table_of_operations_says() -> None:
    assert OPERATIONS_PAGE.read_text(encoding="utf-8") == operations_page(), "type `make reference`"


def test_the_page_of_the_course_file_is_what_its_keys_say() -> None:
    assert COURSE_PAGE.read_text(encoding="utf-8") == course_page(), "type `make reference`"


def test_every_finding_has_a_section_and_no_section_is_left_over() -> None:
    page = (ROOT / "docs/reference/findings.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (FC\d+)$", page, re.MULTILINE) == sorted(Code)


def test_the_stages_of_the_layers_are_the_folders_of_the_cycle() -> None:
    import tomllib

    layers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    independent = next(item for item in layers["contracts"] if item["type"] == "independence")["modules"]
    folders = {path.parent.name for path in (ROOT / "src/fullcycle/cycle").glob("*/__init__.py")}
    assert {name.rpartition(".")[2] for name in independent} == folders
