"""The register of risks: what people declared, in their words, and what evidence proposes."""

from __future__ import annotations

from fullcycle.core.evidence.monitor import RiskFacts
from fullcycle.people.report.blocks import Block, Cell, Column, Commands, Section, Table, Text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


OWNERS = {
    "data scientist": _("data scientist"),
    "ML engineer": _("ML engineer"),
    "data owner": _("owner of the data"),
}
# Of a proposed risk: what it is called, what goes wrong, how it is noticed, what is done then.
NAMES = {
    "leak": _("leak of %(about)s"),
    "weak_slice": _("weak slice %(about)s"),
    "one_column": _("only %(about)s"),
    "drift": _("drift of %(about)s"),
    "no_other_answer": _("no other answer"),
    "one_worker": _("one worker"),
}
FAILURES = {
    "leak": _("%(about)s is not known when the model is asked: production is worse than tests"),
    "weak_slice": _("answers are worse where: %(about)s"),
    "one_column": _("%(about)s carries half of the model or more: without it, answers are guesses"),
    "drift": _("%(about)s moves away from what the model was trained on"),
    "no_other_answer": _("a model that fails leaves requests without an answer"),
    "one_worker": _("one process answers: while it starts again, nobody does"),
}
DETECTIONS = {
    "leak": _("performance falls with the first outcomes (FC811)"),
    "weak_slice": _("each verdict (FC603); performance by slice"),
    "one_column": _("it is missing or gone (FC802, FC803)"),
    "drift": _("drift alarms (FC801, FC802, FC806)"),
    "no_other_answer": _("the drill; the chart of fallbacks (FC814)"),
    "one_worker": _("the service's own health check"),
}
RESPONSES = {
    "leak": _("drop the column in the contract and run again"),
    "weak_slice": _("label more of these rows, or let a rule answer them"),
    "one_column": _("agree on notice with whoever supplies it: going back does not help"),
    "drift": _("ask who supplies it; if the world changed, train again on newer rows"),
    "no_other_answer": _("release a second version, or set a constant answer"),
    "one_worker": _("let two processes answer, or two copies"),
}


def risks_section(words: Words, risks: tuple[RiskFacts, ...]) -> list[Section]:
    """A line for each; nothing where the look knew of none."""
    if not risks:
        return []
    columns = [
        Column(words.gettext("risk"), wide=True),
        Column(words.gettext("what goes wrong"), wide=True),
        Column(words.gettext("noticed by"), wide=True),
        Column(words.gettext("what is done then"), wide=True),
        Column(words.gettext("by whom")),
        Column(words.gettext("register")),
    ]
    rows = [_row(words, risk) for risk in risks]
    blocks: list[Block] = [Table(words.gettext("Register of risks"), columns, rows)]
    if not all(risk.declared for risk in risks):
        write = words.gettext("Write the proposed ones into the register")
        blocks.append(Commands([(write, "fullcycle monitor risks --accept")]))
    return [Section("risks", words.gettext("Risks"), blocks)]


def _row(words: Words, risk: RiskFacts) -> list[Cell]:
    if risk.declared or risk.kind is None:
        own = (risk.name, risk.failure, risk.detection, risk.response)
        told: list[Text] = [words.data(each) for each in own]
        state = words.gettext("declared")
    else:
        about = words.data(risk.about)
        told = [words.say(each[risk.kind], about=about) for each in (NAMES, FAILURES, DETECTIONS, RESPONSES)]
        state = words.gettext("proposed")
    owner: Text = term(words, OWNERS, risk.owner) if risk.owner in OWNERS else words.data(risk.owner or "–")
    return [*map(cell, told), cell(owner), cell(state)]
