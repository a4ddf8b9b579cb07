"""The command that looks at the installation and, inside a project, at the project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fullcycle.cli.common import JsonOption, say, show_json
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, UserError

if TYPE_CHECKING:
    from fullcycle.automate.check import Check
    from fullcycle.core.project.project import Project

MARKS = {"ok": "+", "warning": "!", "missing": "x", "wrong": "x"}  # readable without colour


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(as_json: JsonOption = False) -> None:
    """Look for what is missing, wrong or stale, with its cure."""
    from fullcycle.automate.doctor import checks

    project = _project_if_any()
    found = checks(project)
    if as_json:
        show_json([check.as_dict() for check in found])
    else:
        typer.echo("\n".join(_told(found)))
        if project is None:
            say("\nno project here: only the installation was looked at")
    raise typer.Exit(EXIT_CHECK_FAILED if any(check.stops for check in found) else EXIT_FINE)


def _project_if_any() -> Project | None:
    from fullcycle.core.project.project import open_project

    try:
        return open_project(Path.cwd())
    except UserError:
        return None


def _told(found: Sequence[Check]) -> Iterator[str]:
    longest = max(len(check.id) for check in found)
    for check in found:
        yield f"{MARKS[check.state]} {check.id:{longest}}  {check.found}"
        if check.cure:
            yield f"  {'':{longest}}  to mend: {check.cure}"
