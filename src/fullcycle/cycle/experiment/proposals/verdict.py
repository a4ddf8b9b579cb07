"""Verdicts on tested proposals, and the evidence of all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fullcycle.core.evidence.base import Finding, Interval, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.proposals import KindTried, ProposalsEvidence, ProposedFeature
from fullcycle.core.models.folds import fold_kind
from fullcycle.core.models.resampled import ResampledT, corrected_resampled_t, holm
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment.proposals.choose import Chosen
from fullcycle.cycle.experiment.proposals.judge import Floats
from fullcycle.cycle.experiment.proposals.seen import Seen


@dataclass(frozen=True)
class Tested:
    """A chosen proposal and its test; None where time ended before."""

    chosen: Chosen
    test: ResampledT | None


def compared(scores: Floats, baseline: Floats, test_share: float) -> ResampledT | None:
    """By folds that define the metric; None where fewer than two do."""
    differences = scores - baseline
    defined = differences[np.isfinite(differences)]
    return corrected_resampled_t(defined, test_share) if len(defined) > 1 else None


def verdicts(tested: Sequence[Tested], confidence: float) -> list[ProposedFeature]:
    """Who earned a place, the largest gain first. One that time kept from its test shares in the error."""
    adjusted = holm([1.0 if each.test is None else each.test.p_greater for each in tested])
    found = [_verdict(each, p, confidence) for each, p in zip(tested, adjusted, strict=True)]
    return sorted(found, key=lambda each: (not each.earned, -_gain(each)))


def _gain(verdict: ProposedFeature) -> float:
    if verdict.gain is None or verdict.gain.value is None:
        return -np.inf
    return verdict.gain.value


def _verdict(tested: Tested, p_adjusted: float, confidence: float) -> ProposedFeature:
    proposal, test = tested.chosen.proposal, tested.test
    verdict = ProposedFeature(
        name=proposal.name,
        expression=proposal.expression,
        kind=proposal.kind,
        columns=proposal.columns,
        shortlist_gain=tested.chosen.gain,
    )
    if test is None:
        return verdict
    measured = {
        "gain": interval_of(test, confidence),
        "p_value": test.p_greater,
        "p_adjusted": p_adjusted,
        "earned": p_adjusted <= 1 - confidence,
    }
    return verdict.model_copy(update=measured)


def interval_of(test: ResampledT, confidence: float) -> Interval:
    """The mean difference as evidence."""
    low, high = test.interval(confidence)
    return Interval(value=test.mean, low=low, high=high, confidence=confidence)


def evidence_of(
    project: Project,
    seen: Seen,
    told: Sequence[ProposedFeature],
    *,
    listed: int,
    baseline: Floats | None,
    together: Interval | None,
    in_time: bool,
) -> ProposalsEvidence:
    """The whole story."""
    settings, judge, parts = project.settings, seen.judge, seen.parts
    counted = Counter(each.kind for each in seen.pool)
    sign = 1 if judge.metric.higher_is_better else -1
    return ProposalsEvidence(
        findings=tuple(_findings(told, in_time=in_time, budget=settings.proposals.time_budget_s)),
        metric=judge.metric.name,
        higher_is_better=judge.metric.higher_is_better,
        model=judge.model,
        parameters=dict(judge.parameters),
        fold_kind=fold_kind(project.contract, settings),
        rows=len(judge.codes),
        available_rows=seen.available,
        choosing_rows=len(parts.choosers),
        judging_rows=len(parts.judges),
        folds=len(parts.judging) // parts.repeats,
        repeats=parts.repeats,
        confidence=settings.proposals.confidence,
        baseline=None if baseline is None else sign * float(np.nanmean(baseline)),
        tried=tuple(KindTried(kind=kind, expressions=count) for kind, count in sorted(counted.items())),
        shortlisted=listed,
        excluded=tuple(seen.excluded),
        tested=tuple(told),
        together=together,
        ended_by="done" if in_time else "time",
        time_budget_s=settings.proposals.time_budget_s,
    )


def _findings(told: Sequence[ProposedFeature], *, in_time: bool, budget: float) -> Iterator[Finding]:
    suggested = [each for each in told if each.suggested]
    if suggested:
        yield finding(
            Code.features_suggested,
            Severity.info,
            *dict.fromkeys(column for each in suggested for column in each.columns),
            features=[each.name for each in suggested],
            tested=len(told),
        )
    if not in_time:
        untested = sum(each.gain is None for each in told)
        yield finding(Code.proposals_ended_by_time, Severity.warning, untested=untested, time_budget_s=budget)
