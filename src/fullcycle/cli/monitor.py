"""Commands about monitoring: what is answered now, beside what the model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import Caller, JsonOption, project_here, say, show_json, to_type
from fullcycle.cli.monitor_lines import beyond
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, UserError

if TYPE_CHECKING:
    from fullcycle.core.evidence.monitor import AlarmFacts, MonitorEvidence
    from fullcycle.core.project.monitor_settings import Window

monitor_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(monitor_app, name="monitor", help="Watch answered rows: drift, quality, alarms.")


@monitor_app.callback()
def monitor(
    context: typer.Context,
    *,
    current: Annotated[
        str | None,
        typer.Option("--current", metavar="SRC", help="A source, instead of the prediction log."),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(help="`1 day`, `1 month`, `5000 rows`; default: monitor.window, a source whole."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look at what nobody has looked at yet; exit 1 while an alarm rings that nobody acknowledged."""
    if context.invoked_subcommand is not None:
        return
    from pathlib import Path

    from fullcycle.live.monitor.stage import Asked, run

    project = project_here()
    asked = Asked(source=current, here=Caller.folder or Path.cwd(), window=_window(window))
    evidence = run(project, asked)
    if as_json:
        show_json(evidence.model_dump(mode="json"))
    else:
        typer.echo("\n".join(_told(evidence)))
        for line in _noted(evidence):
            say(line)
    raise typer.Exit(EXIT_CHECK_FAILED if evidence.ringing else EXIT_FINE)


@monitor_app.command()
def ack(
    alarm: Annotated[str, typer.Argument(metavar="ID", help="An alarm, as `fullcycle monitor` names it.")],
    *,
    note: Annotated[str | None, typer.Option(help="Why it is known, or what is done.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say that an alarm is known: it is quiet until what rang it is over."""
    import getpass

    from fullcycle.live.monitor.history import open_history

    project = project_here()
    with open_history(project.paths.monitoring) as history:
        known = history.acknowledge(alarm, getpass.getuser(), note)
    if as_json:
        show_json(known.model_dump(mode="json"))
    else:
        typer.echo(f"acknowledged {known.id}: {_alarm(known)}")


def _window(text: str | None) -> Window | None:
    from pydantic import ValidationError

    from fullcycle.core.project.monitor_settings import Window

    try:
        return None if text is None else Window.model_validate(text)
    except ValidationError as error:
        raise UserError(
            where="--window", found=repr(text), expected="`1 day`, `6 hours`, `1 month` or `5000 rows`"
        ) from error


def _told(evidence: MonitorEvidence) -> Iterator[str]:
    judged = [each for each in evidence.windows if each.judged]
    against = f"beside the {evidence.reference_rows:,} rows of {evidence.bundle}"
    yield f"{evidence.source}: {len(judged)} windows of {evidence.window}, {against}"
    for alarm in evidence.alarms:
        yield f"{alarm.finding.severity:8} {alarm.id}  {_alarm(alarm)}"
    if not evidence.alarms:
        yield "no alarm"
    yield from beyond(evidence)


def _alarm(alarm: AlarmFacts) -> str:
    found = alarm.finding
    about = ", ".join(found.columns) or str(found.facts.get("score") or found.facts.get("metric") or "")
    effect = found.facts.get("effect")
    measured = f", effect {effect:.3f}" if isinstance(effect, float) else ""
    state = "" if alarm.state == "open" else f", {alarm.state} by {alarm.acknowledged_by}"
    return f"{found.code} {about}{measured}, since {alarm.first_window}{state}"


def _noted(evidence: MonitorEvidence) -> Iterator[str]:
    if evidence.ringing:
        say_id = evidence.ringing[0].id
        yield f"`{to_type(f'monitor ack {say_id}')}` when it is known; `{to_type('report')}` shows all of it"
