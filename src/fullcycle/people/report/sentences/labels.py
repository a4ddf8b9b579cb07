"""FC7: labels that may be wrong, and people who disagree on them."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.label import reading_of
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import AGREEMENTS, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


READINGS = {
    "reliable": _("At 0.8 or more, labels may be relied on (Krippendorff 2004)."),
    "tentative": _(
        "From 0.667 to 0.8, labels allow tentative conclusions (Krippendorff 2004): let the people talk about"
        " the rows on which they differ, and make the instructions clearer."
    ),
    "unreliable": _(
        "Below 0.667, labels are not to be relied on (Krippendorff 2004): make the instructions clearer, and"
        " let the same rows be labelled again."
    ),
    "chance": _(
        "That can't be told from chance, so these labels are not to be relied on: say what each label means"
        " before anybody labels more."
    ),
}


@sentence(Code.labels_suspect, _("Labels that may be wrong"))
def labels_suspect(words: Words, told: Told) -> Markup:
    return words.count(
        "%(n)s label (%(share)s of the rows) may be wrong: the model, which never saw it, is confident of"
        " another one. Let a person look at it.",
        "%(n)s labels (%(share)s of the rows) may be wrong: the model, which never saw them, is confident of"
        " other ones. Let a person look at them.",
        told.number("rows"),
        share=words.percent(told.number("share")),
    )


@sentence(Code.annotators_disagree, _("Annotators disagree"))
def annotators_disagree(words: Words, told: Told) -> Markup:
    return words.say(
        "%(measured)s. %(reading)s",
        measured=words.count(
            "On %(n)s item that several people labelled, %(measure)s is %(agreement)s; 1 is full agreement,"
            " 0 what chance gives",
            "On %(n)s items that several people labelled, %(measure)s is %(agreement)s; 1 is full agreement,"
            " 0 what chance gives",
            told.number("items"),
            measure=term(words, AGREEMENTS, str(told.fact("measure"))),
            agreement=_estimate(words, told),
        ),
        reading=reading_text(words, _reading(told)),
    )


def _estimate(words: Words, told: Told) -> Markup:
    value = words.fixed(told.number("agreement"), 2)
    if not told.has("low") or not told.has("high"):
        return Markup("{}").format(value)
    return words.say(
        "%(value)s (%(low)s to %(high)s at 95%% confidence)",
        value=value,
        low=words.fixed(told.number("low"), 2),
        high=words.fixed(told.number("high"), 2),
    )


def _reading(told: Told) -> str:
    """As the evidence says; findings of earlier versions held alpha alone."""
    if told.has("reading"):
        return str(told.fact("reading"))
    return str(reading_of(Interval(value=told.number("agreement"))))


def reading_text(words: Words, reading: str) -> Markup:
    """What an alpha allows, after Krippendorff (2004)."""
    return words.say(READINGS.get(reading, READINGS["unreliable"]))
