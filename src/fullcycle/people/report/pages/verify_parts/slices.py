"""Where answers are worse: declared slices and those that were found, and what groups of people get."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.verify import FairnessOfColumn, Slice, SliceSearch, VerifyEvidence
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Paragraphs,
    Section,
    Table,
    Text,
)
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import cell, whole
from fullcycle.people.report.pages.explore_parts.cards import bin_label
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import RATES, metric_text, plain, term
from fullcycle.people.report.words import Words

Types = Mapping[str, ColumnType]


def slices_section(words: Words, records: Records, evidence: VerifyEvidence) -> list[Section]:
    """A chart of the differences, and a table with the metric of each slice."""
    search = evidence.slices
    if search is None:
        return []
    shown = [*search.declared, *search.found]
    blocks: list[Block] = [Paragraphs([_searched(words, search)])]
    if shown:
        types = {c.name: c.type for c in records.explore.columns} if records.explore else {}
        blocks += [Charts([_chart(words, search, shown, types)]), _table(words, evidence, shown, types)]
    return [Section("slices", words.gettext("Slices"), blocks)]


def _searched(words: Words, search: SliceSearch) -> Markup:
    if not search.looked_at:
        return words.count(
            "There are too few test rows to look for weak parts: one needs %(n)s row, and as many"
            " outside it.",
            "There are too few test rows to look for weak parts: one needs %(n)s rows, and as many"
            " outside it.",
            search.rows_at_least,
        )
    text = words.count(
        "%(n)s part of the rows was looked at: values of one column, and of two.",
        "%(n)s parts of the rows were looked at: values of one column, and of two.",
        search.looked_at,
    )
    rule = words.say(
        "A part is told where its loss is higher than elsewhere; the chance of telling even one where there"
        " is none is %(alarms)s.",
        alarms=words.percent(search.false_alarms, 0),
    )
    hard = words.say("Hard rows are those whose own probabilities say that they are unsure.")
    found = (
        words.count("%(n)s was found.", "%(n)s were found.", len(search.found))
        if search.found
        else words.say("None was found.")
    )
    return Markup(" ").join([text, found, rule, *([hard] if search.loss == "brier" else [])])


def _chart(words: Words, search: SliceSearch, shown: Sequence[Slice], types: Types) -> Chart:
    estimates = [
        Estimate(
            str(number),
            each.difference.value or 0.0,
            each.difference.low or 0.0,
            each.difference.high or 0.0,
            told=_plain_name(words, each, types),
        )
        for number, each in enumerate(shown, start=1)
    ]
    of = words.gettext("Brier score") if search.loss == "brier" else words.gettext("mean absolute error")
    x_title = words.gettext("%(loss)s above that of other rows") % {"loss": of}
    label = f"{x_title}: " + "; ".join(f"{e.told}: {words.score(e.value)}" for e in estimates)
    picture = intervals(estimates, label=label, x_title=x_title, x_format=words.numbers(3), mark=0.0)
    note = words.gettext(
        "Numbers as in the table, with intervals; right of the dashed line, answers are worse."
    )
    return Chart(words.gettext("How much worse each slice is answered"), picture, note)


def _table(words: Words, evidence: VerifyEvidence, shown: Sequence[Slice], types: Types) -> Table:
    metric = metric_text(words, evidence.headline)
    columns = [
        Column(words.gettext("slice"), wide=True),
        Column(words.gettext("rows"), numeric=True),
        Column(metric, numeric=True),
        Column(words.say("%(metric)s elsewhere", metric=metric), numeric=True),
        Column(words.gettext("verdict")),
    ]
    rows = [_row(words, number, each, types) for number, each in enumerate(shown, start=1)]
    return Table(words.gettext("Declared slices and weak ones"), columns, rows, compact=True)


def _row(words: Words, number: int, each: Slice, types: Types) -> list[Cell]:
    return [
        cell(Markup("{}. {}").format(number, slice_name(words, each, types)), number),
        whole(words, each.rows),
        cell(_with_bounds(words, each.metric, words.score), each.metric.value),
        cell(words.score(each.metric_rest), each.metric_rest),
        cell(_verdict(words, each)),
    ]


def _verdict(words: Words, each: Slice) -> Markup:
    if not each.weak:
        return Markup('<span class="yes">✓ {}</span>').format(words.gettext("like the rest"))
    if each.surprising:
        return Markup('<span class="look">! {}</span>').format(words.gettext("weak"))
    return Markup("{}").format(words.gettext("hard rows"))


def slice_name(words: Words, each: Slice, types: Types) -> Markup:
    """What a slice is: its own name with its expression, or its conditions."""
    if each.name:
        name = words.name(each.name)
        if each.value:
            name = words.say("%(name)s: %(value)s", name=name, value=words.value(each.value))
        return Markup("{} {}").format(name, words.code(each.expression))
    return words.joined(
        [
            words.say(
                "%(column)s is %(value)s",
                column=words.name(c.column),
                value=words.value(bin_label(words, types.get(c.column), c)),
            )
            for c in each.conditions
        ]
    )


def _plain_name(words: Words, each: Slice, types: Types) -> str:
    if each.name:
        return f"{each.name}: {each.value}" if each.value else each.name
    return " · ".join(f"{c.column}: {bin_label(words, types.get(c.column), c)}" for c in each.conditions)


def fairness_section(words: Words, evidence: VerifyEvidence) -> list[Section]:
    """For each declared column the rates of its groups, and the widest gap of each rate."""
    if not evidence.fairness:
        return []
    text = words.say(
        "What the groups get, and how far the lowest lies from the highest. Equal rates of one kind often"
        " mean unequal ones of another: which kind matters is for people to decide."
    )
    blocks: list[Block] = [Paragraphs([text])]
    for found in evidence.fairness:
        blocks += [_gaps(words, found), _groups(words, found)]
    return [Section("fairness", words.gettext("Fairness"), blocks)]


def _groups(words: Words, found: FairnessOfColumn) -> Table:
    rates = list(dict.fromkeys(rate for group in found.groups for rate in group.rates))
    columns = [
        Column(words.gettext("group")),
        Column(words.gettext("rows"), numeric=True),
        *(Column(plain(words, RATES, rate), numeric=True) for rate in rates),
    ]
    rows = [
        [
            cell(words.data(group.group)),
            whole(words, group.rows),
            *(_rate(words, rate, group.rates.get(rate)) for rate in rates),
        ]
        for group in found.groups
    ]
    title = words.say("Groups of %(column)s", column=words.name(found.column))
    return Table(title, columns, rows, compact=True, folded=True)


def _rate(words: Words, rate: str, interval: Interval | None) -> Cell:
    if interval is None:
        return cell("–", "")
    show = words.score if rate in ("mean_error", "absolute_error") else words.percent
    return cell(_with_bounds(words, interval, show), interval.value)


def _with_bounds(words: Words, interval: Interval, show: Callable[[float | None], str]) -> Text:
    if interval.low is None or interval.high is None:
        return show(interval.value)
    return words.say(
        "%(value)s (%(low)s to %(high)s)",
        value=show(interval.value),
        low=show(interval.low),
        high=show(interval.high),
    )


def _gaps(words: Words, found: FairnessOfColumn) -> Table:
    columns = [
        Column(words.gettext("rate"), wide=True),
        Column(words.gettext("lowest")),
        Column(words.gettext("highest")),
        Column(words.gettext("difference"), numeric=True),
        Column(words.gettext("ratio"), numeric=True),
    ]
    rows = [
        [
            cell(term(words, RATES, gap.rate)),
            cell(words.data(gap.lowest)),
            cell(words.data(gap.highest)),
            _rate(words, gap.rate, gap.difference),
            cell(_with_bounds(words, gap.ratio, lambda value: words.fixed(value, 2)), gap.ratio.value),
        ]
        for gap in found.gaps
    ]
    return Table(
        words.say("Gaps between groups of %(column)s", column=words.name(found.column)), columns, rows
    )
