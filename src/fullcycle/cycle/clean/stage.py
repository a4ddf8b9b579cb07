"""Clean: from a snapshot to training rows and a sealed test set, with every decision written down.

The order is DECISIONS 4: coerce, drop duplicates and rows without a target, split, and only then whatever is
learned, from training rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fullcycle.core.contract.few_texts import read_few_texts, reads_every_cell
from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.measures import as_number
from fullcycle.core.engines.sample import compiled, stored_or_written
from fullcycle.core.engines.tables import ROW, read_parquet, read_snapshot
from fullcycle.core.engines.tall import row_count
from fullcycle.core.engines.writing import write_parquet, write_parts
from fullcycle.core.evidence.clean import CleanEvidence, Decision, SplitFacts, TargetFacts
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.files import scratch_folder
from fullcycle.core.project.lineage import run_info
from fullcycle.core.sources.columns import require_columns
from fullcycle.core.sources.scan import hash_file
from fullcycle.core.sources.source import open_source
from fullcycle.cycle.clean.columns import columns_left_out, proposed_codes, proposed_moments
from fullcycle.cycle.clean.enough import check_after_split, check_before_split, check_features
from fullcycle.cycle.clean.gaps import missing_findings
from fullcycle.cycle.clean.learned import measure, sample_findings
from fullcycle.cycle.clean.missing import missing_decisions
from fullcycle.cycle.clean.near.find import later_rows, near_duplicates, near_outcome
from fullcycle.cycle.clean.outliers import keep_inside, outlier_decisions
from fullcycle.cycle.clean.policies import learn_columns, with_fills
from fullcycle.cycle.clean.rare import rare_decisions
from fullcycle.cycle.clean.rows import (
    Outcome,
    contradicting_labels,
    duplicate_keys,
    duplicate_rows,
    missing_target,
    missing_time,
    out_of_type,
    overlap,
    rows_alike,
    without,
)
from fullcycle.cycle.clean.scaling import scaling_decisions
from fullcycle.cycle.clean.split import Split, groups_across, split_kind, split_rows
from fullcycle.cycle.clean.texts import text_decisions
from fullcycle.cycle.clean.told import across_outcome, findings_of, small_classes

if TYPE_CHECKING:
    from pathlib import Path

    import ibis

    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings import Settings

LIBRARIES = ("duckdb", "ibis-framework")


def run(project: Project) -> CleanEvidence:
    """Clean the snapshot, seal the test set, write both tables and what was decided."""
    started = time.monotonic()
    with scratch_folder(project.paths.data) as scratch:
        cleaned = _run(project, scratch)
        cleaned.train.replace(project.paths.train)
        cleaned.test.replace(project.paths.test)
    run = run_info(project, time.monotonic() - started, LIBRARIES)
    timed = cleaned.evidence.model_copy(update={"run": run})
    write_evidence(project.paths.evidence, timed)
    return timed


def dry_run(project: Project) -> CleanEvidence:
    """What `run` would decide; nothing in the project changes."""
    with scratch_folder(project.paths.data) as scratch:
        return _run(project, scratch).evidence


@dataclass(frozen=True)
class Cleaned:
    """What was decided, and both tables, still in the scratch folder."""

    evidence: CleanEvidence
    train: Path
    test: Path


def _run(project: Project, scratch: Path) -> Cleaned:
    check_features(project.contract)
    raw = read_snapshot(project.paths.raw)
    texts, rows = read_few_texts(raw, project.contract), row_count(raw)
    with ExitStack() as stack:
        stored = coerce_table(raw, project.contract, texts=texts)
        if reads_every_cell(raw, project.contract, texts):
            stored = stack.enter_context(stored_or_written(stored, rows, scratch / "coerced.parquet"))
        else:
            stored = stack.enter_context(compiled(stored))
        decisions = Decisions(out_of_type(raw, stored, project.contract, texts))
        decisions += text_decisions(raw, project.contract, texts)
        decisions += proposed_codes(stored, project.contract)
        decisions += proposed_moments(stored, project.contract)
        decisions += columns_left_out(stored, project.contract, rows)
        split, rows_in = _told_apart(project, stored, rows, scratch, decisions)
        _write(split, stored, scratch)
    return _seal(project, split, decisions, scratch, rows_in)


def _told_apart(
    project: Project, coerced: ibis.Table, rows: int, scratch: Path, decisions: Decisions
) -> tuple[Split, int]:
    """Train and test without what goes, and how many rows there were in all."""
    table = clean_rows(coerced, project.contract, project.settings, decisions)
    if project.settings.split.test is None:
        return _split_here(project, table, rows, decisions), rows
    return _split_by_file(project, table, rows, scratch, decisions)


def _split_here(project: Project, table: ibis.Table, rows: int, decisions: Decisions) -> Split:
    """Near-duplicates go before the split; how many it would tear apart is known after it."""
    contract, settings = project.contract, project.settings
    near = near_duplicates(table, contract, settings.clean)
    table = without(table, later_rows(near, settings.clean))
    check_before_split(table, contract, rows)
    split = split_off(table, contract, settings, decisions)
    if settings.clean.duplicates == "keep":  # else no two rows are equal
        split = _without_overlap(split, contract, settings, decisions)
    decisions.take(near_outcome(near, settings.clean, split.test))
    return split


def _split_by_file(
    project: Project, table: ibis.Table, rows: int, scratch: Path, decisions: Decisions
) -> tuple[Split, int]:
    """The person's own test rows stay as they are: of two alike, the training row goes."""
    contract, settings = project.contract, project.settings
    check_before_split(table, contract, rows)
    test, test_rows = _test_file(project, scratch, rows, decisions)
    split = _without_overlap(Split("file", table, test), contract, settings, decisions)
    near = near_duplicates(split.train.union(split.test), contract, settings.clean)
    outcome = near_outcome(near, settings.clean, split.test, own_test=True)
    decisions.take(outcome)
    return replace(split, train=without(split.train, outcome)), rows + test_rows


def _without_overlap(split: Split, contract: Contract, settings: Settings, decisions: Decisions) -> Split:
    outcome = overlap(split.train, split.test, contract, settings.clean)
    decisions.take(outcome)
    return replace(split, train=without(split.train, outcome))


def _write(split: Split, coerced: ibis.Table, scratch: Path) -> None:
    """Both in one reading of the coerced table, unless the test rows came in a file of their own."""
    train, test = scratch / "train.parquet", scratch / "test.parquet"
    if split.kind == "file":
        write_parts(coerced, {train: split.train})
        write_parquet(split.test, test)
    else:
        write_parts(coerced, {train: split.train, test: split.test})


class Decisions(list[Decision]):
    """Decisions in the order they are taken."""

    def take(self, outcome: Outcome) -> None:
        """Note it, if anything was found."""
        if outcome.decision is not None:
            self.append(outcome.decision)


def clean_rows(table: ibis.Table, contract: Contract, settings: Settings, decisions: Decisions) -> ibis.Table:
    """Without what goes before the split: duplicates, rows without a target, contradictions if so set."""
    alike = rows_alike(table, contract)
    steps: tuple[Callable[[], Outcome], ...] = (
        lambda: duplicate_rows(alike, contract, settings.clean),
        lambda: duplicate_keys(table, contract, settings.clean),
        lambda: missing_target(table, contract),
        lambda: contradicting_labels(alike, contract, settings.clean),
    )
    for step in steps:
        outcome = step()
        decisions.take(outcome)
        table, alike = without(table, outcome), without(alike, outcome)
    return table


def split_off(table: ibis.Table, contract: Contract, settings: Settings, decisions: Decisions) -> Split:
    """Train and test as the settings and the contract's roles say."""
    kind = split_kind(contract, settings.split)
    if kind == "time" and contract.time is not None:
        outcome = missing_time(table, contract.time.name)
        decisions.take(outcome)
        table = without(table, outcome)
    return split_rows(table, contract, kind, settings.split.test_share, settings.seed)


def _test_file(
    project: Project, scratch: Path, first_row: int, decisions: Decisions
) -> tuple[ibis.Table, int]:
    """The person's own test rows, coerced; they are numbered on from the last row of the source."""
    name = str(project.settings.split.test)
    reading = project.settings.data.model_copy(update={"source": name, "table": None, "query": None})
    with open_source(reading, project.root, snapshot=scratch / "test_raw.parquet") as source:
        require_columns(source.table, project.contract, name)
        coerced = coerce_table(source.table, project.contract)
        numbered = coerced.mutate(**{ROW: coerced[ROW] + first_row})
        rows = write_parquet(numbered, scratch / "test_coerced.parquet")
        test = read_parquet(scratch / "test_coerced.parquet")
        decisions += out_of_type(source.table, test, project.contract, {})
    outcome = missing_target(test, project.contract)
    decisions.take(outcome)
    return without(test, outcome), rows


def _seal(project: Project, split: Split, decisions: Decisions, scratch: Path, rows_in: int) -> Cleaned:
    """Learn from train, and write down what is sealed."""
    contract, settings = project.contract, project.settings
    train, test = read_parquet(scratch / "train.parquet"), read_parquet(scratch / "test.parquet")
    if contract.group is not None:
        decisions.take(across_outcome(groups_across(train, test, contract.group), contract.group.name))
    learned = learn_columns(train, contract, settings.clean)
    kept = keep_inside(train, learned)
    classes = check_after_split(kept, test, contract)
    decisions += missing_decisions(learned, train, contract)
    decisions += outlier_decisions(train, kept, learned, contract, settings.clean)
    decisions += rare_decisions(train, learned, contract)
    decisions += scaling_decisions(learned)
    policies = learned.policies
    if kept is not train:
        write_parquet(kept, scratch / "kept.parquet")
        kept = read_parquet(scratch / "kept.parquet")
        policies = with_fills(policies, measure(kept, contract))
    train_rows, test_rows = row_count(kept), row_count(test)
    evidence = CleanEvidence(
        rows_in=rows_in,
        rows_out=train_rows + test_rows,
        decisions=tuple(decisions),
        policies=policies,
        missing_studies=learned.studies,
        split=SplitFacts(
            kind=split.kind,
            column=split.column,
            train_rows=train_rows,
            test_rows=test_rows,
            boundary=split.boundary,
            seed=settings.seed,
            test_sha256=hash_file(scratch / "test.parquet")[0],
        ),
        target=_target(kept, contract, classes),
        findings=(
            *findings_of(decisions, train_rows),
            *missing_findings(learned.studies),
            *sample_findings(learned.measured),
            *small_classes(classes),
        ),
    )
    trained = scratch / ("train.parquet" if kept is train else "kept.parquet")
    return Cleaned(evidence, trained, scratch / "test.parquet")


def _target(train: ibis.Table, contract: Contract, classes: dict[str, int]) -> TargetFacts:
    name = contract.target.name
    if contract.task is not Task.regression:
        return TargetFacts(column=name, classes=classes)
    return TargetFacts(
        column=name, summary=measure(train, contract, {name: as_number(train[name])}).summaries[name]
    )
