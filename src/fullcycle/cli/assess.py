"""The command that says how ready a project is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, project_here, show_json
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(assess)


def assess(
    minimum: Annotated[
        float | None, typer.Option("--minimum", min=0, max=100, metavar="N", help="Exit 1 below N points.")
    ] = None,
    badge: Annotated[
        Path | None, typer.Option("--badge", metavar="FILE", help="Write the points as an SVG badge.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how ready the project is, by evidence and repository."""
    from fullcycle.core.project.files import write_text_atomically
    from fullcycle.people.assess.assess import assess as assessed
    from fullcycle.people.assess.assess import badge as drawn
    from fullcycle.people.assess.repository import read_repository
    from fullcycle.people.report.records import read_records

    paths = project_here().paths
    result = assessed(read_records(paths.evidence), read_repository(paths.root))
    if badge is not None:
        write_text_atomically(paths.root / badge, drawn(result["points"]))
    if as_json:
        show_json(result)
    else:
        typer.echo("\n".join(_told(result)))
    below = minimum is not None and result["points"] < minimum
    raise typer.Exit(EXIT_CHECK_FAILED if below else EXIT_FINE)


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
