"""The page about the training rows: conclusions, leak suspects, relations, and every column by itself."""

from __future__ import annotations

from collections.abc import Sequence

from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.blocks import Conclusion, Page, Section, Tile
from fullcycle.people.report.notes import remarks
from fullcycle.people.report.pages.common import told_in_order
from fullcycle.people.report.pages.explore_parts.anchors import Anchors, column_anchors, finding_anchor
from fullcycle.people.report.pages.explore_parts.cards import columns_section, relation_sentence
from fullcycle.people.report.pages.explore_parts.changes import (
    segments_section,
    trend_anchors,
    trends_section,
)
from fullcycle.people.report.pages.explore_parts.gaps import missing_section
from fullcycle.people.report.pages.explore_parts.matrices import correlations_section
from fullcycle.people.report.pages.explore_parts.overview import overview_section, strength_section
from fullcycle.people.report.pages.explore_parts.pictures import scatters_section
from fullcycle.people.report.pages.explore_parts.suspects import suspects_section
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words

STRONGEST_TOLD = 3


def explore_page(words: Words, records: Records) -> Page:
    """The report of explore."""
    explore = records.explore
    assert explore is not None
    anchors = column_anchors(explore)
    written = remarks(records.notes, "explore", words.language, anchors)
    sections = [
        *suspects_section(words, explore, anchors),
        *strength_section(words, explore),
        overview_section(words, explore, anchors),
        *correlations_section(words, explore),
        *missing_section(words, explore, anchors),
        *trends_section(words, explore),
        *segments_section(words, explore, anchors),
        *scatters_section(words, explore),
        columns_section(words, explore, anchors, written.by_column),
    ]
    return Page(
        stage="explore",
        title=words.gettext("Analysis"),
        lede=words.say(
            "What the training rows say about %(target)s, column by column, the most telling first.",
            target=words.name(explore.target),
        ),
        tiles=_tiles(words, explore),
        conclusions=_conclusions(words, explore, anchors, sections),
        sections=sections,
        created=explore.run.created if explore.run else "",
    )


def _tiles(words: Words, explore: ExploreEvidence) -> list[Tile]:
    features = [profile for profile in explore.columns if profile.role == "feature"]
    with_missing = [profile for profile in explore.columns if profile.missing]
    sample = "" if explore.sample_rows is None else _sample(words, explore.sample_rows)
    tiles = [
        Tile(words.gettext("Training rows"), words.whole(explore.rows), sample),
        Tile(words.gettext("Features"), words.whole(len(features))),
        Tile(words.gettext("Columns with gaps"), words.whole(len(with_missing))),
    ]
    undecided = [suspect for suspect in explore.suspects if suspect.decision is None and suspect.blocks]
    tone = "bad" if undecided else "plain"
    note = words.count("%(n)s undecided", "%(n)s undecided", len(undecided)) if explore.suspects else ""
    tiles.append(Tile(words.gettext("Leak suspects"), words.whole(len(explore.suspects)), note, tone))  # type: ignore[arg-type]
    return tiles


def _sample(words: Words, rows: int) -> str:
    return words.count("charts rest on %(n)s of them", "charts rest on %(n)s of them", rows)


def _conclusions(
    words: Words, explore: ExploreEvidence, anchors: Anchors, sections: Sequence[Section]
) -> list[Conclusion]:
    """As the evidence orders them; the strongest columns are told one by one after they are named."""
    ids, trends = [section.id for section in sections], trend_anchors(explore)
    lines = told_in_order(words, explore, lambda f: finding_anchor(f, anchors, ids, trends))
    at = next((i + 1 for i, line in enumerate(lines) if line.code == Code.strongest_columns), len(lines))
    return [*lines[:at], *_strongest(words, explore, anchors), *lines[at:]]


def _strongest(words: Words, explore: ExploreEvidence, anchors: Anchors) -> list[Conclusion]:
    """The features that say most, suspects aside, each with the ends of its relation."""
    suspects = {suspect.column for suspect in explore.suspects if suspect.decision != "keep"}
    honest = [p for p in explore.columns if p.role == "feature" and p.name not in suspects]
    return [
        Conclusion(relation_sentence(words, profile, profile.relation), link=f"#{anchors[profile.name]}")
        for profile in [p for p in honest if p.relation is not None][:STRONGEST_TOLD]
        if profile.relation is not None
    ]
