"""What a change did to the metrics of the branch that it is for."""

from __future__ import annotations

from fullcycle.core.evidence.automation import ComparedMetric, Comparison
from fullcycle.people.report.blocks import Cell, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell, interval_text
from fullcycle.people.report.terms import metric_text
from fullcycle.people.report.words import Words


def change_section(words: Words, comparison: Comparison) -> Section:
    """The comment of a pull request as a table."""
    branch = words.code(comparison.against.removeprefix("origin/"))
    columns = [
        Column(words.gettext("metric")),
        Column(words.gettext("this change"), numeric=True, wide=True),
        Column(branch, numeric=True, wide=True),
        Column(words.gettext("difference"), numeric=True),
        Column(words.gettext("what it means")),
    ]
    rows = [_row(words, metric) for metric in comparison.metrics]
    table = Table(words.say("Metrics of this change and of %(branch)s", branch=branch), columns, rows)
    notes = [each for each in (_sameness(words, comparison), _budget(words, comparison)) if each]
    return Section("change", words.gettext("The change"), [*([Paragraphs(notes)] if notes else []), table])


def _row(words: Words, metric: ComparedMetric) -> list[Cell]:
    theirs: Text = "–" if metric.theirs is None else interval_text(words, metric.theirs, words.score)
    difference = metric.difference
    shown = "–" if difference is None else ("+" if difference > 0 else "") + words.number(difference, 2)
    return [
        cell(metric_text(words, metric.metric)),
        cell(interval_text(words, metric.ours, words.score), metric.ours.value),
        cell(theirs),
        cell(shown, difference),
        cell(_meaning(words, metric)),
    ]


def _meaning(words: Words, metric: ComparedMetric) -> str:
    if metric.better is None:
        return "–"
    if metric.by_chance:
        return words.gettext("may be chance")
    return words.gettext("better") if metric.better else words.gettext("worse")


def _sameness(words: Words, comparison: Comparison) -> Text:
    if comparison.their_rows is None:
        return words.gettext("The branch has no evidence yet: there is nothing to compare with.")
    if comparison.same_test_rows:
        return words.say(
            "Both were judged on the same %(rows)s sealed test rows.", rows=words.whole(comparison.rows)
        )
    return words.say(
        "Judged on different test rows (%(ours)s and %(theirs)s): a part of the difference is theirs.",
        ours=words.whole(comparison.rows),
        theirs=words.whole(comparison.their_rows),
    )


def _budget(words: Words, comparison: Comparison) -> Text:
    if not comparison.within_budget:
        return ""
    return words.gettext(
        "The search was smaller than that of the branch, as the budget of a pull request asks: the full one"
        " follows after the merge."
    )
