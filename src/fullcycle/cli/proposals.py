"""Commands about suggested features: look for them, accept or reject them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json, to_type, wrapped
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.evidence.proposals import ProposalsEvidence, ProposedFeature
    from fullcycle.core.project.project import Project

AllOption = Annotated[bool, typer.Option("--all", help="All suggestions of fullcycle.yaml.")]
NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Suggestions of fullcycle.yaml.")
]


def register(group: typer.Typer) -> None:
    """Add the commands to `features`."""
    group.command("propose")(propose)
    group.command("accept")(accept)
    group.command("reject")(reject)


def propose(
    at_most: Annotated[
        int | None,
        typer.Option("--at-most", min=1, metavar="N", help="Suggestions; default: proposals.at_most."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look for features that earn their place out of fold; write them as suggestions, used by nothing."""
    evidence = proposed(project_here(), at_most)
    if as_json:
        show_json(evidence.model_dump(mode="json"))
    else:
        typer.echo("\n".join(proposal_lines(evidence)))


def proposed(project: Project, at_most: int | None = None) -> ProposalsEvidence:
    """Propose under the project's lock, and bring the reports in line."""
    from fullcycle.cli.running import check_project, reports_of
    from fullcycle.core.project.lock import stage_session
    from fullcycle.cycle.experiment.proposals.propose import propose as look

    check_project(project)
    say("features ...")
    with stage_session(project.paths):
        evidence = look(project, at_most)
    reports_of(project)
    return evidence


def accept(names: NamesArgument = None, all_: AllOption = False, as_json: JsonOption = False) -> None:
    """Move suggestions below `features:`; the next run uses them."""
    from fullcycle.core.project.suggestions import accept as move

    project = project_here()
    moved = move(project, _named(project, names, all_=all_))
    if as_json:
        show_json(moved)
        return
    for name, expression in moved.items():
        typer.echo(f"{name}: {expression}")
    say(f"now features: `{to_type('run')}` learns with them, and `git commit` keeps them")


def reject(names: NamesArgument = None, all_: AllOption = False, as_json: JsonOption = False) -> None:
    """Take suggestions out; their expressions are not proposed again."""
    from fullcycle.core.project.suggestions import reject as refuse

    project = project_here()
    refused = refuse(project, _named(project, names, all_=all_))
    if as_json:
        show_json(refused)
        return
    for name, expression in refused.items():
        typer.echo(f"{name}: {expression}")
    say("not proposed again, as long as they stand below `rejected_features:` in fullcycle.yaml")


def _named(project: Project, names: list[str] | None, *, all_: bool) -> list[str]:
    suggested = list(project.settings.suggested_features)
    if bool(names) == all_:
        raise UserError(
            where="the command line",
            found="names and --all together" if names else "no name",
            expected="names of suggestions, or --all",
            hint="suggested: " + ", ".join(suggested) if suggested else "there are no suggestions now",
        )
    return suggested if all_ else names or []


def proposal_lines(evidence: ProposalsEvidence) -> Iterator[str]:
    """What was tried, what was tested and what is suggested now."""
    from fullcycle.cli.summaries import finding_lines

    tried = sum(each.expressions for each in evidence.tried)
    suggested = [each for each in evidence.tested if each.suggested]
    yield wrapped(
        f"{tried:,} expressions, {evidence.shortlisted} fitted on {evidence.choosing_rows:,} rows, "
        f"{len(evidence.tested)} tested on {evidence.judging_rows:,} others: {len(suggested)} suggested"
    )
    width = max((len(each.name) for each in evidence.tested), default=0)
    for each in evidence.tested:
        mark = "+" if each.suggested else " "
        yield f"  {mark} {each.name:<{width}}  {_gain(each)}  {each.expression}"
    if suggested and evidence.together is not None and evidence.together.value is not None:
        gain = evidence.together
        yield wrapped(
            f"together {gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f}) {evidence.metric}", "  "
        )
    yield from finding_lines(evidence.findings)
    if suggested:
        yield wrapped(
            f"next: `{to_type('features accept NAME')}` or `reject NAME`; "
            "suggestions stand in fullcycle.yaml, and nothing uses them until then",
            "  ",
        )


def _gain(each: ProposedFeature) -> str:
    if each.gain is None or each.gain.value is None:
        return "not tested".ljust(36)
    told = f"{each.gain.value:+.4f} ({each.gain.low:+.4f} to {each.gain.high:+.4f})"
    return f"{told:<27} p {each.p_adjusted:.3f}"
