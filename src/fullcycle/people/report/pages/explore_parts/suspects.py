"""Leak suspects: what tells the target better than an honest column could."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.explore import ExploreEvidence, LeakSuspect
from fullcycle.people.report.blocks import Cell, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.pages.explore_parts.anchors import Anchors, linked
from fullcycle.people.report.terms import LEAK_KINDS, term
from fullcycle.people.report.words import Words


def suspects_section(words: Words, explore: ExploreEvidence, anchors: Anchors) -> list[Section]:
    """The table of suspects, with what a person has decided."""
    if not explore.suspects:
        return []
    text = words.say(
        "A leak suspect tells the target better than an honest column could. Ask whether its value is known"
        " at the moment of prediction. Until a person has decided in %(file)s, the gate of %(stage)s stays"
        " closed.",
        file=words.code("contract.yaml"),
        stage=words.code("verify"),
    )
    columns = [
        Column(words.gettext("column")),
        Column(words.gettext("what tells")),
        Column(words.gettext("strength"), numeric=True),
        Column(words.gettext("decision")),
        Column(words.gettext("reason"), wide=True),
    ]
    rows = [_suspect(words, suspect, anchors) for suspect in explore.suspects]
    table = Table(words.gettext("Leak suspects"), columns, rows)
    return [Section("suspects", words.gettext("Leak suspects"), [Paragraphs([text]), table])]


def _suspect(words: Words, suspect: LeakSuspect, anchors: Anchors) -> list[Cell]:
    names = suspect.columns or ((suspect.column,) if suspect.column else ())
    return [
        cell(words.joined([linked(name, anchors) for name in names]) if names else "–", suspect.column),
        cell(_what(words, suspect)),
        cell(words.fixed(suspect.strength, 2), suspect.strength, suspect.strength),
        cell(_decision(words, suspect)),
        cell(words.data(suspect.reason) if suspect.reason else "–"),
    ]


def _what(words: Words, suspect: LeakSuspect) -> Markup:
    if suspect.operation == "difference":
        return words.say("their difference")
    if suspect.operation == "ratio":
        return words.say("their ratio")
    return term(words, LEAK_KINDS, suspect.kind)


def _decision(words: Words, suspect: LeakSuspect) -> Text:
    if suspect.decision:
        return words.code(f"leak: {suspect.decision}")
    return words.gettext("not decided yet") if suspect.blocks else words.gettext("closes no gate")
