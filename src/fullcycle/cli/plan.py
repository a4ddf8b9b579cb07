"""The command that plans jobs and resources for the way the model is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json, to_type, wrapped

if TYPE_CHECKING:
    from fullcycle.core.evidence.automation import Assumption, PlanFacts, PlannedJob
    from fullcycle.core.project.project import Project

TITLES = {"train": "training", "answer": "answers by request", "score": "scoring of a table"}
ASSUMED = {
    "this_machine": "the machines are as fast as this one, of {value:.0f} cores",
    "headroom": "memory is the measured peak times {value:g}",
    "requests_like_golden_rows": "requests cost what golden rows cost, by CPU time of the server",
    "one_core_per_replica": "a replica uses {value:.0%} of a core, and the rest is for peaks",
    "busy_share": "over a day, load is {value:.0%} of that of the busiest time",
    "log_row_guessed": "a logged row takes {value:.0f} bytes: nothing is logged yet",
    "training_linear": "training takes time, and memory above that of libraries, in proportion to its rows,"
    " from {value:,.0f} measured",
    "search_as_long": "the search is ended by time again, after {value:,.0f} s",
    "linear_in_rows": "scoring takes a start and the same time for each row",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(plan)


def plan(
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure again, though this bundle was measured.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Plan jobs and resources for the way the model is used."""
    planned = planned_for(project_here(), measure=measure)
    if as_json:
        show_json(planned.model_dump(mode="json"))
        return
    typer.echo("\n".join(_told(planned)))
    say(f"\nNext:\n  {to_type('ci kubernetes')}    # or `ci compose`: with these replicas and resources")


def planned_for(project: Project, *, measure: bool = False) -> PlanFacts:
    """The plan of the settings as they are, on record; measured if this bundle never was."""
    from fullcycle.automate.plan import plan_of
    from fullcycle.core.bundle.model import MANIFEST, Manifest
    from fullcycle.core.bundle.pieces import read_piece
    from fullcycle.core.evidence.automation import read_automation, update_automation

    there = read_automation(project.paths.evidence).plan
    bundle = read_piece(project.paths.bundle, MANIFEST, Manifest).bundle
    if measure or there is None or there.measured.bundle != bundle:
        from fullcycle.automate.measure import measure as measured_now

        say("measuring a server and a scoring ...")
        measured = measured_now(project)
    else:
        measured = there.measured
    planned = plan_of(project.settings, measured)
    update_automation(project.paths.evidence, plan=planned)
    return planned


def _told(planned: PlanFacts) -> Iterator[str]:
    for job in planned.jobs:
        yield f"{TITLES[job.kind]:20} {'; '.join(_parts(planned, job))}"
    yield ""
    yield "assumed"
    for each in planned.assumptions:
        yield wrapped(_assumed(each), "  - ", "    ")


def _parts(planned: PlanFacts, job: PlannedJob) -> Iterator[str]:
    if job.schedule is not None:
        yield f"at {job.schedule} (cron, UTC), {job.runs_per_day:.2g} times a day"
    if job.kind == "answer":
        requests, rows = planned.requests_per_s or 0.0, planned.rows_per_request or 0.0
        yield f"{_counted(requests, 'request')} a second of {_counted(rows, 'row')}"
        yield f"{job.replicas} to {job.replicas_at_most} replicas"
    elif job.rows is not None:
        yield f"{job.rows:,.0f} rows"
    if job.seconds is not None:
        yield f"{job.seconds:,.1f} s"
    if job.cpu is not None:
        yield f"{job.cpu:g} CPU"
    yield "memory not measured" if job.memory_mb is None else f"{job.memory_mb:,} MB"
    if job.disk_gb is not None:
        yield f"log {job.disk_gb:g} GB for {planned.log_days:g} days"


def _counted(number: float, what: str) -> str:
    return f"{number:g} {what}" if number == 1 else f"{number:g} {what}s"


def _assumed(each: Assumption) -> str:
    return ASSUMED[each.code].format(value=each.value)
