"""FC603 to FC611: what the tests of verify found, beyond its gates."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.analysis import conditions
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import RATES, metric_text, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.weak_slice, _("Weak slice"))
def weak_slice(words: Words, told: Told) -> Markup:
    shown = {
        "where": _slice(words, told),
        "loss": words.score(told.number("loss")),
        "rest": words.score(told.number("rest")),
    }
    if told.is_("measure", "mae"):
        return words.count(
            "Answers are worse in %(where)s (%(n)s row): the mean error is %(loss)s instead of %(rest)s.",
            "Answers are worse in %(where)s (%(n)s rows): the mean error is %(loss)s instead of %(rest)s.",
            told.number("rows"),
            **shown,
        )
    if told.finding.facts.get("surprising"):
        return words.count(
            "Answers are worse in %(where)s (%(n)s row) than the model itself expects: the Brier score is"
            " %(loss)s instead of %(rest)s.",
            "Answers are worse in %(where)s (%(n)s rows) than the model itself expects: the Brier score is"
            " %(loss)s instead of %(rest)s.",
            told.number("rows"),
            **shown,
        )
    return words.count(
        "Hard to answer: %(where)s (%(n)s row). The model knows it, its Brier score is"
        " %(loss)s instead of %(rest)s.",
        "Hard to answer: %(where)s (%(n)s rows). The model knows it, its Brier score is"
        " %(loss)s instead of %(rest)s.",
        told.number("rows"),
        **shown,
    )


def _slice(words: Words, told: Told) -> Markup:
    """A declared slice by its name, a found one by its conditions."""
    if not told.has("name"):
        where = conditions(words, list(zip(told.columns, told.texts("labels"), strict=False)))
        return words.say("the slice where %(where)s", where=where)
    name = words.name(str(told.fact("name")))
    if not told.has("value"):
        return words.say("the slice %(name)s", name=name)
    return words.say("the slice %(name)s, %(value)s", name=name, value=words.value(told.fact("value")))


@sentence(Code.worse_than_champion, _("Worse than the champion"))
def worse_than_champion(words: Words, told: Told) -> Markup:
    return words.say(
        "The bundle in production does better on the same rows: %(metric)s differs by %(difference)s"
        " (interval %(low)s to %(high)s).",
        metric=metric_text(words, str(told.fact("metric"))),
        difference=words.score(told.number("difference")),
        low=words.score(told.number("low")),
        high=words.score(told.number("high")),
    )


@sentence(Code.champion_not_compared, _("Champion not compared"))
def champion_not_compared(words: Words, told: Told) -> Markup:
    if told.is_("reason", "no_column"):
        return words.say(
            "The bundle in production could not be compared: it needs %(columns)s, which the test rows lack.",
            columns=words.names(told.columns),
        )
    return words.say(
        "The bundle in production could not be compared: it predicts another target, or other classes."
    )


@sentence(Code.miscalibrated, _("Miscalibrated"))
def miscalibrated(words: Words, told: Told) -> Markup:
    return words.say(
        "Probabilities are off by %(error)s on average, and true ones would stay under %(chance)s in 95"
        " of 100 such samples: don't read them as shares.",
        error=words.percent(told.number("error")),
        chance=words.percent(told.number("by_chance")),
    )


@sentence(Code.groups_unequal, _("Groups treated unequally"))
def groups_unequal(words: Words, told: Told) -> Markup:
    return words.say(
        "Groups of %(column)s differ: the %(rate)s of %(lowest)s is %(ratio)s of that of %(highest)s"
        " (interval %(low)s to %(high)s).",
        column=words.name(told.column),
        rate=term(words, RATES, str(told.fact("rate"))),
        lowest=words.value(told.fact("lowest")),
        highest=words.value(told.fact("highest")),
        **{key: words.percent(told.number(key), 0) for key in ("ratio", "low", "high")},
    )


@sentence(Code.answers_fragile, _("Fragile answers"))
def answers_fragile(words: Words, told: Told) -> Markup:
    shown = {
        "columns": words.names(told.columns),
        "moved": words.number(told.number("moved"), 2),
        "bound": words.number(told.number("bound"), 2),
    }
    if told.is_("kind", "missing"):
        return words.say(
            "Answers lean on %(columns)s: where it is missing they move by up to %(moved)s on average (limit"
            " %(bound)s).",
            **shown,
        )
    if told.is_("kind", "unit"):
        return words.say(
            "A slip of unit in %(columns)s (× 1000) moves answers by up to %(moved)s on average (limit"
            " %(bound)s), and the contract would not notice it.",
            **shown,
        )
    if told.is_("kind", "unseen"):
        return words.say(
            "A category of %(columns)s that training never saw moves answers by up to %(moved)s on average"
            " (limit %(bound)s).",
            **shown,
        )
    return words.say(
        "A little noise in the numbers moves answers by %(moved)s on average (limit %(bound)s).", **shown
    )


@sentence(Code.behaviour_failed, _("A test of behaviour failed"))
def behaviour_failed(words: Words, told: Told) -> Markup:
    return words.say(
        "The test of behaviour %(name)s (line %(line)s) failed: found %(found)s, wanted %(wanted)s.",
        name=words.value(told.fact("name")),
        line=words.whole(told.number("line")),
        found=words.data(told.fact("found")),
        wanted=words.data(told.fact("wanted")),
    )


@sentence(Code.answers_unstable, _("Unstable answers"))
def answers_unstable(words: Words, told: Told) -> Markup:
    return words.say(
        "Fitted again, the model answers otherwise: answers move by %(moved)s on average (limit %(bound)s).",
        moved=words.number(told.number("moved"), 2),
        bound=words.number(told.number("bound"), 2),
    )


@sentence(Code.rows_not_apart, _("Test rows not apart"))
def rows_not_apart(words: Words, told: Told) -> Markup:
    found = told.number("found")
    if told.is_("kind", "groups"):
        return words.count(
            "%(n)s group of %(column)s has rows on both sides of the split.",
            "%(n)s groups of %(column)s have rows on both sides of the split.",
            found,
            column=words.name(told.column),
        )
    if told.is_("kind", "time"):
        return words.count(
            "%(n)s test row lies before the end of the training rows, by %(column)s.",
            "%(n)s test rows lie before the end of the training rows, by %(column)s.",
            found,
            column=words.name(told.column),
        )
    return words.count(
        "%(n)s test row is a training row too, in every column.",
        "%(n)s test rows are training rows too, in every column.",
        found,
    )


@sentence(Code.intervals_too_narrow, _("Intervals too narrow"))
def intervals_too_narrow(words: Words, told: Told) -> Markup:
    return words.say(
        "The intervals were to hold %(claimed)s of the rows and hold %(covered)s of the test rows; chance"
        " alone would leave at least %(chance)s. The test rows differ from those that the intervals were"
        " learned on.",
        claimed=words.percent(told.number("claimed")),
        covered=words.percent(told.number("covered")),
        chance=words.percent(told.number("by_chance")),
    )
