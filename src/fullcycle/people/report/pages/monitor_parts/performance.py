"""What answers were worth: before, foreseen, realised; how late outcomes come; whether served answers
hold."""

from __future__ import annotations

from collections.abc import Mapping

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.monitor import MonitorEvidence
from fullcycle.core.evidence.performance import (
    ConceptFacts,
    LabelDelay,
    MetricFact,
    NotForeseen,
    PerformanceFacts,
    SliceMetric,
)
from fullcycle.core.evidence.skew import SkewFacts
from fullcycle.people.report.blocks import Block, Cell, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell, interval_text
from fullcycle.people.report.pages.monitor_parts.alarms import moment
from fullcycle.people.report.pages.verify_parts.slices import slice_name
from fullcycle.people.report.terms import metric_text
from fullcycle.people.report.words import Words

DAY_S, HOUR_S = 86_400.0, 3_600.0


def performance_section(
    words: Words, evidence: MonitorEvidence, types: Mapping[str, ColumnType] | None = None
) -> list[Section]:
    """Metrics, in all and by slice, the delay of outcomes, whose doing a change is, and the certificate."""
    facts, blocks, types = evidence.performance, list[Block](), types or {}
    if facts is not None:
        texts = [*_texts(words, facts, evidence.performance_of)]
        blocks += [Paragraphs(texts)] if texts else []
        blocks += [_table(words, facts)] if facts.realised or facts.estimated else []
        blocks += [_slices(words, facts, types)] if facts.by_slice else []
    if evidence.skew is not None:
        blocks.append(Paragraphs([_skew(words, evidence.skew)]))
    return [Section("performance", words.gettext("What answers were worth"), blocks)] if blocks else []


def _texts(words: Words, facts: PerformanceFacts, window: str | None) -> list[Text]:
    texts: list[Text] = []
    if facts.realised and window is not None:
        texts.append(
            words.count(
                "Realised: %(n)s row with an outcome, of the window %(window)s.",
                "Realised: %(n)s rows with an outcome, of the window %(window)s.",
                facts.realised[0].rows,
                window=moment(words, window),
            )
        )
    if facts.concept is not None:
        texts.append(_whose(words, facts.concept))
    if facts.delay is not None:
        texts.append(_delay(words, facts.delay))
    if facts.not_foreseen is not None:
        texts.append(_not_foreseen(words, facts.not_foreseen))
    return texts


def _whose(words: Words, concept: ConceptFacts) -> Text:
    match concept.drifted:
        case "data":
            return words.say("Inputs moved; outcomes follow from them as they did.")
        case "concept":
            return words.say("Inputs explain nothing: outcomes follow from them otherwise than they did.")
        case "both":
            return words.say("Inputs moved, and outcomes follow from them otherwise than they did.")
        case _:
            return words.say("Neither other inputs nor other outcomes are shown.")


def _not_foreseen(words: Words, why: NotForeseen) -> Text:
    if why == "regression":
        return words.say(
            "Nothing is foreseen without outcomes: a predicted number has no probability that says how far"
            " off it is. Watch drift of inputs and scores until outcomes come."
        )
    return words.say(
        "Nothing is foreseen without outcomes: the verdict found that probabilities can't be read as shares."
    )


def _delay(words: Words, delay: LabelDelay) -> Text:
    known, waiting = words.whole(delay.labelled), words.whole(delay.waiting)
    if delay.median_s is None:
        return words.say(
            "Outcomes: %(known)s are known, %(waiting)s are waited for.", known=known, waiting=waiting
        )
    return words.say(
        "Outcomes: %(known)s are known, %(waiting)s are waited for; half of all come within %(median)s.",
        known=known,
        waiting=waiting,
        median=_time(words, delay.median_s),
    )


def _time(words: Words, seconds: float) -> Text:
    if seconds >= DAY_S:
        return words.say("%(n)s days", n=words.fixed(seconds / DAY_S, 1))
    return words.say("%(n)s hours", n=words.fixed(seconds / HOUR_S, 1))


def _table(words: Words, facts: PerformanceFacts) -> Table:
    columns = [
        Column(words.gettext("metric")),
        Column(words.gettext("on test rows"), numeric=True),
        Column(words.gettext("realised"), wide=True),
        Column(words.gettext("foreseen without outcomes"), wide=True),
    ]
    realised = {fact.metric: fact for fact in facts.realised}
    foreseen = {fact.metric: fact for fact in facts.estimated}
    before = {change.metric: change.reference for change in (facts.concept.changes if facts.concept else ())}
    rows = [
        [
            cell(metric_text(words, metric), metric),
            cell(words.score(before.get(metric)), before.get(metric)),
            _value(words, realised.get(metric)),
            _value(words, foreseen.get(metric)),
        ]
        for metric in {**realised, **foreseen}
    ]
    return Table(words.gettext("Metrics"), columns, rows)


def _value(words: Words, fact: MetricFact | None) -> Cell:
    return (
        cell("–") if fact is None else cell(interval_text(words, fact.value, words.score), fact.value.value)
    )


def _slices(words: Words, facts: PerformanceFacts, types: Mapping[str, ColumnType]) -> Table:
    columns = [
        Column(words.gettext("slice"), wide=True),
        Column(words.gettext("rows"), numeric=True),
        Column(words.gettext("on test rows"), wide=True),
        Column(words.gettext("realised"), wide=True),
        Column(words.gettext("verdict")),
    ]
    metric = metric_text(words, facts.by_slice[0].fact.metric)
    rows = [_slice(words, each, types) for each in facts.by_slice]
    return Table(words.say("%(metric)s by slice", metric=metric), columns, rows)


def _slice(words: Words, each: SliceMetric, types: Mapping[str, ColumnType]) -> list[Cell]:
    name: Text = words.name(each.name) if each.known is None else slice_name(words, each.known, types)
    before = None if each.known is None else each.known.metric
    return [
        cell(name),
        cell(words.whole(each.fact.rows), each.fact.rows),
        cell("–" if before is None else interval_text(words, before, words.score)),
        _value(words, each.fact),
        cell(words.gettext("fell") if each.fell else words.gettext("no clear difference")),
    ]


def _skew(words: Words, skew: SkewFacts) -> Text:
    if not skew.rows:
        return words.say(
            "No served row could be asked again as a table: the log has no personal values, or no model"
            " answered."
        )
    if not skew.different:
        return words.count(
            "%(n)s served row was asked again as a table, and got the same answer.",
            "%(n)s served rows were asked again as a table, and all got the same answers.",
            skew.rows,
        )
    return words.say(
        "%(rows)s served rows were asked again as a table: %(different)s are answered or read otherwise.",
        rows=words.whole(skew.rows),
        different=words.whole(skew.different),
    )
