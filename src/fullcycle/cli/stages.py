"""One command for each stage of the cycle.

DVC starts these commands too: then the stage itself runs, records its verdict and exits 0, because DVC never
records a stage that fails (DECISIONS 2). Typed by a person, the command goes through DVC, so that `dvc.lock`
knows, and `verify` exits 1 if a gate failed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json, wrapped
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE

if TYPE_CHECKING:
    from fullcycle.core.evidence.base import Evidence
    from fullcycle.core.project.project import Project

HELP = {
    "collect": "Read the source as it is; keep a snapshot and its hash.",
    "clean": "Coerce, drop duplicates, seal the test set.",
    "explore": "Describe every column and its relation to the target.",
    "experiment": "Compare models on the same folds; choose the champion.",
    "prepare": "Turn the champion into one ONNX graph, proven equal to it.",
    "verify": "Check every gate on the sealed test set; exit 1 if one fails.",
}


def register(app: typer.Typer) -> None:
    """Add a command for each stage."""
    own: dict[str, Callable[..., None]] = {"clean": clean, "experiment": experiment}
    for stage, text in HELP.items():
        app.command(stage, help=text)(own.get(stage) or _command(stage))


def _command(stage: str) -> Callable[..., None]:
    def command(as_json: JsonOption = False) -> None:
        project = project_here()
        if "DVC_STAGE" in os.environ:
            run_stage(project, stage)
            return
        raise typer.Exit(_by_dvc(project, stage, as_json=as_json))

    command.__name__ = stage
    return command


def clean(
    as_json: JsonOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be decided; change nothing.")
    ] = False,
) -> None:
    """The stage, or a trial of it."""
    if not dry_run:
        _command("clean")(as_json=as_json)
        return
    from fullcycle.cli.decisions import decision_lines
    from fullcycle.core.project.lock import stage_session
    from fullcycle.cycle.clean import stage

    project = project_here()
    with stage_session(project.paths):
        evidence = stage.dry_run(project)
    if as_json:
        show_json(evidence.model_dump(mode="json"))
    else:
        typer.echo("\n".join(decision_lines(evidence)))


def experiment(  # noqa: PLR0917 - options of a command
    as_json: JsonOption = False,
    hypothesis: Annotated[
        list[str] | None,
        typer.Option("--hypothesis", metavar="NAME", help="Decide this claim instead; may be repeated."),
    ] = None,
    all_hypotheses: Annotated[
        bool, typer.Option("--all-hypotheses", help="Decide every claim of fullcycle.yaml instead.")
    ] = False,
    propose_features: Annotated[
        bool, typer.Option("--propose-features", help="Look for features to suggest afterwards.")
    ] = False,
    trials: Annotated[int | None, typer.Option(hidden=True)] = None,
    seconds: Annotated[float | None, typer.Option(hidden=True)] = None,
) -> None:
    """The stage, perhaps with suggestions; or a claim that is fixed, run and decided beside it.

    `trials` and `seconds` stand in the graph of `fullcycle run --budget`.
    """
    if hypothesis or all_hypotheses:
        from fullcycle.cli.hypotheses import decide

        project = project_here()
        names = list(project.settings.hypotheses) if all_hypotheses else list(hypothesis or ())
        decide(project, names, as_json=as_json)
    elif trials is not None and seconds is not None and "DVC_STAGE" in os.environ:
        project = project_here()
        run_stage(project, "experiment", _within(project, trials, seconds))
    elif propose_features and "DVC_STAGE" not in os.environ:
        raise typer.Exit(_with_suggestions(project_here(), as_json=as_json))
    else:
        _command("experiment")(as_json=as_json)


def _with_suggestions(project: Project, *, as_json: bool) -> int:
    """The stage, then `features propose`, told on stderr where a program reads the stage on stdout."""
    from fullcycle.cli.proposals import proposal_lines, proposed

    status = _by_dvc(project, "experiment", as_json=as_json)
    for line in proposal_lines(proposed(project)):
        typer.echo(line, err=as_json)
    return status


def _within(project: Project, trials: int, seconds: float) -> Project:
    """The project with a search of so many trials and seconds, or fewer where its settings ask for fewer."""
    settings = project.settings
    asked = settings.experiment
    bounded = asked.model_copy(
        update={"trials": min(trials, asked.trials), "time_budget_s": min(seconds, asked.time_budget_s)}
    )
    return project.with_settings(settings.model_copy(update={"experiment": bounded}))


def run_stage(project: Project, stage: str, within: Project | None = None) -> Evidence:
    """The stage itself, in this process, under the project's lock; `within` a budget, where there is one."""
    from fullcycle.automate.midway import held_still
    from fullcycle.cli.summaries import headline
    from fullcycle.core.project.environment import record_environment
    from fullcycle.core.project.lock import stage_session

    say(f"{stage} ...")
    started = time.monotonic()
    with stage_session(project.paths), held_still(project, stage):
        module: Any = import_module(f"fullcycle.cycle.{stage}.stage")
        evidence: Evidence = module.run(within or project)
        record_environment(project)
    say(wrapped(f"{stage} ({time.monotonic() - started:.1f} s): {headline(evidence)}"))
    return evidence


def _seen_together() -> bool:
    """Whether a person sees both streams: then the stage itself has just told its headline."""
    return sys.stdout.isatty() and sys.stderr.isatty()


def _by_dvc(project: Project, stage: str, *, as_json: bool) -> int:
    """The stage as a step of the graph; its exit code."""
    from fullcycle.cli.running import run_one
    from fullcycle.cli.summaries import passed, read_stage, summary

    run_one(project, stage)
    evidence = read_stage(project, stage)
    if as_json:
        show_json(evidence.model_dump(mode="json"))
    else:
        lines = summary(evidence, with_headline=not _seen_together())
        if lines:
            typer.echo("\n".join(lines))
    return EXIT_FINE if passed(evidence) else EXIT_CHECK_FAILED
