"""One label for each row: how it was decided, and what became of the data."""

from __future__ import annotations

from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.label import ImportFacts
from fullcycle.people.report.blocks import Block, Chart, Charts, Conclusion, Facts, Paragraphs, Section, Text
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.terms import AGGREGATIONS, term
from fullcycle.people.report.words import Words

CLASSES_DRAWN = 20


def decided_summary(words: Words, facts: ImportFacts) -> list[Conclusion]:
    """What was decided, and what is open."""
    if not facts.annotations:
        return [Conclusion(words.say("No import is left: the labels are those of the source."))]
    lines = [
        words.count(
            "%(labels)s by %(people)s decide %(n)s row, %(how)s.",
            "%(labels)s by %(people)s decide %(n)s rows, %(how)s.",
            facts.rows,
            labels=words.count("%(n)s label", "%(n)s labels", facts.annotations),
            people=words.count("%(n)s person", "%(n)s people", len(facts.annotators)),
            how=term(words, AGGREGATIONS, facts.aggregation),
        )
    ]
    if facts.tied_rows:
        lines.append(
            words.count(
                "%(n)s row is tied and keeps the label of the source: another person would decide it.",
                "%(n)s rows are tied and keep the label of the source: another person would decide them.",
                facts.tied_rows,
            )
        )
    return [Conclusion(line, link="#decided") for line in lines]


def decided_section(words: Words, facts: ImportFacts, collect: CollectEvidence | None) -> Section:
    """The way, the counts, and the file."""
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("way to decide"), term(words, AGGREGATIONS, facts.aggregation)),
        (words.gettext("imports"), words.whole(facts.imports)),
        (words.gettext("labels taken in"), words.whole(facts.annotations)),
        (words.gettext("rows decided"), words.whole(facts.rows)),
        (words.gettext("rows tied"), words.whole(facts.tied_rows)),
        (words.gettext("file"), words.code(facts.file)),
    ]
    blocks: list[Block] = [Paragraphs([_on_the_data(words, facts, collect)]), Facts(pairs)]
    charts = [*_classes(words, facts), *_voices(words, facts)]
    if charts:
        blocks.append(Charts(charts))
    return Section("decided", words.gettext("One label for each row"), blocks)


def _on_the_data(words: Words, facts: ImportFacts, collect: CollectEvidence | None) -> Text:
    applied = collect.labels if collect is not None else None
    if applied is None or applied.file != facts.file:
        return words.say(
            "These labels are not in the data yet: %(command)s puts them over the target.",
            command=words.code("fullcycle run"),
        )
    return words.count(
        "The snapshot has the label of %(n)s row out of this file: %(added)s had none before,"
        " %(changed)s had another one.",
        "The snapshot has the labels of %(n)s rows out of this file: %(added)s had none before,"
        " %(changed)s had another one.",
        applied.rows,
        added=words.whole(applied.added),
        changed=words.whole(applied.changed),
    )


def _classes(words: Words, facts: ImportFacts) -> list[Chart]:
    data = sorted(facts.classes.items(), key=lambda item: -item[1])[:CLASSES_DRAWN]
    if not any(rows for _, rows in data):
        return []
    return [_counted(words, words.gettext("Decided rows by label"), [(name, rows) for name, rows in data])]


def _voices(words: Words, facts: ImportFacts) -> list[Chart]:
    if len(facts.voices) < 2:
        return []
    data = [
        (str(words.count("%(n)s person", "%(n)s people", voices)), rows)
        for voices, rows in sorted(facts.voices.items())
    ]
    return [_counted(words, words.gettext("Rows by how many people labelled them"), data)]


def _counted(words: Words, title: str, data: list[tuple[str, int]]) -> Chart:
    picture = bars(
        [(name, float(rows)) for name, rows in data],
        label="; ".join(f"{name}: {words.whole(rows)}" for name, rows in data),
        x_title=words.gettext("rows"),
        value_format=words.whole,
        x_format=words.tally,
    )
    return Chart(title, picture)
