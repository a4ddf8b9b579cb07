"""How each column is treated inside the model graph, and why its values may be missing."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.clean import CleanEvidence, ColumnPolicy, MissingStudy
from fullcycle.people.report.blocks import Cell, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell, real, with_share
from fullcycle.people.report.terms import (
    FILLS,
    MISSING_KINDS,
    OUTLIER_ACTIONS,
    OUTLIER_RULES,
    REASONS,
    SCALING_REASONS,
    SCALINGS,
    term,
)
from fullcycle.people.report.words import Words


def studies_section(words: Words, clean: CleanEvidence) -> list[Section]:
    """Why values of a column may be missing."""
    if not clean.missing_studies:
        return []
    text = words.say(
        "Whether gaps are there by chance decides what filling them does. Strengths are from 0 (nothing tells"
        " where the gaps are) to 1, on rows that had no part in learning; that values are missing because of"
        " what they would have been, no table can show."
    )
    columns = [
        Column(words.gettext("column")),
        Column(words.gettext("missing"), numeric=True),
        Column(words.gettext("the gaps are"), wide=True),
        Column(words.gettext("relation to target"), numeric=True),
        Column(words.gettext("column that tells most")),
        Column(words.gettext("its strength"), numeric=True),
    ]
    rows = [_study(words, study) for study in clean.missing_studies]
    many = words.gettext("Find a column") if len(rows) > 8 else ""
    table = Table(words.gettext("Gaps of each column"), columns, rows, search=many, compact=True)
    return [Section("gaps", words.gettext("Why values may be missing"), [Paragraphs([text]), table])]


def _study(words: Words, study: MissingStudy) -> list[Cell]:
    return [
        cell(words.data(study.column), study.column),
        cell(with_share(words, study.missing, study.rows), study.missing),
        cell(term(words, MISSING_KINDS, study.kind)),
        _strength(words, study.target_strength),
        cell(words.data(study.related) if study.related else "–", study.related or ""),
        _strength(words, study.related_strength if study.related else None),
    ]


def _strength(words: Words, strength: float | None) -> Cell:
    if strength is None:
        return cell("–", "")
    return cell(words.fixed(strength, 2), strength, min(1.0, max(0.0, strength)))


def policies_section(words: Words, clean: CleanEvidence) -> Section:
    """The policy of each feature."""
    titles = (
        words.gettext("column"),
        words.gettext("missing values"),
        words.gettext("filled with"),
        words.gettext("marked as missing"),
        words.gettext("outliers"),
    )
    columns = [
        *(Column(title, wide=True) for title in titles),
        Column(words.gettext("lower fence"), numeric=True),
        Column(words.gettext("upper fence"), numeric=True),
        Column(words.gettext("scaling"), wide=True),
        Column(words.gettext("rare below"), numeric=True),
    ]
    rows = [_policy(words, policy) for policy in clean.policies]
    text = words.say(
        "Filling, clipping and scaling happen inside the model graph, so that serving repeats them exactly."
        " The numbers here come from the training rows; each model fits them again on its own training folds."
    )
    table = Table(
        words.gettext("Policy of each feature"),
        columns,
        rows,
        search=words.gettext("Find a column"),
        compact=True,
    )
    return Section("policies", words.gettext("How each column is treated"), [Paragraphs([text]), table])


def _policy(words: Words, policy: ColumnPolicy) -> list[Cell]:
    return [
        cell(words.data(policy.column), policy.column),
        cell(_missing(words, policy)),
        cell(_fill(words, policy)),
        cell(words.gettext("yes") if policy.indicator else "–"),
        cell(_outliers(words, policy)),
        real(words, policy.lower),
        real(words, policy.upper),
        cell(_scaling(words, policy)),
        cell(words.percent(policy.rare_share) if policy.rare_share else "–", policy.rare_share),
    ]


def _missing(words: Words, policy: ColumnPolicy) -> Markup:
    fill = term(words, FILLS, policy.missing)
    if not policy.missing_reason:
        return fill
    return words.say("%(what)s: %(why)s", what=fill, why=term(words, REASONS, policy.missing_reason))


def _fill(words: Words, policy: ColumnPolicy) -> Text:
    if policy.fill is None:
        return "–"
    if isinstance(policy.fill, int | float) and not isinstance(policy.fill, bool):
        return words.number(policy.fill)
    return words.data(policy.fill)


def _outliers(words: Words, policy: ColumnPolicy) -> Text:
    if policy.lower is None and policy.upper is None and policy.outliers == "keep":
        return "–"
    return words.say(
        "%(what)s: %(why)s",
        what=term(words, OUTLIER_ACTIONS, "clip" if policy.clip else policy.outliers),
        why=term(words, OUTLIER_RULES, policy.outlier_rule),
    )


def _scaling(words: Words, policy: ColumnPolicy) -> Text:
    scaling = term(words, SCALINGS, policy.scaling)
    if not policy.scaling_reason:
        return "–" if policy.scaling in ("none", "standard") else scaling
    return words.say(
        "%(what)s: %(why)s", what=scaling, why=term(words, SCALING_REASONS, policy.scaling_reason)
    )
