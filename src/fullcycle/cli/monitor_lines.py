"""What a look found beyond drift, as lines for a terminal. Rendered from evidence, never computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fullcycle.core.evidence.base import Interval
    from fullcycle.core.evidence.causes import CauseFacts, ColumnCause, SegmentCause
    from fullcycle.core.evidence.monitor import MonitorEvidence
    from fullcycle.core.evidence.performance import LabelDelay, PerformanceFacts, SliceMetric
    from fullcycle.core.evidence.retrain import Retrained, RetrainFacts, RetrainReason
    from fullcycle.core.evidence.skew import SkewFacts
    from fullcycle.core.project.risk_settings import Risk
    from fullcycle.live.monitor.drill.responses import Response
    from fullcycle.live.monitor.drill.run import Drilled

CAUSES_SHOWN, SLICES_SHOWN = 3, 5
DAY_S, HOUR_S = 86_400, 3600
DRIFTED = {
    "nothing": "neither other inputs nor other outcomes are shown",
    "data": "inputs moved, outcomes follow as they did",
    "concept": "outcomes follow inputs otherwise than they did",
    "both": "inputs moved, and outcomes follow otherwise",
}


NOT_FORESEEN = {
    "regression": "nothing is foreseen without outcomes: a predicted number has no probability",
    "not_calibrated": "nothing is foreseen without outcomes: probabilities are not calibrated",
}
REASONS = {
    "drift": "drift",
    "performance": "performance",
    "schedule": "schedule",
    "labels": "outcomes",
    "person": "asked for",
}
WAITS = {
    "labels": "too few outcomes to learn from",
    "pause": "the pause after the last one is not over",
    "challenger": "a challenger is being tried",
}
ENDED = {
    "challenger": "{bundle} is challenger beside {champion}",
    "proposed": "{bundle} is proposed",
    "worse": "{bundle} is shown to be worse than {champion} on the newest rows, and not released",
    "gates": "{bundle} does not pass its gates, and is not released",
    "unchanged": "the data gave {bundle} again",
    "failed": "the run ended with an error",
}


def beyond(evidence: MonitorEvidence) -> Iterator[str]:
    """Causes, performance and the certificate, as far as they are there."""
    if evidence.causes is not None:
        yield from _causes(evidence.causes)
    if evidence.performance is not None:
        yield from _performance(evidence.performance, evidence.performance_of or "")
    if evidence.skew is not None:
        yield _skew(evidence.skew)
    if evidence.retrain is not None:
        yield from _retrain(evidence.retrain)


def _retrain(facts: RetrainFacts) -> Iterator[str]:
    known = f"{facts.new_labels:,} new outcomes"
    if not facts.reasons:
        yield f"retraining is not due ({', '.join(facts.on)}; {known})"
    else:
        due = "; ".join(map(_reason, facts.reasons))
        waits = "" if facts.waits is None else f", and waits: {WAITS[facts.waits]}"
        yield f"retraining is due: {due}; {known}{waits}"
    if facts.latest is not None and (facts.now or facts.latest.ended == "proposed"):
        yield from retrained_lines(facts.latest)


def _reason(reason: RetrainReason) -> str:
    about = " ".join(part for part in (reason.code, reason.about) if part)
    told = REASONS[reason.on] + (f" ({about})" if about else "")
    return told if reason.found is None else f"{told} {reason.found:.3g}, from {reason.bound:.3g} on"


def retrained_lines(done: Retrained) -> Iterator[str]:
    """How one ended, and what to do about it."""
    yield f"  {done.at}: {ENDED[done.ended].format(bundle=done.bundle, champion=done.champion)}"
    if done.new_rows or done.newest_rows:
        yield f"  {done.new_rows:,} new served rows to train on, the newest {done.newest_rows:,} kept apart"
    found = done.of_headline
    if found is not None and found.ours is not None and found.champion is not None:
        yield (
            f"  on these, {found.metric} {found.ours:.3f} beside the champion's {found.champion:.3f},"
            f" difference {_interval(found.difference)}"
        )
    if done.ended == "proposed":
        yield f"  to accept: {done.accept}"


def _causes(causes: CauseFacts) -> Iterator[str]:
    of = f" of {causes.of}" if causes.of is not None else ""
    yield f"mean score{of}: {causes.score_before:.4g} in training, {causes.score_now:.4g} now"
    for column in causes.columns[:CAUSES_SHOWN]:
        yield f"  {column.column}: {_looks_like(column)}, {column.contribution:+.3g} of the mean score"
    for segment in causes.segments[:1]:
        yield f"  segment {_named(segment)}: {segment.share_before:.1%} of rows, {segment.share_now:.1%} now"
        if segment.score_before is not None and segment.score_now is not None:
            yield f"    its own mean score: {segment.score_before:.4g}, {segment.score_now:.4g} now"


def _looks_like(cause: ColumnCause) -> str:
    told = {
        "constant": "one value only",
        "missing": f"missing in {cause.missing_now:.1%} of rows, {cause.missing_before:.1%} before",
        "factor": f"all values times {cause.factor or 1:.3g}",
        "renamed": f"{cause.before!r} may be called {cause.now!r} now",
        "unseen": f"values that were never seen, such as {cause.now!r}",
        "shares": "other shares of its values",
    }
    return told.get(cause.kind, "another shape")


def _named(segment: SegmentCause) -> str:
    if segment.value is not None:
        return f"{segment.column} = {segment.value}"
    if segment.low is None and segment.high is None:
        return f"{segment.column} missing or new"
    low = "" if segment.low is None else f"{segment.low:.6g} < "
    high = "" if segment.high is None else f" <= {segment.high:.6g}"
    return f"{low}{segment.column}{high}"


def _performance(facts: PerformanceFacts, window: str) -> Iterator[str]:
    if facts.realised:
        first = facts.realised[0]
        yield f"{first.metric} {_interval(first.value)} on {first.rows:,} rows with outcomes of {window}"
    elif facts.estimated:
        first = facts.estimated[0]
        yield f"{first.metric} {_interval(first.value)} foreseen, no outcomes yet"
    for each in sorted(facts.by_slice, key=lambda each: not each.fell)[:SLICES_SHOWN]:
        before = "" if each.known is None else f", {_interval(each.known.metric)} on test rows"
        fell = "  fell" if each.fell else ""
        yield f"  slice {_slice(each)}: {_interval(each.fact.value)} on {each.fact.rows:,} rows{before}{fell}"
    if facts.not_foreseen is not None:
        yield f"  {NOT_FORESEEN[facts.not_foreseen]}"
    if facts.concept is not None:
        yield f"  {DRIFTED[facts.concept.drifted]}"
    if facts.delay is not None:
        yield f"  {_delay(facts.delay)}"


def _slice(each: SliceMetric) -> str:
    known = each.known
    if known is None or known.name:
        return each.name + (f" = {known.value}" if known is not None and known.value else "")
    return ", ".join(f"{each.column} {each.label or 'missing'}" for each in known.conditions)


def _delay(delay: LabelDelay) -> str:
    known = f"{delay.labelled:,} outcomes known, {delay.waiting:,} waited for"
    return known if delay.median_s is None else f"{known}; half of them come within {_time(delay.median_s)}"


def _time(seconds: float) -> str:
    if seconds >= DAY_S:
        return f"{seconds / DAY_S:.1f} days"
    return f"{seconds / HOUR_S:.1f} hours" if seconds >= HOUR_S else f"{seconds:.0f} s"


def _skew(skew: SkewFacts) -> str:
    if not skew.rows:
        return (
            "served rows could not be asked again: their personal values are not in the log, or no model is"
        )
    alike = "all alike" if not skew.different else f"{skew.different:,} differ"
    return f"{skew.rows:,} served rows asked again as a table: {alike}"


def _interval(value: Interval) -> str:
    if value.value is None:
        return "unknown"
    if value.low is None or value.high is None:
        return f"{value.value:.3f}"
    return f"{value.value:.3f} ({value.low:.3f} to {value.high:.3f})"


def drilled_lines(drilled: Drilled) -> Iterator[str]:
    """A line for each fault and each response; what should ring stands where nothing did."""
    yield f"faults in copies of the log, answered by {drilled.bundle}: which alarms ring, after how many days"
    names = [
        each.fault.replace("_", " ") + (f" ({each.column})" if each.column else "") for each in drilled.faults
    ]
    width = max([28, *(len(name) + 1 for name in names)])
    for each, name in zip(drilled.faults, names, strict=True):
        rang = ", ".join(f"{code} after {days}" for code, days in each.rang.items()) or "nothing rang"
        missed = "" if each.late is not None else f"; expected {' or '.join(each.expected)}"
        yield f"  {name:{width}} {rang}{missed}"
    yield "responses, on a copy of what is released"
    for response in drilled.responses:
        yield f"  {response.kind:{width}} {_response(response)}"


def _response(response: Response) -> str:
    if response.works is None:
        return "nothing is set up to respond: a single point of failure"
    if not response.works:
        return "failed"
    if response.kind == "retraining":
        return f"{response.by} within {(response.recovery_ms or 0) / 1000:.0f} s"
    return f"{response.by} answers within {response.recovery_ms or 0:.0f} ms"


def risk_lines(kind: str, risks: Mapping[str, Risk]) -> Iterator[str]:
    """A risk in four lines."""
    for name, risk in risks.items():
        yield f"{kind}: {name}"
        yield f"  {risk.failure}"
        yield f"  noticed by: {risk.detection}"
        yield f"  then: {risk.response} ({risk.owner or 'nobody yet'})"
    if not risks:
        yield f"{kind}: none"
