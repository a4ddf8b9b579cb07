"""What moves over time, and which parts of the rows differ most in the target."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.explore import ExploreEvidence, Segment
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Paragraphs,
    Section,
    Table,
    Text,
)
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import cell, whole
from fullcycle.people.report.pages.explore_parts.anchors import Anchors, linked
from fullcycle.people.report.pages.explore_parts.cards import bin_label, over_time
from fullcycle.people.report.words import Words

TRENDS_SHOWN, SEGMENTS_SHOWN = 12, 20


def trend_anchors(explore: ExploreEvidence) -> Anchors:
    """The chart of each column that has one."""
    return {t.column: f"trend-{i}" for i, t in enumerate(explore.trends[:TRENDS_SHOWN], start=1)}


def trends_section(words: Words, explore: ExploreEvidence) -> list[Section]:
    """Columns whose mean or commonest value moves, the steepest first."""
    anchors = trend_anchors(explore)
    charts: list[Chart] = []
    for trend in explore.trends[:TRENDS_SHOWN]:
        if sum(period.target is not None for period in trend.periods) < 2:
            continue
        title = words.say("Mean of %(column)s over time", column=words.name(trend.column))
        if trend.kind == "share":
            title = words.say(
                "Share of %(value)s in %(column)s over time",
                value=words.value(trend.value or ""),
                column=words.name(trend.column),
            )
        share = trend.kind == "share"
        anchor = anchors[trend.column]
        chart = over_time(words, trend.periods, title, share=share, x_title=trend.over, anchor=anchor)
        charts.append(chart)
    if not charts:
        return []
    text = words.say(
        "Columns that move over time: a model learns from earlier rows and will answer about later ones."
    )
    return [Section("trends", words.gettext("Trends"), [Paragraphs([text]), Charts(charts)])]


def segments_section(words: Words, explore: ExploreEvidence, anchors: Anchors) -> list[Section]:
    """The parts of the rows whose target is farthest from that of all rows."""
    shown = explore.segments[:SEGMENTS_SHOWN]
    if not shown:
        return []
    types = {profile.name: profile.type for profile in explore.columns}
    text = words.say(
        "Parts of the training rows whose target differs most from that of all rows. Intervals are corrected"
        " for the number of parts that were looked at."
    )
    blocks: list[Block] = [
        Paragraphs([text]),
        Charts([_chart(words, shown, types)]),
        _table(words, shown, types, anchors),
    ]
    return [Section("segments", words.gettext("Segments that differ"), blocks)]


def _chart(words: Words, segments: Sequence[Segment], types: dict[str, ColumnType]) -> Chart:
    of = segments[0].of
    show = words.percent if of is not None else words.number
    x_title = words.gettext("mean of the target, with 95%% interval") % {}
    title: Text = words.gettext("Mean of the target by segment")
    if of is not None:
        x_title = words.gettext("share of “%(label)s”, with 95%% interval") % {"label": of}
        title = words.say("Share of %(label)s by segment", label=words.value(of))
    estimates = [
        Estimate(str(number), s.target, s.low, s.high, told=_plain(words, s, types))
        for number, s in enumerate(segments, start=1)
    ]
    label = f"{x_title}: " + "; ".join(f"{e.told}: {show(e.value)}" for e in estimates)
    picture = intervals(estimates, label=label, x_title=x_title, x_format=show, mark=segments[0].overall)
    note = words.say(
        "Numbers as in the table; the dashed line is that of all rows, %(overall)s.",
        overall=show(segments[0].overall),
    )
    return Chart(title, picture, note)


def _plain(words: Words, segment: Segment, types: dict[str, ColumnType]) -> str:
    return " · ".join(f"{c.column}: {bin_label(words, types.get(c.column), c)}" for c in segment.conditions)


def _table(
    words: Words, segments: Sequence[Segment], types: dict[str, ColumnType], anchors: Anchors
) -> Table:
    columns = [
        Column(words.gettext("segment"), wide=True),
        Column(words.gettext("rows"), numeric=True),
        Column(words.gettext("target"), numeric=True),
        Column(words.gettext("95%% interval") % {}, numeric=True),
    ]
    rows = [_row(words, number, segment, types, anchors) for number, segment in enumerate(segments, start=1)]
    return Table(words.gettext("Segments"), columns, rows, compact=True)


def _row(
    words: Words, number: int, segment: Segment, types: dict[str, ColumnType], anchors: Anchors
) -> list[Cell]:
    show = words.percent if segment.of is not None else words.number
    conditions = [
        words.say(
            "%(column)s is %(value)s",
            column=linked(c.column, anchors),
            value=words.value(bin_label(words, types.get(c.column), c)),
        )
        for c in segment.conditions
    ]
    return [
        cell(Markup("{}. {}").format(number, words.joined(conditions)), number),
        whole(words, segment.rows),
        cell(show(segment.target), segment.target),
        cell(words.say("%(low)s to %(high)s", low=show(segment.low), high=show(segment.high)), segment.low),
    ]
