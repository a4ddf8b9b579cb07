"""FC301, FC302 and FC307 to FC312: what tells the target better than an honest column could."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


def _shown(words: Words, told: Told) -> dict[str, Markup | str]:
    return {
        "column": words.name(told.column),
        "strength": words.fixed(told.number("strength"), 2),
    }


def _ask(words: Words, sentence_: Markup) -> Markup:
    """A suspicion, and what a person is asked to do about it."""
    ask = words.say(
        "Decide in %(file)s: %(drop)s, or %(keep)s with a reason.",
        file=words.code("contract.yaml"),
        drop=words.code("leak: drop"),
        keep=words.code("leak: keep"),
    )
    return sentence_ + " " + ask


@sentence(Code.leak_suspect, _("Leak suspect"))
def leak_suspect(words: Words, told: Told) -> Markup:
    if told.has("decision"):
        return _decided(words, told)
    return _ask(
        words,
        words.say(
            "%(column)s alone nearly gives the target away (strength %(strength)s of 1). Is it known before"
            " the moment of prediction?",
            **_shown(words, told),
        ),
    )


@sentence(Code.missingness_leak, _("Missing values give the target away"))
def missingness_leak(words: Words, told: Told) -> Markup:
    if told.has("decision"):
        return _decided(words, told)
    return _ask(
        words,
        words.say(
            "Whether %(column)s is missing nearly gives the target away (strength %(strength)s of 1): it may"
            " have been filled in afterwards.",
            **_shown(words, told),
        ),
    )


def _decided(words: Words, told: Told) -> Markup:
    """A suspect that a person has decided on in contract.yaml."""
    shown = _shown(words, told)
    if told.fact("decision") == "drop":
        return words.say(
            "%(column)s was suspected of a leak (strength %(strength)s of 1) and "
            "is left out of the model, as a person decided.",
            **shown,
        )
    return words.say(
        "%(column)s was suspected of a leak (strength %(strength)s of 1) and stays in the model, as a"
        " person decided.",
        **shown,
    )


@sentence(Code.pair_leak, _("Two columns give the target away"))
def pair_leak(words: Words, told: Told) -> Markup:
    columns = words.names(told.columns)
    strength = words.fixed(told.number("strength"), 2)
    if told.has("decision"):
        if told.fact("decision") == "drop":
            return words.say(
                "%(columns)s together were suspected of a leak (strength %(strength)s of 1); a person"
                " decided to leave one out of the model.",
                columns=columns,
                strength=strength,
            )
        return words.say(
            "%(columns)s together were suspected of a leak (strength %(strength)s of 1) and stay in the"
            " model, as a person decided.",
            columns=columns,
            strength=strength,
        )
    if told.is_("operation", "ratio"):
        return _ask(
            words,
            words.say(
                "The ratio of %(columns)s nearly gives the target away (strength %(strength)s of 1). Are both"
                " known before the moment of prediction?",
                columns=columns,
                strength=strength,
            ),
        )
    return _ask(
        words,
        words.say(
            "The difference of %(columns)s nearly gives the target away (strength %(strength)s of 1). Are"
            " both known before the moment of prediction?",
            columns=columns,
            strength=strength,
        ),
    )


@sentence(Code.identifier_leak, _("An identifier tells the target"))
def identifier_leak(words: Words, told: Told) -> Markup:
    if told.has("decision"):
        return _decided(words, told)
    return words.say(
        "%(column)s names rows and should say nothing, yet tells the target (strength %(strength)s of 1):"
        " numbers were perhaps given after the outcome, or the rows sorted by it.",
        **_shown(words, told),
    )


@sentence(Code.group_leak, _("Groups across the split"))
def group_leak(words: Words, told: Told) -> Markup:
    return words.count(
        "%(n)s group of %(column)s has rows in both training and test and nearly always one target"
        " (strength %(strength)s of 1): the test is too kind. Give the column the role %(role)s in %(file)s.",
        "%(n)s groups of %(column)s have rows in both training and test and nearly always one target each"
        " (strength %(strength)s of 1): the test is too kind. Give the column the role %(role)s in %(file)s.",
        told.number("groups"),
        role=words.code("group"),
        file=words.code("contract.yaml"),
        **_shown(words, told),
    )


@sentence(Code.time_leak, _("Time across the split"))
def time_leak(words: Words, told: Told) -> Markup:
    return words.say(
        "The target changes with %(column)s (strength %(strength)s of 1) and the rows were not split by it,"
        " so the model learns from the future of its test rows. Consider a split by time: %(setting)s.",
        setting=words.code("split: time"),
        **_shown(words, told),
    )


@sentence(Code.aggregate_leak, _("An aggregate of the target"))
def aggregate_leak(words: Words, told: Told) -> Markup:
    if told.has("decision"):
        return _decided(words, told)
    by = words.names(told.columns[1:2])
    return _ask(
        words,
        words.say(
            "%(column)s looks like the mean of the target by %(by)s (strength %(strength)s of 1): it was"
            " computed with the very answers that are to be predicted.",
            by=by,
            **_shown(words, told),
        ),
    )


@sentence(Code.order_leak, _("The order of rows tells the target"))
def order_leak(words: Words, told: Told) -> Markup:
    return words.say(
        "The place of a row in the source tells its target (strength %(strength)s of 1): the rows were"
        " perhaps sorted by it. No column of the model carries the place, but look for one that does.",
        strength=words.fixed(told.number("strength"), 2),
    )
