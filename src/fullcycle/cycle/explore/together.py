"""What columns say together: matrices of pairs, gaps, trends over time, and segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from fullcycle.core.contract.model import ColumnType, Contract, Role
from fullcycle.core.evidence.explore import (
    Association,
    ColumnProfile,
    Correlations,
    LeakSuspect,
    MissingMap,
    Segment,
    Trend,
)
from fullcycle.cycle.explore.association import Columns, associations
from fullcycle.cycle.explore.correlations import pearson, spearman
from fullcycle.cycle.explore.gaps import missing_map
from fullcycle.cycle.explore.periods import trends
from fullcycle.cycle.explore.profiles import Analysed, Measured
from fullcycle.cycle.explore.segments import segments
from fullcycle.cycle.explore.target import Target


class Together(TypedDict):
    """Fields of the evidence."""

    correlations: Correlations | None
    spearman: Correlations | None
    cramers_v: Correlations | None
    correlation_ratios: Association | None
    missing_map: MissingMap | None
    trends: tuple[Trend, ...]
    segments: tuple[Segment, ...]


def look_together(
    analysed: Analysed,
    contract: Contract,
    profiles: Sequence[ColumnProfile],
    target: Target,
    suspects: Sequence[LeakSuspect],
) -> Together:
    """`profiles` come strongest first; trends and segments leave undecided leaks out, as the model should."""
    tables, measured, numbers = analysed.tables, analysed.measured, drawn(profiles)
    cramers_v, ratios = associations(tables.sample, _columns(profiles, measured, numbers))
    leaking = {name for s in suspects if s.decision != "keep" for name in (s.columns or (s.column,))}
    honest = [p for p in profiles if p.name not in leaking]
    cut: dict[str, Any] = {
        p.name: (
            measured.numbers.get(p.name, measured.texts.get(p.name)),
            measured.spread.get(p.name),
            list(measured.tops.get(p.name, {})),
        )
        for p in honest
    }
    return Together(
        correlations=pearson(tables.sample, numbers),
        spearman=spearman(tables.sample, numbers),
        cramers_v=cramers_v,
        correlation_ratios=ratios,
        missing_map=missing_map(tables.all, profiles),
        trends=trends(tables.sample, contract, honest, measured.spread, target),
        segments=segments(tables.sample, contract, honest, cut, target),
    )


def drawn(profiles: Sequence[ColumnProfile]) -> list[str]:
    """Numeric features that vary, strongest first."""
    return [
        p.name for p in profiles if p.role is Role.feature and p.type is ColumnType.numeric and p.distinct > 1
    ]


def _columns(profiles: Sequence[ColumnProfile], measured: Measured, numbers: Sequence[str]) -> Columns:
    """Categories and truths that vary, with the target among them if it has classes."""
    shown = [p for p in profiles if p.role in (Role.feature, Role.target) and p.distinct > 1]
    texts = sorted((p for p in shown if p.name in measured.texts), key=lambda p: p.role is not Role.target)
    return Columns(
        texts={p.name: measured.texts[p.name] for p in texts},
        values={p.name: list(measured.tops.get(p.name, {})) for p in texts},
        numbers={name: measured.numbers[name] for name in numbers},
        spread=measured.spread,
    )
