"""Retraining: what starts it, whether it is due, how the last one ended, and what is proposed."""

from __future__ import annotations

from markupsafe import escape

from fullcycle.core.evidence.retrain import Retrained, RetrainFacts, RetrainReason
from fullcycle.core.evidence.verify import ChampionMetric
from fullcycle.people.report.blocks import Block, Cell, Column, Commands, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell, interval_text
from fullcycle.people.report.sentences import title_of
from fullcycle.people.report.terms import metric_text, plain, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


CONDITIONS = {
    "drift": _("drift"),
    "performance": _("performance that fell"),
    "schedule": _("the schedule"),
    "labels": _("new outcomes"),
    "person": _("a person"),
}
WAITING = {
    "labels": _("there are too few new outcomes to learn from"),
    "pause": _("the pause after the last retraining is not over"),
    "challenger": _("a challenger is being tried"),
}
ENDED = {
    "challenger": _("released as challenger"),
    "proposed": _("proposed: a person decides"),
    "worse": _("not released: shown to be worse than the champion"),
    "gates": _("not released: a gate is closed"),
    "unchanged": _("the data gave the same bundle"),
    "failed": _("the run ended with an error"),
}


def retrain_section(words: Words, facts: RetrainFacts | None) -> list[Section]:
    """Where retraining is declared, or somebody asked for it."""
    if facts is None:
        return []
    texts = [_declared(words, facts), _due(words, facts)]
    blocks: list[Block] = [Paragraphs(texts)]
    if facts.latest is not None:
        blocks += _latest(words, facts.latest)
    return [Section("retraining", words.gettext("Retraining"), blocks)]


def _declared(words: Words, facts: RetrainFacts) -> Text:
    on = words.joined([term(words, CONDITIONS, each) for each in facts.on])
    if facts.then == "challenger":
        return words.say(
            "Started by: %(on)s. What comes of it is released as challenger, unless it is shown to be worse.",
            on=on,
        )
    return words.say("Started by: %(on)s. What comes of it is proposed to a person.", on=on)


def _due(words: Words, facts: RetrainFacts) -> Text:
    outcomes = words.count(
        "%(n)s outcome came that no training has seen.",
        "%(n)s outcomes came that no training has seen.",
        facts.new_labels,
    )
    if not facts.reasons:
        return words.say("It is not due: %(outcomes)s", outcomes=outcomes)
    reasons = words.joined([escape(_reason(words, each)) for each in facts.reasons])
    if facts.waits is None:
        return words.say("It was due: %(reasons)s. %(outcomes)s", reasons=reasons, outcomes=outcomes)
    return words.say(
        "It is due: %(reasons)s. It waits, as %(waits)s. %(outcomes)s",
        reasons=reasons,
        waits=term(words, WAITING, facts.waits),
        outcomes=outcomes,
    )


def _reason(words: Words, reason: RetrainReason) -> Text:
    what = plain(words, CONDITIONS, reason.on)
    if reason.code is not None:
        title = title_of(words, reason.code)
        if reason.on == "drift" and reason.about:
            return words.say("%(what)s (%(title)s: %(about)s)", what=what, title=title, about=reason.about)
        return words.say("%(what)s (%(title)s)", what=what, title=title)
    if reason.on == "schedule":
        return words.say("%(what)s (%(about)s)", what=what, about=words.moment(reason.about))
    return what


def _latest(words: Words, done: Retrained) -> list[Block]:
    told = words.say(
        "The last one, of %(at)s: %(ended)s.",
        at=words.moment(done.at),
        ended=term(words, ENDED, done.ended),
    )
    texts: list[Text] = [told]
    if done.served_rows or done.newest_rows:
        texts.append(
            words.say(
                "It saw %(rows)s served rows beside those of the source, %(new)s of them for the first time."
                " The newest %(newest)s were kept apart.",
                rows=words.whole(done.served_rows),
                new=words.whole(done.new_rows),
                newest=words.whole(done.newest_rows),
            )
        )
    blocks: list[Block] = [Paragraphs(texts)]
    if done.metrics:
        blocks.append(_table(words, done))
    if done.ended == "proposed":
        blocks.append(Commands([(words.gettext("Accept what is proposed"), done.accept)]))
    return blocks


def _table(words: Words, done: Retrained) -> Table:
    columns = [
        Column(words.gettext("metric")),
        Column(words.gettext("champion"), numeric=True),
        Column(words.gettext("trained anew"), numeric=True),
        Column(words.gettext("difference"), wide=True),
    ]
    rows = [_row(words, metric) for metric in done.metrics]
    caption = words.say(
        "Both on the newest %(rows)s rows with outcomes, row by row", rows=words.whole(done.newest_rows)
    )
    return Table(caption, columns, rows)


def _row(words: Words, metric: ChampionMetric) -> list[Cell]:
    return [
        cell(metric_text(words, metric.metric), metric.metric),
        cell(words.score(metric.champion), metric.champion),
        cell(words.score(metric.ours), metric.ours),
        cell(interval_text(words, metric.difference, words.score), metric.difference.value),
    ]
