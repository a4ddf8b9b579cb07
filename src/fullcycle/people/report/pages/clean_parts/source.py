"""What came from the source, what was joined to it, and what is new since the snapshot before."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.collect import (
    CollectEvidence,
    ColumnChange,
    JoinFacts,
    ServedFacts,
    SnapshotChange,
)
from fullcycle.people.report.blocks import Block, Cell, Column, Facts, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell, real, whole, with_share
from fullcycle.people.report.terms import CARDINALITIES, FORMATS, JOINS, term
from fullcycle.people.report.words import Words

FOLDED_FROM = 12  # columns or files of the source
HASH_SHOWN = 16


def source_sections(words: Words, collect: CollectEvidence) -> list[Section]:
    """The source itself, then joins and changes where there are any."""
    sections = [_source(words, collect)]
    if collect.joins:
        sections.append(_joins(words, collect))
    if collect.change is not None:
        sections.append(_change(words, collect.change))
    return sections


def _source(words: Words, collect: CollectEvidence) -> Section:
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("Source"), words.code(collect.source)),
        (words.gettext("Format"), _format(words, collect)),
        (words.gettext("Size"), words.size(collect.source_bytes)),
    ]
    if collect.encoding:
        pairs.append((words.gettext("Encoding"), words.data(collect.encoding)))
    if collect.separator:
        pairs.append((words.gettext("Separator"), _separator(words, collect.separator)))
    if collect.decimal:
        pairs.append((words.gettext("Decimal mark"), words.code(collect.decimal)))
    pairs.append(
        (words.gettext("Fingerprint (SHA-256)"), words.code(collect.source_sha256[:HASH_SHOWN] + "…"))
    )
    blocks: list[Block] = [Facts(pairs)]
    if collect.served is not None:
        blocks.append(Paragraphs([_served(words, collect.served)]))
    if len(collect.files) > 1:
        blocks.append(_files(words, collect))
    rows = [[cell(words.data(c.name)), cell(words.data(c.physical_type))] for c in collect.columns]
    table = Table(
        words.gettext("Columns as the source names and types them"),
        [Column(words.gettext("column")), Column(words.gettext("type at the source"))],
        rows,
        search=words.gettext("Find a column") if len(rows) > FOLDED_FROM else "",
        compact=True,
        folded=len(rows) > FOLDED_FROM,
    )
    return Section("source", words.gettext("What came"), [*blocks, table])


def _served(words: Words, served: ServedFacts) -> Markup:
    return words.count(
        "%(n)s row that the model had answered stands below those of the source, with its outcome"
        " (%(file)s).",
        "%(n)s rows that the model had answered stand below those of the source, with their outcomes"
        " (%(file)s).",
        served.rows,
        file=words.code(served.file),
    )


def _format(words: Words, collect: CollectEvidence) -> Markup:
    named = Markup("{}").format(FORMATS.get(collect.format, collect.format))
    return (
        named if not collect.compression else Markup("{}, {}").format(named, words.data(collect.compression))
    )


def _separator(words: Words, separator: str) -> Text:
    return words.gettext("tab") if separator == "\t" else words.code(separator)


def _files(words: Words, collect: CollectEvidence) -> Table:
    rows = [
        [
            cell(words.data(file.name), file.name),
            cell(words.size(file.bytes), file.bytes),
            whole(words, file.rows),
            cell(words.code(file.sha256[:HASH_SHOWN] + "…")),
        ]
        for file in collect.files
    ]
    columns = [
        Column(words.gettext("file")),
        Column(words.gettext("size"), numeric=True),
        Column(words.gettext("rows"), numeric=True),
        Column(words.gettext("fingerprint (SHA-256)")),
    ]
    many = len(rows) > FOLDED_FROM
    search = words.gettext("Find a file") if many else ""
    caption = words.gettext("Files of the source")
    return Table(caption, columns, rows, search=search, compact=True, folded=many)


def _joins(words: Words, collect: CollectEvidence) -> Section:
    """Each declared join: nothing was multiplied, nothing dropped."""
    text = words.say(
        "Tables that were joined by declared keys. A join that would multiply or drop rows stops the stage,"
        " so every row that came is still one row."
    )
    columns = [
        Column(words.gettext("source")),
        Column(words.gettext("keys")),
        Column(words.gettext("kind"), wide=True),
        Column(words.gettext("rows with a match"), numeric=True),
        Column(words.gettext("without a match"), numeric=True),
        Column(words.gettext("examples without a match"), wide=True),
        Column(words.gettext("columns that came"), wide=True),
    ]
    rows = [_join(words, join) for join in collect.joins]
    return Section(
        "joins", words.gettext("Joins"), [Paragraphs([text]), Table(words.gettext("Joins"), columns, rows)]
    )


def _join(words: Words, join: JoinFacts) -> list[Cell]:
    keys = [words.data(left if left == right else f"{left} = {right}") for left, right in join.on.items()]
    kinds: list[Text] = [term(words, CARDINALITIES, join.cardinality), term(words, JOINS, join.how)]
    if join.as_of:
        kinds.append(words.gettext("the latest earlier time"))
    lacking = join.rows - join.matched
    return [
        cell(words.data(join.source), join.source),
        cell(Markup(", ").join(keys)),
        cell(Markup("; ").join(kinds)),
        cell(with_share(words, join.matched, join.rows), join.matched),
        cell(with_share(words, lacking, join.rows), lacking),
        cell(words.values(join.unmatched_examples, 3) if join.unmatched_examples else "–"),
        cell(words.names(join.columns, 8)),
    ]


def _change(words: Words, change: SnapshotChange) -> Section:
    """This snapshot beside the one before."""
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("Rows before"), words.whole(change.rows_before)),
        (words.gettext("Rows now"), words.whole(change.rows_after)),
        (words.gettext("Snapshot before (SHA-256)"), words.code(change.previous_sha256[:HASH_SHOWN] + "…")),
    ]
    if change.columns_added:
        pairs.append((words.gettext("New columns"), words.names(change.columns_added, 12)))
    if change.columns_gone:
        pairs.append((words.gettext("Columns gone"), words.names(change.columns_gone, 12)))
    blocks: list[Block] = [Facts(pairs)]
    if change.changed:
        blocks.append(_changed(words, change))
    else:
        blocks.append(Paragraphs([words.gettext("No column is distributed otherwise than before.")]))
    return Section("change", words.gettext("What is new since the snapshot before"), blocks)


def _changed(words: Words, change: SnapshotChange) -> Table:
    psi = Markup('<abbr title="{}">PSI</abbr>').format(
        words.gettext("population stability index: 0 is unchanged, above 0.25 people act")
    )
    columns = [
        Column(words.gettext("column")),
        Column(psi, numeric=True),
        Column(words.gettext("missing before"), numeric=True),
        Column(words.gettext("missing now"), numeric=True),
        Column(words.gettext("median or share before"), numeric=True),
        Column(words.gettext("median or share now"), numeric=True),
        Column(words.gettext("new values"), wide=True),
    ]
    rows = [_column_change(words, column) for column in change.changed]
    return Table(words.gettext("Columns that are distributed otherwise"), columns, rows, compact=True)


def _column_change(words: Words, change: ColumnChange) -> list[Cell]:
    return [
        cell(words.data(change.column), change.column),
        cell(words.fixed(change.psi, 2), change.psi),
        cell(words.percent(change.missing_before), change.missing_before),
        cell(words.percent(change.missing_after), change.missing_after),
        real(words, change.before),
        real(words, change.after),
        cell(words.values(change.new_values) if change.new_values else "–"),
    ]
