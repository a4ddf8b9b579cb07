"""Outliers of numbers: fences learned on training rows, what lies outside, and what is done about it.

Flags, limits and made gaps are the model graph's; only `drop_row` touches the table, and only its training
rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis

from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.measures import Spread, Tails, as_number, equal_bins, histograms, tails
from fullcycle.core.evidence.base import Histogram, Summary
from fullcycle.core.evidence.clean import ColumnPolicy, Decision
from fullcycle.core.evidence.findings import Code
from fullcycle.cycle.clean.learned import Fence, Learned, Measured, measure
from fullcycle.cycle.clean.quantiles import spreads_at_length
from fullcycle.cycle.clean.rules import Rules

if TYPE_CHECKING:
    from fullcycle.core.project.clean_settings import CleanSettings

BINS = 20
MAD_OF_NORMAL = 1.4826  # a standard deviation, in median absolute deviations of a normal distribution

Bins = Mapping[str, tuple[float, float, int]]


def learn_fences(
    train: ibis.Table, columns: Sequence[Column], measured: Measured, rules: Mapping[str, Rules]
) -> dict[str, Fence]:
    """Fences of numbers; none for one of two values, or where quartiles or deviations are equal."""
    spread = {
        column.name: found
        for column in columns
        if column.type is ColumnType.numeric
        and (found := measured.spread.get(column.name)) is not None
        and found.quartiles is not None
        and found.distinct > 2
    }
    deviations = _deviations(
        train, {name: s for name, s in spread.items() if rules[name].outlier_rule == "mad"}
    )
    fences = {
        name: _fence(found, rules[name].outlier_factor, deviations.get(name))
        for name, found in spread.items()
    }
    return {name: fence for name, fence in fences.items() if fence is not None}


def _deviations(train: ibis.Table, spread: Mapping[str, Spread]) -> dict[str, float]:
    """Median absolute deviations, in the units of a standard deviation."""
    distances = {name: (as_number(train[name]) - found.median).abs() for name, found in spread.items()}
    found, _ = spreads_at_length(train, distances)
    return {name: MAD_OF_NORMAL * own.median for name, own in found.items() if own.median is not None}


def _fence(spread: Spread, factor: float, deviation: float | None) -> Fence | None:
    """So many deviations around the median, or so many interquartile ranges outside the quartiles."""
    if spread.quartiles is None:
        return None
    low, middle, high = spread.quartiles
    if deviation is not None:
        low = high = middle
        reach = factor * deviation
    else:
        reach = factor * (high - low)
    return (low - reach, high + reach) if reach > 0 else None


def outside_of(
    train: ibis.Table, fences: Mapping[str, Fence], spread: Mapping[str, Spread]
) -> dict[str, Tails]:
    """What lies outside, for the numbers of which something does."""
    numbers = {name: as_number(train[name]) for name in fences}
    known = {(name, None): found for name, found in spread.items()}
    found = tails(train, {(name, None): fence for name, fence in fences.items()}, numbers, spread=known)
    return {name: tail for (name, _), tail in found.items() if tail.below + tail.above}


def keep_inside(train: ibis.Table, learned: Learned) -> ibis.Table:
    """Training rows without an outlier in the columns whose policy is to drop them; `train` if none is."""
    if not learned.dropping:
        return train
    inside: Any = ibis.literal(True)
    for name in learned.dropping:
        inside &= train[name].isnull() | train[name].between(*learned.fences[name])
    return train.filter(inside)


@dataclass(frozen=True)
class _After:
    """What a policy makes of columns."""

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    counts: Mapping[str, Sequence[int]] = field(default_factory=dict)


def outlier_decisions(
    train: ibis.Table, after: ibis.Table, learned: Learned, contract: Contract, settings: CleanSettings
) -> list[Decision]:
    """One for each feature with values outside its fences; `after` is train without the rows that went."""
    names = list(learned.outside)
    numbers = {name: as_number(train[name]) for name in names}
    bins = {name: equal_bins(learned.measured.spread[name], BINS) for name in names}
    counts = histograms(train, numbers, bins)
    changed = _after(after, learned, contract, bins)
    policies = {policy.column: policy for policy in learned.policies}
    return [
        Decision(
            code=Code.outliers.value,
            column=name,
            rows=learned.outside[name].below + learned.outside[name].above,
            examples=() if contract.column(name).personal else _extremes(learned, name),
            action=policies[name].outliers,
            reason=_reason(name, policies[name], settings),
            facts=_facts(learned, policies[name]),
            before=learned.measured.summaries[name],
            after=changed.summaries.get(name),
            histogram_before=_histogram(bins[name], counts[name]),
            histogram_after=_histogram(bins[name], changed.counts[name]) if name in changed.counts else None,
        )
        for name in names
    ]


def _after(after: ibis.Table, learned: Learned, contract: Contract, bins: Bins) -> _After:
    """Columns that are clipped, lose values or lost rows; a flag and a mere report change nothing."""
    numbers: dict[str, Any] = {}
    for policy in learned.policies:
        if policy.column not in learned.outside or policy.outliers in ("keep", "flag"):
            continue
        number = as_number(after[policy.column])
        fence = learned.fences[policy.column]
        if policy.outliers == "clip":
            number = number.clip(*fence)
        if policy.outliers == "null":
            number = ibis.ifelse(number.between(*fence), number, ibis.null("float64"))
        numbers[policy.column] = number
    if not numbers:
        return _After()
    summaries = measure(after, contract, numbers).summaries
    return _After(summaries, histograms(after, numbers, {name: bins[name] for name in numbers}))


def _histogram(bins: tuple[float, float, int], counts: Sequence[int]) -> Histogram:
    start, width, number = bins
    return Histogram(edges=tuple(start + width * i for i in range(number + 1)), counts=tuple(counts))


def _reason(name: str, policy: ColumnPolicy, settings: CleanSettings) -> str:
    own = settings.columns.get(name)
    stated = policy.outliers != "keep" or (own is not None and own.outliers is not None)
    return "settings" if stated else "far_and_maybe_true"


def _extremes(learned: Learned, name: str) -> tuple[str, ...]:
    spread, tail = learned.measured.spread[name], learned.outside[name]
    ends = [(tail.above, spread.max), (tail.below, spread.min)]
    return tuple(f"{value:g}" for rows, value in ends if rows and value is not None)


def _facts(learned: Learned, policy: ColumnPolicy) -> dict[str, Any]:
    (lower, upper), tail = learned.fences[policy.column], learned.outside[policy.column]
    return {
        "lower": lower,
        "upper": upper,
        "below": tail.below,
        "above": tail.above,
        "factor": policy.outlier_factor,
        "rule": policy.outlier_rule,
    }
