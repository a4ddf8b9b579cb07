"""Commands about labels: which rows to label next, what annotators said, which labels are likely wrong."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, project_here, show_json, shown, to_type
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.evidence.label import AgreementFacts, AuditFacts, LabelEvidence
    from fullcycle.live.label.imports import Aggregation
    from fullcycle.live.label.next_rows import Export

SHOWN_SUSPECTS = 10
SUSPECTS, SHEET = "labels/suspects.csv", "labels/next.csv"
READINGS = {  # Krippendorff 2004, page 241
    "reliable": "0.8 or more: reliable",
    "tentative": "0.667 to 0.8: enough for tentative conclusions",
    "unreliable": "below 0.667: not to be relied on; write down what each label means",
    "chance": "no more than chance may give: not to be relied on; write down what each label means",
}


class MeasureOption(StrEnum):
    """`--by`."""

    entropy = "entropy"
    margin = "margin"
    distance = "distance"


class AggregateOption(StrEnum):
    """`--aggregate`."""

    majority = "majority"
    dawid_skene = "dawid-skene"
    median = "median"


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
    group.command("next")(next_)
    group.command("import")(import_)
    group.command("audit")(audit)
    app.add_typer(group, name="label")


def next_(
    source: Annotated[
        str | None,
        typer.Argument(metavar="[SRC]", help="Where rows come from; default: the project's source."),
    ] = None,
    *,
    log: Annotated[
        bool, typer.Option("--log", help="Rows of the prediction log without an outcome, instead of SRC.")
    ] = False,
    count: Annotated[int, typer.Option("-n", min=1, metavar="N", help="How many rows.")] = 50,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=f"The sheet; default: {SHEET}.")] = None,
    label_studio: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write Label Studio tasks too; the configuration goes beside, .xml."
        ),
    ] = None,
    by: Annotated[
        MeasureOption | None,
        typer.Option(help="What uncertainty is; default: entropy, for numbers distance."),
    ] = None,
    blind: Annotated[bool, typer.Option("--blind", help="Leave the model's answers out.")] = False,
    labelled: Annotated[bool, typer.Option("--labelled", help="Take rows that have a label too.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take rows that were handed out before too.")
    ] = False,
    with_personal: PersonalOption = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Choose the rows to label: uncertain, and unlike each other."""
    from fullcycle.live.label.next_rows import export_next

    if log and source is not None:
        raise UserError(where="fullcycle label next", found=f"--log and {source}", expected="one of them")
    project = project_here()
    export = export_next(
        project,
        source=source,
        log=log,
        here=Path.cwd(),
        count=count,
        out=out or project.root / SHEET,
        label_studio=label_studio,
        measure=by.value if by else None,
        blind=blind,
        labelled=labelled,
        again=again,
        with_personal=with_personal,
        force=force,
    )
    if as_json:
        show_json(
            {key: str(each) if isinstance(each, Path) else each for key, each in asdict(export).items()}
        )
    else:
        typer.echo("\n".join(_next_told(export)))


def _next_told(export: Export) -> Iterator[str]:
    yield f"{export.rows:,} of {export.candidates:,} candidates, by {export.measure} and diversity"
    yield f"written to {shown(export.out)}"
    if export.tasks and export.configuration:
        yield f"tasks for Label Studio: {shown(export.tasks)}, its labeling configuration: "
        yield f"  {shown(export.configuration)}"
    if export.log:
        yield "next: fill in `label`, and send each as an outcome to POST /feedback, with request_id and"
        yield "request_row (as `row`): docs/guide/labels.md shows it"
        return
    yield f"next: fill in `label` and `annotator`, then `{to_type(f'label import {here(export.out)}')}`"
    yield _shown_by()


def import_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="Sheets (CSV), or what Label Studio exports (JSON)."),
    ] = None,
    annotator: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who labelled lines that name nobody; default: the file's name."),
    ] = None,
    aggregate: Annotated[
        AggregateOption | None, typer.Option(help="How to decide; default: majority, for numbers median.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last import back.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in what people said; say how far they agree."""
    from fullcycle.live.label.imports import import_labels, undo_import

    project, method = project_here(), _aggregation(aggregate)
    if undo == bool(files):
        raise UserError(
            where="fullcycle label import",
            found="files and --undo" if undo else "no file",
            expected="files to import, or --undo alone",
            hint="`fullcycle label next` writes a sheet to fill in",
        )
    if undo:
        evidence = undo_import(project, aggregation=method)
    else:
        evidence = import_labels(project, files or (), annotator=annotator, aggregation=method)
    if as_json:
        show_json(_as_dict(evidence))
    else:
        typer.echo("\n".join(_import_told(evidence)))


def _aggregation(asked: AggregateOption | None) -> Aggregation | None:
    return None if asked is None else asked.value


def _import_told(evidence: LabelEvidence) -> Iterator[str]:
    facts = evidence.imported
    if facts is None:
        return
    if not facts.annotations:
        yield "no import is left: the labels are those of the source"
    else:
        people = "person" if len(facts.annotators) == 1 else "people"
        by = f"{len(facts.annotators)} {people}, by {facts.aggregation}"
        yield f"{facts.rows:,} rows labelled by {by}: {facts.file}"
    if facts.tied_rows:
        yield f"  {facts.tied_rows:,} rows are tied and keep the source's label; another person decides them"
    yield from _agreement_told(evidence.agreement)
    for each in facts.annotators:
        agrees = "" if each.agrees is None else f", {each.agrees:.0%} as decided"
        yield f"  {each.name}: {each.labels:,} labels{agrees}"
    yield f"next: `{to_type('run')}` takes them in"
    yield _shown_by()


def _agreement_told(facts: AgreementFacts | None) -> Iterator[str]:
    if facts is None or facts.alpha.value is None:
        return
    bounds = f" ({facts.alpha.low:.2f} to {facts.alpha.high:.2f})" if facts.alpha.low is not None else ""
    told = [f"alpha {facts.alpha.value:.2f}{bounds}"]
    told += [
        f"{name} {value:.2f}"
        for name, value in (("Cohen's kappa", facts.cohen_kappa), ("Fleiss' kappa", facts.fleiss_kappa))
        if value is not None
    ]
    yield f"agreement on {facts.items:,} rows: {', '.join(told)}"
    if facts.reading in READINGS:
        yield f"  {READINGS[facts.reading]}"


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
    """Rank labels that are likely wrong."""
    from fullcycle.live.label.audit import audit_labels

    project = project_here()
    target = out or project.root / SUSPECTS
    evidence = audit_labels(project, top=top, out=target, with_personal=with_personal, force=force)
    if as_json:
        show_json({"file": str(target), **_as_dict(evidence)})
    elif evidence.audit is not None:
        shown_rows = min(SHOWN_SUSPECTS, top or SHOWN_SUSPECTS)
        typer.echo("\n".join(_audit_told(evidence.audit, target, shown_rows)))


def _shown_by() -> str:
    return f"report: `{to_type('report')}` shows it, labels.html"


def _as_dict(evidence: LabelEvidence) -> dict[str, Any]:
    return evidence.model_dump(mode="json")


def _audit_told(facts: AuditFacts, out: Path, rows: int) -> Iterator[str]:
    share = f"{facts.suspect_rows / facts.rows:.1%}" if facts.rows else "0%"
    yield f"{facts.suspect_rows:,} of {facts.rows:,} training rows have a suspect label ({share})"
    for noise in facts.noise:
        yield f"  {noise.rows:>6,} labelled {noise.given} look like {noise.likely}"
    for suspect in facts.suspects[:rows]:
        yield f"  row {suspect.row:<8} {suspect.given} -> {suspect.suggested}?   score {suspect.score:.3f}"
    yield f"written to {shown(out)}, the most suspect first"
    yield f"next: fill in `label` where the given one is wrong, then `{to_type(f'label import {here(out)}')}`"
    yield _shown_by()


def here(path: Path) -> str:
    """A file as an argument: relative to the folder that commands work in."""
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
