"""FC7: labels that may be wrong, and people who disagree on them."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import AGREEMENTS, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


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
    return words.count(
        "On %(n)s item the annotators agree little more than by chance (%(measure)s %(agreement)s; 1 is"
        " full agreement): make the instructions clearer before labelling more.",
        "On %(n)s items the annotators agree little more than by chance (%(measure)s %(agreement)s; 1 is"
        " full agreement): make the instructions clearer before labelling more.",
        told.number("items"),
        measure=term(words, AGREEMENTS, str(told.fact("measure"))),
        agreement=words.fixed(told.number("agreement"), 2),
    )
