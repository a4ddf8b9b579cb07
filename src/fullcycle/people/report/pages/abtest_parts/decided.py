"""What follows from a test: one sentence for each treatment, made by rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from fullcycle.core.evidence.abtest import AnalysisFacts, Decision, MetricResult
from fullcycle.core.evidence.base import Interval
from fullcycle.people.report.blocks import Conclusion, Tone
from fullcycle.people.report.pages.abtest_parts.numbers import change_text, interval_of
from fullcycle.people.report.words import Words

TONES: Mapping[str, Tone] = {
    "better": "good",
    "mismatch": "bad",
    "harmed": "bad",
    "worse": "bad",
    "early": "plain",
    "no_effect": "warning",
    "undecided": "warning",
}


def _(message: str) -> str:
    return message


SENTENCES = {
    "mismatch": _(
        "%(treatment)s: no decision. The variants did not get their planned shares; mend the draw first."
    ),
    "harmed": _("%(treatment)s: keep %(control)s. It is shown to break the limit of %(broken)s."),
    "early": _("%(treatment)s: wait. %(units)s are there; so far %(metric)s changes by %(interval)s."),
    "early_nothing": _("%(treatment)s: wait. %(units)s are too few for an interval of %(metric)s."),
    "better": _("%(treatment)s: take it. %(metric)s changes by %(interval)s."),
    "worse": _("%(treatment)s: keep %(control)s. %(metric)s changes by %(interval)s."),
    "no_effect": _(
        "%(treatment)s: no effect that would matter (%(limit)s). %(metric)s changes by %(interval)s."
    ),
    "undecided": _("%(treatment)s: undecided. %(metric)s changes by %(interval)s."),
    "unguarded": _(
        "%(treatment)s: undecided. %(metric)s changes by %(interval)s, but %(open)s is not shown to stay"
        " within its limit."
    ),
}
RULES = {
    "fixed": _("by the interval of one look, at the end"),
    "sequential": _("by the interval that holds at every look"),
}


def sentence(words: Words, facts: AnalysisFacts, decision: Decision) -> Markup:
    """The decision on one treatment."""
    metric = next(each for each in facts.metrics if each.name == decision.metric)
    interval = _deciding(metric, decision)
    key = str(decision.verdict)
    if key == "early" and interval is None:
        key = "early_nothing"
    if key == "undecided" and decision.open:
        key = "unguarded"
    say: Callable[..., Markup] = words.say
    return say(
        SENTENCES[key],
        treatment=words.name(decision.treatment),
        control=words.name(facts.control),
        metric=words.name(metric.name),
        interval=interval_of(words, metric.kind, interval) if interval is not None else "–",
        units=_units(words, facts),
        limit=change_text(words, metric.kind, metric.smallest),
        broken=words.names(decision.broken),
        open=words.names(decision.open),
    )


def _deciding(metric: MetricResult, decision: Decision) -> Interval | None:
    comparison = next(each for each in metric.comparisons if each.treatment == decision.treatment)
    return comparison.sequential if decision.rule == "sequential" else comparison.effect


def _units(words: Words, facts: AnalysisFacts) -> Markup:
    if facts.planned_units is None:
        return words.count("%(n)s unit", "%(n)s units", facts.units)
    return words.count(
        "%(n)s unit of %(planned)s planned",
        "%(n)s units of %(planned)s planned",
        facts.units,
        planned=words.whole(facts.planned_units),
    )


def conclusions(words: Words, facts: AnalysisFacts, link: str) -> list[Conclusion]:
    """All decisions of a test."""
    return [
        Conclusion(
            words.say(
                "%(test)s. %(decision)s",
                test=words.name(facts.name),
                decision=sentence(words, facts, decision),
            ),
            link=link,
        )
        for decision in facts.decisions
    ]
