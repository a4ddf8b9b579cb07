"""Features that were proposed: how many were tried, which were tested, what each gained."""

from __future__ import annotations

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.proposals import ProposalsEvidence, ProposedFeature
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Commands,
    Paragraphs,
    Section,
    Table,
    Text,
)
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import cell, interval_text, whole
from fullcycle.people.report.terms import METRICS, metric_text, model_text, plain, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


KINDS = {
    "date_part": _("part of a date"),
    "date_difference": _("time between two dates"),
    "ratio": _("ratio of two numbers"),
    "difference": _("difference of two numbers"),
    "sum": _("sum of two numbers"),
    "product": _("product of two numbers"),
    "joined": _("two categories joined"),
    "log": _("logarithm of a long tail"),
    "missing": _("whether a value is missing"),
}
GAIN_DIGITS = 4


def proposals_section(words: Words, evidence: ProposalsEvidence | None) -> list[Section]:
    """Nothing where nobody looked for features."""
    if evidence is None:
        return []
    blocks: list[Block] = [Paragraphs(_texts(words, evidence))]
    measured = [each for each in evidence.tested if each.gain is not None]
    if measured:
        blocks.append(Charts([_chart(words, evidence, measured)]))
    if evidence.tested:
        blocks.append(_tested(words, evidence))
    if any(each.suggested for each in evidence.tested):
        blocks.append(_commands(words))
    blocks.append(_tried(words, evidence))
    return [Section("proposals", words.gettext("Features that might be added"), blocks)]


def _texts(words: Words, evidence: ProposalsEvidence) -> list[Text]:
    texts: list[Text] = [
        words.say(
            "%(tried)s expressions were made of the columns. %(choosing)s training rows chose among them:"
            " %(listed)s were fitted there, with the %(model)s and its parameters as they are. %(judging)s"
            " other rows judged the best: %(folds)s folds, drawn %(repeats)s times, the %(metric)s with the"
            " expression against the %(metric)s without it on the same rows.",
            tried=words.whole(sum(each.expressions for each in evidence.tried)),
            choosing=words.whole(evidence.choosing_rows),
            listed=words.whole(evidence.shortlisted),
            model=model_text(words, evidence.model),
            judging=words.whole(evidence.judging_rows),
            folds=words.whole(evidence.folds),
            repeats=words.whole(evidence.repeats),
            metric=metric_text(words, evidence.metric),
        ),
        words.say(
            "The t test knows that folds share rows (Nadeau and Bengio), and its p-values are corrected for"
            " the number of expressions that were tested (Holm): all suggestions together err with a chance"
            " of at most %(error)s. The intervals are each at %(confidence)s.",
            error=words.percent(1 - evidence.confidence, 0),
            confidence=words.percent(evidence.confidence, 0),
        ),
    ]
    texts += [_outcome(words, evidence)]
    if evidence.excluded:
        texts.append(
            words.say(
                "Suspects of a leak had no part in it: %(columns)s.",
                columns=words.names(evidence.excluded, 12),
            )
        )
    return texts


def _outcome(words: Words, evidence: ProposalsEvidence) -> Text:
    suggested = [each.name for each in evidence.tested if each.suggested]
    if not suggested:
        return words.gettext("None of them was shown to gain anything over the columns as they are.")
    return words.say(
        "Suggested in %(file)s, and used by nothing until a person accepts: %(names)s. Together they gain"
        " %(gain)s.",
        file=words.code("fullcycle.yaml"),
        names=words.names(suggested, 12),
        gain=interval_text(
            words, evidence.together or Interval(value=None), lambda value: _signed(words, value)
        ),
    )


def _signed(words: Words, value: float | None) -> str:
    told = words.fixed(value, GAIN_DIGITS)
    return f"+{told}" if value is not None and value > 0 else told


def _chart(words: Words, evidence: ProposalsEvidence, measured: list[ProposedFeature]) -> Chart:
    metric = plain(words, METRICS, evidence.metric)
    estimates = [
        Estimate(each.name, each.gain.value, each.gain.low, each.gain.high)
        for each in measured
        if each.gain is not None
        and each.gain.value is not None
        and each.gain.low is not None
        and each.gain.high is not None
    ]
    title = words.gettext("What each expression gains alone")
    label = f"{title}: " + "; ".join(f"{each.label} {_signed(words, each.value)}" for each in estimates)
    picture = intervals(
        estimates,
        label=label,
        x_title=words.gettext("gain of %(metric)s, out of fold") % {"metric": metric},
        x_format=lambda value: _signed(words, value),
        mark=0.0,
    )
    return Chart(title, picture, words.gettext("To the right of the line is better than without it."))


def _tested(words: Words, evidence: ProposalsEvidence) -> Table:
    columns = [
        Column(words.gettext("feature")),
        Column(words.gettext("expression"), wide=True),
        Column(words.gettext("kind"), wide=True),
        Column(words.gettext("gain"), numeric=True),
        Column(words.gettext("interval"), numeric=True),
        Column(words.gettext("p, corrected"), numeric=True),
        Column(words.gettext("verdict"), wide=True),
    ]
    return Table(
        words.gettext("Expressions that were tested"),
        columns,
        [_row(words, each) for each in evidence.tested],
        compact=True,
    )


def _row(words: Words, each: ProposedFeature) -> list[Cell]:
    gain = each.gain or Interval(value=None)
    between = (
        words.say("%(low)s to %(high)s", low=_signed(words, gain.low), high=_signed(words, gain.high))
        if gain.low is not None and gain.high is not None
        else "–"
    )
    return [
        cell(words.name(each.name)),
        cell(words.code(each.expression)),
        cell(term(words, KINDS, each.kind)),
        cell(_signed(words, gain.value), gain.value),
        cell(between),
        cell(words.fixed(each.p_adjusted, 3), each.p_adjusted),
        cell(_verdict(words, each)),
    ]


def _verdict(words: Words, each: ProposedFeature) -> str:
    if each.suggested:
        return words.gettext("suggested")
    if each.earned:
        return words.gettext("earned its place; those above say the same, or were enough")
    return (
        words.gettext("not tested: time ended") if each.gain is None else words.gettext("not shown to gain")
    )


def _commands(words: Words) -> Commands:
    return Commands(
        [
            (words.gettext("Take a suggestion as a feature"), "fullcycle features accept NAME"),
            (words.gettext("Refuse it for good"), "fullcycle features reject NAME"),
        ]
    )


def _tried(words: Words, evidence: ProposalsEvidence) -> Table:
    rows = [
        [cell(term(words, KINDS, each.kind)), whole(words, each.expressions)]
        for each in sorted(evidence.tried, key=lambda each: -each.expressions)
    ]
    columns = [Column(words.gettext("kind")), Column(words.gettext("expressions"), numeric=True)]
    return Table(words.gettext("Expressions by kind"), columns, rows, folded=True)
