"""Where on the analysis page a column or a finding is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from markupsafe import Markup

from fullcycle.core.evidence.base import Finding
from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.evidence.findings import Code

Anchors = dict[str, str]

BY_SECTION = {
    Code.strongest_columns: "strength",
    Code.strong_correlation: "correlations",
    Code.missing_together: "missing",
    Code.segment_differs: "segments",
    Code.pair_leak: "suspects",
    Code.identifier_leak: "suspects",
    Code.group_leak: "suspects",
    Code.time_leak: "suspects",
    Code.aggregate_leak: "suspects",
    Code.order_leak: "suspects",
    Code.measured_on_sample: "overview",
    Code.imbalanced_target: "overview",
}


def column_anchors(explore: ExploreEvidence) -> Anchors:
    """An anchor for each column, made of its name so that a link outlives the next run."""
    taken: Counter[str] = Counter()
    anchors = {}
    for profile in explore.columns:
        slug = "column-" + (re.sub(r"[^\w.]+", "-", profile.name).strip("-") or "x")
        taken[slug] += 1
        anchors[profile.name] = slug if taken[slug] == 1 else f"{slug}--{taken[slug]}"
    return anchors


def finding_anchor(finding: Finding, anchors: Anchors, ids: Iterable[str], trends: Anchors) -> str:
    """A link to the chart or table of a finding, empty where there is none."""
    there = set(ids)
    if finding.code == Code.trend and finding.columns and finding.columns[0] in trends:
        return "#" + trends[finding.columns[0]]
    section = BY_SECTION.get(Code(finding.code)) if finding.code in set(Code) else None
    if section in there:
        return f"#{section}"
    known = [anchors[column] for column in finding.columns if column in anchors]
    return f"#{known[0]}" if known else ""


def linked(column: str, anchors: Anchors) -> Markup:
    """A column's name that leads to its card."""
    if column not in anchors:
        return Markup('<span translate="no">{}</span>').format(column)
    return Markup('<a href="#{}" translate="no">{}</a>').format(anchors[column], column)
