"""What commands share: the project around the current folder, options, and printing an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON.")]


def project_here() -> Project:
    """The project of the current folder, with settings that could be read."""
    from fullcycle.core.project.project import open_project

    project = open_project(Path.cwd())
    _ = project.settings
    return project


def say(text: str = "") -> None:
    """A line of progress or a hint: for people, to stderr."""
    typer.echo(text, err=True)


def show_json(answer: Mapping[str, Any] | Sequence[Any]) -> None:
    """An answer for programs, to stdout."""
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def width() -> int:
    """Columns of the terminal, between 60 and 120: longer lines are hard to read."""
    from shutil import get_terminal_size

    return max(60, min(120, get_terminal_size((100, 24)).columns))


def shown(path: Path) -> Path:
    """A path as a person would type it from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
