"""What commands share: the project around the current folder, options, and printing an answer."""

from __future__ import annotations

import json
import os
import shlex
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON.")]
NARROWEST, WIDEST = 60, 120  # columns: longer lines are hard to read


class Caller:
    """Where the person is, and the `-C DIR` that was typed: paths and commands are told from there."""

    folder: Path | None = None
    option: Path | None = None


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


def shown(path: Path) -> Path:
    """A path as a person would type it from where they are."""
    here = Caller.folder or Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def to_type(command: str) -> str:
    """A command of this project as a person would type it from where they are."""
    if Caller.option is None:
        return f"fullcycle {command}"
    return f"fullcycle -C {shlex.quote(str(Caller.option))} {command}"


def width() -> int:
    """Columns to fill: those of the terminal, within reason."""
    from shutil import get_terminal_size

    return max(NARROWEST, min(WIDEST, get_terminal_size((100, 24)).columns))


def wrapped(text: str, first: str = "", later: str = "  ") -> str:
    """Text in lines that fit; `first` and `later` indent."""
    return textwrap.fill(text, width(), initial_indent=first, subsequent_indent=later, break_on_hyphens=False)


def coloured(text: str, *, on: Any = None, **style: Any) -> str:
    """Text in colour on a terminal that wants it (https://no-color.org); plain elsewhere."""
    stream = on or sys.stdout
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return typer.style(text, **style)
