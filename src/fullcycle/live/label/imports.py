"""`fullcycle label import`: annotations of several people, how far they agree, and one label for each row."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.tables import read_snapshot
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.label import ImportFacts
from fullcycle.core.labels import ROW_COLUMN, place_labels
from fullcycle.core.project.lineage import run_info
from fullcycle.live.label.aggregate import Decided, dawid_skene, majority, median
from fullcycle.live.label.annotations import Annotation, read_annotations
from fullcycle.live.label.batches import (
    FILE,
    Said,
    batch_paths,
    name_columns,
    name_of_row,
    read_batches,
    write_batch,
    write_lines,
)
from fullcycle.live.label.evidence import update_evidence
from fullcycle.live.label.people import (
    Ratings,
    agreement_of,
    annotators_of,
    disagreement,
    unanimous_rows,
    voices_of,
)
from fullcycle.live.label.setting import set_labels

if TYPE_CHECKING:
    from fullcycle.core.evidence.label import LabelEvidence
    from fullcycle.core.labels import Placed
    from fullcycle.core.project.project import Project

Aggregation = Literal["majority", "dawid-skene", "median"]
LIBRARIES = ("numpy", "duckdb", "ibis-framework")


def import_labels(
    project: Project,
    files: Sequence[Path],
    *,
    annotator: str | None = None,
    aggregation: Aggregation | None = None,
) -> LabelEvidence:
    """Add the files' labels to those of earlier imports, decide each row, name the result in `data.labels`.

    Nothing is written before every label has found its row. Raises UserError, with file and line, for labels
    that the contract doesn't know, rows that the source lacks, and one person's two labels for a row.
    """
    started = time.monotonic()
    contract = project.contract
    method = check_aggregation(aggregation, contract)
    annotations = [each for path in files for each in read_annotations(path, contract, annotator)]
    said = _placed(project, annotations)
    write_batch(project, said)
    return _settle(project, method, started)


def undo_import(project: Project, *, aggregation: Aggregation | None = None) -> LabelEvidence:
    """Take back the last import."""
    started = time.monotonic()
    paths = batch_paths(project)
    if not paths:
        raise UserError(
            where="labels/imports", found="no import", expected="one to take back", hint="nothing to undo"
        )
    paths[-1].unlink()
    return _settle(project, check_aggregation(aggregation, project.contract), started)


def check_aggregation(asked: Aggregation | None, contract: Contract) -> Aggregation:
    """The way to decide, or the task's own; UserError for one that doesn't suit the target."""
    regression = contract.task is Task.regression
    if asked is None:
        return "median" if regression else "majority"
    if (asked == "median") is not regression:
        raise UserError(
            where=f"--aggregate {asked}",
            found=f"a target for task {contract.task.value}",
            expected="median" if regression else "majority or dawid-skene",
        )
    return asked


def _placed(project: Project, annotations: Sequence[Annotation]) -> list[Said]:
    """Each label in its row of the source."""
    if not project.paths.raw.exists():
        raise UserError(
            where="data/raw.parquet",
            found="no such file",
            expected="the rows that labels are for",
            hint="run `fullcycle run collect` first",
        )
    table, contract = read_snapshot(project.paths.raw), project.contract
    placed: list[Placed | None] = [None] * len(annotations)
    for by_key in (True, False):
        positions = [at for at, each in enumerate(annotations) if (each.entry.key is not None) is by_key]
        found = place_labels(table, [annotations[at].entry for at in positions], contract)
        for at, item in zip(positions, found, strict=True):
            placed[at] = item
    return list(_said(annotations, [item for item in placed if item is not None], contract))


def _said(annotations: Sequence[Annotation], placed: Sequence[Placed], contract: Contract) -> Iterator[Said]:
    """Labels once each; one person's different labels for one row are an error."""
    before: dict[tuple[int, str], tuple[str, str]] = {}
    for (annotator, entry), item in zip(annotations, placed, strict=True):
        label, where = before.get((item.row, annotator), (item.label, ""))
        if label != item.label:
            raise UserError(
                where=entry.where,
                found=f"{item.label!r} by {annotator}, who says {label!r} of the same row in {where}",
                expected="one label of each person for each row",
                hint=f"keep one of them; a file without a column annotator needs --annotator ({ROW_COLUMN}"
                f" {item.row} of the source)",
            )
        if (item.row, annotator) not in before:
            before[item.row, annotator] = item.label, entry.where
            yield Said(name_of_row(item, contract), annotator, item.label)


def _settle(project: Project, method: Aggregation, started: float) -> LabelEvidence:
    """Make labels.csv and the evidence from all imports that there are."""
    contract = project.contract
    ratings = ratings_of(read_batches(project), contract)
    decided = decide(ratings, method, len(contract.classes or ()))
    _write_labels(project, ratings, decided)
    agreement = agreement_of(ratings, contract, project.settings.seed) if ratings.names else None
    parts = {"agreement": agreement, "imported": _imported(project, ratings, decided, method)}
    return update_evidence(
        project,
        parts,
        findings=disagreement(contract, agreement),
        codes=(Code.annotators_disagree,),
        run=run_info(project, time.monotonic() - started, LIBRARIES),
    )


def ratings_of(said: Sequence[Said], contract: Contract) -> Ratings:
    """Rows in the order in which they were labelled first, annotators by name."""
    names = {name: at for at, name in enumerate(dict.fromkeys(each.name for each in said))}
    people = {name: at for at, name in enumerate(sorted({each.annotator for each in said}))}
    codes = {name: float(code) for code, name in enumerate(contract.classes or ())}
    matrix = np.full((len(names), len(people)), np.nan)
    for each in said:
        value = codes[each.label] if contract.classes else float(each.label)
        matrix[names[each.name], people[each.annotator]] = value
    return Ratings(tuple(names), tuple(people), matrix)


def decide(ratings: Ratings, method: Aggregation, classes: int) -> Decided:
    """One label for each row."""
    if not ratings.names:
        return Decided(np.zeros(0), np.zeros(0))
    match method:
        case "median":
            return median(ratings.matrix)
        case "dawid-skene":
            return dawid_skene(ratings.matrix, classes)
        case _:
            return majority(ratings.matrix, classes)


def _write_labels(project: Project, ratings: Ratings, decided: Decided) -> None:
    """labels.csv and the setting that names it; neither is left where no label is."""
    contract, path = project.contract, project.root / FILE
    known = np.flatnonzero(~np.isnan(decided.labels))
    if not len(known):
        set_labels(project, None)
        path.unlink(missing_ok=True)
        return
    columns = name_columns(contract)
    lines = [
        dict(zip(columns, ratings.names[at], strict=True))
        | {contract.target.name: _label(decided.labels[at], contract)}
        | {"annotators": int((~np.isnan(ratings.matrix[at])).sum())}
        | {"support": "" if decided.support is None else f"{decided.support[at]:.4f}"}
        for at in known
    ]
    write_lines(path, [*columns, contract.target.name, "annotators", "support"], lines)
    set_labels(project, FILE)


def _label(value: float, contract: Contract) -> str:
    return contract.classes[int(value)] if contract.classes else f"{value:.17g}"


def _imported(project: Project, ratings: Ratings, decided: Decided, method: Aggregation) -> ImportFacts:
    contract, known = project.contract, decided.labels[~np.isnan(decided.labels)]
    return ImportFacts(
        imports=len(batch_paths(project)),
        file=FILE,
        aggregation=method,
        annotations=int(ratings.voices.sum()),
        rows=len(known),
        tied_rows=len(decided.labels) - len(known),
        annotators=tuple(annotators_of(ratings, decided, contract, project.settings.seed)),
        classes={name: int((known == code).sum()) for code, name in enumerate(contract.classes or ())},
        voices=voices_of(ratings),
        unanimous_rows=unanimous_rows(ratings),
    )
