"""Missing values: what a model is given instead, and what that does to a column.

Nothing here fills a cell of the table: fills happen in the model's graph, so that serving repeats them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis

from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.counts import top_values
from fullcycle.core.engines.measures import as_number, equal_bins, histograms
from fullcycle.core.evidence.base import Histogram, Scalar, Summary
from fullcycle.core.evidence.clean import ColumnPolicy, Decision, MissingStudy
from fullcycle.core.evidence.findings import Code
from fullcycle.cycle.clean.learned import EXAMPLE_CHARACTERS, Learned, Measured, measure
from fullcycle.cycle.clean.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Sequence

BINS = 20
FILLED = ("median", "most_frequent", "constant")
REASONS = {
    "depends_on_target": "gap_tells_target",
    "depends_on_column": "gap_follows_column",
    "random": "gap_looks_random",
}


def fills_of(
    train: ibis.Table, columns: Sequence[Column], measured: Measured, rules: Mapping[str, Rules]
) -> dict[str, Scalar]:
    """What stands for a missing value: of a number also where the model decides, as linear models fill it."""
    modes = _modes(train, [c for c in columns if rules[c.name].missing == "most_frequent"])
    return {c.name: _fill(c, rules[c.name], measured.summaries[c.name], modes) for c in columns}


def _modes(train: ibis.Table, columns: Sequence[Column]) -> dict[str, Scalar]:
    """The most frequent value: of numbers as a number, and of what a person may not see none."""
    shown = [c for c in columns if not c.personal]
    numbers = {c.name for c in shown if c.type in (ColumnType.numeric, ColumnType.datetime)}
    texts = {
        c.name: (as_number(train[c.name]) if c.name in numbers else train[c.name]).cast("string")
        for c in shown
    }
    tops = {name: next(iter(found), None) for name, found in top_values(train, texts, 1).items()}
    return {
        name: float(top) if name in numbers else top[:EXAMPLE_CHARACTERS]
        for name, top in tops.items()
        if top is not None
    }


def _fill(column: Column, rules: Rules, summary: Summary, modes: Mapping[str, Scalar]) -> Scalar:
    if rules.missing == "constant":
        return rules.fill
    if rules.missing == "most_frequent":
        return modes.get(column.name)
    return summary.median if column.type is ColumnType.numeric else None


def missing_reason(rules: Rules, study: MissingStudy | None) -> str:
    """Why the gaps are treated so: the settings say it, or what was found about where they are."""
    if "missing" in rules.stated:
        return "settings"
    return "gap_may_tell" if study is None else REASONS[study.kind]


def missing_decisions(
    learned: Learned, train: ibis.Table | None = None, contract: Contract | None = None
) -> list[Decision]:
    """One for each feature with gaps in the training rows; with `train`, also what a fill does to numbers."""
    gappy = [p for p in learned.policies if learned.measured.summaries[p.column].missing]
    pictures = {} if train is None or contract is None else _pictures(learned, train, contract, gappy)
    studies = {study.column: study for study in learned.studies}
    return [
        Decision(
            code=Code.missing_values.value,
            column=policy.column,
            rows=before.missing,
            action=policy.missing,
            reason=policy.missing_reason or "gap_may_tell",
            facts={"share": round(before.missing / before.rows, 6), **_why(studies.get(policy.column))},
            before=before,
            **(pictures.get(policy.column) or {"after": _after(policy, before)}),
        )
        for policy in gappy
        for before in [learned.measured.summaries[policy.column]]
    ]


def _why(study: MissingStudy | None) -> dict[str, Scalar]:
    if study is None or study.kind == "random":
        return {}
    return {
        "kind": study.kind,
        "related": study.related,
        "target_strength": study.target_strength,
        "related_strength": study.related_strength,
    }


def _after(policy: ColumnPolicy, before: Summary) -> Summary | None:
    """Texts without gaps: a category more, or as many as before."""
    if policy.missing == "own_category":
        return before.model_copy(update={"missing": 0, "distinct": before.distinct + 1})
    return before.model_copy(update={"missing": 0}) if policy.missing in FILLED else None


def _pictures(
    learned: Learned, train: ibis.Table, contract: Contract, policies: Sequence[ColumnPolicy]
) -> dict[str, dict[str, Any]]:
    """Summary after, and histograms before and after, of numbers that are filled."""
    filled = {
        p.column: p.fill
        for p in policies
        if p.missing in FILLED
        and p.fill is not None
        and contract.column(p.column).type is ColumnType.numeric
        and learned.measured.spread[p.column].min is not None
    }
    if not filled:
        return {}
    before = {name: as_number(train[name]) for name in filled}
    after = {name: ibis.coalesce(before[name], float(str(fill))) for name, fill in filled.items()}
    measured = measure(train, contract, after)
    bins = {name: equal_bins(measured.spread[name], BINS) for name in filled}
    counts, changed = histograms(train, before, bins), histograms(train, after, bins)
    return {
        name: {
            "after": measured.summaries[name],
            "histogram_before": _histogram(bins[name], counts[name]),
            "histogram_after": _histogram(bins[name], changed[name]),
        }
        for name in filled
    }


def _histogram(bins: tuple[float, float, int], counts: Sequence[int]) -> Histogram:
    start, width, number = bins
    return Histogram(edges=tuple(start + width * i for i in range(number + 1)), counts=tuple(counts))
