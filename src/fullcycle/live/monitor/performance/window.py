"""Performance at one look: the newest window with enough outcomes, and what the answers without them
foresee."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Finding, Interval, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.performance import (
    ConceptFacts,
    LabelDelay,
    MetricFact,
    NotForeseen,
    PerformanceFacts,
)
from fullcycle.core.evidence.verify import CalibrationBin
from fullcycle.core.metrics import METRICS
from fullcycle.live.monitor.performance.answered import Answered, Floats
from fullcycle.live.monitor.performance.concept import told_apart
from fullcycle.live.monitor.performance.delay import label_delay
from fullcycle.live.monitor.performance.estimate import estimated
from fullcycle.live.monitor.performance.realised import realised
from fullcycle.live.monitor.performance.worse import worse

QUESTIONS = 3  # realised, foreseen, and outcomes that follow otherwise: each gets a third of the budget
WAY_OF_OUTCOMES = 0.001  # chance below which outcomes are said to come by score


@dataclass(frozen=True)
class Verified:
    """What is known of the bundle from its verdict: metrics on test rows, and how true its probabilities are
    (None where nobody may rely on them)."""

    headline: str
    metrics: Mapping[str, Interval]
    calibration: Sequence[CalibrationBin] | None


def judge_performance(
    verified: Verified, newest: Answered, labelled: Answered, waited_s: Floats | None, alpha: float
) -> tuple[PerformanceFacts, list[Finding]]:
    """`newest` are rows to estimate for, `labelled` those of a window with outcomes, `waited_s` its
    delays (None in a table, whose outcomes came with it)."""
    each = alpha / QUESTIONS
    foreseeable = verified.calibration is not None
    facts = PerformanceFacts(
        rows=len(labelled),
        delay=label_delay(waited_s, labelled.known, labelled.score)
        if waited_s is not None and len(labelled)
        else None,
        realised=realised(labelled),
        estimated=estimated(newest, verified.calibration or ()) if foreseeable else (),
        not_foreseen=_not_foreseen(verified, newest),
        concept=_concept(verified, labelled, each) if foreseeable else None,
    )
    return facts, [*_findings(verified, facts, each)]


def _not_foreseen(verified: Verified, newest: Answered) -> NotForeseen | None:
    if newest.task is Task.regression:
        return "regression"
    return "not_calibrated" if verified.calibration is None else None


def _concept(verified: Verified, labelled: Answered, alpha: float) -> ConceptFacts | None:
    return told_apart(labelled, verified.metrics, verified.calibration or (), false_alarms=alpha)


def _findings(verified: Verified, facts: PerformanceFacts, alpha: float) -> Iterator[Finding]:
    fallen = _fallen(verified, facts.realised, alpha)
    if fallen is not None:
        yield _told(Code.performance_fell, Severity.error, fallen, verified)
    expected = _fallen(verified, facts.estimated, alpha)
    if expected is not None and fallen is None:
        yield _told(Code.performance_expected_lower, Severity.warning, expected, verified)
    if facts.concept is not None and facts.concept.drifted in ("concept", "both"):
        concept = facts.concept
        yield finding(
            Code.concept_drifted,
            Severity.error,
            p=concept.p,
            rows=concept.rows,
            outcomes=concept.outcomes,
            foreseen=concept.foreseen,
        )
    yield from _by_score(facts.delay)


def _told(code: Code, severity: Severity, fact: MetricFact, verified: Verified) -> Finding:
    return finding(
        code,
        severity,
        metric=fact.metric,
        value=fact.value.value,
        low=fact.value.low,
        high=fact.value.high,
        before=verified.metrics[fact.metric].value,
        rows=fact.rows,
    )


def _fallen(verified: Verified, found: Sequence[MetricFact], alpha: float) -> MetricFact | None:
    """The headline metric, if it is worse than on test rows beyond chance."""
    for fact in found:
        before = verified.metrics.get(fact.metric)
        if fact.metric == verified.headline and before is not None:
            sign = 1 if METRICS[fact.metric].higher_is_better else -1
            return fact if worse(fact.value, before, sign, alpha) else None
    return None


def _by_score(delay: LabelDelay | None) -> Iterator[Finding]:
    """Where outcomes come sooner for some scores, metrics are about these rows and not about all."""
    if delay is not None and delay.p is not None and delay.p < WAY_OF_OUTCOMES:
        yield finding(
            Code.outcomes_by_score,
            Severity.info,
            labelled=delay.labelled,
            waiting=delay.waiting,
            score_labelled=delay.score_labelled,
            score_waiting=delay.score_waiting,
        )
