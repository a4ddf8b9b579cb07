"""What the suite measured, against its bounds: a result for each test, and a finding for each that failed."""

from __future__ import annotations

from collections.abc import Iterator

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.explore import Condition
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.prepare import BudgetLine
from fullcycle.core.evidence.verify import (
    ChampionComparison,
    ChampionMetric,
    CheckSeverity,
    Disturbance,
    FairnessOfColumn,
    GateResult,
    GroupGap,
    IntervalCoverage,
    Slice,
    SliceSearch,
)
from fullcycle.core.project.verify_settings import VerifyLimits, VerifySettings
from fullcycle.cycle.verify.suite import Measured

Outcome = tuple[GateResult, list[Finding]]

SEVERITIES: dict[CheckSeverity, Severity] = {
    "gate": Severity.error,
    "warning": Severity.warning,
    "info": Severity.info,
}
CHECKED_RATES = ("selection", "true_positive", "accuracy", "absolute_error")
NAMED = 3  # columns of one kind of disturbance that a finding names


def outcomes(measured: Measured, settings: VerifySettings, headline: str) -> Iterator[Outcome]:
    """Every test of the suite with the findings of those that failed, in the order of the report."""
    severity, limits = settings.severity, settings.limits
    if measured.champion is not None:
        yield from _champion(measured.champion, headline, severity.champion)
    if measured.calibration is not None:
        yield _calibration(measured, limits, severity.calibration)
    if measured.coverage is not None:
        yield _coverage(measured.coverage, severity.calibration)
    yield from _slices(measured.slices, severity.slices)
    for column in measured.fairness:
        yield _fairness(column, limits, severity.fairness)
    yield from _disturbances(measured, limits, severity.robustness)
    yield from _behaviour(measured, severity.behaviour)
    yield from _crossings(measured, severity.leaks)
    if measured.refits:
        yield _stability(measured, limits, severity.stability)
    yield _size(measured, limits, severity.size)
    for line in measured.budget:
        yield _budget(line, severity.budget)


def is_worse(metric: ChampionMetric) -> bool:
    """The whole interval of the difference lies on the worse side."""
    low, high = metric.difference.low, metric.difference.high
    if low is None or high is None:
        return False
    return high < 0 if metric.higher_is_better else low > 0


def _champion(compared: ChampionComparison, headline: str, severity: CheckSeverity) -> Iterator[Outcome]:
    if compared.reason:
        told = finding(
            Code.champion_not_compared, Severity.warning, *compared.columns, reason=compared.reason
        )
        yield _result("not_worse_than_champion", False, "none", "none", severity, metric=headline), [told]
        return
    metric = next(each for each in compared.metrics if each.metric == headline)
    worse, interval = is_worse(metric), metric.difference
    result = _result(
        "not_worse_than_champion",
        not worse,
        _number(metric.ours),
        _number(metric.champion),
        severity,
        metric=headline,
    )
    facts = {"difference": interval.value, "low": interval.low, "high": interval.high}
    told = finding(Code.worse_than_champion, SEVERITIES[severity], metric=headline, **facts)
    yield result, [told] if worse else []


def _calibration(measured: Measured, limits: VerifyLimits, severity: CheckSeverity) -> Outcome:
    """Off by more than the limit, and by more than chance explains."""
    summary = measured.calibration
    assert summary is not None
    off = summary.error > limits.calibration_error and summary.error > summary.error_by_chance
    bound = max(limits.calibration_error, summary.error_by_chance)
    told = finding(
        Code.miscalibrated, SEVERITIES[severity], error=summary.error, by_chance=summary.error_by_chance
    )
    result = _result("calibration_error", not off, _number(summary.error), _number(bound), severity)
    return result, [told] if off else []


def _coverage(coverage: IntervalCoverage, severity: CheckSeverity) -> Outcome:
    """Fewer rows between the bounds than claimed, by more than chance explains."""
    held = coverage.covered >= coverage.by_chance
    told = finding(
        Code.intervals_too_narrow,
        SEVERITIES[severity],
        claimed=coverage.claimed,
        covered=coverage.covered,
        by_chance=coverage.by_chance,
    )
    result = _result(
        "interval_coverage", held, _number(coverage.covered), _number(coverage.by_chance), severity
    )
    return result, [] if held else [told]


def _slices(search: SliceSearch, severity: CheckSeverity) -> Iterator[Outcome]:
    """A slice that is merely hard is told and fails no test; a declared one is a test of its own."""
    surprising = [each for each in search.found if each.surprising]
    columns = dict.fromkeys(c.column for each in surprising for c in each.conditions)
    result = _result(
        "weak_slices", not surprising, str(len(surprising)), "0", severity, columns=tuple(columns)
    )
    yield result, [_slice_finding(each, search, severity) for each in search.found]
    for each in search.declared:
        about = f"{each.name}: {each.value}" if each.value else each.name
        bound = _number(each.rest if each.expected is None else each.expected)
        result = _result(
            "declared_slice", not each.surprising, _number(each.loss), bound, severity, about=about
        )
        yield result, [_slice_finding(each, search, severity)] if each.weak else []


def _slice_finding(found: Slice, search: SliceSearch, severity: CheckSeverity) -> Finding:
    named = {key: text for key, text in (("name", found.name), ("value", found.value)) if text}
    return finding(
        Code.weak_slice,
        SEVERITIES[severity] if found.surprising else Severity.info,
        *(condition.column for condition in found.conditions),
        labels=[_label(condition) for condition in found.conditions],
        rows=found.rows,
        loss=found.loss,
        rest=found.rest,
        measure=search.loss,
        surprising=found.surprising,
        **named,
    )


def _label(condition: Condition) -> str:
    return condition.label if condition.kind == "value" else condition.kind


def _fairness(found: FairnessOfColumn, limits: VerifyLimits, severity: CheckSeverity) -> Outcome:
    """The smallest ratio of the rates that are tests; below the limit, and beyond chance."""
    gaps = [gap for gap in found.gaps if gap.rate in CHECKED_RATES and gap.ratio.value is not None]
    worst = min(gaps, key=lambda gap: gap.ratio.value or 0.0, default=None)
    unequal = [gap for gap in gaps if _is_unequal(gap, limits)]
    result = _result(
        "fairness_ratio",
        not unequal,
        _number(None if worst is None else worst.ratio.value),
        _number(limits.fairness_ratio),
        severity,
        about=found.column,
    )
    told = [
        finding(
            Code.groups_unequal,
            SEVERITIES[severity],
            found.column,
            rate=gap.rate,
            lowest=gap.lowest,
            highest=gap.highest,
            ratio=gap.ratio.value,
            low=gap.ratio.low,
            high=gap.ratio.high,
        )
        for gap in unequal
    ]
    return result, told


def _is_unequal(gap: GroupGap, limits: VerifyLimits) -> bool:
    ratio = gap.ratio
    return (
        ratio.value is not None
        and ratio.value < limits.fairness_ratio
        and ratio.high is not None
        and ratio.high < 1
    )


def _disturbances(measured: Measured, limits: VerifyLimits, severity: CheckSeverity) -> Iterator[Outcome]:
    """One test for each kind: the column that moves answers farthest."""
    bounds = {"noise": limits.noise, "missing": limits.missing, "unit": limits.unit, "unseen": limits.unseen}
    for kind, bound in bounds.items():
        found = [each for each in measured.disturbances if each.kind == kind]
        if not found:
            continue
        failed = sorted((one for one in found if unnoticed(one) > bound), key=unnoticed, reverse=True)
        worst = max(map(unnoticed, found))
        columns = tuple(name for one in failed for name in one.columns) if kind != "noise" else ()
        result = _result(kind, not failed, _number(worst), _number(bound), severity, columns=columns[:NAMED])
        told = finding(
            Code.answers_fragile, SEVERITIES[severity], *columns[:NAMED], kind=kind, moved=worst, bound=bound
        )
        yield result, [told] if failed else []


def unnoticed(found: Disturbance) -> float:
    """How far answers move because of rows that the contract does not mark."""
    return found.moved * (1 - (found.noticed or 0.0))


def _behaviour(measured: Measured, severity: CheckSeverity) -> Iterator[Outcome]:
    for placed, found in zip(measured.tests, measured.behaviour, strict=True):
        own = placed.test.severity or severity
        result = _result(
            "behaviour", found.passed, found.found, found.wanted, own, columns=found.columns, about=found.name
        )
        told = finding(
            Code.behaviour_failed,
            SEVERITIES[own],
            name=found.name,
            found=found.found,
            wanted=found.wanted,
            line=found.line,
        )
        yield result, [] if found.passed else [told]


def _crossings(measured: Measured, severity: CheckSeverity) -> Iterator[Outcome]:
    for each in measured.crossings:
        told = finding(
            Code.rows_not_apart, SEVERITIES[severity], *each.columns, kind=each.kind, found=each.found
        )
        result = _result(
            f"{each.kind}_apart", not each.found, str(each.found), "0", severity, columns=each.columns
        )
        yield result, [told] if each.found else []


def _stability(measured: Measured, limits: VerifyLimits, severity: CheckSeverity) -> Outcome:
    moved = max(each.moved for each in measured.refits)
    steady = moved <= limits.stability
    told = finding(
        Code.answers_unstable,
        SEVERITIES[severity],
        moved=moved,
        bound=limits.stability,
        refits=len(measured.refits),
    )
    result = _result("stability", steady, _number(moved), _number(limits.stability), severity)
    return result, [] if steady else [told]


def _size(measured: Measured, limits: VerifyLimits, severity: CheckSeverity) -> Outcome:
    size_mb = measured.graph_bytes / 1e6
    return _result(
        "size_mb", size_mb <= limits.size_mb, _number(size_mb), _number(limits.size_mb), severity
    ), []


def _budget(line: BudgetLine, severity: CheckSeverity) -> Outcome:
    """As prepare measured it; what it misses is told there (FC503)."""
    return _result(f"budget_{line.key}", line.kept, _number(line.found), _number(line.bound), severity), []


def _result(
    kind: str,
    passed: bool,
    found: str,
    bound: str,
    severity: CheckSeverity,
    *,
    columns: tuple[str, ...] = (),
    metric: str | None = None,
    about: str = "",
) -> GateResult:
    return GateResult(
        id=kind,
        passed=passed,
        found=found,
        bound=bound,
        columns=columns,
        metric=metric,
        severity=severity,
        about=about,
    )


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"
