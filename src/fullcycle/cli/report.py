"""The command that renders reports from evidence."""

from __future__ import annotations

from typing import Annotated

import typer

from fullcycle.cli.common import project_here, shown


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    lang: Annotated[list[str] | None, typer.Option("--lang", help="en or ru; both by default.")] = None,
) -> None:
    """Render reports for people from what is on record."""
    from fullcycle.cli.running import render_reports

    for page in render_reports(project_here(), languages=lang):
        typer.echo(shown(page))
