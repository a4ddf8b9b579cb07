"""How each hypothesis stands: what is declared today beside everything that is on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.hypotheses import Changed, Claim, ClaimResult, EarlierClaim, HypothesesEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.hypotheses.ledger import Event, now, read_ledger, record
from fullcycle.core.hypotheses.text import digest, said, text_hash
from fullcycle.core.project.claims import Hypothesis
from fullcycle.core.project.project import Project

LOWER_IS_BETTER = ("log_loss", "rmse", "mae")
ENOUGH_POWER = 0.8


def refresh(project: Project) -> HypothesesEvidence | None:
    """Bring `evidence/hypotheses.json` in line with settings and record; None where nothing was ever claimed.

    A decided claim whose text has changed since goes on record as changed: taking the change back doesn't
    take that away.
    """
    events = read_ledger(project.paths.evidence)
    declared = project.settings.hypotheses
    if not events and not declared:
        return None
    for event in _newly_changed(declared, events):
        record(project.paths.evidence, event)
        events.append(event)
    evidence = standing(declared, events)
    write_evidence(project.paths.evidence, evidence)
    return evidence


def standing(declared: dict[str, Hypothesis], events: Sequence[Event]) -> HypothesesEvidence:
    """Declared claims in the order of the file, then those that were taken out of it."""
    gone = dict.fromkeys(event.id for event in events if event.id not in declared)
    claims = [_declared(name, each, _of(events, name)) for name, each in declared.items()]
    claims += [claim for name in gone if (claim := _taken_out(name, _of(events, name))) is not None]
    return HypothesesEvidence(findings=tuple(_findings(claims)), claims=tuple(claims))


def _of(events: Sequence[Event], name: str) -> list[Event]:
    return [event for event in events if event.id == name]


def _newly_changed(declared: dict[str, Hypothesis], events: Sequence[Event]) -> list[Event]:
    found = []
    for name, hypothesis in declared.items():
        own, text = _of(events, name), text_hash(name, hypothesis)
        decided = any(event.event == "decided" and event.text != text for event in own)
        if decided and all(event.text != text for event in own):
            found.append(Event("changed", name, text, at=now(), said=said(name, hypothesis)))
    return found


def _declared(name: str, hypothesis: Hypothesis, events: Sequence[Event]) -> Claim:
    return _claim(name, hypothesis, text_hash(name, hypothesis), events, declared=True)


def _taken_out(name: str, events: Sequence[Event]) -> Claim | None:
    """A claim that the file no longer has, as it was last fixed."""
    last = [event for event in events if event.event == "fixed"][-1:]
    if not last:
        return None
    content = {key: value for key, value in last[0].said.items() if key != "id"}
    return _claim(name, Hypothesis.model_validate(content), last[0].text, events, declared=False)


def _claim(name: str, hypothesis: Hypothesis, text: str, events: Sequence[Event], *, declared: bool) -> Claim:
    fixed = [event for event in events if event.event == "fixed" and event.text == text]
    decided = [event for event in events if event.event == "decided" and event.text == text]
    shown = fixed[-1] if fixed else None
    result = decided[-1] if decided and shown is not None and decided[-1].hash == shown.hash else None
    content = said(name, hypothesis)
    return Claim(
        id=name,
        claim=hypothesis.claim,
        metric=hypothesis.metric,
        higher_is_better=hypothesis.metric not in LOWER_IS_BETTER,
        control={"model": hypothesis.control.model, **content.get("control", {})},
        treatment={"model": hypothesis.treatment.model, **content["treatment"]},
        minimum_effect=hypothesis.minimum_effect,
        alpha=hypothesis.alpha,
        test=hypothesis.test,
        declared=declared,
        state="decided" if result else "fixed" if shown else "undecided",
        changed=_changed(text, events),
        text=text,
        hash=shown.hash if shown else None,
        fixed=shown.at if shown else None,
        result=_result(result),
        earlier=tuple(_earlier(events, text, shown)),
    )


def _changed(text: str, events: Sequence[Event]) -> Changed:
    """Whether this name ever said something else, and whether a result was known by then."""
    decided: set[str] = set()
    after = before = False
    for event in events:
        if event.event == "decided":
            decided.add(event.text)
        elif any(event.text != other for other in decided):
            after = True
        before = before or event.text != text
    after = after or any(other != text for other in decided)
    return "after_result" if after else "before_result" if before else "no"


def _earlier(events: Sequence[Event], text: str, shown: Event | None) -> Iterator[EarlierClaim]:
    results = {event.hash: event for event in events if event.event == "decided"}
    for event in events:
        if event.event != "fixed" or (shown is not None and event.hash == shown.hash):
            continue
        result = _result(results.get(event.hash))
        yield EarlierClaim(
            claim=str(event.said.get("claim", "")),
            text=event.text,
            fixed=event.at,
            verdict=result.verdict if result else None,
            gain=result.gain if result else None,
            other="data" if event.text == text else "text",
        )


def _result(event: Event | None) -> ClaimResult | None:
    if event is None or event.result is None:
        return None
    content: dict[str, Any] = {**event.result, "decided": event.at}
    return ClaimResult.model_validate(content)


def _findings(claims: Sequence[Claim]) -> Iterator[Finding]:
    for claim in claims:
        if claim.changed == "after_result":
            yield finding(Code.hypothesis_changed, Severity.warning, hypothesis=claim.id)
        result = claim.result
        if result is not None and result.verdict == "inconclusive" and result.power < ENOUGH_POWER:
            yield finding(
                Code.too_few_rows_for_claim,
                Severity.warning,
                hypothesis=claim.id,
                minimum_effect=claim.minimum_effect,
                metric=claim.metric,
                power=result.power,
                rows=result.rows,
                rows_needed=result.rows_needed,
            )


def fixed_hash(text: str, context: dict[str, Any], data: str) -> str:
    """The identity of a claim of certain data under certain settings."""
    return digest({"text": text, "context": context, "data": data})
