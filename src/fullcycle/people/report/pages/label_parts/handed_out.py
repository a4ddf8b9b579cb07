"""Which rows were handed out to be labelled, and why."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.label import ChosenRow, NextFacts
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Conclusion,
    Facts,
    Paragraphs,
    Section,
    Table,
    Text,
)
from fullcycle.people.report.charts.distributions import histogram
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import UNCERTAINTIES, term
from fullcycle.people.report.words import Words


def next_summary(words: Words, facts: NextFacts) -> list[Conclusion]:
    """How many of how many, and what diversity did."""
    text = words.count(
        "%(rows)s of %(n)s candidate were handed out last.",
        "%(rows)s of %(n)s candidates were handed out last.",
        facts.candidates,
        rows=words.whole(facts.rows),
    )
    if facts.apart is not None and facts.apart_by_uncertainty:
        text = words.say(
            "%(rows)s They differ by %(apart)s from their nearest neighbour; as many of the most uncertain"
            " rows would differ by %(plain)s.",
            rows=text,
            apart=words.fixed(facts.apart, 3),
            plain=words.fixed(facts.apart_by_uncertainty, 3),
        )
    return [Conclusion(text, link="#handed-out")]


def next_section(words: Words, facts: NextFacts) -> Section:
    """The measure, where chosen rows lie among the candidates, and the first of them."""
    text = words.say(
        "A row teaches a model little where the model is sure, and little where a row like it was labelled"
        " before. So each next row has the largest product of its uncertainty and its distance to the nearest"
        " row chosen already. Distances are Gower's: the mean difference over the columns, 0 for equal rows,"
        " 1 for rows that have nothing in common."
    )
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("rows come from"), words.code(facts.source)),
        (words.gettext("uncertainty is"), term(words, UNCERTAINTIES, facts.measure)),
        (words.gettext("bundle"), words.code(facts.bundle)),
        (words.gettext("sheet"), words.code(facts.file)),
    ]
    blocks: list[Block] = [Paragraphs([text]), Facts(pairs)]
    charts = _charts(words, facts)
    if charts:
        blocks.append(Charts(charts))
    if facts.chosen:
        blocks.append(_chosen(words, facts))
    return Section("handed-out", words.gettext("What to label next"), blocks)


def _charts(words: Words, facts: NextFacts) -> list[Chart]:
    named = (
        (words.gettext("All candidates"), facts.uncertainty),
        (words.gettext("The chosen rows"), facts.chosen_uncertainty),
    )
    return [Chart(title, _spread(words, title, data)) for title, data in named if data is not None]


def _spread(words: Words, title: str, data: Histogram) -> Markup:
    label = words.gettext("%(title)s by uncertainty: %(rows)s rows.") % {
        "title": title,
        "rows": words.whole(sum(data.counts)),
    }
    return histogram(
        data,
        label=label,
        x_title=words.gettext("uncertainty, 0 to 1"),
        y_title=words.gettext("rows"),
        x_format=words.numbers(),
        y_format=words.tally,
    )


def _chosen(words: Words, facts: NextFacts) -> Table:
    keyed = any(each.key is not None for each in facts.chosen)
    said = any(each.prediction is not None for each in facts.chosen)
    columns = [
        Column(words.gettext("row"), numeric=True),
        *([Column(words.gettext("key"))] if keyed else []),
        *([Column(words.gettext("the model says"))] if said else []),
        Column(words.gettext("uncertainty"), numeric=True),
        Column(words.gettext("distance to the nearest other"), numeric=True),
    ]
    rows = [_row(words, each, keyed=keyed, said=said) for each in facts.chosen]
    caption = words.count("The first %(n)s row of the sheet", "The first %(n)s rows of the sheet", len(rows))
    return Table(caption, columns, rows, search=words.gettext("Find a row"), compact=True)


def _row(words: Words, each: ChosenRow, *, keyed: bool, said: bool) -> list[Cell]:
    return [
        cell(words.data(each.row), each.row),
        *([cell(words.data(each.key or "–"), each.key)] if keyed else []),
        *([cell(words.data(each.prediction or "–"), each.prediction)] if said else []),
        cell(words.fixed(each.uncertainty, 3), each.uncertainty, each.uncertainty),
        cell(words.fixed(each.apart, 3), each.apart),
    ]
