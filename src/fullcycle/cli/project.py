"""Commands about a project as a whole: run, status, schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, coloured, project_here, show_json, shown, to_type, wrapped
from fullcycle.cli.stages import HELP
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, UserError

if TYPE_CHECKING:
    from fullcycle.automate.running import StageState
    from fullcycle.cli.running import Outcome
    from fullcycle.core.evidence.hypotheses import Claim
    from fullcycle.core.project.project import Project


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of `--help`."""
    app.command()(run)
    app.command()(status)
    app.command()(schema)


def run(
    stage: Annotated[
        str | None,
        typer.Argument(metavar="[STAGE]", help="Stop after this stage.", autocompletion=lambda: list(HELP)),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run also what did not change.")] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Refuse if anything differs from the recorded run.")
    ] = False,
    budget: Annotated[
        bool, typer.Option("--budget", help="Search no more than ci.budget allows, as in a pull request.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run what changed, up to STAGE; exit 1 if a gate failed."""
    from fullcycle.cli.running import run_cycle, run_frozen

    project = project_here()
    if frozen and budget:
        raise UserError(
            where="fullcycle run",
            found="--frozen and --budget together",
            expected="one of them: a search within a budget is another one than the recorded",
            hint=f"`{to_type('run --frozen')}` or `{to_type('run --budget')}`",
        )
    if frozen:
        outcome = run_frozen(project, stage, force=force)
    else:
        outcome = run_cycle(project, stage, force=force, warm=True, budget=budget)
    if as_json:
        show_json(_as_dict(outcome))
    else:
        typer.echo("\n".join(_told(project, outcome)))
    raise typer.Exit(EXIT_CHECK_FAILED if outcome.passed is False else EXIT_FINE)


def _told(project: Project, outcome: Outcome) -> Iterator[str]:
    from fullcycle.cli.summaries import read_stage, summary

    took = f"in {outcome.seconds:.1f} s"
    if not outcome.ran:
        yield f"nothing has changed: {len(outcome.skipped)} stages looked at {took}"
    else:
        skipped = f", {len(outcome.skipped)} unchanged" if outcome.skipped else ""
        yield f"ran {', '.join(outcome.ran)} {took}{skipped}"
    if outcome.passed is not None:
        yield from summary(read_stage(project, "verify"))
    yield f"report: {shown(outcome.reports[0])}"


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    return {**asdict(outcome), "reports": [str(page) for page in outcome.reports]}


def status(as_json: JsonOption = False) -> None:
    """Say what is done, what is stale and what to type next."""
    from fullcycle.automate.running import graph_status
    from fullcycle.cli.hypotheses import standing_lines
    from fullcycle.cli.running import check_project
    from fullcycle.core.hypotheses.standing import refresh

    project = project_here()
    check_project(project)
    with redirect_stdout(StringIO()):
        states = graph_status(project)
    step, reason = next_step(project, states)
    if as_json:
        claims = refresh(project)
        show_json(
            {
                "stages": [asdict(state) for state in states],
                "hypotheses": [] if claims is None else [_claim(each) for each in claims.claims],
                "next": step,
                "reason": reason,
            }
        )
        return
    typer.echo("\n".join([*_standing(project, states), *standing_lines(project)]))
    typer.echo(f"\nnext: {coloured(step, bold=True)}    # {reason}")


def _claim(claim: Claim) -> dict[str, Any]:
    return {"id": claim.id, "state": claim.state, "changed": claim.changed, "declared": claim.declared}


def _standing(project: Project, states: Sequence[StageState]) -> Iterator[str]:
    for state in states:
        colour = {"fresh": "green", "stale": "yellow"}.get(state.state)
        told = wrapped(_told_of(project, state), " " * 21, " " * 21)
        yield f"{state.stage:11} {coloured(f'{state.state:8}', fg=colour)} {told[21:]}"


def _told_of(project: Project, state: StageState) -> str:
    from fullcycle.cli.summaries import headline, read_stage

    if state.state == "missing":
        return "not run yet"
    return headline(read_stage(project, state.stage)) if state.state == "fresh" else "; ".join(state.reasons)


def next_step(project: Project, states: Sequence[StageState]) -> tuple[str, str]:
    """The command to type next, and why."""
    from fullcycle.cli.running import index_pages
    from fullcycle.cli.summaries import passed, read_stage

    behind = [state.stage for state in states if state.state != "fresh"]
    if behind:
        return to_type("run"), f"{', '.join(behind)} to do"
    if not passed(read_stage(project, "verify")):
        return (
            f"open {shown(index_pages(project)[0])}",
            f"a gate failed: see why, mend it, then `{to_type('run')}`",
        )
    if not _is_released(project):
        return to_type("release"), "the bundle passed every gate; `fullcycle serve` tries it as it is"
    return to_type("serve"), "the bundle that was verified last is the champion"


def _is_released(project: Project) -> bool:
    """Whether what `bundle/` holds is what answers."""
    from fullcycle.core.bundle.model import MANIFEST, Manifest
    from fullcycle.core.bundle.pieces import read_piece
    from fullcycle.core.routes.store import Deploy, read_routes

    routes = read_routes(Deploy(project.paths.deploy))
    return (
        routes is not None and routes.champion == read_piece(project.paths.bundle, MANIFEST, Manifest).bundle
    )


def schema(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write it to a file instead.")] = None,
) -> None:
    """Print the JSON Schema of fullcycle.yaml, for editors."""
    from fullcycle.core.project.settings_file import settings_schema

    if output is None:
        typer.echo(settings_schema(), nl=False)
    else:
        from fullcycle.core.project.files import write_text_atomically

        write_text_atomically(output, settings_schema())
