"""The page about data: what came, what was found, what was done, and how the test set was sealed."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.base import Summary
from fullcycle.core.evidence.clean import CleanEvidence, ColumnPolicy, Decision
from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.blocks import (
    Block,
    Chart,
    Charts,
    Column,
    Comparison,
    Conclusion,
    Facts,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
)
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.pages.common import (
    cell,
    histogram_chart,
    real,
    told,
    whole,
    with_share,
)
from fullcycle.people.report.records import Records
from fullcycle.people.report.sentences import title_of
from fullcycle.people.report.terms import ACTIONS, FILLS, FORMATS, REASONS, SPLITS, STATISTICS, term
from fullcycle.people.report.words import Words

COMPARISONS_AT_MOST = 40
FOLDED_FROM = 12  # columns of the source
ROW_CODES = {
    Code.duplicate_rows,
    Code.duplicate_keys,
    Code.target_missing,
    Code.contradicting_labels,
    Code.train_test_overlap,
    Code.time_missing,
}


def clean_page(words: Words, records: Records) -> Page:
    """The report of collect and clean; the part of clean is left out until it has run."""
    collect, clean = records.collect, records.clean
    sections = [] if collect is None else [_source(words, collect)]
    if clean is not None:
        sections += [_rows(words, clean), _decisions(words, clean)]
        sections += _before_after(words, clean)
        sections += [_split(words, clean), _policies(words, clean)]
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


def _source(words: Words, collect: CollectEvidence) -> Section:
    form = FORMATS.get(collect.format, collect.format) + (", gzip" if collect.compression else "")
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("Source"), words.code(collect.source)),
        (words.gettext("Format"), form),
        (words.gettext("Size"), words.size(collect.source_bytes)),
    ]
    if collect.encoding:
        pairs.append((words.gettext("Encoding"), words.data(collect.encoding)))
    if collect.separator:
        pairs.append((words.gettext("Separator"), _separator(words, collect.separator)))
    if collect.decimal:
        pairs.append((words.gettext("Decimal mark"), words.code(collect.decimal)))
    pairs.append((words.gettext("Fingerprint (SHA-256)"), words.code(collect.source_sha256[:16] + "…")))
    rows = [[cell(words.data(c.name)), cell(words.data(c.physical_type))] for c in collect.columns]
    table = Table(
        words.gettext("Columns as the source names and types them"),
        [Column(words.gettext("column")), Column(words.gettext("type at the source"))],
        rows,
        search=words.gettext("Find a column") if len(rows) > FOLDED_FROM else "",
        compact=True,
        folded=len(rows) > FOLDED_FROM,
    )
    return Section("source", words.gettext("What came"), [Facts(pairs), table])


def _separator(words: Words, separator: str) -> Text:
    return words.gettext("tab") if separator == "\t" else words.code(separator)


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
    gone = [d for d in clean.decisions if d.code in ROW_CODES and d.action in ("drop", "keep_first")]
    steps = [(str(title_of(words, d.code)), -d.rows) for d in gone]
    rest = clean.rows_in - clean.rows_out - sum(d.rows for d in gone)
    return [*steps, (str(title_of(words, Code.outliers)), -rest)] if rest > 0 else steps


def _bars(words: Words, data: list[tuple[str, int]], x_title: str) -> Markup:
    label = "; ".join(f"{name}: {words.whole(value)}" for name, value in data)
    return bars(data, label=label, x_title=x_title, value_format=words.whole, x_format=words.tally)


def _decisions(words: Words, clean: CleanEvidence) -> Section:
    title = words.gettext("Every decision")
    if not clean.decisions:
        return Section("decisions", title, [Paragraphs([words.gettext("There was nothing to decide.")])])
    rows = [
        [
            cell(title_of(words, d.code), d.code),
            cell(words.data(d.column) if d.column else "–", d.column or ""),
            whole(words, d.rows),
            cell(_examples(words, d)),
            cell(term(words, ACTIONS, d.action)),
            cell(term(words, REASONS, d.reason)),
        ]
        for d in clean.decisions
    ]
    columns = [
        Column(words.gettext("found")),
        Column(words.gettext("column")),
        Column(words.gettext("rows"), numeric=True),
        Column(words.gettext("examples")),
        Column(words.gettext("done"), wide=True),
        Column(words.gettext("reason"), wide=True),
    ]
    caption = words.gettext("In the order they were taken; rows of the source are numbered from 0")
    table = Table(caption, columns, rows, search=words.gettext("Find a decision") if len(rows) > 8 else "")
    return Section("decisions", title, [table])


def _examples(words: Words, decision: Decision) -> Text:
    """Values, or where the code is about rows, their numbers in the source."""
    if not decision.examples:
        return "–"
    if decision.code not in ROW_CODES:
        return words.values(decision.examples, 3)
    shown = words.data(", ".join(decision.examples[:5]))
    return words.count("row %(rows)s", "rows %(rows)s", len(decision.examples), rows=shown)


def _before_after(words: Words, clean: CleanEvidence) -> list[Section]:
    shown = [
        d for d in clean.decisions if d.before is not None and (d.after is not None or d.histogram_before)
    ]
    if not shown:
        return []
    blocks = [_comparison(words, d) for d in shown[:COMPARISONS_AT_MOST]]
    return [Section("before-after", words.gettext("Before and after"), blocks)]


def _comparison(words: Words, decision: Decision) -> Comparison:
    column = decision.column or ""
    changed = decision.after is not None
    before, after = decision.histogram_before, decision.histogram_after
    title = words.gettext("Before") if changed else words.gettext("Before, and the same after")
    return Comparison(
        title=words.name(column),
        text=words.count(
            "%(found)s, %(n)s row: %(action)s.",
            "%(found)s, %(n)s rows: %(action)s.",
            decision.rows,
            found=title_of(words, decision.code),
            action=term(words, ACTIONS, decision.action),
        ),
        before=histogram_chart(words, column, before, title=title) if before else None,
        after=histogram_chart(words, column, after, title=words.gettext("After")) if after else None,
        rows=_summary_rows(words, decision.before, decision.after) if changed else [],
    )


def _summary_pairs(words: Words, summary: Summary) -> list[tuple[Text, Text]]:
    return [
        (term(words, STATISTICS, key), shown) for key, shown in _shown(words, summary).items() if shown != "–"
    ]


def _summary_rows(
    words: Words, before: Summary | None, after: Summary | None
) -> list[tuple[Text, Text, Text]]:
    first, second = (_shown(words, summary) if summary else {} for summary in (before, after))
    return [
        (term(words, STATISTICS, key), first.get(key, "–"), second.get(key, "–"))
        for key in STATISTICS
        if not first.get(key, "–") == second.get(key, "–") == "–"
    ]


def _shown(words: Words, summary: Summary) -> dict[str, Text]:
    shown: dict[str, Text] = {
        key: words.whole(getattr(summary, key)) for key in ("rows", "missing", "distinct")
    }
    shown |= {key: words.number(getattr(summary, key)) for key in ("mean", "median", "std", "min", "max")}
    if summary.mode is not None:
        shown["mode"] = words.data(summary.mode)
    return shown


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


def _policies(words: Words, clean: CleanEvidence) -> Section:
    rows = [
        [
            cell(words.data(p.column), p.column),
            cell(_missing(words, p)),
            cell(_fill(words, p)),
            cell(words.gettext("yes") if p.indicator else "–"),
            real(words, p.lower),
            real(words, p.upper),
        ]
        for p in clean.policies
    ]
    columns = [
        Column(words.gettext("column")),
        Column(words.gettext("missing values")),
        Column(words.gettext("filled with")),
        Column(words.gettext("marked as missing")),
        Column(words.gettext("clipped below"), numeric=True),
        Column(words.gettext("clipped above"), numeric=True),
    ]
    text = words.say(
        "Filling and clipping happen inside the model graph, so that serving repeats them exactly. The"
        " numbers here come from the training rows; each model fits them again on its own training folds."
    )
    table = Table(
        words.gettext("Policy of each feature"),
        columns,
        rows,
        search=words.gettext("Find a column"),
        compact=True,
    )
    return Section("policies", words.gettext("How each column is treated"), [Paragraphs([text]), table])


def _missing(words: Words, policy: ColumnPolicy) -> Markup:
    return term(words, FILLS, policy.missing)


def _fill(words: Words, policy: ColumnPolicy) -> Text:
    if policy.fill is None:
        return "–"
    if isinstance(policy.fill, int | float) and not isinstance(policy.fill, bool):
        return words.number(policy.fill)
    return words.data(policy.fill)
