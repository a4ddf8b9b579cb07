"""Why values may be missing: how well the target, or another column, tells where a column's gaps are.

For each column with gaps and each other column: the share of gaps in each bin or category of the other is
learned on one half of the rows, the other half's rows are ranked by it, and the ranking is judged by
2 AUC - 1 (0 says nothing, 1 all); then the halves change places, and the mean counts. So a column of many
categories gets no credit for remembering. Of a long table a stated sample of rows is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, ColumnType, Contract, Task
from fullcycle.core.engines.measures import as_label, as_number
from fullcycle.core.engines.plain import missing_of, numbers_of, places_in
from fullcycle.core.engines.sample import held, mixed
from fullcycle.core.engines.tables import ROW, to_arrow
from fullcycle.core.evidence.base import Finding, Severity, Summary
from fullcycle.core.evidence.clean import MissingStudy
from fullcycle.core.evidence.findings import Code, finding

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

STUDY_ROWS = 50_000
COMPARISONS_AT_MOST = 200_000_000  # rows x columns x columns with gaps; a wide table is judged on fewer rows
ROWS_AT_LEAST = 5_000
BINS = 10
PRIOR_ROWS = 10.0  # how many rows at the overall share stand beside each bin's own
STRENGTH_AT_LEAST = 0.1  # weaker is of no use, however sure
CHANCE = 0.001  # that any column of a table without a pattern is named
TOLD_AT_MOST = 10

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


def study_missing(
    train: ibis.Table, contract: Contract, summaries: Mapping[str, Summary]
) -> tuple[MissingStudy, ...]:
    """A study of each feature with gaps and values, in the contract's order."""
    gappy = [c.name for c in contract.features if 0 < summaries[c.name].missing < summaries[c.name].rows]
    if not gappy:
        return ()
    pairs = len(gappy) * (len(contract.features) + 1)
    at_most = int(np.clip(COMPARISONS_AT_MOST // pairs, ROWS_AT_LEAST, STUDY_ROWS))
    columns = (*contract.features, contract.target)
    with held(train.select(ROW, *[c.name for c in columns]), at_most, at_most) as few:
        values = {c.name: _value(few.table, c, contract) for c in columns}
        fetched = to_arrow(few.table.select(half=mixed(few.table[ROW]) % 2, **values))
    half = numbers_of(fetched["half"]).astype(bool)
    gaps = np.column_stack([missing_of(fetched[name]) for name in gappy]).astype(np.float64)
    told = {column.name: strengths(codes_of(fetched[column.name]), gaps, half) for column in columns}
    needed = _needed(gaps, comparisons=len(columns))
    missing = gaps.sum(axis=0).astype(int)
    return tuple(
        _study(
            MissingStudy(
                column=name, rows=len(gaps), missing=missing[place], target_strength=0.0, kind="random"
            ),
            {other: float(found[place]) for other, found in told.items() if other != name},
            contract.target.name,
            float(needed[place]),
        )
        for place, name in enumerate(gappy)
    )


def missing_findings(studies: Sequence[MissingStudy]) -> tuple[Finding, ...]:
    """A finding for each of the strongest dependences."""
    found = [study for study in studies if study.kind != "random"]
    strongest = sorted(found, key=lambda study: -max(study.target_strength, study.related_strength))
    return tuple(
        finding(
            Code.missing_depends,
            Severity.info,
            study.column,
            kind=study.kind,
            related=study.related,
            target_strength=study.target_strength,
            related_strength=study.related_strength,
            rows=study.missing,
            share=round(study.missing / study.rows, 6),
        )
        for study in strongest[:TOLD_AT_MOST]
    )


def _value(table: ibis.Table, column: Column, contract: Contract) -> Any:
    """Numbers and moments as float64, all else as text."""
    value = table[column.name]
    if column is contract.target and contract.task is not Task.regression:
        return as_label(value)
    numeric = column.type in (ColumnType.numeric, ColumnType.datetime)
    return as_number(value) if numeric else value.cast("string")


def codes_of(values: pa.ChunkedArray) -> Codes:
    """The bin of each number by its deciles, or the place of each text; what is missing has its own."""
    import pyarrow as pa

    missing = missing_of(values)
    if pa.types.is_floating(values.type):
        numbers = numbers_of(values)
        known = numbers[~missing]
        edges = (
            np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.empty(0)
        )
        codes = np.searchsorted(edges, np.where(missing, 0.0, numbers), side="right")
    else:
        codes = np.maximum(places_in(values)[0], 0)
    return np.where(missing, codes.max(initial=0) + 1, codes).astype(np.int64)


def strengths(codes: Codes, gaps: Floats, half: NDArray[np.bool_]) -> Floats:
    """How well a column's codes tell each column of gaps (n, k): 2 AUC - 1 on rows that did not teach."""
    size = int(codes.max(initial=0)) + 1
    rows = np.stack([np.bincount(codes[half == side], minlength=size) for side in (False, True)])
    hits = np.stack(
        [
            np.column_stack(
                [np.bincount(codes[half == side], gap[half == side], size) for gap in gaps.T],
            )
            for side in (False, True)
        ]
    )
    judged = [_judged(rows[i], hits[i], rows[1 - i], hits[1 - i]) for i in (0, 1)]
    return np.asarray(np.mean(judged, axis=0))


def _judged(rows: Codes, hits: Floats, other_rows: Codes, other_hits: Floats) -> Floats:
    """Bins ranked by the first half's shares of gaps, and 2 AUC - 1 of that ranking on the other half."""
    prior = hits.sum(axis=0) / max(rows.sum(), 1)
    shares = (hits + PRIOR_ROWS * prior) / (rows[:, None] + PRIOR_ROWS)
    order = np.argsort(shares, axis=0, kind="stable")
    positive = np.take_along_axis(other_hits, order, axis=0)
    negative = np.take_along_axis(other_rows[:, None] - other_hits, order, axis=0)
    below = np.cumsum(negative, axis=0) - negative / 2  # half of those in the same bin
    pairs = positive.sum(axis=0) * negative.sum(axis=0)
    ranked = (positive * below).sum(axis=0)
    return np.where(pairs > 0, 2 * ranked / np.maximum(pairs, 1.0) - 1, 0.0)


def _needed(gaps: Floats, comparisons: int) -> Floats:
    """The strength that chance alone exceeds in one table of a thousand (variance of Mann and Whitney)."""
    from statistics import NormalDist

    with_gap = np.maximum(gaps.sum(axis=0), 1.0)
    without = np.maximum(len(gaps) - with_gap, 1.0)
    deviation = np.sqrt((1 / with_gap + 1 / without) / 3)
    beyond = NormalDist().inv_cdf(1 - CHANCE / comparisons)
    return np.asarray(np.maximum(beyond * deviation, STRENGTH_AT_LEAST))


def _study(study: MissingStudy, told: Mapping[str, float], target: str, needed: float) -> MissingStudy:
    """The study with what was found: how well the target tells the gaps, and which other column best."""
    others = {name: strength for name, strength in told.items() if name != target}
    related = max(others, key=lambda name: others[name], default=None)
    related_strength = 0.0 if related is None else others[related]
    kind = "random"
    if related_strength >= needed:
        kind = "depends_on_column"
    if told[target] >= needed:
        kind = "depends_on_target"
    return study.model_copy(
        update={
            "target_strength": round(max(told[target], 0.0), 6),
            "related": related if related_strength >= needed else None,
            "related_strength": round(max(related_strength, 0.0), 6),
            "kind": kind,
        }
    )
