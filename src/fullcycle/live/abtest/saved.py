"""A design on record: its text in fullcycle.yaml, its hash in `evidence/abtests.jsonl`, before any result."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import AnalysisFacts, DesignFacts
from fullcycle.core.hypotheses.ledger import ABTESTS, Event, now, read_ledger, record
from fullcycle.core.hypotheses.text import said, text_hash
from fullcycle.core.project.abtest_settings import AbTest
from fullcycle.core.project.lineage import git_state
from fullcycle.core.project.settings_edit import rewrite_settings
from fullcycle.core.project.settings_yaml import scalar
from fullcycle.core.project.yaml_edit import with_entries, without_entry

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

KEY, NOTE = "abtests", "`fullcycle abtest design NAME --save` fixes one"
Changed = Literal["no", "before_result", "after_result"]


def named(project: Project, name: str) -> AbTest:
    """The test of that name in fullcycle.yaml, or a UserError with those that there are."""
    tests = project.settings.abtests
    if name in tests:
        return tests[name]
    near = get_close_matches(name, tests, n=1)
    raise UserError(
        where="fullcycle.yaml, key abtests",
        found=f"no test {name!r}",
        expected=f"one of {', '.join(tests)}" if tests else "a test, and there is none",
        hint=f"did you mean `{near[0]}`?" if near else f"`fullcycle abtest design {name} --save` writes one",
    )


def fix(project: Project, name: str, test: AbTest) -> Event:
    """Write the test into fullcycle.yaml and put its hash on record: the event, or that of before."""
    tests = project.settings.abtests
    if tests.get(name) != test:
        lines = {name: [f"{scalar(name)}:", *_lines(test)]}
        rewrite_settings(
            project,
            lambda text: with_entries(without_entry(text, KEY, name), KEY, lines, note=NOTE),
            abtests={**{key: each for key, each in tests.items() if key != name}, name: test},
        )
    text = text_hash(name, test)
    last = last_fixed(events_of(project, name))
    if last is not None and last.text == text:
        return last
    event = Event("fixed", name, text, text, now(), said(name, test), commit=git_state(project.root)[0])
    record(project.paths.evidence, event, ABTESTS)
    return event


def _lines(test: AbTest) -> list[str]:
    """As it would be typed: metrics and guards a line each."""
    lines = []
    for key, value in test.model_dump(mode="json", exclude_defaults=True).items():
        if key in ("metrics", "guards"):
            lines.append(f"  {key}:")
            lines += [f"    {scalar(name)}: {scalar(own)}" for name, own in value.items()]
        else:
            lines.append(f"  {key}: {scalar(value)}")
    return lines


def events_of(project: Project, name: str) -> list[Event]:
    """Everything on record of a test."""
    return [event for event in read_ledger(project.paths.evidence, ABTESTS) if event.id == name]


def last_fixed(events: Sequence[Event]) -> Event | None:
    """The design that holds."""
    return next((event for event in reversed(events) if event.event == "fixed"), None)


def changed(events: Sequence[Event], text: str) -> Changed:
    """Whether a fixed design said something else, and whether a result was known by then."""
    if any(event.text != text for event in events if event.event == "decided"):
        return "after_result"
    return "before_result" if any(event.text != text for event in events) else "no"


def on_record(project: Project, name: str, test: AbTest, facts: AnalysisFacts) -> AnalysisFacts:
    """The facts with what is on record of the design; a new decision goes on record too."""
    events, text = events_of(project, name), text_hash(name, test)
    fixed = last_fixed(events)
    result = _result(facts)
    decided = [event for event in events if event.event == "decided"]
    if fixed is not None and result is not None and (not decided or dict(decided[-1].result or {}) != result):
        event = Event("decided", name, text, fixed.hash, now(), result=result)
        record(project.paths.evidence, event, ABTESTS)
    update: dict[str, Any] = {"changed": changed(events, text)}
    if fixed is not None:
        update |= {"design": fixed.hash, "fixed": fixed.at}
    return facts.model_copy(update=update)


def _result(facts: AnalysisFacts) -> dict[str, str] | None:
    """Verdicts by treatment, once there are some."""
    verdicts = {each.treatment: str(each.verdict) for each in facts.decisions}
    return None if set(verdicts.values()) <= {"early", "mismatch"} else verdicts


def with_record(project: Project, name: str, test: AbTest, facts: DesignFacts) -> DesignFacts:
    """A design with the moment at which this very text was fixed, if it was."""
    fixed = last_fixed(events_of(project, name))
    if fixed is None or fixed.text != text_hash(name, test):
        return facts
    return facts.model_copy(update={"fixed": fixed.at, "hash": fixed.hash})
