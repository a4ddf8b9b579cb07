"""Commands that write files for CI/CD: so far the image that answers."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json, shown

ci = typer.Typer(help="Write files for CI/CD.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(ci, name="ci")


@ci.callback()
def group() -> None:
    """Write files for CI/CD."""


@ci.command()
def image(
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over a Dockerfile of your own.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a Dockerfile for a small image that answers with what is released, or with the bundle."""
    from fullcycle.automate.image import write_image

    project = project_here()
    written = write_image(project, force=force)
    if as_json:
        files = [str(path.relative_to(project.root)) for path in written.files]
        show_json({"files": files, "requirement": written.requirement})
        return
    for path in written.files:
        typer.echo(shown(path))
    name = re.sub(r"[^a-z0-9._-]+", "-", project.settings.name.lower()).strip("-._") or "model"
    say(f"\nNext:\n  docker build -t {name} {shown(project.root)}")
    say(f"  docker run --read-only -p {project.settings.serve.port}:{project.settings.serve.port} {name}")
