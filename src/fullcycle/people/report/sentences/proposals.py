"""FC44: features that were proposed."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.features_suggested, _("Features suggested"))
def features_suggested(words: Words, told: Told) -> Markup:
    names = told.texts("features")
    return words.count(
        "%(n)s feature earned its place on rows that had no say in choosing it: %(names)s. It stands in"
        " fullcycle.yaml as a suggestion, and nothing uses it until it is accepted (%(command)s).",
        "%(n)s features earned their place on rows that had no say in choosing them: %(names)s. They stand in"
        " fullcycle.yaml as suggestions, and nothing uses them until they are accepted (%(command)s).",
        len(names),
        names=words.names(names, 12),
        command=words.code("fullcycle features accept NAME"),
    )


@sentence(Code.proposals_ended_by_time, _("Proposals ended by time"))
def proposals_ended_by_time(words: Words, told: Told) -> Markup:
    return words.count(
        "Time ended the look for features; %(n)s expression that was chosen was not tested. With more time"
        " (%(setting)s) there may be other suggestions.",
        "Time ended the look for features; %(n)s expressions that were chosen were not tested. With more time"
        " (%(setting)s) there may be other suggestions.",
        told.number("untested"),
        setting=words.code("proposals.time_budget_s"),
    )
