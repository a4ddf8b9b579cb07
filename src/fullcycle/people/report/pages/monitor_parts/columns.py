"""Each column of the newest window: its test and why, its distances, its verdict, and its picture."""

from __future__ import annotations

from collections.abc import Iterator

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.monitor import ColumnDrift, WindowFacts
from fullcycle.people.report.blocks import Cell, Chart, Charts, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.charts.drift import two_histograms, two_shares
from fullcycle.people.report.pages.common import cell, number_format
from fullcycle.people.report.terms import COLUMN_STATES, DRIFT_TESTS, PARTS, TEST_REASONS, term
from fullcycle.people.report.words import Words

PICTURES = 12
CATEGORIES = 8


def columns_section(words: Words, window: WindowFacts) -> Section:
    """All columns, those that moved first."""
    columns = [
        Column(words.gettext("column")),
        Column(words.gettext("verdict")),
        Column(words.gettext("effect"), numeric=True),
        Column(words.pgettext("statistics", "chance"), numeric=True),
        Column(words.gettext("decided by"), wide=True),
        Column(words.gettext("missing now"), numeric=True),
        Column(words.gettext("missing before"), numeric=True),
        Column("PSI", numeric=True),
        Column(words.gettext("Jensen-Shannon"), numeric=True),
        Column(words.gettext("Wasserstein"), numeric=True),
    ]
    ordered = sorted(window.columns, key=lambda each: (not each.drifted, _p(each), each.name))
    caption = words.gettext("All columns and scores of the newest window")
    table = Table(
        caption, columns, [_row(words, each) for each in ordered], search=words.gettext("Find a column")
    )
    note = words.say(
        "The effect is a distance from 0 to 1 or a difference of shares. The chance is that of such a"
        " difference where nothing changed, natural variation included, after the correction for all columns."
        " PSI, Jensen-Shannon and Wasserstein (in units of the range from the 5th to the 95th percentile) are"
        " told for comparison and decide nothing."
    )
    notes = [note, *_sampling(words, window)]
    return Section("columns", words.gettext("Columns and scores"), [Paragraphs(notes), table])


def _sampling(words: Words, window: WindowFacts) -> Iterator[Text]:
    sampled = [each.sample_rows for each in window.columns if each.sample_rows is not None]
    if sampled:
        yield words.count(
            "The window is long: how its numbers are spread was found by a sample of %(n)s row. What is"
            " missing or unexpected was counted in all rows.",
            "The window is long: how its numbers are spread was found by a sample of %(n)s rows. What is"
            " missing or unexpected was counted in all rows.",
            max(sampled),
        )


def _p(column: ColumnDrift) -> float:
    return 1.0 if column.p_adjusted is None else column.p_adjusted


def _row(words: Words, column: ColumnDrift) -> list[Cell]:
    return [
        cell(_name(words, column), column.name),
        cell(_verdict(words, column), not column.drifted),
        cell(words.fixed(column.effect, 3), column.effect),
        cell(_chance(words, column.p_adjusted), column.p_adjusted),
        cell(_decided(words, column)),
        cell(words.percent(column.missing_rate), column.missing_rate),
        cell(words.percent(column.reference_missing_rate), column.reference_missing_rate),
        cell(words.fixed(column.psi, 3), column.psi),
        cell(words.fixed(column.jensen_shannon, 3), column.jensen_shannon),
        cell(words.fixed(column.wasserstein, 3), column.wasserstein),
    ]


def _name(words: Words, column: ColumnDrift) -> Text:
    if column.part == "input":
        return words.name(column.name)
    return words.say(
        "%(name)s (%(part)s)", name=words.name(column.name), part=term(words, PARTS, column.part)
    )


def _verdict(words: Words, column: ColumnDrift) -> Text:
    if column.drifted:
        return words.pgettext("column", "moved")
    if column.status != "compared":
        return term(words, COLUMN_STATES, column.status)
    return words.pgettext("column", "as before")


def _chance(words: Words, p: float | None) -> Text:
    if p is None:
        return "–"
    return "<" + words.fixed(0.001) if p < 0.001 else words.fixed(p)


def _decided(words: Words, column: ColumnDrift) -> Text:
    test = next((each for each in column.tests if each.kind == column.decided_by), None)
    if test is None:
        return "–"
    return words.say(
        "%(test)s: %(why)s", test=term(words, DRIFT_TESTS, test.kind), why=term(words, TEST_REASONS, test.why)
    )


def pictures_section(words: Words, window: WindowFacts) -> list[Section]:
    """The columns that moved, then those that came nearest to it."""
    ordered = sorted(window.columns, key=lambda each: (not each.drifted, _p(each), each.name))
    charts = [chart for each in ordered if (chart := _picture(words, each)) is not None][:PICTURES]
    if not charts:
        return []
    note = words.say("Columns that moved come first, then those nearest to it.")
    return [Section("pictures", words.gettext("Before and now"), [Paragraphs([note]), Charts(charts)])]


def _picture(words: Words, column: ColumnDrift) -> Chart | None:
    if column.reference is not None and column.current is not None:
        return _numbers(words, column)
    return _categories(words, column) if column.categories else None


def _label(words: Words, column: ColumnDrift) -> str:
    return words.gettext("%(column)s: shares of rows, now and in training") % {"column": column.name}


def _legend(words: Words) -> tuple[str, str]:
    return words.gettext("now"), words.gettext("in training")


def _numbers(words: Words, column: ColumnDrift) -> Chart | None:
    reference, current = column.reference, column.current
    if reference is None or current is None:
        return None
    kind = ColumnType(column.type) if column.type in set(ColumnType) else None
    picture = two_histograms(
        reference.edges,
        [count / 1e6 for count in reference.counts],
        [count / 1e6 for count in current.counts],
        label=_label(words, column),
        axes=(column.name, words.gettext("share of rows")),
        formats=(number_format(words, kind), words.percent),
        legend=_legend(words),
    )
    return Chart(_name(words, column), picture)


def _categories(words: Words, column: ColumnDrift) -> Chart:
    pairs = list(zip(column.categories, column.reference_shares, column.current_shares, strict=False))
    shown, rest = pairs[:CATEGORIES], pairs[CATEGORIES:]
    left_before = sum(before for _, before, _ in rest) + _others(column.reference_shares, column)
    left_now = sum(now for *_, now in rest) + _others(column.current_shares, column)
    if left_before or left_now:
        shown.append((words.gettext("others"), left_before, left_now))
    picture = two_shares(
        shown,
        label=_label(words, column),
        x_title=words.gettext("share of rows"),
        value_format=words.percent,
        legend=_legend(words),
    )
    return Chart(_name(words, column), picture)


def _others(shares: tuple[float, ...], column: ColumnDrift) -> float:
    return sum(shares[len(column.categories) :])
