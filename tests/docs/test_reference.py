"""Reference pages follow from the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from scripts.make_reference import PAGES, REFERENCE

from fullcycle.cli.main import app
from fullcycle.core.evidence.findings import Code

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_follows_from_the_code_is_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), "type `make reference`"


def test_the_page_of_commands_has_every_command_that_help_lists() -> None:
    listed = {f"fullcycle {name}" for name in typer.main.get_command(app).commands}  # type: ignore[attr-defined]
    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert listed <= sections | {section.rpartition(" ")[0] for section in sections}


def test_the_page_of_evidence_has_every_field_of_what_a_run_writes() -> None:
    page = (REFERENCE / "evidence.md").read_text(encoding="utf-8")
    for stage in ("collect", "clean", "explore", "experiment", "prepare", "verify"):
        assert f"## {stage}.json" in page
    assert set(re.findall(r"\(#([A-Za-z]+)\)", page)) <= {
        name.lower() for name in re.findall(r"^### (\w+)$", page, re.MULTILINE)
    }


def test_every_finding_has_a_section_and_no_section_is_left_over() -> None:
    page = (ROOT / "docs/reference/findings.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (FC\d+)$", page, re.MULTILINE) == sorted(Code)


def test_the_stages_of_the_layers_are_the_folders_of_the_cycle() -> None:
    import tomllib

    layers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    independent = next(item for item in layers["contracts"] if item["type"] == "independence")["modules"]
    folders = {path.parent.name for path in (ROOT / "src/fullcycle/cycle").glob("*/__init__.py")}
    assert {name.rpartition(".")[2] for name in independent} == folders
