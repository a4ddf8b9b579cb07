"""Every decision of cleaning, and the columns that it changed, before and after side by side."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.base import Histogram, Summary
from fullcycle.core.evidence.clean import CleanEvidence, Decision
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.blocks import Chart, Column, Comparison, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell, histogram_chart, whole
from fullcycle.people.report.sentences import title_of
from fullcycle.people.report.sentences.cleaning import merges
from fullcycle.people.report.terms import ACTIONS, REASONS, STATISTICS, term
from fullcycle.people.report.words import Words

COMPARISONS_AT_MOST = 40
EFFECTS_SHOWN = 3
ROW_CODES = {
    Code.duplicate_rows,
    Code.duplicate_keys,
    Code.target_missing,
    Code.contradicting_labels,
    Code.train_test_overlap,
    Code.time_missing,
    Code.near_duplicates,
}
DROPPING = ("drop", "keep_first", "drop_row")


def decisions_section(words: Words, clean: CleanEvidence) -> Section:
    """The table of what was found, what was done, why, and with what effect."""
    title = words.gettext("Every decision")
    if not clean.decisions:
        return Section("decisions", title, [Paragraphs([words.gettext("There was nothing to decide.")])])
    rows = [
        [
            cell(title_of(words, d.code), d.code),
            cell(words.data(d.column) if d.column else "–", d.column or ""),
            whole(words, d.rows),
            cell(_examples(words, d)),
            cell(action_text(words, d)),
            cell(term(words, REASONS, d.reason)),
            cell(_effect(words, d)),
        ]
        for d in clean.decisions
    ]
    columns = [
        Column(words.gettext("found")),
        Column(words.gettext("column")),
        Column(words.gettext("rows"), numeric=True),
        Column(words.gettext("examples"), wide=True),
        Column(words.gettext("done"), wide=True),
        Column(words.gettext("reason"), wide=True),
        Column(words.gettext("effect"), wide=True),
    ]
    caption = words.gettext("In the order they were taken; rows of the source are numbered from 0")
    table = Table(
        caption, columns, rows, search=words.gettext("Find a decision") if len(rows) > 8 else "", compact=True
    )
    return Section("decisions", title, [table])


def action_text(words: Words, decision: Decision) -> Markup:
    """What was done: dropping is of rows, or of the column where the finding is about a column."""
    if decision.code == Code.copied_column and decision.action == "drop":
        return words.say("left out of the model")
    return term(words, ACTIONS, decision.action)


def _examples(words: Words, decision: Decision) -> Text:
    """Values, or where the code is about rows, their numbers in the source."""
    original = decision.facts.get("original")
    if decision.code == Code.copied_column and original:
        return words.say("as %(column)s", column=words.name(str(original)))
    if not decision.examples:
        return "–"
    if decision.code in (Code.spelling_variants, Code.read_from_text):
        return merges(words, list(decision.examples))
    if decision.code not in ROW_CODES or not all(map(str.isdigit, decision.examples)):
        return words.values(decision.examples, 3)
    shown = words.data(", ".join(decision.examples[:5]))
    return words.count("row %(rows)s", "rows %(rows)s", len(decision.examples), rows=shown)


def _effect(words: Words, decision: Decision) -> Text:
    """Rows that went, and the statistics of the column that are others now."""
    parts: list[Text] = []
    if decision.code in ROW_CODES and decision.action in DROPPING:
        parts.append(words.count("%(n)s row fewer", "%(n)s rows fewer", decision.rows))
    rows = [] if decision.after is None else _summary_rows(words, decision.before, decision.after)
    parts += [
        words.say("%(what)s: %(before)s → %(after)s", what=name, before=before, after=after)
        for name, before, after in rows
        if before != after
    ][:EFFECTS_SHOWN]
    return Markup("; ").join(parts) if parts else "–"


def before_after_section(words: Words, clean: CleanEvidence) -> list[Section]:
    """Histograms and statistics of each column that was changed, on one scale."""
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
            action=action_text(words, decision),
        ),
        before=_histogram(words, column, before, after, title=title),
        after=_histogram(words, column, after, before, title=words.gettext("After")),
        rows=_summary_rows(words, decision.before, decision.after) if changed else [],
    )


def _histogram(
    words: Words, column: str, data: Histogram | None, other: Histogram | None, *, title: Text
) -> Chart | None:
    """One side of the comparison; both have the same axes, or the eye would be misled."""
    if data is None:
        return None
    both = (data, other or data)
    span = (min(h.edges[0] for h in both), max(h.edges[-1] for h in both))
    top = max(max(h.counts, default=0) for h in both)
    return histogram_chart(words, column, data, title=title, span=span, top=top)


def _summary_rows(
    words: Words, before: Summary | None, after: Summary | None
) -> list[tuple[Text, Text, Text]]:
    first, second = (statistics(words, summary) if summary else {} for summary in (before, after))
    return [
        (term(words, STATISTICS, key), first.get(key, "–"), second.get(key, "–"))
        for key in STATISTICS
        if not first.get(key, "–") == second.get(key, "–") == "–"
    ]


def statistics(words: Words, summary: Summary) -> dict[str, Text]:
    """A summary by the key of each statistic."""
    shown: dict[str, Text] = {
        key: words.whole(getattr(summary, key)) for key in ("rows", "missing", "distinct")
    }
    shown |= {key: words.number(getattr(summary, key)) for key in ("mean", "median", "std", "min", "max")}
    if summary.mode is not None:
        shown["mode"] = words.data(summary.mode)
    return shown
