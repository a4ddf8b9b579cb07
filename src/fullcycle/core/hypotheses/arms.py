"""An arm as what a model is fitted with: its contract, its policies, its training rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fullcycle.core.contract.model import Contract, Role
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.features.declared import derived, parse_features
from fullcycle.core.project.claims import Arm, ArmClean
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings_file import line_of

FOR_ALL = ("outliers", "outlier_rule", "outlier_factor", "scaling", "rare_share")
NUMERIC_ONLY = ("outliers", "outlier_rule", "outlier_factor")


def arm_contract(project: Project, name: str, side: str, arm: Arm) -> Contract:
    """The project's contract with the arm's features, less what it does without.

    UserError names file, line and character of an expression that can't be read.
    """
    contract = project.contract
    texts = {**project.settings.features, **arm.features}
    kept = {feature: text for feature, text in texts.items() if text is not None}
    if kept != project.settings.features:
        bare = contract.model_copy(update={"derived": (), "lookups": {}})
        trees = parse_features(
            kept,
            bare,
            project.lookups,
            lambda feature: line_of(project, _feature_key(name, side, arm, feature)),
        )
        tables = {lookup: table.columns() for lookup, table in project.lookups.items()}
        contract = bare.model_copy(update={"derived": derived(trees, kept), "lookups": tables})
    return _less(contract, arm.without)


def _feature_key(name: str, side: str, arm: Arm, feature: str) -> tuple[str | int, ...]:
    if feature in arm.features:
        return ("hypotheses", name, side, "features", feature)
    return ("features", feature)


def _less(contract: Contract, without: Sequence[str]) -> Contract:
    columns = tuple(
        column.model_copy(update={"role": Role.ignore}) if column.name in without else column
        for column in contract.columns
    )
    made = tuple(each for each in contract.derived if each.name not in without)
    return contract.model_copy(update={"columns": columns, "derived": made})


def arm_policies(policies: Sequence[ColumnPolicy], contract: Contract, clean: ArmClean) -> list[ColumnPolicy]:
    """What clean decided, with what the arm does otherwise; fences and fills are learned in each fold."""
    numeric = {column.name for column in contract.columns if column.type.value == "numeric"}
    return [_policy(policy, clean, policy.column in numeric) for policy in policies]


def _policy(policy: ColumnPolicy, clean: ArmClean, numeric: bool) -> ColumnPolicy:
    changes: dict[str, Any] = {
        key: getattr(clean, key)
        for key in FOR_ALL
        if getattr(clean, key) is not None and (numeric or key not in NUMERIC_ONLY)
    }
    own = clean.columns.get(policy.column)
    if own is not None:
        changes |= own.model_dump(exclude_none=True)
    if changes.get("scaling") == "auto":
        del changes["scaling"]
    if "outliers" in changes:
        changes["clip"] = changes["outliers"] == "clip"
    return policy.model_copy(update=changes)


def moment(text: str) -> datetime:
    """A moment of a window in UTC; ValueError for what is none.

    >>> moment("2024-01-31").isoformat()
    '2024-01-31T00:00:00+00:00'
    """
    parsed = datetime.fromisoformat(text)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
