"""The command that shows the whole cycle on real data."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import coloured, say, shown, wrapped
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.cli.running import Outcome
    from fullcycle.core.project.project import Project

DATA = "telco_churn.csv"
TARGET = "churn"
MADE = ("dvc.lock", "evidence", "experiment.lock.json")  # what a run leaves in git


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="A folder that is free.")] = Path("demo"),
) -> None:
    """Show the whole cycle on real data: customers who leave."""
    from fullcycle.cli.running import run_cycle
    from fullcycle.core.project.scaffold import commit

    project = _existing(directory) or _new(directory)
    outcome = run_cycle(project, warm=True)
    commit(project.root, MADE, "Run the cycle")
    typer.echo("\n".join(story(project, outcome, directory)))
    raise typer.Exit(0 if outcome.passed else 1)


def _existing(directory: Path) -> Project | None:
    """A demo that was begun before goes on from where it was."""
    from fullcycle.core.project.project import Project

    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return None
    project = Project(directory.resolve())
    if project.paths.settings.is_file() and project.settings.data.source == DATA:
        say(f"{directory} is there already: running what changed")
        return project
    raise UserError(
        where=str(directory),
        found="something that is no demo",
        expected="a folder that is free, or one that `fullcycle demo` made",
        hint="`fullcycle demo DIR` takes another folder",
    )


def _new(directory: Path) -> Project:
    from fullcycle.automate.init import NewProject, init_project

    directory.mkdir(parents=True, exist_ok=True)
    source = directory / DATA
    with as_file(files("fullcycle.data") / DATA) as shipped:
        shutil.copyfile(shipped, source)
    made = init_project(
        NewProject(
            directory=directory,
            source=source,
            target=TARGET,
            name="Telco churn",
            own_repository=True,
            also_commit=(DATA,),
        )
    )
    say(f"{directory}: a project of its own, with {made.facts.rows:,} real customers of a telecom company\n")
    return made.project


def story(project: Project, outcome: Outcome, directory: Path) -> Iterator[str]:
    """What was found and made, and what to type next."""
    yield ""
    yield coloured("What was found and cleaned", bold=True)
    yield from _found(project)
    yield ""
    yield coloured("What came of it", bold=True)
    yield from _made(project)
    yield from _reports(outcome)
    folder = shlex.quote(str(directory))
    yield ""
    yield coloured(f"Done in {outcome.seconds:.0f} s. Next:", bold=True)
    yield f"  fullcycle -C {folder} serve     # answers at http://127.0.0.1:8000/docs"
    yield f"  fullcycle -C {folder} status    # where the cycle stands, what to do next: `release`"
    yield "  fullcycle init mine --data TABLE.csv --target COLUMN    # with your table"


def _found(project: Project) -> Iterator[str]:
    from fullcycle.cli.summaries import everything_of, finding_lines, headline
    from fullcycle.core.evidence import CleanEvidence, CollectEvidence, ExploreEvidence
    from fullcycle.core.evidence.store import read_evidence

    folder = project.paths.evidence
    collected = read_evidence(folder, CollectEvidence)
    cleaned = read_evidence(folder, CleanEvidence)
    explored = read_evidence(folder, ExploreEvidence)
    yield wrapped(headline(collected), "  ", "    ")
    yield wrapped(headline(cleaned), "  ", "    ")
    yield from finding_lines((*collected.findings, *everything_of(cleaned), *explored.findings))


def _made(project: Project) -> Iterator[str]:
    from fullcycle.cli.summaries import headline, read_stage

    for stage in ("experiment", "prepare", "verify"):
        yield wrapped(headline(read_stage(project, stage)), f"  {stage:11} ", " " * 14)


def _reports(outcome: Outcome) -> Iterator[str]:
    for page in outcome.reports:
        if page.name == "index.html":
            yield f"  {'report':11} {shown(page)}"
