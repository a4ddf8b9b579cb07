"""The command that renders reports from evidence."""

from __future__ import annotations

from typing import Annotated

import typer

from fullcycle.cli.common import project_here


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    lang: Annotated[list[str] | None, typer.Option("--lang", help="en or ru; both by default.")] = None,
) -> None:
    """Render reports for people from the evidence of every stage that has run."""
    from fullcycle.people.report import build_reports

    for path in build_reports(project_here(), languages=lang):
        typer.echo(path)
