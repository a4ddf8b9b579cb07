"""Commands about labels: which rows to label next, what annotators said, which labels are likely wrong."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, project_here, show_json, shown, to_type

if TYPE_CHECKING:
    from fullcycle.core.evidence.label import AuditFacts, LabelEvidence

SHOWN_SUSPECTS = 10
SUSPECTS = "labels/suspects.csv"
PersonalOption = Annotated[
    bool, typer.Option("--with-personal", help="Write also columns that contract.yaml marks personal.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        help="Choose rows to label, take in labels, find wrong ones.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    group.command("audit")(audit)
    app.add_typer(group, name="label")


def audit(
    top: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Write the N most suspect rows; default: all suspects."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of suspects; default: labels/suspects.csv.")
    ] = None,
    with_personal: PersonalOption = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Rank labels that are likely wrong, by answers of models that had not seen them."""
    from fullcycle.live.label.audit import audit_labels

    project = project_here()
    target = out or project.root / SUSPECTS
    evidence = audit_labels(project, top=top, out=target, with_personal=with_personal, force=force)
    if as_json:
        show_json({"file": str(target), **_as_dict(evidence)})
    elif evidence.audit is not None:
        typer.echo("\n".join(_audit_told(evidence.audit, target)))


def _as_dict(evidence: LabelEvidence) -> dict[str, Any]:
    return evidence.model_dump(mode="json")


def _audit_told(facts: AuditFacts, out: Path) -> Iterator[str]:
    share = f"{facts.suspect_rows / facts.rows:.1%}" if facts.rows else "0%"
    yield f"{facts.suspect_rows:,} of {facts.rows:,} training rows have a suspect label ({share})"
    for noise in facts.noise:
        yield f"  {noise.rows:>6,} labelled {noise.given} look like {noise.likely}"
    for suspect in facts.suspects[:SHOWN_SUSPECTS]:
        yield f"  row {suspect.row:<8} {suspect.given} -> {suspect.suggested}?   score {suspect.score:.3f}"
    yield f"written to {shown(out)}, the most suspect first"
    yield f"next: fill in `label` where the given one is wrong, then `{to_type(f'label import {here(out)}')}`"


def here(path: Path) -> str:
    """A file as an argument: relative to the folder that commands work in."""
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
