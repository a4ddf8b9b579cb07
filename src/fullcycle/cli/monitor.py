"""Commands about monitoring: what is answered now, beside what the model was trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import Caller, JsonOption, project_here, say, show_json, to_type
from fullcycle.cli.monitor_lines import beyond, drilled_lines, risk_lines
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, UserError

if TYPE_CHECKING:
    from fullcycle.core.evidence.monitor import AlarmFacts, MonitorEvidence
    from fullcycle.core.project.monitor_settings import MonitorSettings, Window
    from fullcycle.core.project.project import Project
    from fullcycle.live.monitor.stage import Asked

AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="TARGET", help="staging or production: where its log lies."),
]
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
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Go on looking, as often as monitor.every says, until it is ended."),
    ] = False,
    drill: Annotated[
        bool,
        typer.Option("--drill", help="Break copies of the log instead, and say which alarms ring, how late."),
    ] = False,
    at: AtOption = None,
    retrain: Annotated[
        bool | None,
        typer.Option(
            "--retrain/--no-retrain",
            help="Train anew now, or only look; default: when monitor.retrain says that it is due.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look at what nobody has looked at yet; exit 1 while an alarm rings that nobody acknowledged."""
    if context.invoked_subcommand is not None:
        return
    from pathlib import Path

    from fullcycle.live.monitor.stage import Asked

    project = _placed(project_here(), at)
    if drill:
        raise typer.Exit(_drill(project, as_json=as_json))
    asked = Asked(source=current, here=Caller.folder or Path.cwd(), window=_window(window))
    _refuse_retraining(retrain, current)
    if watch:
        _go_on(lambda: _look(project, asked, at, retrain), project.settings.monitor, as_json=as_json)
        return
    evidence = _look(project, asked, at, retrain)
    _show(evidence, as_json=as_json)
    raise typer.Exit(EXIT_CHECK_FAILED if evidence.ringing else EXIT_FINE)


def _placed(project: Project, at: str | None) -> Project:
    """The project whose model answers at a target: log, memory and routes lie there."""
    if at is None:
        return project
    from fullcycle.automate.targets import deploy_of
    from fullcycle.core.project.project import Project

    return Project(project.root, deployed=deploy_of(project, at).folder.resolve())


def _refuse_retraining(retrain: bool | None, current: str | None) -> None:
    if retrain and current is not None:
        raise UserError(
            where="fullcycle monitor --retrain --current",
            found="a table, which holds no answers",
            expected="the prediction log: its rows with outcomes are what is trained on",
            hint=f"`{to_type('monitor --retrain')}`",
        )


def _look(project: Project, asked: Asked, at: str | None, retrain: bool | None) -> MonitorEvidence:
    """A look; of the log, retraining follows where it is due."""
    from fullcycle.live.monitor.history import utc_now
    from fullcycle.live.monitor.stage import run

    evidence = run(project, asked)
    declared = project.settings.monitor.retrain is not None and retrain is not False
    if asked.source is not None or not (retrain or declared):
        return evidence
    from fullcycle.cli.retraining import Wanted, follow_up

    return follow_up(project, evidence, Wanted(by_person=bool(retrain), target=at), utc_now())


def _drill(project: Project, *, as_json: bool) -> int:
    from dataclasses import replace

    from fullcycle.cli.exercise import exercise_retraining
    from fullcycle.live.monitor.drill import drill

    drilled = drill(project)
    drilled = replace(drilled, responses=(*drilled.responses, exercise_retraining(project)))
    if as_json:
        show_json(drilled.as_dict())
    else:
        typer.echo("\n".join(drilled_lines(drilled)))
    return EXIT_FINE if drilled.passed else EXIT_CHECK_FAILED


def _go_on(look: Callable[[], MonitorEvidence], settings: MonitorSettings, *, as_json: bool) -> None:
    from threading import Event

    from fullcycle.live.monitor.watching import pause_of, watch

    pause_s = pause_of(settings)
    say(f"a look every {pause_s:,.0f} s; ctrl-c ends it")
    watch(
        look,
        lambda found: _show(found, as_json=as_json),
        lambda error: say(str(error)),
        Event().wait,
        pause_s,
    )


def _show(evidence: MonitorEvidence, *, as_json: bool) -> None:
    if as_json:
        show_json(evidence.model_dump(mode="json"))
        return
    typer.echo("\n".join(told(evidence)))
    for line in _noted(evidence):
        say(line)


@monitor_app.command()
def ack(
    alarm: Annotated[str, typer.Argument(metavar="ID", help="An alarm, as `fullcycle monitor` names it.")],
    *,
    note: Annotated[str | None, typer.Option(help="Why it is known, or what is done.")] = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that an alarm is known: it is quiet until what rang it is over."""
    import getpass

    from fullcycle.live.monitor.history import open_history

    project = _placed(project_here(), at)
    with open_history(project.paths.monitoring) as history:
        known = history.acknowledge(alarm, getpass.getuser(), note)
    if as_json:
        show_json(known.model_dump(mode="json"))
    else:
        typer.echo(f"acknowledged {known.id}: {_alarm(known)}")


@monitor_app.command()
def risks(
    *,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write the proposed ones into fullcycle.yaml, to be corrected.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """The register of risks: declared in fullcycle.yaml, and proposed from evidence."""
    from fullcycle.live.monitor.risks import accept as write
    from fullcycle.live.monitor.risks import proposed

    project = project_here()
    declared, new = project.settings.risks, proposed(project)
    if accept:
        write(project, new)
    if as_json:
        told = {"declared": declared, "proposed": new}
        show_json(
            {kind: {name: each.model_dump() for name, each in all_.items()} for kind, all_ in told.items()}
        )
        return
    typer.echo("\n".join([*risk_lines("declared", declared), *risk_lines("proposed", new)]))
    if new and accept:
        say("written into fullcycle.yaml: correct them there")
    elif new:
        say(f"`{to_type('monitor risks --accept')}` writes the proposed ones into fullcycle.yaml")


def _window(text: str | None) -> Window | None:
    from pydantic import ValidationError

    from fullcycle.core.project.monitor_settings import Window

    try:
        return None if text is None else Window.model_validate(text)
    except ValidationError as error:
        raise UserError(
            where="--window", found=repr(text), expected="`1 day`, `6 hours`, `1 month` or `5000 rows`"
        ) from error


def told(evidence: MonitorEvidence) -> Iterator[str]:
    """What a look found, for a terminal."""
    from fullcycle.live.monitor.advice import advice_of

    judged = [each for each in evidence.windows if each.judged]
    against = f"beside the {evidence.reference_rows:,} rows of {evidence.bundle}"
    many = "" if len(judged) == 1 else "s"
    yield f"{evidence.source}: {len(judged)} window{many} of {evidence.window} judged, {against}"
    if not evidence.windows:
        sooner = to_type("monitor --window '200 rows'")
        yield f"no window of {evidence.window} is over yet; `{sooner}` looks sooner"
    for alarm in evidence.alarms:
        yield f"{alarm.finding.severity:8} {alarm.id}  {_alarm(alarm)}"
        if alarm.state == "open":
            yield f"{'':8} to do: {advice_of(alarm.finding.code)}"
    if not evidence.alarms:
        yield "no alarm"
    yield from beyond(evidence)


def _alarm(alarm: AlarmFacts) -> str:
    from fullcycle.live.monitor.advice import line_of

    state = "" if alarm.state == "open" else f", {alarm.state} by {alarm.acknowledged_by}"
    return f"{line_of(alarm)}{state}"


def _noted(evidence: MonitorEvidence) -> Iterator[str]:
    if evidence.ringing:
        say_id = evidence.ringing[0].id
        yield f"`{to_type(f'monitor ack {say_id}')}` when it is known; `{to_type('report')}` shows all of it"
