"""`evidence/abtest.json`: each command writes the part of one test and keeps the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fullcycle.core.evidence.abtest import AbtestEvidence, AnalysisFacts, DesignFacts
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.store import evidence_path, read_evidence, write_evidence
from fullcycle.live.abtest.mismatch import differs

if TYPE_CHECKING:
    from fullcycle.core.evidence.base import RunInfo
    from fullcycle.core.project.project import Project

MISSING_APART = 0.01  # of the units: a smaller difference of missing values moves nothing much


def with_part(project: Project, part: DesignFacts | AnalysisFacts, run: RunInfo) -> AbtestEvidence:
    """Write the evidence with this design or analysis in the place of the one of its name."""
    before = _read(project)
    designs, analyses = list(before.designs), list(before.analyses)
    if isinstance(part, DesignFacts):
        designs = [*(each for each in designs if each.name != part.name), part]
    else:
        analyses = [*(each for each in analyses if each.name != part.name), part]
    findings = tuple(found for each in analyses for found in findings_of(each))
    after = AbtestEvidence(findings=findings, run=run, designs=tuple(designs), analyses=tuple(analyses))
    write_evidence(project.paths.evidence, after)
    return after


def _read(project: Project) -> AbtestEvidence:
    folder = project.paths.evidence
    there = evidence_path(folder, AbtestEvidence.stage).exists()
    return read_evidence(folder, AbtestEvidence) if there else AbtestEvidence()


def findings_of(facts: AnalysisFacts) -> Iterable[Finding]:
    """What a person should know before any effect is read."""
    for each in facts.mismatch.shares:
        if each.broken:
            yield finding(
                Code.sample_ratio_mismatch,
                Severity.error,
                test=facts.name,
                variant=each.variant,
                planned=each.planned,
                share=each.share.value,
                units=each.units,
                p_value=facts.mismatch.p_value,
            )
    if facts.crossing:
        share = facts.crossing / (facts.units + facts.crossing)
        yield finding(
            Code.units_cross_variants, Severity.warning, test=facts.name, units=facts.crossing, share=share
        )
    if facts.changed == "after_result":
        yield finding(Code.abtest_changed, Severity.warning, test=facts.name)
    if any(each.verdict == "early" for each in facts.decisions) and facts.planned_units:
        yield finding(
            Code.abtest_early, Severity.info, test=facts.name, units=facts.units, planned=facts.planned_units
        )
    yield from _unequally_missing(facts)


def _unequally_missing(facts: AnalysisFacts) -> Iterable[Finding]:
    for metric in facts.metrics:
        parts = {arm.variant: (arm.missing, arm.units + arm.missing) for arm in metric.arms}
        shares = [missing / total for missing, total in parts.values() if total]
        if shares and max(shares) - min(shares) > MISSING_APART and differs(parts.values()):
            yield finding(
                Code.missing_unequally,
                Severity.warning,
                test=facts.name,
                metric=metric.name,
                lowest=min(shares),
                highest=max(shares),
            )
