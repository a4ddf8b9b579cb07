"""All columns at a glance: by type, in a table, and by what they say about the target."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.explore import ColumnProfile, ExploreEvidence
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Facts,
    Paragraphs,
    Section,
    Table,
)
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.pages.common import cell, real, whole
from fullcycle.people.report.pages.explore_parts.anchors import Anchors, linked
from fullcycle.people.report.terms import TYPES, term
from fullcycle.people.report.words import Words

BARS_AT_MOST = 25


def strength_section(words: Words, explore: ExploreEvidence) -> list[Section]:
    """What each column says about the target on its own."""
    data = [(p.name, p.relation.strength) for p in explore.columns if p.relation is not None]
    if not data:
        return []
    shown = data[:BARS_AT_MOST]
    title = words.gettext("Relation of each column to the target, 0 (none) to 1 (it tells all)")
    label = f"{title}: " + "; ".join(f"{name}: {words.fixed(value, 2)}" for name, value in shown)
    picture = bars(
        shown,
        label=label,
        x_title=words.gettext("strength"),
        value_format=lambda value: words.fixed(value, 2),
        x_format=words.numbers(),
    )
    note = ""
    if len(shown) < len(data):
        note = words.say(
            "The first %(shown)s of %(all)s columns.",
            shown=words.whole(len(shown)),
            all=words.whole(len(data)),
        )
    text = words.say(
        "Measured on rows that had no part in learning the relation, so that a column of chance stays near 0."
    )
    blocks: list[Block] = [Paragraphs([text]), Charts([Chart(title, picture, note)])]
    return [Section("strength", words.gettext("What tells the target"), blocks)]


def overview_section(words: Words, explore: ExploreEvidence, anchors: Anchors) -> Section:
    """The index of columns by type, and the table that can be searched and sorted."""
    return Section(
        "overview",
        words.gettext("Columns at a glance"),
        [_by_type(words, explore, anchors), _table(words, explore, anchors)],
    )


def _by_type(words: Words, explore: ExploreEvidence, anchors: Anchors) -> Facts:
    groups: dict[str, list[ColumnProfile]] = {}
    for profile in explore.columns:
        groups.setdefault(profile.type.value, []).append(profile)
    return Facts(
        [
            (
                words.say("%(type)s (%(n)s)", type=term(words, TYPES, kind), n=words.whole(len(profiles))),
                Markup(", ").join(linked(profile.name, anchors) for profile in profiles),
            )
            for kind, profiles in groups.items()
        ],
        lists=True,
    )


def _table(words: Words, explore: ExploreEvidence, anchors: Anchors) -> Table:
    rows = [
        [
            cell(linked(p.name, anchors), p.name),
            cell(term(words, TYPES, p.type.value)),
            _strength(words, p),
            cell(words.percent(p.missing / p.rows if p.rows else None), p.missing),
            whole(words, p.distinct),
            real(words, p.mean),
            real(words, p.median),
            real(words, p.std),
            real(words, p.min),
            real(words, p.max),
        ]
        for p in explore.columns
    ]
    numeric = (
        words.gettext("relation to target"),
        words.gettext("missing"),
        words.gettext("distinct"),
        words.gettext("mean"),
        words.gettext("median"),
        words.gettext("std. deviation"),
        words.gettext("smallest"),
        words.gettext("largest"),
    )
    columns = [Column(words.gettext("column")), Column(words.gettext("type"))]
    columns += [Column(title, numeric=True) for title in numeric]
    return Table(
        words.gettext("All columns; the relation to the target is from 0 (none) to 1 (it tells all)"),
        columns,
        rows,
        search=words.gettext("Find a column"),
        compact=True,
    )


def _strength(words: Words, profile: ColumnProfile) -> Cell:
    if profile.relation is None:
        return cell("–", "")
    strength = profile.relation.strength
    return cell(words.fixed(strength, 2), strength, min(max(strength, 0.0), 1.0))
