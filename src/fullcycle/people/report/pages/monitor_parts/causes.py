"""What moved the scores: columns with the fault that each looks like, and segments that grew or shrank."""

from __future__ import annotations

from fullcycle.core.evidence.causes import CauseFacts, ColumnCause, SegmentCause
from fullcycle.people.report.blocks import Block, Cell, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.words import Words

SEGMENTS_SHOWN = 6
WITHOUT_BEFORE = (0, 1, 2, 4, 5)  # columns of segments that need no training rows


def causes_section(words: Words, causes: CauseFacts | None) -> list[Section]:
    """Only where something moved."""
    if causes is None:
        return []
    blocks: list[Block] = [Paragraphs([_change(words, causes)])]
    if causes.columns:
        blocks.append(_columns(words, causes))
    if causes.segments:
        blocks.append(_segments(words, causes))
    return [Section("causes", words.gettext("What moved, and what it did to the scores"), blocks)]


def _change(words: Words, causes: CauseFacts) -> Text:
    before, now = words.score(causes.score_before), words.score(causes.score_now)
    together = words.score(causes.together)
    if causes.of is None:
        return words.say(
            "The mean prediction was %(before)s in training and is %(now)s in the newest window. Parts are"
            " Shapley values: each column is put back to its distribution in training, in many orders."
            " %(together)s of the change is from columns that go together otherwise.",
            before=before,
            now=now,
            together=together,
        )
    return words.say(
        "The mean probability of %(of)s was %(before)s in training and is %(now)s in the newest window."
        " Parts are Shapley values: each column is put back to its distribution in training, in many"
        " orders. %(together)s of the change is from columns that go together otherwise.",
        of=words.value(causes.of),
        before=before,
        now=now,
        together=together,
    )


def _columns(words: Words, causes: CauseFacts) -> Table:
    columns = [
        Column(words.gettext("column")),
        Column(words.gettext("looks like"), wide=True),
        Column(words.gettext("moved, 0 to 1"), numeric=True),
        Column(words.gettext("part of the change"), numeric=True),
        Column(words.gettext("mean change of a row"), numeric=True),
    ]
    rows = [
        [
            cell(words.name(each.column), each.column),
            cell(looks_like(words, each)),
            cell(words.fixed(each.moved, 2), each.moved),
            cell(words.score(each.contribution), each.contribution),
            cell(words.score(each.impact), each.impact),
        ]
        for each in causes.columns
    ]
    return Table(words.gettext("Columns that moved, the farthest first"), columns, rows)


def looks_like(words: Words, cause: ColumnCause) -> Text:
    """The fault that would explain most of a move."""
    match cause.kind:
        case "constant":
            return words.say("one value only: a feed that is frozen?")
        case "missing":
            return words.say(
                "missing in %(now)s of the rows, before in %(before)s",
                now=words.percent(cause.missing_now),
                before=words.percent(cause.missing_before),
            )
        case "factor":
            return words.say(
                "all values times %(factor)s: another unit?", factor=words.number(cause.factor, 3)
            )
        case "renamed":
            return words.say(
                "%(before)s is gone and %(now)s came: another name?",
                before=words.value(cause.before),
                now=words.value(cause.now),
            )
        case "unseen":
            return words.say("values that were never seen, such as %(now)s", now=words.value(cause.now))
        case _:
            return _otherwise(words, cause)


def _otherwise(words: Words, cause: ColumnCause) -> Text:
    if cause.kind == "shares":
        return words.say("other shares of its values")
    return words.say("another shape")


def _segments(words: Words, causes: CauseFacts) -> Table:
    columns = [
        Column(words.gettext("segment"), wide=True),
        Column(words.gettext("share before"), numeric=True),
        Column(words.gettext("share now"), numeric=True),
        Column(words.gettext("mean score before"), numeric=True),
        Column(words.gettext("mean score"), numeric=True),
        Column(words.gettext("by its share"), numeric=True),
        Column(words.gettext("by its own mean"), numeric=True),
    ]
    shown = causes.segments[:SEGMENTS_SHOWN]
    rows = [_segment(words, each) for each in shown]
    if all(each.score_before is None for each in shown):  # no training rows are here
        columns = [columns[at] for at in WITHOUT_BEFORE]
        rows = [[row[at] for at in WITHOUT_BEFORE] for row in rows]
    return Table(words.gettext("Segments whose share changed most surprisingly"), columns, rows)


def _segment(words: Words, segment: SegmentCause) -> list[Cell]:
    return [
        cell(segment_text(words, segment)),
        cell(words.percent(segment.share_before), segment.share_before),
        cell(words.percent(segment.share_now), segment.share_now),
        cell(words.score(segment.score_before), segment.score_before),
        cell(words.score(segment.score_now), segment.score_now),
        cell(words.score(segment.by_share), segment.by_share),
        cell(words.score(segment.by_mean), segment.by_mean),
    ]


def segment_text(words: Words, segment: SegmentCause) -> Text:
    """`plan is pro`, `age above 30 and up to 40`, ..."""
    name = words.name(segment.column)
    low, high = (words.number(bound, 6) for bound in (segment.low, segment.high))
    if segment.value is not None:
        return words.say("%(column)s is %(value)s", column=name, value=words.value(segment.value))
    if segment.low is not None and segment.high is not None:
        return words.say("%(column)s above %(low)s and up to %(high)s", column=name, low=low, high=high)
    if segment.low is not None:
        return words.say("%(column)s above %(low)s", column=name, low=low)
    if segment.high is not None:
        return words.say("%(column)s up to %(high)s", column=name, high=high)
    return words.say("%(column)s missing, or never seen before", column=name)
