"""Missing values and outliers of each feature, learned on training rows: found, decided, and told.

Nothing here changes a cell. Filling and clipping happen inside the model's graph, so that serving repeats
them; only `outliers: drop_row` touches the table, and only its training rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.counts import text_spreads, top_values
from fullcycle.core.engines.measures import (
    Moments,
    Spread,
    Tails,
    as_number,
    equal_bins,
    histograms,
    moments,
    spreads,
    tails,
)
from fullcycle.core.evidence.base import Histogram, Summary
from fullcycle.core.evidence.clean import ColumnPolicy, Decision
from fullcycle.core.evidence.findings import Code
from fullcycle.core.project.settings import CleanSettings

if TYPE_CHECKING:
    import ibis.expr.types as ir

BINS = 20
EXAMPLE_CHARACTERS = 60

Fence = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """Features of one table: summaries of all, spreads of numbers."""

    summaries: Mapping[str, Summary]
    spread: Mapping[str, Spread]


@dataclass(frozen=True)
class Learned:
    """What the training rows taught: policies for the model, fences of numbers, what lies outside them."""

    policies: tuple[ColumnPolicy, ...]
    fences: Mapping[str, Fence]
    outside: Mapping[str, Tails]
    measured: Measured


def learn_columns(train: ibis.Table, contract: Contract, settings: CleanSettings) -> Learned:
    """Policies of all features in the contract's order."""
    measured = measure(train, contract)
    fences = {
        column.name: fence
        for column in contract.features
        if column.type is ColumnType.numeric and (fence := _fence(measured.spread.get(column.name), settings))
    }
    numbers = {name: as_number(train[name]) for name in fences}
    found = tails(train, {(name, None): fence for name, fence in fences.items()}, numbers)
    outside = {name: tail for (name, _), tail in found.items() if tail.below + tail.above}
    policies = tuple(
        _policy(
            column,
            measured,
            fences.get(column.name),
            clip=settings.outliers == "clip" and column.name in outside,
        )
        for column in contract.features
    )
    return Learned(policies, fences, outside, measured)


def measure(table: ibis.Table, contract: Contract, numbers: Mapping[str, ir.Value] | None = None) -> Measured:
    """Summaries of features, or of the given expressions over them."""
    if numbers is None:
        kinds = {c.name: c for c in contract.features}
        numbers = {
            n: as_number(table[n])
            for n, c in kinds.items()
            if c.type in (ColumnType.numeric, ColumnType.datetime)
        }
        texts = {n: table[n].cast("string") for n in kinds if n not in numbers}
    else:
        texts = {}
    spread = {name: found for (name, _), found in spreads(table, numbers).items()}
    middles = moments(table, numbers, spread)
    counted, tops = text_spreads(table, texts), top_values(table, texts, 1)
    personal = {c.name for c in contract.columns if c.personal}
    summaries = {name: _number_summary(found, middles[name]) for name, found in spread.items()}
    summaries |= {
        name: _text_summary(found, None if name in personal else next(iter(tops[name]), None))
        for name, found in counted.items()
    }
    return Measured(summaries, spread)


def _number_summary(spread: Spread, middle: Moments) -> Summary:
    return Summary(
        rows=spread.rows,
        missing=spread.missing,
        distinct=spread.distinct,
        mean=_digits(middle.mean),
        median=spread.median,
        std=_digits(middle.std),
        min=spread.min,
        max=spread.max,
    )


def _text_summary(spread: Spread, mode: str | None) -> Summary:
    shown = None if mode is None else mode[:EXAMPLE_CHARACTERS]
    return Summary(rows=spread.rows, missing=spread.missing, distinct=spread.distinct, mode=shown)


def _digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.9g}")


def _fence(spread: Spread | None, settings: CleanSettings) -> Fence | None:
    """`outlier_factor` interquartile ranges outside the quartiles; None where those are equal."""
    if spread is None or spread.quartiles is None or spread.distinct <= 2:
        return None
    low, _, high = spread.quartiles
    reach = settings.outlier_factor * (high - low)
    return (low - reach, high + reach) if reach > 0 else None


def _policy(column: Column, measured: Measured, fence: Fence | None, *, clip: bool) -> ColumnPolicy:
    """Numbers that are missing are left to the model: trees see the gap, a linear model fills the median and
    marks it. A missing category is a category of its own."""
    summary = measured.summaries[column.name]
    missing: Literal["own_category", "model"] = "model"
    if column.type is ColumnType.categorical:
        missing = "own_category"
    return ColumnPolicy(
        column=column.name,
        missing=missing,
        indicator=missing == "model" and summary.missing > 0,
        clip=clip,
        lower=fence[0] if fence else None,
        upper=fence[1] if fence else None,
        fill=summary.median if column.type is ColumnType.numeric else None,
    )


def missing_decisions(learned: Learned) -> list[Decision]:
    """One for each feature with gaps in the training rows."""
    decisions = []
    for policy in learned.policies:
        before = learned.measured.summaries[policy.column]
        if not before.missing:
            continue
        filled = policy.missing == "own_category"
        after = before.model_copy(update={"missing": 0, "distinct": before.distinct + 1}) if filled else None
        decisions.append(
            Decision(
                code=Code.missing_values.value,
                column=policy.column,
                rows=before.missing,
                action=policy.missing,
                reason="gap_may_tell",
                facts={"share": round(before.missing / before.rows, 6)},
                before=before,
                after=after,
            )
        )
    return decisions


def keep_inside(train: ibis.Table, learned: Learned) -> ibis.Table:
    """Training rows without an outlier in any feature."""
    inside: Any = ibis.literal(True)
    for name in learned.outside:
        inside &= train[name].isnull() | train[name].between(*learned.fences[name])
    return train.filter(inside)


def outlier_decisions(
    train: ibis.Table, after: ibis.Table, learned: Learned, contract: Contract, settings: CleanSettings
) -> list[Decision]:
    """One for each feature with values outside its fences; `after` is train without the rows that went."""
    names = list(learned.outside)
    numbers = {name: as_number(train[name]) for name in names}
    bins = {name: equal_bins(learned.measured.spread[name], BINS) for name in names}
    counts = histograms(train, numbers, bins)
    changed, changed_counts = _after(after, learned, contract, settings, bins)
    return [
        Decision(
            code=Code.outliers.value,
            column=name,
            rows=learned.outside[name].below + learned.outside[name].above,
            examples=() if contract.column(name).personal else _extremes(learned, name),
            action=settings.outliers,
            reason="far_and_maybe_true" if settings.outliers == "keep" else "settings",
            facts=_facts(learned, name, settings),
            before=learned.measured.summaries[name],
            after=changed.get(name),
            histogram_before=_histogram(bins[name], counts[name]),
            histogram_after=_histogram(bins[name], changed_counts[name]) if name in changed_counts else None,
        )
        for name in names
    ]


def _after(
    after: ibis.Table,
    learned: Learned,
    contract: Contract,
    settings: CleanSettings,
    bins: Mapping[str, tuple[float, float, int]],
) -> tuple[Mapping[str, Summary], Mapping[str, Sequence[int]]]:
    if settings.outliers == "keep":
        return {}, {}
    numbers = {name: as_number(after[name]) for name in learned.outside}
    if settings.outliers == "clip":
        numbers = {name: number.clip(*learned.fences[name]) for name, number in numbers.items()}
    return measure(after, contract, numbers).summaries, histograms(after, numbers, bins)


def _histogram(bins: tuple[float, float, int], counts: Sequence[int]) -> Histogram:
    start, width, number = bins
    return Histogram(edges=tuple(start + width * i for i in range(number + 1)), counts=tuple(counts))


def _extremes(learned: Learned, name: str) -> tuple[str, ...]:
    spread, tail = learned.measured.spread[name], learned.outside[name]
    ends = [(tail.above, spread.max), (tail.below, spread.min)]
    return tuple(f"{value:g}" for rows, value in ends if rows and value is not None)


def _facts(learned: Learned, name: str, settings: CleanSettings) -> dict[str, Any]:
    (lower, upper), tail = learned.fences[name], learned.outside[name]
    return {
        "lower": lower,
        "upper": upper,
        "below": tail.below,
        "above": tail.above,
        "factor": settings.outlier_factor,
    }


def with_fills(policies: Sequence[ColumnPolicy], measured: Measured) -> tuple[ColumnPolicy, ...]:
    """The same policies with medians of other training rows, after some were dropped."""
    return tuple(
        policy.model_copy(update={"fill": measured.summaries[policy.column].median})
        if policy.fill is not None
        else policy
        for policy in policies
    )
