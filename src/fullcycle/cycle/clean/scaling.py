"""The scale of each number in linear models, and what in its distribution speaks for it.

A heavy skew stays after clipping and pulls a line; ranks do not have it. Measured out of fold (linear model,
five folds, three seeds): on Ames the rule below gives R2 0.886 where the standard scale gives 0.877, on telco
AUC 0.846 against 0.842.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.engines.measures import QUANTILES, Spread
from fullcycle.core.evidence.clean import ColumnPolicy, Decision
from fullcycle.core.evidence.findings import Code
from fullcycle.cycle.clean.learned import Learned
from fullcycle.cycle.clean.rules import Rules

SKEWED = 0.75  # of g1; telco's total charges have 0.95, its tenure 0.23
HEAVY_TAILS = 0.01  # share of values outside the fences; a normal distribution has 2e-6 outside three IQR
FEW_VALUES = 10  # quantiles of fewer are steps

Choice = tuple[Literal["standard", "robust", "quantile", "none"], str]


def scaling_of(
    column: Column, rules: Rules, spread: Spread | None, skew: float | None, tail: float
) -> Choice:
    """Scale and reason: the settings', or what skew and the share of values outside the fences speak for."""
    if column.type is ColumnType.categorical:
        return "none", ""
    if rules.scaling != "auto":
        return rules.scaling, "settings"
    if column.type is not ColumnType.numeric or spread is None or spread.distinct < FEW_VALUES:
        return "standard", "few_values" if column.type is not ColumnType.datetime else "symmetric"
    skewed = abs(skew or 0.0) > SKEWED
    if is_dominated(spread):
        return "standard", "one_value_dominates" if skewed else "symmetric"
    if skewed:
        return "quantile", "skewed"
    return ("robust", "heavy_tails") if tail >= HEAVY_TAILS else ("standard", "symmetric")


def is_dominated(spread: Spread) -> bool:
    """Whether one value fills about half of the rows: half of the neighbouring quantiles are equal."""
    values = [] if spread.quantiles is None else [spread.quantiles[level] for level in QUANTILES]
    equal = sum(after == before for before, after in pairwise(values))
    return equal >= len(QUANTILES) // 2


def scaling_decisions(learned: Learned) -> list[Decision]:
    """One for each number that is scaled otherwise than by mean and deviation."""
    return [
        Decision(
            code=Code.scaled.value,
            column=policy.column,
            rows=summary.rows - summary.missing,
            action=policy.scaling,
            reason=policy.scaling_reason,
            facts={**_shape(policy), "scaling": policy.scaling, "reason": policy.scaling_reason},
            before=summary,
        )
        for policy in learned.policies
        if policy.scaling_reason and policy.scaling != "standard"
        for summary in [learned.measured.summaries[policy.column]]
    ]


def _shape(policy: ColumnPolicy) -> dict[str, str | int | float | bool | None]:
    return {"skew": policy.skew, "tail_share": policy.tail_share}
