"""The page about data: what came, what was found, what was done, and how the test set was sealed."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.base import Summary
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.blocks import (
    Block,
    Chart,
    Charts,
    Conclusion,
    Facts,
    Page,
    Paragraphs,
    Section,
    Text,
    Tile,
)
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.pages.clean_parts.decisions import (
    DROPPING,
    ROW_CODES,
    before_after_section,
    decisions_section,
    statistics,
)
from fullcycle.people.report.pages.clean_parts.near import near_section
from fullcycle.people.report.pages.clean_parts.policies import policies_section, studies_section
from fullcycle.people.report.pages.clean_parts.source import source_sections
from fullcycle.people.report.pages.common import told, with_share
from fullcycle.people.report.records import Records
from fullcycle.people.report.sentences import title_of
from fullcycle.people.report.terms import SPLITS, STATISTICS, term
from fullcycle.people.report.words import Words


def clean_page(words: Words, records: Records) -> Page:
    """The report of collect and clean; the part of clean is left out until it has run."""
    collect, clean = records.collect, records.clean
    sections = [] if collect is None else source_sections(words, collect)
    if clean is not None:
        sections += [_rows(words, clean), decisions_section(words, clean)]
        sections += near_section(words, clean)
        sections += before_after_section(words, clean)
        sections += studies_section(words, clean)
        sections += [_split(words, clean), policies_section(words, clean)]
    run = (clean or collect).run if (clean or collect) else None  # type: ignore[union-attr]
    return Page(
        stage="clean",
        title=words.gettext("Data and cleaning"),
        lede=words.say(
            "What came from the source, what was found in it, and what was done about it, step by step."
        ),
        tiles=_tiles(words, collect, clean),
        conclusions=[*_summary(words, clean), *told(words, (collect, clean))],
        sections=sections,
        created=run.created if run else "",
    )


def _tiles(words: Words, collect: CollectEvidence | None, clean: CleanEvidence | None) -> list[Tile]:
    tiles = []
    if collect is not None:
        tiles.append(Tile(words.gettext("Rows that came"), words.whole(collect.rows)))
        tiles.append(Tile(words.gettext("Columns"), words.whole(len(collect.columns))))
    if clean is not None:
        dropped = clean.rows_in - clean.rows_out
        note = words.percent(dropped / clean.rows_in) if clean.rows_in else ""
        tiles.append(Tile(words.gettext("Rows dropped"), words.whole(dropped), note))
        tiles.append(Tile(words.gettext("Training rows"), words.whole(clean.split.train_rows)))
        tiles.append(Tile(words.gettext("Test rows, sealed"), words.whole(clean.split.test_rows)))
    return tiles


def _summary(words: Words, clean: CleanEvidence | None) -> list[Conclusion]:
    if clean is None:
        return []
    dropped = clean.rows_in - clean.rows_out
    kept = words.count(
        "%(out)s of %(rows)s rows go on to the model; %(n)s row was dropped.",
        "%(out)s of %(rows)s rows go on to the model; %(n)s rows were dropped.",
        dropped,
        out=words.whole(clean.rows_out),
        rows=words.whole(clean.rows_in),
    )
    if not dropped:
        kept = words.count(
            "The %(n)s row goes on to the model; nothing was dropped.",
            "All %(n)s rows go on to the model; nothing was dropped.",
            clean.rows_out,
        )
    return [Conclusion(kept, link="#rows")]


def _rows(words: Words, clean: CleanEvidence) -> Section:
    """From the source to train and test, as bars of rows."""
    steps = [(words.gettext("came"), clean.rows_in)]
    steps += _dropped(words, clean)
    steps += [
        (words.gettext("kept"), clean.rows_out),
        (words.gettext("training rows"), clean.split.train_rows),
        (words.gettext("test rows"), clean.split.test_rows),
    ]
    charts = [
        Chart(words.gettext("Rows from the source to the split"), _bars(words, steps, words.gettext("rows")))
    ]
    classes = clean.target.classes
    if classes:
        shown = [(name, count) for name, count in classes.items()][:20]
        title = words.say(
            "The target %(column)s in the training rows", column=words.name(clean.target.column)
        )
        charts.append(Chart(title, _bars(words, shown, words.gettext("rows"))))
    blocks: list[Block] = [Charts(charts)]
    if clean.target.summary is not None:
        title = words.say(
            "The target %(column)s in the training rows", column=words.name(clean.target.column)
        )
        blocks += [
            Paragraphs([words.say("%(title)s:", title=title)]),
            Facts(_summary_pairs(words, clean.target.summary)),
        ]
    return Section("rows", words.gettext("Rows"), blocks)


def _dropped(words: Words, clean: CleanEvidence) -> list[tuple[str, int]]:
    """Rows that went, by what was found; a row may be an outlier in several columns and counts once."""
    gone = [d for d in clean.decisions if d.code in ROW_CODES and d.action in DROPPING]
    steps = [(str(title_of(words, d.code)), -d.rows) for d in gone]
    rest = clean.rows_in - clean.rows_out - sum(d.rows for d in gone)
    return [*steps, (str(title_of(words, Code.outliers)), -rest)] if rest > 0 else steps


def _bars(words: Words, data: list[tuple[str, int]], x_title: str) -> Markup:
    label = "; ".join(f"{name}: {words.whole(value)}" for name, value in data)
    return bars(data, label=label, x_title=x_title, value_format=words.whole, x_format=words.tally)


def _summary_pairs(words: Words, summary: Summary) -> list[tuple[Text, Text]]:
    return [
        (term(words, STATISTICS, key), shown)
        for key, shown in statistics(words, summary).items()
        if shown != "–"
    ]


def _split(words: Words, clean: CleanEvidence) -> Section:
    split = clean.split
    total = split.train_rows + split.test_rows
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("Way"), term(words, SPLITS, split.kind)),
        (words.gettext("Training rows"), with_share(words, split.train_rows, total)),
        (words.gettext("Test rows"), with_share(words, split.test_rows, total)),
    ]
    if split.column:
        pairs.append((words.gettext("Column"), words.data(split.column)))
    if split.boundary:
        pairs.append(
            (words.gettext("First moment of the test set"), words.data(words.moment(split.boundary)))
        )
    if split.kind in ("random", "stratified", "group"):
        pairs.append((words.gettext("Random seed"), words.data(split.seed)))
    text = words.say(
        "The test set is sealed: only %(stage)s reads its labels, and every opening is recorded before it"
        " happens. Everything that is learned from data is learned from training rows.",
        stage=words.code("verify"),
    )
    return Section("split", words.gettext("The split"), [Paragraphs([text]), Facts(pairs)])
