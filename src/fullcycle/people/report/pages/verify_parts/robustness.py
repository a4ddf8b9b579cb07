"""Rows that are changed, tests of behaviour, and a model that is fitted again: how far answers move."""

from __future__ import annotations

from collections.abc import Sequence

from fullcycle.core.evidence.verify import BehaviourResult, Disturbance, Refit, VerifyEvidence
from fullcycle.people.report.blocks import Block, Cell, Column, Facts, Paragraphs, Section, Table
from fullcycle.people.report.pages.common import cell, yes_no
from fullcycle.people.report.terms import BEHAVIOURS, DISTURBANCES, REFITS, metric_text, term
from fullcycle.people.report.words import Words

OF_A_KIND = 3  # columns of each kind that are shown without unfolding


def robustness_section(words: Words, evidence: VerifyEvidence) -> list[Section]:
    """The farthest of each kind, and all of them folded."""
    if not evidence.disturbances:
        return []
    regression = evidence.slices is not None and evidence.slices.loss == "mae"
    unit = (
        words.gettext("standard deviations of the answers")
        if regression
        else words.gettext("probability, from 0 to 1")
    )
    text = words.count(
        "%(n)s test row was changed in each way and asked again. Moved is the mean over rows, in %(unit)s.",
        "%(n)s test rows were changed in each way and asked again. Moved is the mean over rows, in %(unit)s.",
        evidence.rows_asked or 0,
        unit=unit,
    )
    ordered = sorted(evidence.disturbances, key=lambda each: (_kind(each), -each.moved))
    few = [each for kind in DISTURBANCES for each in [d for d in ordered if d.kind == kind][:OF_A_KIND]]
    blocks: list[Block] = [Paragraphs([text]), _table(words, evidence, few, words.gettext("Farthest moves"))]
    if len(few) < len(ordered):
        blocks.append(_table(words, evidence, ordered, words.gettext("All columns"), folded=True))
    return [Section("robustness", words.gettext("Robustness"), blocks)]


def _kind(each: Disturbance) -> int:
    return list(DISTURBANCES).index(each.kind)


def _table(
    words: Words, evidence: VerifyEvidence, shown: Sequence[Disturbance], title: str, *, folded: bool = False
) -> Table:
    columns = [
        Column(words.gettext("what was changed")),
        Column(words.gettext("columns")),
        Column(words.gettext("moved"), numeric=True),
        Column(words.gettext("other labels"), numeric=True),
        Column(metric_text(words, evidence.headline), numeric=True),
        Column(words.gettext("marked by the contract"), numeric=True),
    ]
    return Table(title, columns, [_row(words, each) for each in shown], compact=True, folded=folded)


def _row(words: Words, each: Disturbance) -> list[Cell]:
    return [
        cell(term(words, DISTURBANCES, each.kind), _kind(each)),
        cell(words.names(each.columns, at_most=3)),
        cell(words.fixed(each.moved, 3), each.moved, min(each.moved, 1.0)),
        cell(words.percent(each.flipped), each.flipped),
        cell(words.score(each.metric), each.metric),
        cell(words.percent(each.noticed, 0), each.noticed),
    ]


def behaviour_section(words: Words, evidence: VerifyEvidence) -> list[Section]:
    """The tests that people wrote, those that failed first."""
    if not evidence.behaviour:
        return []
    columns = [
        Column(words.gettext("test"), wide=True),
        Column(words.gettext("result")),
        Column(words.gettext("found")),
        Column(words.gettext("required")),
        Column(words.gettext("kind")),
    ]
    ordered = sorted(evidence.behaviour, key=lambda each: each.passed)
    rows = [_tested(words, each) for each in ordered]
    table = Table(words.gettext("Tests of behaviour"), columns, rows)
    return [Section("behaviour", words.gettext("Behaviour"), [table])]


def _tested(words: Words, each: BehaviourResult) -> list[Cell]:
    found, wanted = words.data(each.found), words.data(each.wanted)
    if each.kind != "example":
        found = words.data(words.percent(float(each.found)))
        wanted = words.say("%(share)s of rows", share=words.percent(float(each.wanted)))
    return [
        cell(words.data(each.name)),
        cell(yes_no(words, each.passed)),
        cell(found),
        cell(wanted),
        cell(term(words, BEHAVIOURS, each.kind)),
    ]


def stability_section(words: Words, evidence: VerifyEvidence) -> list[Section]:
    """How far the answers of fits on other samples and seeds lie from these."""
    if not evidence.refits:
        return []
    text = words.count(
        "The model was fitted again %(n)s time, on a bootstrap sample of the training rows or with another"
        " seed: how far its answers to test rows move tells how much of them is chance.",
        "The model was fitted again %(n)s times, on bootstrap samples of the training rows or with other"
        " seeds: how far its answers to test rows move tells how much of them is chance.",
        len(evidence.refits),
    )
    pairs = [(term(words, REFITS, each.kind), _refitted(words, evidence, each)) for each in evidence.refits]
    return [Section("stability", words.gettext("Stability"), [Paragraphs([text]), Facts(pairs, lists=True)])]


def _refitted(words: Words, evidence: VerifyEvidence, each: Refit) -> str:
    far = words.fixed(each.moved, 3)
    moved = (
        words.say("answers move by %(moved)s", moved=far)
        if each.metric is None
        else words.say(
            "answers move by %(moved)s, %(metric)s is %(score)s",
            moved=far,
            metric=metric_text(words, evidence.headline),
            score=words.score(each.metric),
        )
    )
    if each.flipped is None:
        return moved
    return words.say(
        "%(moved)s, %(share)s of labels are others", moved=moved, share=words.percent(each.flipped)
    )
