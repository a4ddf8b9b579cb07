"""`fullcycle label next`: the rows whose labels would teach most, as a sheet and as Label Studio tasks."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fullcycle.core.bundle.bundle import Answers, Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.label import NextFacts
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.lineage import run_info
from fullcycle.core.sources.credentials import masked
from fullcycle.live.label.batches import names_taken, remember_exported
from fullcycle.live.label.candidates import (
    Pool,
    Rate,
    open_rows,
    uncertain_rows,
    unlabelled,
)
from fullcycle.live.label.choose import (
    Measure,
    choose,
    entropy,
    margin,
    space_of,
    strangeness,
)
from fullcycle.live.label.evidence import update_evidence
from fullcycle.live.label.label_studio import configuration, tasks
from fullcycle.live.label.reasons import answer, chosen_rows, reasons
from fullcycle.live.label.sheet import (
    Row,
    read_rows,
    refuse_existing,
    sheet_text,
    shown_file,
    write_sheet,
)

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.project.project import Project

LIBRARIES = ("numpy", "onnxruntime", "duckdb", "ibis-framework")
LOG = "predictions/"  # what the log is called in evidence
POOL_FACTOR, POOL_AT_LEAST = 20, 2000  # rows among which diversity decides, for each that is wanted


@dataclass(frozen=True)
class Export:
    """What was handed out, of how many candidates, and the files."""

    rows: int
    candidates: int
    measure: Measure
    bundle: str
    out: Path
    tasks: Path | None
    configuration: Path | None
    log: bool = False


def export_next(
    project: Project,
    *,
    out: Path,
    here: Path,
    source: str | None = None,
    log: bool = False,
    count: int = 50,
    label_studio: Path | None = None,
    measure: Measure | None = None,
    blind: bool = False,
    with_personal: bool = False,
    labelled: bool = False,
    again: bool = False,
    force: bool = False,
) -> Export:
    """Choose `count` rows of `source` (the project's own by default, or its `log`) and write them out.

    `blind` leaves the bundle's answers out, `labelled` takes rows with a label too, `again` rows that were
    handed out before. Raises UserError where there is no bundle, no candidate, or a file would be replaced.
    """
    started = time.monotonic()
    config = label_studio.with_suffix(".xml") if label_studio else None
    for path in (out, label_studio):
        if path is not None:
            refuse_existing(path, force=force)
    bundle = read_bundle(project.paths.bundle)
    measure = check_measure(measure, bundle)
    taken = set() if again else names_taken(project)
    told = LOG if log else source or project.settings.data.source
    with open_rows(project, source, here, log=log) as table:
        candidates = unlabelled(table, project.contract, taken, labelled=labelled)
        pool = uncertain_rows(candidates, bundle, rating(measure, bundle), _pool_size(count))
        if not len(pool.rows):
            raise _nothing_left(told, labelled=labelled, taken=len(taken))
        space = _space(pool, bundle)
        chosen = choose(space, pool.uncertainty, count)
        rows = _rows(table, pool, chosen, project, with_personal=with_personal)
    answers = [answer_of(pool, at, bundle, blind=blind) for at in chosen]
    write_sheet(out, sheet_text(rows, answers), force=force)
    if label_studio is not None and config is not None:
        _write_tasks(label_studio, config, tasks(rows, answers, project.contract, bundle.version), project)
    remember_exported(project, [row.remembered for row in rows])
    facts = NextFacts(
        source=masked(told),
        file=shown_file(project, out),
        bundle=bundle.version,
        measure=measure,
        candidates=pool.candidates,
        rows=len(rows),
        chosen=chosen_rows(pool, chosen, space, rows, project.contract, blind=blind),
        **reasons(pool, chosen, space),
    )
    run = run_info(project, time.monotonic() - started, LIBRARIES)
    update_evidence(project, {"handed_out": facts}, findings=(), codes=(), run=run)
    return Export(len(rows), pool.candidates, measure, bundle.version, out, label_studio, config, log)


def _write_tasks(path: Path, config: Path, made: list[dict[str, Any]], project: Project) -> None:
    """Label Studio's tasks, and beside them how they are shown there."""
    write_text_atomically(path, json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    write_text_atomically(config, configuration(project.contract))


def check_measure(asked: Measure | None, bundle: Bundle) -> Measure:
    """The measure of uncertainty, or the task's own; UserError for one that doesn't suit the answers."""
    if asked is None:
        return "entropy" if bundle.classes else "distance"
    if asked != "distance" and not bundle.classes:
        raise UserError(
            where=f"--by {asked}",
            found="a bundle that answers numbers, without probabilities",
            expected="distance: how far a row lies from the training rows",
        )
    return asked


def rating(measure: Measure, bundle: Bundle) -> Rate:
    """How uncertain each of some rows is, 0 to 1."""

    def rate(answers: Answers, columns: dict[str, Any]) -> Any:
        if measure == "distance" or answers.probabilities is None:
            return strangeness(columns, bundle.contract.features, bundle.reference)
        shares = answers.probabilities.astype(np.float64)
        return entropy(shares) if measure == "entropy" else margin(shares)

    return rate


def _pool_size(count: int) -> int:
    return max(POOL_AT_LEAST, POOL_FACTOR * count)


def _space(pool: Pool, bundle: Bundle) -> Any:
    return space_of(pool.columns, bundle.contract.features, bundle.reference)


def _rows(
    table: ibis.Table, pool: Pool, chosen: list[int], project: Project, *, with_personal: bool
) -> list[Row]:
    numbers = [int(pool.rows[at]) for at in chosen]
    return read_rows(table, numbers, project.contract, with_personal=with_personal)


def answer_of(pool: Pool, at: int, bundle: Bundle, *, blind: bool) -> Mapping[str, Any]:
    """The cells that show what the bundle says."""
    if blind:
        return {}
    cells: dict[str, Any] = {"prediction": answer(pool, at, bundle.contract)}
    if bundle.classes and pool.answers.probabilities is not None:
        shares = pool.answers.probabilities[at]
        cells |= {
            f"probability_{name}": f"{share:.4f}" for name, share in zip(bundle.classes, shares, strict=True)
        }
    return cells | {"uncertainty": f"{pool.uncertainty[at]:.4f}"}


def _nothing_left(source: str, *, labelled: bool, taken: int) -> UserError:
    ways = [] if labelled else ["`--labelled` takes rows that have a label, for a second opinion"]
    ways += [f"`--again` takes those {taken} rows that were handed out or imported before"] if taken else []
    return UserError(
        where=source,
        found="no row to label: each has a label, or was handed out already"
        if taken or not labelled
        else "no row",
        expected="rows whose target is empty",
        hint="; ".join(ways) or "name a source that has rows",
    )
