"""FC303 to FC306 and FC313 to FC316: what the analysis of the training rows found."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


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


@sentence(Code.trend, _("Trend"))
def trend(words: Words, told: Told) -> Markup:
    column, over = words.name(told.column), words.names(told.columns[1:2])
    first, last = words.number(told.number("first"), 3), words.number(told.number("last"), 3)
    shown = {"column": column, "over": over, "first": first, "last": last}
    shown["slope"] = words.fixed(abs(told.number("slope")), 1)
    if told.number("slope") > 0:
        return words.say(
            "%(column)s rises over %(over)s, from %(first)s in the first period to %(last)s in the last"
            " (%(slope)s of its standard deviations): later rows differ from those learned from.",
            **shown,
        )
    return words.say(
        "%(column)s falls over %(over)s, from %(first)s in the first period to %(last)s in the last"
        " (%(slope)s of its standard deviations): later rows differ from those learned from.",
        **shown,
    )


@sentence(Code.segment_differs, _("A segment that differs"))
def segment_differs(words: Words, told: Told) -> Markup:
    where = conditions(words, list(zip(told.columns, told.texts("labels"), strict=False)))
    if told.has("of"):
        return words.count(
            "Where %(where)s, the share of %(label)s is %(target)s instead of %(overall)s (95%% interval"
            " %(low)s to %(high)s, %(n)s row).",
            "Where %(where)s, the share of %(label)s is %(target)s instead of %(overall)s (95%% interval"
            " %(low)s to %(high)s, %(n)s rows).",
            told.number("rows"),
            where=where,
            label=words.value(told.fact("of")),
            **{key: words.percent(told.number(key)) for key in ("target", "overall", "low", "high")},
        )
    return words.count(
        "Where %(where)s, the mean target is %(target)s instead of %(overall)s (95%% interval %(low)s to"
        " %(high)s, %(n)s row).",
        "Where %(where)s, the mean target is %(target)s instead of %(overall)s (95%% interval %(low)s to"
        " %(high)s, %(n)s rows).",
        told.number("rows"),
        where=where,
        **{key: words.number(told.number(key), 3) for key in ("target", "overall", "low", "high")},
    )


def conditions(words: Words, pairs: Sequence[tuple[str, str]]) -> Markup:
    """`Contract is “Month-to-month” and tenure is “1 to 6”`."""
    return words.joined(
        [
            words.say("%(column)s is %(value)s", column=words.name(column), value=words.value(label))
            for column, label in pairs
        ]
    )


@sentence(Code.missing_together, _("Missing together"))
def missing_together(words: Words, told: Told) -> Markup:
    return words.count(
        "%(columns)s are missing together in %(n)s row: one cause may stand behind it.",
        "%(columns)s are missing together in %(n)s rows: one cause may stand behind them.",
        told.number("rows"),
        columns=words.names(told.columns),
    )


@sentence(Code.measured_on_sample, _("Measured on a sample"))
def measured_on_sample(words: Words, told: Told) -> Markup:
    return words.count(
        "Quantiles, charts and relations rest on a random sample of %(sample)s out of %(n)s row; counts,"
        " means and deviations on all of them.",
        "Quantiles, charts and relations rest on a random sample of %(sample)s out of %(n)s rows; counts,"
        " means and deviations on all of them.",
        told.number("rows"),
        sample=words.whole(told.number("sample_rows")),
    )
