"""Commands about claims: decide them, list how they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from fullcycle.cli.common import JsonOption, coloured, project_here, say, show_json, to_type, wrapped

if TYPE_CHECKING:
    from fullcycle.core.evidence.hypotheses import Claim, HypothesesEvidence
    from fullcycle.core.project.project import Project

COLOURS = {"supported": "green", "refuted": "red", "inconclusive": "yellow"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(hypotheses)


def hypotheses(as_json: JsonOption = False) -> None:
    """List claims with their verdicts, and what was changed."""
    from fullcycle.cli.running import check_project
    from fullcycle.core.hypotheses.standing import refresh

    project = project_here()
    check_project(project)
    evidence = refresh(project)
    if as_json:
        show_json([] if evidence is None else [each.model_dump(mode="json") for each in evidence.claims])
    elif evidence is None:
        say("no hypotheses yet: write them below `hypotheses:` in fullcycle.yaml")
    else:
        typer.echo("\n".join(claim_lines(evidence)))


def decide(project: Project, names: Sequence[str], *, as_json: bool) -> None:
    """Fix the named hypotheses, run both arms, decide; print how these stand."""
    from fullcycle.cli.running import check_project, render_reports
    from fullcycle.core.project.lock import run_lock, stage_session
    from fullcycle.cycle.experiment.hypotheses.run import run

    check_project(project)
    with run_lock(project.paths), stage_session(project.paths):
        evidence = run(project, names)
    render_reports(project)
    shown = evidence.model_copy(
        update={"claims": tuple(each for each in evidence.claims if each.id in names)}
    )
    if as_json:
        show_json([each.model_dump(mode="json") for each in shown.claims])
    else:
        typer.echo("\n".join(claim_lines(shown)))


def claim_lines(evidence: HypothesesEvidence) -> Iterator[str]:
    """Each claim with its verdict, and what it rests on."""
    for each in evidence.claims:
        verdict = each.result.verdict if each.result else each.state
        yield f"{coloured(verdict, fg=COLOURS.get(verdict), bold=True):12} {each.id}: {each.claim}"
        yield from (wrapped(line, " " * 13, " " * 13) for line in _details(each))


def _details(claim: Claim) -> Iterator[str]:
    from fullcycle.cli.summaries import metric_name

    result = claim.result
    metric = metric_name(claim.metric)
    if result is not None and result.gain.value is not None:
        yield (
            f"gain of {metric} {result.gain.value:+.4f} ({result.gain.low:+.4f} to {result.gain.high:+.4f} "
            f"at {result.gain.confidence:.1%}), {claim.minimum_effect:g} would matter"
        )
        needed = "" if result.rows_needed is None else f"; 80% would take {result.rows_needed:,}"
        yield f"power {result.power:.0%} on {result.rows:,} rows{needed}"
    elif claim.state == "undecided":
        yield f"not fixed yet: `{to_type(f'experiment --hypothesis {claim.id}')}` fixes and decides it"
    else:
        yield f"fixed, and interrupted before its result: `{to_type(f'experiment --hypothesis {claim.id}')}`"
    if claim.hash is not None:
        yield f"fixed {claim.fixed} as {claim.hash[:12]}"
    yield from _changes(claim)


def _changes(claim: Claim) -> Iterator[str]:
    if claim.changed == "after_result":
        told = [f"{each.verdict} ({each.fixed[:10]})" for each in claim.earlier if each.verdict]
        yield coloured("CHANGED after a result", fg="yellow") + (
            f"; before: {', '.join(told)}" if told else ""
        )
    elif claim.changed == "before_result":
        yield "changed once it was fixed, before any result"
    if not claim.declared:
        yield "no longer in fullcycle.yaml"


def standing_lines(project: Project) -> Iterator[str]:
    """What `status` says of claims: those to decide, and those that were changed after a result."""
    from fullcycle.core.hypotheses.standing import refresh

    evidence = refresh(project)
    if evidence is None:
        return
    open_ = [each.id for each in evidence.claims if each.declared and each.state != "decided"]
    changed = [each.id for each in evidence.claims if each.changed == "after_result"]
    decided = sum(each.state == "decided" for each in evidence.claims)
    parts = [f"{decided} decided"]
    parts += [f"undecided: {', '.join(open_)}"] if open_ else []
    parts += [f"changed after a result: {', '.join(changed)}"] if changed else []
    yield f"{'hypotheses':11} {'':8} {wrapped('; '.join(parts), ' ' * 21, ' ' * 21)[21:]}"
