"""The command that renders reports from evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import project_here, shown

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project
    from fullcycle.people.report.slides.deck import Shown


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    lang: Annotated[list[str] | None, typer.Option("--lang", help="en or ru; both by default.")] = None,
    slides: Annotated[
        bool, typer.Option("--slides", help="A presentation of 15 to 20 minutes as PowerPoint instead.")
    ] = False,
    pdf: Annotated[
        bool, typer.Option(help="The final report as PDF, too, where a browser is at hand.")
    ] = True,
) -> None:
    """Render reports and slides for people from what is on record."""
    project = project_here()
    for path in _presented(project, lang) if slides else _reported(project, lang, pdf=pdf):
        typer.echo(shown(path))


def _reported(project: Project, languages: list[str] | None, *, pdf: bool) -> list[Path]:
    from fullcycle.cli.running import render_reports
    from fullcycle.people.report.final.build import build_final

    return [*render_reports(project, languages=languages), *build_final(project, languages, pdf=pdf)]


def _presented(project: Project, languages: list[str] | None) -> list[Path]:
    from fullcycle.people.report.slides.build import build_slides

    return build_slides(project, languages, _asked(project))


def _asked(project: Project) -> Shown | None:
    """An example row, asked of the bundle as the API asks it; None where there is no bundle."""
    import json

    from fullcycle.core.bundle.example import example_row
    from fullcycle.core.bundle.read import read_bundle
    from fullcycle.live.answers import answer_rows
    from fullcycle.people.report.slides.deck import Shown

    if not project.paths.bundle.is_dir():
        return None
    bundle = read_bundle(project.paths.bundle)
    row = example_row(bundle)
    [answer] = answer_rows(bundle, [row])
    return Shown(*(json.dumps(each, indent=2, ensure_ascii=False) for each in (row, answer)))
