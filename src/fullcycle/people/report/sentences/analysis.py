"""FC3: what the analysis of the training rows found."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.leak_suspect, _("Leak suspect"))
def leak_suspect(words: Words, told: Told) -> Markup:
    if told.has("decision"):
        return _decided(words, told)
    return words.say(
        "%(column)s alone nearly gives the target away (strength %(strength)s of 1). Is it known before the"
        " moment of prediction? Decide in %(file)s: %(drop)s, or %(keep)s with a reason.",
        column=words.name(told.column),
        strength=words.fixed(told.number("strength"), 2),
        file=words.code("contract.yaml"),
        drop=words.code("leak: drop"),
        keep=words.code("leak: keep"),
    )


@sentence(Code.missingness_leak, _("Missing values give the target away"))
def missingness_leak(words: Words, told: Told) -> Markup:
    if told.has("decision"):
        return _decided(words, told)
    return words.say(
        "Whether %(column)s is missing nearly gives the target away (strength %(strength)s of 1): it may"
        " have been filled in afterwards. Decide in %(file)s: %(drop)s, or %(keep)s with a reason.",
        column=words.name(told.column),
        strength=words.fixed(told.number("strength"), 2),
        file=words.code("contract.yaml"),
        drop=words.code("leak: drop"),
        keep=words.code("leak: keep"),
    )


def _decided(words: Words, told: Told) -> Markup:
    """A suspect that a person has decided on in contract.yaml."""
    shown = {"column": words.name(told.column), "strength": words.fixed(told.number("strength"), 2)}
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


@sentence(Code.strong_correlation, _("Strongly correlated columns"))
def strong_correlation(words: Words, told: Told) -> Markup:
    return words.say(
        "%(columns)s move together (Pearson's r is %(r)s): much of what one says, the other says too.",
        columns=words.names(told.columns),
        r=words.fixed(told.number("r", "correlation", "value"), 2),
    )


@sentence(Code.skewed_column, _("Skewed column"))
def skewed_column(words: Words, told: Told) -> Markup:
    skew = told.number("skew", "skewness")
    if skew > 0:
        return words.say(
            "%(column)s has a long tail of large values (skewness %(skew)s): its mean says little, look at"
            " the median.",
            column=words.name(told.column),
            skew=words.fixed(skew, 1),
        )
    return words.say(
        "%(column)s has a long tail of small values (skewness %(skew)s): its mean says little, look at the"
        " median.",
        column=words.name(told.column),
        skew=words.fixed(skew, 1),
    )


@sentence(Code.imbalanced_target, _("Imbalanced target"))
def imbalanced_target(words: Words, told: Told) -> Markup:
    return words.say(
        "The class %(label)s makes up only %(share)s of the training rows: look at ROC AUC and average"
        " precision, because accuracy flatters here.",
        label=words.value(told.fact("class", "label", "value", "class_", "name")),
        share=words.percent(told.number("share")),
    )


@sentence(Code.strongest_columns, _("Strongest columns"))
def strongest_columns(words: Words, told: Told) -> Markup:
    return words.count(
        "%(columns)s says most about the target on its own.",
        "%(columns)s say most about the target, each on its own.",
        len(told.columns),
        columns=words.names(told.columns),
    )
