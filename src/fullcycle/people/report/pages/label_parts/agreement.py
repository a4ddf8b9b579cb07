"""How far people agree: all of them, any two, and each one with the others."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.label import (
    RELIABLE,
    AgreementFacts,
    AnnotatorFacts,
    ImportFacts,
    PairFacts,
    reading_of,
)
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Conclusion,
    Paragraphs,
    Section,
    Table,
)
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import cell, interval_text, whole
from fullcycle.people.report.sentences.labels import reading_text
from fullcycle.people.report.terms import AGREEMENTS, plain, term
from fullcycle.people.report.words import Words

DRAWN_AT_MOST = 15
SEARCHED_FROM = 8


def agreement_summary(words: Words, facts: AgreementFacts, imported: ImportFacts | None) -> list[Conclusion]:
    """What has no finding: labels to rely on, and how often people are of one mind."""
    lines: list[Conclusion] = []
    if _reading(facts) == "reliable":
        text = words.say(
            "%(people)s agree well: Krippendorff's alpha is %(alpha)s. %(reading)s",
            people=words.count("%(n)s annotator", "%(n)s annotators", facts.annotators),
            alpha=interval_text(words, facts.alpha, lambda value: words.fixed(value, 2)),
            reading=reading_text(words, "reliable"),
        )
        lines.append(Conclusion(text, link="#agreement"))
    if imported is not None and imported.unanimous_rows is not None and facts.items:
        text = words.count(
            "On %(equal)s of %(n)s row that several people labelled (%(share)s) all of them said the same.",
            "On %(equal)s of %(n)s rows that several people labelled (%(share)s) all of them said the same.",
            facts.items,
            equal=words.whole(imported.unanimous_rows),
            share=words.percent(imported.unanimous_rows / facts.items, 0),
        )
        lines.append(Conclusion(text, link="#agreement"))
    return [*lines, *_least_agreed(words, imported)]


def _reading(facts: AgreementFacts) -> str | None:
    return facts.reading or reading_of(facts.alpha)


def _least_agreed(words: Words, imported: ImportFacts | None) -> list[Conclusion]:
    """The one whose labels differ most, where that is more than chance gives."""
    people = _least_first(imported.annotators) if imported else []
    if len(people) < 3:
        return []
    (name, last), (_, next_), *_rest = people
    if last.high is None or next_.low is None or last.high >= next_.low:
        return []
    text = words.say(
        "%(name)s agrees least with the others: in %(share)s of the comparisons, the next one in %(next)s."
        " Look at these labels first.",
        name=words.name(name),
        share=words.percent(last.value, 0),
        next=words.percent(next_.value, 0),
    )
    return [Conclusion(text, link="#annotators")]


def _least_first(people: Sequence[AnnotatorFacts]) -> list[tuple[str, Interval]]:
    """Those who share rows with others, by how far they agree with them."""
    known = [(each.name, each.with_others) for each in people if each.with_others is not None]
    return sorted(known, key=lambda named: named[1].value or 0.0)


def agreement_section(words: Words, facts: AgreementFacts) -> Section:
    """The measures with their intervals, and how to read them."""
    text = words.count(
        "Measured on %(n)s row that at least two people labelled. 1 is full agreement, 0 what people would"
        " reach who drew their answers from a hat, each as often as it was given.",
        "Measured on %(n)s rows that at least two people labelled. 1 is full agreement, 0 what people would"
        " reach who drew their answers from a hat, each as often as it was given.",
        facts.items,
    )
    how = words.say(
        "Krippendorff (2004, page 241) relies on an alpha of at least 0.8, draws tentative conclusions from"
        " 0.667 to 0.8, and none below. Intervals hold 95%% of the values"
        " after drawing the rows anew, 2,000 times."
    )
    blocks: list[Block] = [Paragraphs([text, how])]
    measures = _measures(facts)
    if measures:
        blocks += [Charts([_drawn(words, measures)]), _measured(words, measures)]
    blocks += _pairs(words, facts)
    return Section("agreement", words.gettext("Agreement"), blocks)


def _measures(facts: AgreementFacts) -> list[tuple[str, Interval]]:
    """Earlier evidence has kappas without bounds."""
    cohen = facts.cohen or Interval(value=facts.cohen_kappa)
    fleiss = facts.fleiss or Interval(value=facts.fleiss_kappa)
    named = (("krippendorff_alpha", facts.alpha), ("cohen_kappa", cohen), ("fleiss_kappa", fleiss))
    return [(name, interval) for name, interval in named if interval.value is not None]


def _drawn(words: Words, measures: Sequence[tuple[str, Interval]]) -> Chart:
    rows = [(plain(words, AGREEMENTS, name), interval) for name, interval in measures]
    return Chart(
        words.gettext("Agreement beyond chance, with intervals"),
        _estimates(words, rows, words.gettext("agreement beyond chance"), mark=RELIABLE),
        words.say(
            "The dashed line is %(limit)s, from which labels may be relied on.", limit=words.number(RELIABLE)
        ),
    )


def _estimates(
    words: Words, rows: Sequence[tuple[str, Interval]], x_title: str, *, mark: float | None = None
) -> Markup:
    """Intervals one below the other, up to full agreement."""
    data = [
        Estimate(
            name,
            interval.value or 0.0,
            interval.value or 0.0 if interval.low is None else interval.low,
            interval.value or 0.0 if interval.high is None else interval.high,
            told=f"{name}: {_plain_interval(words, interval)}",
        )
        for name, interval in rows
    ]
    lowest = min((0.0, *(each.low for each in data)))
    return intervals(
        data,
        label="; ".join(each.told for each in data),
        x_title=x_title,
        x_format=lambda value: words.fixed(value, 2),
        span=(lowest - 0.02 if lowest < 0 else 0.0, 1.02),
        mark=mark,
    )


def _plain_interval(words: Words, interval: Interval) -> str:
    shown = words.fixed(interval.value, 2)
    if interval.low is None or interval.high is None:
        return shown
    return f"{shown} ({words.fixed(interval.low, 2)} – {words.fixed(interval.high, 2)})"


def _measured(words: Words, measures: Sequence[tuple[str, Interval]]) -> Table:
    columns = [
        Column(words.gettext("measure")),
        Column(words.gettext("value"), numeric=True),
        Column(words.gettext("interval"), numeric=True),
    ]
    rows = [[cell(term(words, AGREEMENTS, name)), *_values(words, interval)] for name, interval in measures]
    return Table(words.gettext("Measures of agreement"), columns, rows)


def _values(words: Words, interval: Interval) -> list[Cell]:
    bounds = "–"
    if interval.low is not None and interval.high is not None:
        bounds = f"{words.fixed(interval.low, 2)} – {words.fixed(interval.high, 2)}"
    return [cell(words.fixed(interval.value, 2), interval.value), cell(bounds, interval.low)]


def _pairs(words: Words, facts: AgreementFacts) -> list[Block]:
    """Any two of three people or more."""
    if not facts.pairs:
        return []
    columns = [
        Column(words.gettext("annotators")),
        Column(words.gettext("rows of both"), numeric=True),
        Column(words.gettext("equal labels"), numeric=True),
        Column(words.gettext("Cohen's kappa"), numeric=True),
        Column(words.gettext("interval"), numeric=True),
    ]
    rows = [[*_pair(words, pair), *_values(words, pair.kappa)] for pair in facts.pairs]
    search = words.gettext("Find an annotator") if len(rows) >= SEARCHED_FROM else ""
    table = Table(words.gettext("Any two annotators"), columns, rows, search=search, compact=len(rows) > 6)
    if not facts.pairs_left_off:
        return [table]
    rest = words.count(
        "%(n)s pair more has fewer rows in common.",
        "%(n)s pairs more have fewer rows in common.",
        facts.pairs_left_off,
    )
    return [table, Paragraphs([rest])]


def _pair(words: Words, pair: PairFacts) -> list[Cell]:
    names = words.say(
        "%(first)s and %(second)s", first=words.name(pair.first), second=words.name(pair.second)
    )
    return [
        cell(names, f"{pair.first} {pair.second}"),
        whole(words, pair.items),
        cell(words.percent(pair.equal, 0), pair.equal, pair.equal),
    ]


def annotators_section(words: Words, facts: ImportFacts) -> Section:
    """A row for each person."""
    text = words.say(
        "Agreement with others counts pairs of labels of one row, one of them this person's. Beside what was"
        " decided, everybody looks better than that: their own label is part of the decision."
    )
    blocks: list[Block] = [Paragraphs([text])]
    rows = _least_first(facts.annotators)[:DRAWN_AT_MOST]
    if len(rows) > 1:
        picture = _estimates(words, rows, words.gettext("share of comparisons with equal labels"))
        title = words.gettext("Agreement with the others, the least first")
        blocks.append(Charts([Chart(title, picture)]))
    return Section("annotators", words.gettext("Annotators"), [*blocks, _people(words, facts.annotators)])


def _people(words: Words, people: Sequence[AnnotatorFacts]) -> Table:
    numbers = any(each.apart is not None for each in people)
    columns = [
        Column(words.gettext("annotator")),
        Column(words.gettext("labels"), numeric=True),
        Column(words.gettext("of rows that others labelled too"), numeric=True),
        Column(
            words.gettext("distance to the decided") if numbers else words.gettext("equal to others"),
            numeric=True,
        ),
        *([] if numbers else [Column(words.gettext("equal to the decided"), numeric=True)]),
    ]
    rows = [_person(words, each, numbers=numbers) for each in people]
    search = words.gettext("Find an annotator") if len(rows) >= SEARCHED_FROM else ""
    return Table(words.gettext("Who labelled, and how it fits"), columns, rows, search=search)


def _person(words: Words, each: AnnotatorFacts, *, numbers: bool) -> list[Cell]:
    first = [cell(words.data(each.name), each.name), whole(words, each.labels), whole(words, each.shared)]
    if numbers:
        return [*first, cell(words.number(each.apart), each.apart)]
    others = "–"
    if each.with_others is not None:
        others = interval_text(words, each.with_others, lambda share: words.percent(share, 0))
    return [
        *first,
        cell(others, each.with_others.value if each.with_others else None),
        cell(words.percent(each.agrees, 0), each.agrees),
    ]
