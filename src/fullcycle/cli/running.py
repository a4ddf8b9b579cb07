"""Running the graph and what follows from it: reports, and the verdict."""

from __future__ import annotations

from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.cli.common import say
from fullcycle.cli.handover import handed_over
from fullcycle.cli.warm import warm_stages
from fullcycle.core.errors import UserError
from fullcycle.core.project.dvc_lock import LOCK

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project


@dataclass(frozen=True)
class Outcome:
    """What a run did. `passed` is the verdict of verify, None where the run ended before it.

    `reports` are the index pages, one for each language.
    """

    ran: tuple[str, ...]
    skipped: tuple[str, ...]
    seconds: float
    passed: bool | None
    reports: tuple[Path, ...]


def run_cycle(
    project: Project,
    stage: str | None = None,
    *,
    force: bool = False,
    warm: bool = False,
    budget: bool = False,
) -> Outcome:
    """Run what changed up to `stage`, render the reports, read the verdict.

    `budget` bounds a search by `ci.budget`; where the whole search was done already, that stands.
    `warm` lets stages start from one server process, which stays as long as this one: for a command.
    """
    from fullcycle.automate.running import run_graph

    check_stage(stage)
    check_project(project)
    # DVC tells what it does on stdout, where an answer belongs; stages tell it better, on stderr.
    with (
        redirect_stdout(StringIO()),
        handed_over(project.root),
        warm_stages(stage, at_once=_never_ran(project)) if warm else nullcontext(),
    ):
        bounds = project.settings.ci.budget if budget and not _searched(project) else None
        done = run_graph(project, stage, force=force, budget=bounds)
    return Outcome(
        ran=done.ran,
        skipped=done.skipped,
        seconds=done.seconds,
        passed=_verdict(project) if stage in (None, "verify") else None,
        reports=tuple(reports_of(project)),
    )


def run_frozen(project: Project, stage: str | None = None, *, force: bool = False) -> Outcome:
    """The recorded run again: nothing that decides results differs before, and the bundle is equal after."""
    from fullcycle.automate.frozen import (
        differences,
        recorded_bundle,
        refuse_differences,
        refuse_other_bundle,
    )

    check_stage(stage)
    check_project(project)
    with redirect_stdout(StringIO()):
        found = differences(project)
    for each in found:
        if not each.decides:
            say(f"note: {each}")
    refuse_differences(found)
    expected = recorded_bundle(project)
    outcome = run_cycle(project, stage, force=force, warm=True)
    if outcome.passed is not None:
        refuse_other_bundle(expected, recorded_bundle(project))
    return outcome


def _searched(project: Project) -> bool:
    """Whether the search is done as the settings ask for it."""
    from fullcycle.automate.running import graph_status

    states = {each.stage: each.state for each in graph_status(project)}
    return states["experiment"] == "fresh"


def _never_ran(project: Project) -> bool:
    """Whether no stage is on record: then there surely is one to run."""
    return not (project.root / LOCK).exists()


def run_one(project: Project, stage: str) -> None:
    """One stage through the graph, whether it changed or not, so that `dvc.lock` knows."""
    from fullcycle.automate.running import run_graph

    check_project(project)
    with redirect_stdout(StringIO()), handed_over(project.root):
        run_graph(project, stage, single=True)


def check_project(project: Project) -> None:
    """Settings, contract and what they refer to, before anything starts."""
    from fullcycle.core.project.references import check_references

    check_references(project)


def check_stage(stage: str | None) -> None:
    """UserError with the nearest name for a stage that doesn't exist."""
    from fullcycle.automate.graph import STAGES

    if stage is None or stage in STAGES:
        return
    close = get_close_matches(stage, STAGES, n=1)
    raise UserError(
        where="the command line",
        found=f"an unknown stage {stage!r}",
        expected=f"one of {', '.join(STAGES)}",
        hint=f"did you mean `fullcycle run {close[0]}`?" if close else "`fullcycle run` alone runs them all",
    )


def render_reports(project: Project, languages: list[str] | None = None) -> list[Path]:
    """Every page that evidence allows; the index of the first language comes first."""
    from fullcycle.core.hypotheses.standing import refresh
    from fullcycle.people.report import build_reports

    refresh(project)  # a claim that was edited since its result must not look untouched
    return build_reports(project, languages=languages)


def index_pages(project: Project) -> list[Path]:
    """The pages to open first, by language."""
    return [project.paths.reports / language / "index.html" for language in project.settings.languages]


def reports_of(project: Project) -> list[Path]:
    """The index pages of up-to-date reports; rendered if one is missing or older than the evidence."""
    pages = index_pages(project)
    evidence = [path.stat().st_mtime_ns for path in project.paths.evidence.glob("*.json")]
    if not all(page.exists() and page.stat().st_mtime_ns >= max(evidence, default=0) for page in pages):
        render_reports(project)
    return pages


def _verdict(project: Project) -> bool:
    from fullcycle.core.evidence import VerifyEvidence
    from fullcycle.core.evidence.store import read_evidence

    return read_evidence(project.paths.evidence, VerifyEvidence).passed
