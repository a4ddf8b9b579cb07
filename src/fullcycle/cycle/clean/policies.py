"""How each feature is treated inside the model: as the settings say, or as the training rows speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Column, Contract
from fullcycle.core.engines.measures import Moments, Spread, Tails
from fullcycle.core.evidence.base import Scalar, Summary
from fullcycle.core.evidence.clean import ColumnPolicy, MissingStudy
from fullcycle.cycle.clean.gaps import study_missing
from fullcycle.cycle.clean.learned import Fence, Learned, Measured, measure
from fullcycle.cycle.clean.missing import FILLED, fills_of, missing_reason
from fullcycle.cycle.clean.outliers import learn_fences, outside_of
from fullcycle.cycle.clean.rules import Rules, rules_of
from fullcycle.cycle.clean.scaling import scaling_of

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.project.clean_settings import CleanSettings


def learn_columns(train: ibis.Table, contract: Contract, settings: CleanSettings) -> Learned:
    """Policies of all features in the contract's order, and what they were learned from."""
    features = contract.features
    rules = {column.name: rules_of(column, settings) for column in features}
    measured = measure(train, contract)
    fences = learn_fences(train, features, measured, rules)
    outside = outside_of(train, fences, measured.spread)
    fills = fills_of(train, features, measured, rules)
    studies = {study.column: study for study in study_missing(train, contract, measured.summaries)}
    policies = tuple(
        _policy(
            column,
            rules[column.name],
            _Found(
                measured.summaries[column.name],
                measured.spread.get(column.name),
                measured.moments.get(column.name, Moments()),
                fences.get(column.name),
                outside.get(column.name),
                fills[column.name],
                studies.get(column.name),
            ),
        )
        for column in features
    )
    return Learned(policies, fences, outside, measured, tuple(studies.values()))


@dataclass(frozen=True)
class _Found:
    """What the training rows say about one column; `tail` is None where nothing lies outside."""

    summary: Summary
    spread: Spread | None
    middle: Moments
    fence: Fence | None
    tail: Tails | None
    fill: Scalar
    study: MissingStudy | None

    @property
    def tail_share(self) -> float:
        """Share of the values that lie outside the fences."""
        outside = 0 if self.tail is None else self.tail.below + self.tail.above
        return outside / max(self.summary.rows - self.summary.missing, 1)


def _policy(column: Column, rules: Rules, found: _Found) -> ColumnPolicy:
    fence, skew = found.fence, found.middle.skew
    # A flag that no training row has teaches nothing.
    idle = fence is None or (rules.outliers == "flag" and found.tail is None)
    scaling, scaling_reason = scaling_of(column, rules, found.spread, skew, found.tail_share)
    return ColumnPolicy(
        column=column.name,
        missing=rules.missing,
        missing_reason=missing_reason(rules, found.study) if found.summary.missing else "",
        indicator=_indicator(rules, found),
        outliers="keep" if idle else rules.outliers,
        outlier_rule=rules.outlier_rule,
        outlier_factor=rules.outlier_factor,
        clip=rules.outliers == "clip" and fence is not None,
        lower=fence[0] if fence else None,
        upper=fence[1] if fence else None,
        fill=found.fill,
        scaling=scaling,
        scaling_reason=scaling_reason,
        skew=None if skew is None else round(skew, 6),
        tail_share=None if fence is None else round(found.tail_share, 6),
        rare_share=rules.rare_share,
    )


def _indicator(rules: Rules, found: _Found) -> bool:
    """The model is told what was missing, or was made so, unless a category of its own says it."""
    if rules.indicator is not None:
        return rules.indicator
    gaps = found.summary.missing > 0 or (rules.outliers == "null" and found.tail is not None)
    return gaps and rules.missing in ("model", *FILLED)


def with_fills(policies: Sequence[ColumnPolicy], measured: Measured) -> tuple[ColumnPolicy, ...]:
    """The same policies with medians of other training rows, after some were dropped."""
    return tuple(
        policy.model_copy(update={"fill": measured.summaries[policy.column].median})
        if policy.fill is not None and policy.missing in ("median", "model")
        else policy
        for policy in policies
    )
