"""Rows that nearly repeat each other, side by side, so that a person sees what differs."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.clean import CleanEvidence, NearPair, PairCell
from fullcycle.people.report.blocks import Block, Cell, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import DIFFERENCES, term
from fullcycle.people.report.words import Words


def near_section(words: Words, clean: CleanEvidence) -> list[Section]:
    """Some of the pairs; nothing where there are none."""
    pairs = [pair for decision in clean.decisions for pair in decision.pairs]
    if not pairs:
        return []
    text = words.say(
        "Examples of rows that nearly repeat each other. What differs stands first, then some of the columns"
        " in which they agree. Rows of the source are numbered from 0."
    )
    blocks: list[Block] = [Paragraphs([text]), *(_side_by_side(words, pair) for pair in pairs)]
    return [Section("near-duplicates", words.gettext("Rows that nearly repeat each other"), blocks)]


def _side_by_side(words: Words, pair: NearPair) -> Table:
    first, second = (words.data(str(number)) for number in (pair.first, pair.second))
    caption = words.count(
        "Rows %(first)s and %(second)s agree in %(n)s column",
        "Rows %(first)s and %(second)s agree in %(n)s columns",
        pair.equal,
        first=first,
        second=second,
    )
    if pair.across:
        caption += Markup("; ") + words.say("one is in the test set, the other is not")
    columns = [
        Column(words.gettext("column")),
        Column(words.say("row %(row)s", row=first)),
        Column(words.say("row %(row)s", row=second)),
        Column(words.gettext("difference")),
    ]
    return Table(caption, columns, [_row(words, each) for each in pair.cells], compact=True)


def _row(words: Words, each: PairCell) -> list[Cell]:
    differs = "" if each.kind is None else term(words, DIFFERENCES, each.kind)
    shown = (_value(words, each, each.first), _value(words, each, each.second))
    return [cell(words.name(each.column)), *map(cell, shown), cell(differs or words.gettext("equal"))]


def _value(words: Words, each: PairCell, value: str | None) -> Text:
    if each.hidden:
        return words.gettext("not shown: personal")
    if value is None:
        return words.gettext("missing")
    shown = words.value(value) if each.kind == "text" else words.data(value)
    return shown if each.kind is None else Markup("<strong>%s</strong>") % shown
