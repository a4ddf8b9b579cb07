"""How columns go together: matrices as maps, each with its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence

from fullcycle.core.evidence.explore import Association, Correlations, ExploreEvidence
from fullcycle.people.report.blocks import Block, Chart, Charts, Column, Section, Table, Text
from fullcycle.people.report.charts.canvas import Format, room_for
from fullcycle.people.report.charts.maps import Matrix, heat_map, is_wide, triangle
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.words import Words

MAP_AT_MOST = 40
PAIRS_SHOWN = 15


def correlations_section(words: Words, explore: ExploreEvidence) -> list[Section]:
    """Pearson, Spearman, Cramér's V and the correlation ratio, as far as they were measured."""
    symmetric = (
        (explore.correlations, words.gettext("Pearson's r of numbers: how straight their relation is")),
        (
            explore.spearman,
            words.gettext("Spearman's rank correlation of numbers: how steadily they rise together"),
        ),
        (explore.cramers_v, words.gettext("Cramér's V of categories: 0 is none, 1 that one gives the other")),
    )
    shown = [
        _symmetric(words, data, title)
        for data, title in symmetric
        if data is not None and len(data.columns) > 1
    ]
    if explore.correlation_ratios is not None and explore.correlation_ratios.rows:
        shown.append(_association(words, explore.correlation_ratios))
    if not shown:
        return []
    blocks: list[Block] = [Charts([chart for chart, _ in shown]), *(table for _, table in shown)]
    if explore.correlations is not None and len(explore.correlations.columns) > 1:
        blocks.append(_strongest(words, explore.correlations))
    return [Section("correlations", words.gettext("How columns go together"), blocks)]


def _symmetric(words: Words, data: Correlations, title: str) -> tuple[Chart, Table]:
    columns = data.columns[:MAP_AT_MOST]
    label = _label(words, title, len(columns))
    picture = triangle(columns, data.values, label=label, value_format=_two(words))
    wide = is_wide(len(columns) - 1, room_for(columns[1:]))
    note = _note(words, len(columns), len(data.columns))
    return Chart(title, picture, note, wide=wide), _numbers(words, title, columns, columns, data.values)


def _association(words: Words, data: Association) -> tuple[Chart, Table]:
    rows, columns = data.rows[:MAP_AT_MOST], data.columns[:MAP_AT_MOST]
    title = words.gettext(
        "Correlation ratio of categories and numbers: 0 is none, 1 that the category gives the number"
    )
    label = _label(words, title, len(rows) + len(columns))
    picture = heat_map(rows, columns, data.values, label=label, value_format=_two(words))
    note = _note(words, len(rows) + len(columns), len(data.rows) + len(data.columns))
    chart = Chart(title, picture, note, wide=is_wide(len(columns), room_for(rows)))
    return chart, _numbers(words, title, rows, columns, data.values)


def _two(words: Words) -> Format:
    return lambda value: words.fixed(value, 2)


def _label(words: Words, title: str, columns: int) -> str:
    label = words.gettext("%(title)s. A map of %(n)s columns; its numbers are in the table below.")
    return label % {"title": title, "n": words.whole(columns)}


def _note(words: Words, shown: int, of_all: int) -> Text:
    if shown == of_all:
        return ""
    return words.say(
        "The first %(shown)s of %(all)s columns.", shown=words.whole(shown), all=words.whole(of_all)
    )


def _numbers(words: Words, title: str, rows: Sequence[str], columns: Sequence[str], values: Matrix) -> Table:
    """The matrix as a table, folded: for a screen reader, and for who wants to copy it."""
    heads = [Column(words.gettext("column")), *(Column(words.data(name), numeric=True) for name in columns)]
    cells = [
        [cell(words.data(name)), *(cell(words.fixed(value, 2)) for value in row[: len(columns)])]
        for name, row in zip(rows, values, strict=False)
    ]
    caption = words.say("In numbers: %(title)s", title=title)
    return Table(caption, heads, cells, compact=True, folded=True)


def _strongest(words: Words, data: Correlations) -> Table:
    return Table(
        words.gettext("The strongest pairs"),
        [
            Column(words.gettext("one column")),
            Column(words.gettext("the other")),
            Column(words.gettext("Pearson's r"), numeric=True),
        ],
        [
            [cell(words.data(a)), cell(words.data(b)), cell(words.fixed(r, 2), r, abs(r))]
            for a, b, r in _pairs(data)
        ],
        compact=True,
    )


def _pairs(data: Correlations) -> list[tuple[str, str, float]]:
    """The strongest pairs of the matrix."""
    pairs = [
        (data.columns[j], data.columns[i], r)
        for i, row in enumerate(data.values)
        for j, r in enumerate(row[:i])
        if r is not None
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))[:PAIRS_SHOWN]
