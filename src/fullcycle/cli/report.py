"""The command that renders reports from evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import Caller, project_here, shown

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
    tensorboard: Annotated[
        Path | None,
        typer.Option(
            "--tensorboard",
            metavar="DIR",
            help="Event files for TensorBoard instead: search, verdict, monitoring.",
        ),
    ] = None,
) -> None:
    """Render reports and slides for people from what is on record."""
    project = project_here()
    if tensorboard is not None:
        folder = (Caller.folder or Path.cwd()) / tensorboard
        for run, points in _events(project, folder).items():
            typer.echo(f"{shown(folder / run)}: {points:,} points")
        return
    for path in _presented(project, lang) if slides else _reported(project, lang, pdf=pdf):
        typer.echo(shown(path))


def _events(project: Project, folder: Path) -> dict[str, int]:
    """With every window that monitoring remembers; what is remembered of other bundles is theirs."""
    from fullcycle.live.monitor.history import open_history
    from fullcycle.people.events import write_events
    from fullcycle.people.report.records import read_records

    records, windows = read_records(project.paths.evidence), []
    if records.monitor is not None:
        with open_history(project.paths.monitoring) as history:
            windows = history.windows(records.monitor.bundle, records.monitor.source)
    return write_events(folder, records, windows)


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
