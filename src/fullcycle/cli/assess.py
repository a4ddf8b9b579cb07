"""The command that says how ready a project is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli import course
from fullcycle.cli.common import JsonOption, project_here, show_json, shown
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE

if TYPE_CHECKING:
    from fullcycle.core.evidence.assess import AssessEvidence
    from fullcycle.core.project.project import Project

assess_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    course.register(assess_app)
    app.add_typer(assess_app, name="assess", help="Say how ready the project is; grade a course.")


@assess_app.callback()
def assess(
    context: typer.Context,
    *,
    minimum: Annotated[
        float | None, typer.Option("--minimum", min=0, max=100, metavar="N", help="Exit 1 below N points.")
    ] = None,
    badge: Annotated[
        Path | None, typer.Option("--badge", metavar="FILE", help="Write the points as an SVG badge.")
    ] = None,
    lang: Annotated[
        list[str] | None, typer.Option("--lang", help="Of the pages: en or ru; both by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how ready the project is, by evidence and repository; the page is reports/LANGUAGE/assess.html."""
    if context.invoked_subcommand is not None:
        return
    from fullcycle.core.project.files import write_text_atomically
    from fullcycle.people.assess.assess import as_dict
    from fullcycle.people.assess.assess import badge as drawn

    project = project_here()
    evidence, page = _assessed(project, lang)
    result = as_dict(evidence)
    if badge is not None:
        write_text_atomically(project.root / badge, drawn(result["points"]))
    if as_json:
        show_json(result)
    else:
        typer.echo("\n".join([*_told(result), "", f"report: {shown(page)}"]))
    below = minimum is not None and result["points"] < minimum
    raise typer.Exit(EXIT_CHECK_FAILED if below else EXIT_FINE)


def _assessed(project: Project, languages: list[str] | None) -> tuple[AssessEvidence, Path]:
    """What was found, on record, and its page in the first language."""
    from fullcycle.cli.running import render_reports
    from fullcycle.core.evidence.store import write_evidence
    from fullcycle.core.project.lineage import run_info
    from fullcycle.people.assess.assess import measure
    from fullcycle.people.assess.repository import read_repository
    from fullcycle.people.report.records import read_records

    began = time.monotonic()
    evidence = measure(read_records(project.paths.evidence), read_repository(project.root))
    evidence = evidence.model_copy(update={"run": run_info(project, time.monotonic() - began)})
    write_evidence(project.paths.evidence, evidence)
    index = render_reports(project, languages=languages)[0]
    return evidence, index.with_name("assess.html")


def _told(result: dict[str, Any]) -> Iterator[str]:
    yield f"{result['points']:g} of {result['of']} points"
    for criterion in result["criteria"]:
        yield f"\n{criterion['id'].replace('_', ' ')}: {criterion['points']:g} of {criterion['weight']}"
        yield from (_line(check, f"{check['points']:g}/{check['of']:g}") for check in criterion["checks"])
    score = result["ml_test_score"]
    yield f"\nML Test Score: {score['score']:g} (the lowest of four sections)"
    for section in score["sections"]:
        yield f"\n{section['id']}: {section['points']:g} of {len(section['tests'])}"
        yield from (_line(test, f"{test['points']:g}/1") for test in section["tests"])


def _line(item: dict[str, Any], points: str) -> str:
    earn = f" -> {item['earn']}" if item["earn"] else ""
    return f"  {points:>5}  {item['title']}: {item['found']}{earn}"
