"""FC42 and FC43: hypotheses and value."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import metric_text, model_text
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.hypothesis_changed, _("Hypothesis changed after its result"))
def hypothesis_changed(words: Words, told: Told) -> Markup:
    return words.say(
        "The hypothesis %(name)s was changed after its result was known: what is claimed now was not claimed"
        " before.",
        name=words.value(told.fact("hypothesis")),
    )


@sentence(Code.too_few_rows_for_claim, _("Too few rows for the claim"))
def too_few_rows_for_claim(words: Words, told: Told) -> Markup:
    shown = {
        "name": words.value(told.fact("hypothesis")),
        "rows": words.whole(told.number("rows")),
        "effect": words.number(told.number("minimum_effect")),
        "metric": metric_text(words, str(told.fact("metric"))),
        "power": words.percent(told.number("power"), 0),
    }
    if not told.has("rows_needed"):
        return words.say(
            "The rows are too few for the hypothesis %(name)s: on %(rows)s of them a gain of %(effect)s in"
            " %(metric)s would be found with a chance of %(power)s only.",
            **shown,
        )
    return words.say(
        "The rows are too few for the hypothesis %(name)s: on %(rows)s of them a gain of %(effect)s in"
        " %(metric)s would be found with a chance of %(power)s only; a chance of 80%% would take about"
        " %(needed)s.",
        **shown,
        needed=words.whole(told.number("rows_needed")),
    )


@sentence(Code.value_contradicts_metric, _("The metric contradicts the value"))
def value_contradicts_metric(words: Words, told: Told) -> Markup:
    return words.say(
        "The metric contradicts the value: the champion, %(champion)s, has the better %(metric)s, and the"
        " %(model)s earns more on the same rows: %(more)s against %(less)s.",
        champion=model_text(words, str(told.fact("champion"))),
        metric=metric_text(words, str(told.fact("metric"))),
        model=model_text(words, str(told.fact("model"))),
        more=words.number(told.number("model_value")),
        less=words.number(told.number("champion_value")),
    )


@sentence(Code.value_no_better, _("No better than a trivial policy"))
def value_no_better(words: Words, told: Told) -> Markup:
    shown = {"value": words.number(told.number("value")), "other": words.number(told.number("other"))}
    if told.is_("policy", "all"):
        return words.say(
            "On the test set the model earns %(value)s, which is not beyond doubt more than treating every"
            " row: that earns %(other)s.",
            **shown,
        )
    return words.say(
        "On the test set the model earns %(value)s, which is not beyond doubt more than treating no row:"
        " that earns %(other)s.",
        **shown,
    )
