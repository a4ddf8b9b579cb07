"""What columns say together: matrices of pairs, gaps, trends over time, and segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from fullcycle.core.contract.model import ColumnType, Contract, Role
from fullcycle.core.engines.arrays import Floats, number_arrays
from fullcycle.core.engines.measures import as_number
from fullcycle.core.engines.tables import ROW
from fullcycle.core.evidence.explore import (
    Association,
    ColumnProfile,
    Correlations,
    LeakSuspect,
    MissingMap,
    Segment,
    Trend,
)
from fullcycle.cycle.explore.association import NUMBERS_AT_MOST, Columns, associations
from fullcycle.cycle.explore.correlations import pearson, spearman
from fullcycle.cycle.explore.gaps import missing_map
from fullcycle.cycle.explore.periods import clock, followed, trends
from fullcycle.cycle.explore.profiles import Analysed
from fullcycle.cycle.explore.segments import segments
from fullcycle.cycle.explore.target import Target

COLUMNS_CORRELATED = 30  # pairs grow with the square: these are 435


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
    numbers = drawn(profiles)
    leaking = {name for s in suspects if s.decision != "keep" for name in (s.columns or (s.column,))}
    honest = [p for p in profiles if p.name not in leaking]
    arrays = _arrays(analysed, contract, numbers, honest, target)
    correlated = {name: arrays[name] for name in numbers[:COLUMNS_CORRELATED]}
    cramers_v, ratios = associations(_columns(analysed, profiles, numbers, arrays))
    return Together(
        correlations=pearson(correlated),
        spearman=spearman(correlated),
        cramers_v=cramers_v,
        correlation_ratios=ratios,
        missing_map=missing_map(analysed.tables.all, profiles),
        trends=trends(contract, honest, analysed, arrays, target),
        segments=segments(contract, honest, analysed, target),
    )


def _arrays(
    analysed: Analysed,
    contract: Contract,
    numbers: Sequence[str],
    honest: Sequence[ColumnProfile],
    target: Target,
) -> dict[str, Floats]:
    """The held numbers that are looked at together: some forty columns at most, whatever the table has."""
    over = clock(contract)
    wanted = [
        *numbers[: max(COLUMNS_CORRELATED, NUMBERS_AT_MOST)],
        *(p.name for p in followed(honest, over)),
        target.column,
        *([] if over is None else [over]),
    ]
    table = analysed.tables.sample
    known = {name: as_number(table[name]) for name in dict.fromkeys(wanted) if name in analysed.numbers}
    return dict(number_arrays(table, {**known, ROW: table[ROW]}))


def drawn(profiles: Sequence[ColumnProfile]) -> list[str]:
    """Numeric features that vary, strongest first."""
    return [
        p.name for p in profiles if p.role is Role.feature and p.type is ColumnType.numeric and p.distinct > 1
    ]


def _columns(
    analysed: Analysed, profiles: Sequence[ColumnProfile], numbers: Sequence[str], arrays: dict[str, Floats]
) -> Columns:
    """Categories and truths that vary, with the target among them if it has classes."""
    shown = [p for p in profiles if p.role in (Role.feature, Role.target) and p.distinct > 1]
    texts = sorted((p for p in shown if p.name in analysed.texts), key=lambda p: p.role is not Role.target)
    scales = {name: analysed.numbers[name].scale for name in numbers}
    scaled = [(name, scale) for name, scale in scales.items() if scale is not None][:NUMBERS_AT_MOST]
    return Columns(
        row=arrays[ROW].astype(np.int64),
        texts={p.name: analysed.texts[p.name].coded for p in texts},
        numbers={name: (arrays[name] - scale[0]) / scale[1] for name, scale in scaled if name in arrays},
    )
