"""Where values are missing, and which columns are missing together."""

from __future__ import annotations

from fullcycle.core.evidence.explore import ExploreEvidence, MissingMap
from fullcycle.people.report.blocks import Block, Chart, Charts, Column, Section, Table
from fullcycle.people.report.charts.canvas import room_for
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.charts.maps import is_wide, patterns, triangle
from fullcycle.people.report.pages.common import cell, with_share
from fullcycle.people.report.pages.explore_parts.anchors import Anchors, linked
from fullcycle.people.report.words import Words

COLUMNS_SHOWN, PATTERNS_SHOWN = 30, 14
FEW = 0.02  # share below which the axis needs a digit more


def missing_section(words: Words, explore: ExploreEvidence, anchors: Anchors) -> list[Section]:
    """Gaps by column, patterns of rows, and gaps that come together."""
    data = explore.missing_map
    if data is None or not data.columns:
        return []
    charts = [_by_column(words, explore, data)]
    if data.patterns and len(data.columns) > 1:
        charts.append(_patterns(words, data))
    if len(data.columns) > 1:
        charts.append(_together(words, data))
    blocks: list[Block] = [Charts(charts)]
    if data.patterns:
        blocks.append(_table(words, explore, data, anchors))
    return [Section("missing", words.gettext("Missing values"), blocks)]


def _by_column(words: Words, explore: ExploreEvidence, data: MissingMap) -> Chart:
    shares = [
        (name, missing / explore.rows if explore.rows else 0.0)
        for name, missing in zip(data.columns, data.missing, strict=False)
    ][:COLUMNS_SHOWN]
    title = words.gettext("Share of rows where a column is missing")
    label = f"{title}: " + "; ".join(f"{name}: {words.percent(share)}" for name, share in shares)
    decimals = 1 if max(share for _, share in shares) > FEW else 2

    def show(share: float) -> str:
        return words.percent(share, decimals)

    return Chart(title, bars(shares, label=label, x_title=words.gettext("share of rows"), value_format=show))


def _patterns(words: Words, data: MissingMap) -> Chart:
    columns = data.columns[:COLUMNS_SHOWN]
    shown = data.patterns[:PATTERNS_SHOWN]
    rows = [(words.count("%(n)s row", "%(n)s rows", p.rows).striptags(), p.columns) for p in shown]
    title = words.gettext("Which columns are missing in the same rows")
    label = words.gettext("%(title)s. A map of %(n)s patterns; they are in the table below.") % {
        "title": title,
        "n": words.whole(len(shown)),
    }
    note = words.gettext("Each line is a pattern of rows; filled: missing, a dot: there.")
    return Chart(title, patterns(columns, rows, label=label), note)


def _together(words: Words, data: MissingMap) -> Chart:
    columns = data.columns[:COLUMNS_SHOWN]
    title = words.gettext("How much gaps come together (phi: 1 always, 0 by chance, −1 never)")
    pairs = [
        f"{columns[j]} × {columns[i]}: {words.fixed(value, 2)}"
        for i, row in enumerate(data.together[: len(columns)])
        for j, value in enumerate(row[:i])
        if value is not None and abs(value) >= 0.1
    ]
    label = f"{title}: " + ("; ".join(pairs[:20]) or words.gettext("none that matters"))
    picture = triangle(columns, data.together, label=label, value_format=lambda v: words.fixed(v, 2))
    return Chart(title, picture, wide=is_wide(len(columns) - 1, room_for(columns[1:])))


def _table(words: Words, explore: ExploreEvidence, data: MissingMap, anchors: Anchors) -> Table:
    rows = [
        [
            cell(
                words.joined([linked(name, anchors) for name in pattern.columns])
                if pattern.columns
                else words.gettext("nothing is missing")
            ),
            cell(with_share(words, pattern.rows, explore.rows), pattern.rows),
        ]
        for pattern in data.patterns
    ]
    columns = [Column(words.gettext("missing together")), Column(words.gettext("rows"), numeric=True)]
    return Table(words.gettext("Patterns of missing values"), columns, rows, compact=True)
