"""What a stage found, as lines for a terminal. Rendered from evidence, never computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from fullcycle.cli.common import coloured, wrapped

if TYPE_CHECKING:
    from fullcycle.core.evidence import (
        CleanEvidence,
        CollectEvidence,
        Evidence,
        ExperimentEvidence,
        ExploreEvidence,
        Finding,
        PrepareEvidence,
        VerifyEvidence,
    )
    from fullcycle.core.evidence.base import Interval
    from fullcycle.core.evidence.collect import SnapshotChange
    from fullcycle.core.project.project import Project

SHOWN_FINDINGS = 12
# Readable without colour, and coloured on a terminal.
MARKS = {"info": ("-", None), "warning": ("!", "yellow"), "error": ("x", "red")}


def read_stage(project: Project, stage: str) -> Evidence:
    """The evidence of a stage by its name. Raises UserError if it has not run."""
    from fullcycle.core.evidence.store import read_evidence

    return read_evidence(project.paths.evidence, kinds()[stage])


def kinds() -> dict[str, type[Evidence]]:
    """The evidence of each stage, in the order of the cycle."""
    from fullcycle.core import evidence

    every: tuple[type[Evidence], ...] = (
        evidence.CollectEvidence,
        evidence.CleanEvidence,
        evidence.ExploreEvidence,
        evidence.ExperimentEvidence,
        evidence.PrepareEvidence,
        evidence.VerifyEvidence,
    )
    return {kind.stage: kind for kind in every}


def passed(evidence: Evidence) -> bool:
    """The verdict, for the one stage that has one."""
    return bool(getattr(evidence, "passed", True))


def summary(evidence: Evidence, *, with_headline: bool = True) -> list[str]:
    """A stage in one line, and its findings by weight."""
    first = [wrapped(headline(evidence))] if with_headline else []
    return [*first, *_details(evidence), *finding_lines(evidence.findings)]


def _details(evidence: Evidence) -> Iterator[str]:
    """What collect joined, and what is new in its snapshot; commands to type next."""
    for join in getattr(evidence, "joins", ()):
        found = f"{join.matched:,} of {join.rows:,} rows found in {join.source}"
        yield wrapped(f"{found}; {len(join.columns)} columns taken", "  + ")
    change: SnapshotChange | None = getattr(evidence, "change", None)
    if change is not None:
        yield wrapped(_changed(change), "  ~ ", "    ")
    if any(finding.code == "FC110" for finding in evidence.findings):
        yield "  next: `fullcycle contract learn` adds the columns that contract.yaml lacks"


def _changed(change: SnapshotChange) -> str:
    """The difference to the snapshot before, in one line."""
    difference = change.rows_after - change.rows_before
    parts = [f"{difference:+,} rows" if difference else "as many rows"]
    for names, how in ((change.columns_added, "new"), (change.columns_gone, "gone")):
        if names:
            parts.append(f"{', '.join(names[:5])}{', ...' * (len(names) > 5)} {how}")
    changed = [column.column for column in change.changed]
    if changed:
        parts.append(f"distributed otherwise: {', '.join(changed[:5])}{', ...' * (len(changed) > 5)}")
    sample = f" (compared on {change.sample_rows:,} rows)" if change.sample_rows else ""
    return f"beside the snapshot before ({change.previous_sha256[:8]}): {'; '.join(parts)}{sample}"


def headline(evidence: Evidence) -> str:
    """A stage in one line."""
    tell: Callable[[Any], str] = HEADLINES[evidence.stage]
    return tell(evidence)


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Findings as sentences with their codes, the weightiest first, wrapped to the terminal."""
    from fullcycle.people.report.sentences.registry import tell
    from fullcycle.people.report.words import Words

    order = ("error", "warning", "info")
    sorted_ = sorted(findings, key=lambda finding: order.index(finding.severity))
    words = Words("en")
    for finding in sorted_[:SHOWN_FINDINGS]:
        text = wrapped(f"{finding.code} {tell(words, finding).striptags()}", " " * 4, " " * 10)
        mark, colour = MARKS[finding.severity]
        yield f"  {coloured(mark, fg=colour, bold=True)} {text[4:]}"
    if len(sorted_) > SHOWN_FINDINGS:
        yield f"  and {len(sorted_) - SHOWN_FINDINGS} more: see the report"


def everything_of(cleaned: CleanEvidence) -> list[Finding]:
    """What clean says to a person, and in the same form what else it decided (missing values, outliers)."""
    from fullcycle.core.evidence import Finding, Severity

    decided = [
        Finding(
            code=decision.code,
            severity=Severity.info,
            columns=() if decision.column is None else (decision.column,),
            facts={"rows": decision.rows, "action": decision.action, **decision.facts},
        )
        for decision in cleaned.decisions
    ]
    said = {(finding.code, finding.columns) for finding in cleaned.findings}
    return [*cleaned.findings, *(one for one in decided if (one.code, one.columns) not in said)]


def _collect(evidence: CollectEvidence) -> str:
    served = "" if evidence.served is None else f", {evidence.served.rows:,} served rows below them"
    return f"{evidence.rows:,} rows and {len(evidence.columns):,} columns read from {evidence.source}{served}"


def _clean(evidence: CleanEvidence) -> str:
    split = evidence.split
    dropped = evidence.rows_in - evidence.rows_out
    return (
        f"{dropped:,} of {evidence.rows_in:,} rows dropped; {split.train_rows:,} to learn from, "
        f"{split.test_rows:,} sealed ({split.kind})"
    )


def _explore(evidence: ExploreEvidence) -> str:
    strongest = [column.name for column in evidence.columns if column.relation is not None][:3]
    suspects = len([suspect for suspect in evidence.suspects if suspect.decision is None])
    told = f"strongest columns: {', '.join(strongest)}" if strongest else f"{len(evidence.columns)} columns"
    return told + (f"; {suspects} may leak the target" if suspects else "; no suspect of a leak")


def _experiment(evidence: ExperimentEvidence) -> str:
    best = next(candidate for candidate in evidence.candidates if candidate.model == evidence.champion)
    return (
        f"champion {evidence.champion} of {len(evidence.trials)} trials: "
        f"{metric_name(evidence.metric)} {interval(best.score)} out of fold"
    )


def _prepare(evidence: PrepareEvidence) -> str:
    rows = sum(parity.rows for parity in evidence.parity)
    return f"one ONNX graph{_size(evidence)}, equal to the pipeline on {rows:,} rows{_speed(evidence)}"


def _size(evidence: PrepareEvidence) -> str:
    size = next((file.bytes for file in evidence.files if file.format == "onnx"), None)
    return "" if size is None else f" of {size / 1000:,.0f} KB"


def _speed(evidence: PrepareEvidence) -> str:
    return (
        "" if evidence.speed is None else f"; one row in {evidence.speed.single_row_p50_us:.0f} microseconds"
    )


def _verify(evidence: VerifyEvidence) -> str:
    good = sum(gate.passed for gate in evidence.gates)
    verdict = "passed" if evidence.passed else "FAILED"
    return f"{verdict}, {good} of {len(evidence.gates)} gates: {test_score(evidence)}"


def test_score(evidence: VerifyEvidence) -> str:
    """The headline metric on the sealed rows, beside the trivial baseline."""
    result = next(metric for metric in evidence.metrics if metric.metric == evidence.headline)
    baseline = "" if result.baseline is None else f", {number(result.baseline)} for the trivial baseline"
    return f"{metric_name(result.metric)} {interval(result.model)} on {evidence.rows:,} sealed rows{baseline}"


def interval(estimate: Interval) -> str:
    """An estimate with its bounds, if it has them."""
    if estimate.value is None:
        return "undefined"
    if estimate.low is None or estimate.high is None:
        return number(estimate.value)
    return f"{number(estimate.value)} ({number(estimate.low)} to {number(estimate.high)})"


def number(value: float) -> str:
    """Three decimals of a share or score, none of an amount."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"


def metric_name(metric: str) -> str:
    """A metric as people write it."""
    return {
        "roc_auc": "ROC AUC",
        "log_loss": "log loss",
        "average_precision": "average precision",
        "f1_macro": "macro F1",
        "r2": "R2",
        "rmse": "RMSE",
        "mae": "MAE",
    }.get(metric, metric)


HEADLINES: dict[str, Callable[..., str]] = {
    "collect": _collect,
    "clean": _clean,
    "explore": _explore,
    "experiment": _experiment,
    "prepare": _prepare,
    "verify": _verify,
}
