"""`fullcycle label audit`: labels beside out-of-fold answers, the most suspect first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.tables import ROW, read_parquet, read_snapshot
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Histogram, Severity
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.label import AuditFacts, ClassNoise, Suspect
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.lineage import run_info
from fullcycle.live.label.confident import Doubt, doubt_labels, doubt_numbers
from fullcycle.live.label.evidence import update_evidence
from fullcycle.live.label.sheet import (
    keys_of,
    read_rows,
    refuse_existing,
    sheet_text,
    shown_file,
    write_sheet,
)

if TYPE_CHECKING:
    from fullcycle.core.evidence.label import LabelEvidence
    from fullcycle.core.project.project import Project

LIBRARIES = ("numpy", "duckdb", "ibis-framework")
SUSPECTS = "labels/suspects.csv"
TOLD = 20  # suspects in evidence; the CSV has the rest
BINS = 20
AGAIN = "run `fullcycle run experiment`, then the audit again"


@dataclass(frozen=True)
class Judged:
    """Rows with a label and an answer of models that had not seen them; `answers` are (n, k) or (n,)."""

    rows: NDArray[np.int64]
    given: NDArray[Any]
    answers: NDArray[np.float64]


def audit_labels(
    project: Project,
    *,
    top: int | None = None,
    out: Path | None = None,
    with_personal: bool = False,
    force: bool = False,
) -> LabelEvidence:
    """Rank the labels of the training rows, write the first `top` (all suspects by default) to a CSV, and
    the evidence. Training rows alone: the test set stays sealed.

    Raises UserError where there are no out-of-fold answers yet, or answers of older labels.
    """
    started = time.monotonic()
    contract, out = project.contract, out or project.root / SUSPECTS
    refuse_existing(out, force=force)
    judged = read_judged(project)
    doubt = doubt_of(judged, contract)
    facts = _facts(project, judged, doubt, shown_file(project, out))
    ranked = doubt.ranked[: facts.suspect_rows if top is None else top]
    text = _sheet(project, judged, doubt, ranked, with_personal=with_personal)
    write_sheet(out, text, force=force)
    return update_evidence(
        project,
        {"audit": facts},
        findings=_findings(contract, facts),
        codes=(Code.labels_suspect,),
        run=run_info(project, time.monotonic() - started, LIBRARIES),
    )


def doubt_of(judged: Judged, contract: Contract) -> Doubt:
    """Which of these labels are likely wrong."""
    if contract.task is Task.regression:
        return doubt_numbers(judged.given, judged.answers)
    return doubt_labels(judged.given, judged.answers)


def read_judged(project: Project) -> Judged:
    """`data/oof.parquet` beside the labels of `data/train.parquet`, in the order of row numbers."""
    paths, contract = project.paths, project.contract
    if not paths.oof.exists():
        raise UserError(
            where="data/oof.parquet",
            found="no such file",
            expected="out-of-fold answers: what a model says about rows that it was not fitted on",
            hint="run `fullcycle run experiment`; it writes them",
        )
    answers, labels = read_parquet(paths.oof), read_parquet(paths.train)
    columns = answer_columns(contract)
    if contract.target.name not in labels.columns or any(name not in answers.columns for name in columns):
        raise UserError(where="data/oof.parquet", found="answers for another contract", hint=AGAIN)
    given = labels.select(labels[ROW], given=labels[contract.target.name])
    joined: Any = answers.left_join(given, ROW).order_by(ROW)
    table = joined.select(ROW, "given", *columns).to_pyarrow()
    matrix = np.column_stack([table[name].to_numpy() for name in columns]).astype(np.float64)
    return Judged(
        rows=table[ROW].to_numpy(),
        given=_codes(table["given"].to_pylist(), contract),
        answers=matrix[:, 0] if contract.task is Task.regression else matrix,
    )


def answer_columns(contract: Contract) -> list[str]:
    """How experiment calls them."""
    if contract.task is Task.regression:
        return ["prediction"]
    return [f"p_{code}" for code in range(len(contract.classes or ()))]


def _codes(given: list[Any], contract: Contract) -> NDArray[Any]:
    if any(value is None for value in given):
        raise UserError(
            where="data/oof.parquet",
            found="answers for rows that data/train.parquet lacks",
            expected="answers for the training rows of now",
            hint=AGAIN,
        )
    if contract.task is Task.regression:
        return np.array(given, dtype=np.float64)
    codes = {name: code for code, name in enumerate(contract.classes or ())}
    try:
        return np.array([codes[str(value)] for value in given], dtype=np.int64)
    except KeyError as error:
        raise UserError(
            where="data/train.parquet", found=f"class {error}, which contract.yaml lacks", hint=AGAIN
        ) from error


def _facts(project: Project, judged: Judged, doubt: Doubt, file: str) -> AuditFacts:
    regression = project.contract.task is Task.regression
    worst = [at for at in doubt.ranked[: TOLD * 10] if doubt.suspect[at]][:TOLD]
    keys = keys_of(read_snapshot(project.paths.raw), [int(judged.rows[at]) for at in worst], project.contract)
    counts, edges = np.histogram(doubt.score, bins=BINS, range=(0, 1))
    return AuditFacts(
        method="residuals" if regression else "confident_learning",
        score="residual" if regression else "self_confidence",
        rows=len(judged.rows),
        suspect_rows=int(doubt.suspect.sum()),
        champion=read_evidence(project.paths.evidence, ExperimentEvidence).champion,
        suspects=tuple(_suspect(at, judged, doubt, project.contract, keys) for at in worst),
        noise=() if regression else tuple(_noise(judged, doubt, project.contract)),
        scores=Histogram(edges=tuple(edges.round(6).tolist()), counts=tuple(counts.tolist())),
        file=file,
    )


def _suspect(
    at: int, judged: Judged, doubt: Doubt, contract: Contract, keys: Mapping[int, str | None]
) -> Suspect:
    hidden, row = contract.target.personal, int(judged.rows[at])
    return Suspect(
        row=row,
        key=keys.get(row),
        given=None if hidden else name_of(judged.given[at], contract),
        suggested=None if hidden else name_of(doubt.likely[at], contract),
        score=round(float(doubt.score[at]), 6),
    )


def name_of(value: Any, contract: Contract) -> str:
    """A class by its code, or a number in six digits."""
    return contract.classes[int(value)] if contract.classes else f"{float(value):.6g}"


def _noise(judged: Judged, doubt: Doubt, contract: Contract) -> Iterator[ClassNoise]:
    pairs = zip(judged.given[doubt.suspect].tolist(), doubt.likely[doubt.suspect].tolist(), strict=True)
    for (given, likely), rows in Counter(pairs).most_common():
        labelled = int((judged.given == given).sum())
        yield ClassNoise(
            given=name_of(given, contract), likely=name_of(likely, contract), rows=rows, of=labelled
        )


def _findings(contract: Contract, facts: AuditFacts) -> tuple[Finding, ...]:
    if not facts.suspect_rows:
        return ()
    share = facts.suspect_rows / facts.rows
    return (
        finding(
            Code.labels_suspect,
            Severity.warning,
            contract.target.name,
            rows=facts.suspect_rows,
            share=round(share, 6),
        ),
    )


def _sheet(
    project: Project, judged: Judged, doubt: Doubt, ranked: NDArray[np.int64], *, with_personal: bool
) -> str:
    """Suspects as a sheet whose column `label` takes the right one, for `label import`."""
    contract = project.contract
    numbers = judged.rows[ranked].tolist()
    rows = read_rows(read_snapshot(project.paths.raw), numbers, contract, with_personal=with_personal)
    hidden = contract.target.personal and not with_personal
    answers = [
        {
            "given": "" if hidden else name_of(judged.given[at], contract),
            "suggested": "" if hidden else name_of(doubt.likely[at], contract),
            "score": f"{doubt.score[at]:.6f}",
            "suspect": "yes" if doubt.suspect[at] else "no",
        }
        for at in ranked
    ]
    return sheet_text(rows, answers)
