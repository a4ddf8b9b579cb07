"""What a person should know first, as findings in the order of how much they matter for the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from fullcycle.core.contract.model import ColumnType, Role, Task
from fullcycle.core.evidence.base import Finding, Scalar, Severity
from fullcycle.core.evidence.explore import (
    ColumnProfile,
    Condition,
    Correlations,
    ExploreEvidence,
    LeakKind,
    LeakSuspect,
    MissingMap,
    Segment,
    TimeBin,
    Trend,
)
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.cycle.explore.gaps import missing_together

STRONGEST_NAMED = 3
TELLING = 0.05  # a weaker column isn't named among the strongest
NOISE = 3.5  # over the root of rows: 99 of 100 random columns stay below it (300 draws of 600 and 5,000 rows)
MISSING_SHARE = 0.05
SKEWED = 2.0
CORRELATED = 0.9
IMBALANCED = 0.1  # share of the smallest class
LEAKS: dict[LeakKind, Code] = {
    "value": Code.leak_suspect,
    "missingness": Code.missingness_leak,
    "pair": Code.pair_leak,
    "identifier": Code.identifier_leak,
    "group": Code.group_leak,
    "time": Code.time_leak,
    "aggregate": Code.aggregate_leak,
    "order": Code.order_leak,
}
PAIRS_NAMED, SKEWED_NAMED, MISSING_NAMED = 5, 5, 10
SEGMENTS_NAMED, GROUPS_NAMED, TRENDS_NAMED = 3, 3, 3
MOVING = 0.5  # deviations over all periods


def conclusions(evidence: ExploreEvidence, classes: Mapping[str, int], task: Task) -> tuple[Finding, ...]:
    """In the order of how much they matter for the model: leaks, imbalance, strongest columns, segments,
    gaps, trends, twins, tails, and last what all of it rests on.

    `evidence` has everything but its findings; its columns come strongest first. Each finding names the
    columns whose chart shows it.
    """
    suspected = {s.column for s in evidence.suspects if s.decision != "keep"}
    features = [p for p in evidence.columns if p.role is Role.feature and p.name not in suspected]
    return (
        *map(_leak, evidence.suspects),
        *_imbalance(classes, task),
        *_strongest(features),
        *map(_segment, evidence.segments[:SEGMENTS_NAMED]),
        *_missing(features),
        *_together(evidence.missing_map),
        *_trends(evidence.trends, evidence.target),
        *_correlated(evidence.correlations),
        *_skewed(features),
        *_sampled(evidence),
    )


def _segment(segment: Segment) -> Finding:
    return finding(
        Code.segment_differs,
        Severity.info,
        *(condition.column for condition in segment.conditions),
        rows=segment.rows,
        target=segment.target,
        low=segment.low,
        high=segment.high,
        overall=segment.overall,
        of=segment.of,
        labels=[_label(condition) for condition in segment.conditions],
    )


def _label(condition: Condition) -> str | None:
    """What is missing, and the rest of the categories, have none: the chart tells them by kind."""
    return condition.label if condition.kind == "value" else condition.kind


def _together(found: MissingMap | None) -> list[Finding]:
    groups = missing_together(found)[:GROUPS_NAMED]
    return [finding(Code.missing_together, Severity.info, *names, rows=rows) for names, rows in groups]


def _trends(found: Sequence[Trend], target: str) -> list[Finding]:
    """The target's first; only what moves by much and by more than its periods' intervals."""
    moving = [t for t in found if abs(t.slope) >= MOVING and _moved(t.periods)]
    moving.sort(key=lambda t: t.column != target)
    return [
        finding(
            Code.trend,
            Severity.info,
            t.column,
            t.over,
            slope=t.slope,
            first=t.periods[0].target,
            last=t.periods[-1].target,
        )
        for t in moving[:TRENDS_NAMED]
    ]


def _moved(periods: Sequence[TimeBin]) -> bool:
    first, last = periods[0], periods[-1]
    if first.low is None or first.high is None or last.low is None or last.high is None:
        return False
    return first.high < last.low or last.high < first.low


def _sampled(evidence: ExploreEvidence) -> list[Finding]:
    if evidence.sample_rows is None:
        return []
    facts = {"rows": evidence.rows, "sample_rows": evidence.sample_rows}
    return [finding(Code.measured_on_sample, Severity.info, **facts)]


def _leak(suspect: LeakSuspect) -> Finding:
    severity = Severity.info if suspect.decision else Severity.warning
    columns = suspect.columns or ((suspect.column,) if suspect.column else ())
    facts: dict[str, Scalar | list[Scalar]] = {"strength": suspect.strength, **suspect.facts}
    if suspect.kind in ("value", "missingness", "pair", "identifier", "aggregate"):
        facts["decision"] = suspect.decision
    if suspect.operation is not None:
        facts["operation"] = suspect.operation
    return finding(LEAKS[suspect.kind], severity, *columns, **facts)


def _imbalance(classes: Mapping[str, int], task: Task) -> list[Finding]:
    rows = sum(classes.values())
    if task is Task.regression or not rows:
        return []
    name, smallest = min(classes.items(), key=lambda item: (item[1], item[0]))
    share = smallest / rows
    if share >= IMBALANCED / max(len(classes) / 2, 1):
        return []
    return [
        finding(
            Code.imbalanced_target, Severity.info, **{"class": name}, rows=smallest, share=round(share, 6)
        )
    ]


def _strongest(features: Sequence[ColumnProfile]) -> list[Finding]:
    told = [
        (p.name, p.relation.strength)
        for p in features
        if p.relation and p.relation.strength >= max(TELLING, NOISE / sqrt(p.rows))
    ]
    if not told:
        return []
    names, strengths = zip(*told[:STRONGEST_NAMED], strict=True)
    return [finding(Code.strongest_columns, Severity.info, *names, strengths=list(strengths))]


def _missing(features: Sequence[ColumnProfile]) -> list[Finding]:
    shares = sorted(((p.missing / p.rows, p) for p in features if p.missing), key=lambda item: -item[0])
    return [
        finding(Code.missing_values, Severity.info, p.name, rows=p.missing, share=round(share, 6))
        for share, p in shares[:MISSING_NAMED]
        if share >= MISSING_SHARE
    ]


def _correlated(correlations: Correlations | None) -> list[Finding]:
    if correlations is None:
        return []
    names, matrix = correlations.columns, correlations.values
    pairs = [(matrix[i][j], names[j], names[i]) for i in range(len(names)) for j in range(i)]
    strong = sorted(
        ((r, x, y) for r, x, y in pairs if r is not None and abs(r) >= CORRELATED),
        key=lambda pair: -abs(pair[0]),
    )
    return [finding(Code.strong_correlation, Severity.info, x, y, r=r) for r, x, y in strong[:PAIRS_NAMED]]


def _skewed(features: Sequence[ColumnProfile]) -> list[Finding]:
    tails = [
        (p.skew, p)
        for p in features
        if p.type is ColumnType.numeric and p.skew is not None and p.distinct > 2
    ]
    tails.sort(key=lambda item: -abs(item[0]))
    return [
        finding(Code.skewed_column, Severity.info, p.name, skew=skew, mean=p.mean, median=p.median)
        for skew, p in tails[:SKEWED_NAMED]
        if abs(skew) >= SKEWED
    ]
