"""The log of decisions: what was decided on the way, by a person or by a rule, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from fullcycle.people.report.blocks import Column, Page, Section, Table, Text
from fullcycle.people.report.pages.abtest_parts.decided import RULES, sentence
from fullcycle.people.report.pages.abtest_parts.routes import in_words
from fullcycle.people.report.pages.automation import ENDED, SIGNALS, TARGETS
from fullcycle.people.report.pages.clean_parts.decisions import action_text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.pages.hypotheses import VERDICTS
from fullcycle.people.report.pages.prepare_parts.variants import choice_text
from fullcycle.people.report.records import Records
from fullcycle.people.report.sentences import title_of
from fullcycle.people.report.terms import REASONS, SPLITS, metric_text, model_text, plain, term
from fullcycle.people.report.words import Words

DECISIONS = "decisions"
NONE = "–"

Row = tuple[Text, Text, Text]


def decisions_page(words: Words, records: Records) -> Page | None:
    """Every decision that is on record, in the order of the cycle; None where there is none."""
    parts = (_of_data, _of_the_split, _of_leaks, _of_claims, _of_the_model, _of_deployments, _of_tests)
    rows = [[cell(text) for text in row] for part in parts for row in part(words, records)]
    if not rows:
        return None
    title = words.gettext("Log of decisions")
    columns = [
        Column(words.gettext("about")),
        Column(words.gettext("decided"), wide=True),
        Column(words.gettext("why"), wide=True),
    ]
    lede = words.say("What was decided on the way, by a person or by a rule, each with its reason.")
    table = Table(words.gettext("In the order of the cycle"), columns, rows)
    return Page(DECISIONS, title, lede, sections=[Section("log", words.gettext("Every decision"), [table])])


def _of_data(words: Words, records: Records) -> Iterator[Row]:
    for each in records.clean.decisions if records.clean else ():
        about = title_of(words, each.code)
        column = words.say("%(title)s: %(column)s", title=about, column=words.data(each.column))
        yield column if each.column else about, action_text(words, each), term(words, REASONS, each.reason)


def _of_the_split(words: Words, records: Records) -> Iterator[Row]:
    if records.clean:
        split = records.clean.split
        sealed = words.gettext("what is learned must be judged on rows that nothing has learned from")
        yield words.gettext("The split"), term(words, SPLITS, split.kind), sealed


def _of_leaks(words: Words, records: Records) -> Iterator[Row]:
    for each in records.explore.suspects if records.explore else ():
        if each.decision:
            about = words.say(
                "Leak suspect: %(columns)s", columns=words.names(each.columns or (each.column,))
            )
            yield about, words.code(f"leak: {each.decision}"), words.data(each.reason or NONE)


def _of_claims(words: Words, records: Records) -> Iterator[Row]:
    for each in records.hypotheses.claims if records.hypotheses else ():
        if each.result:
            gain = words.say(
                "a gain of %(gain)s in %(metric)s, from %(low)s to %(high)s",
                gain=words.number(each.result.gain.value, 2),
                metric=metric_text(words, each.metric),
                low=words.number(each.result.gain.low, 2),
                high=words.number(each.result.gain.high, 2),
            )
            yield words.data(each.claim), term(words, VERDICTS, each.result.verdict), gain


def _of_the_model(words: Words, records: Records) -> Iterator[Row]:
    if records.experiment:
        chosen = model_text(words, records.experiment.champion)
        best = words.say(
            "the best %(metric)s out of fold", metric=metric_text(words, records.experiment.metric)
        )
        yield words.gettext("Model"), chosen, best
    prepare = records.prepare
    if prepare and prepare.choice:
        form = model_text(words, prepare.variants[prepare.choice.place].model)
        yield words.gettext("Form that is deployed"), form, choice_text(words, prepare, prepare.choice)


def _of_deployments(words: Words, records: Records) -> Iterator[Row]:
    for each in records.automation.deployments if records.automation else ():
        target = plain(words, TARGETS, each.target)
        about = words.say(
            "Bundle %(bundle)s in %(target)s", bundle=words.code(each.bundle[:8]), target=target
        )
        why = words.joined([term(words, SIGNALS, signal) for signal in each.why]) if each.why else NONE
        yield about, term(words, ENDED, each.ended), why


def _of_tests(words: Words, records: Records) -> Iterator[Row]:
    for facts in records.abtest.analyses if records.abtest else ():
        told = in_words(words, facts)
        about = words.say("Test %(name)s", name=words.data(told.name))
        for each in told.decisions:
            yield about, sentence(words, told, each), term(words, RULES, each.rule)
