"""Commands about a project as a whole: init, demo, run, status, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of `--help`."""
    app.command()(run)
    app.command()(status)
    app.command()(schema)


def run(
    stage: Annotated[str | None, typer.Argument(help="Up to this stage; everything by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run also what did not change.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run everything that changed, up to STAGE; exit 1 if a gate failed."""
    from fullcycle.automate.graph import run_graph

    project = project_here()
    outcome = run_graph(project, stage, force=force)
    say(f"ran {', '.join(outcome.ran) or 'nothing'} in {outcome.seconds:.1f} s")


def status(as_json: JsonOption = False) -> None:
    """Say where the cycle stands, what is stale and what to do next."""
    from fullcycle.automate.graph import graph_status

    states = graph_status(project_here())
    if as_json:
        show_json([{"stage": s.stage, "state": s.state, "reasons": s.reasons} for s in states])
        return
    for state in states:
        typer.echo(f"{state.stage:12} {state.state:8} {', '.join(state.reasons)}".rstrip())


def schema(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write it to a file instead.")] = None,
) -> None:
    """Print the JSON Schema of fullcycle.yaml, for editors that complete it."""
    from fullcycle.core.project.settings_file import settings_schema

    if output is None:
        typer.echo(settings_schema(), nl=False)
    else:
        from fullcycle.core.project.files import write_text_atomically

        write_text_atomically(output, settings_schema())
