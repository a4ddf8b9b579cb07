"""What the settings say for one column: its own words, else what holds for all, where its type allows it."""

from __future__ import annotations

from dataclasses import dataclass

from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.project.clean_settings import (
    CleanSettings,
    ColumnCleanSettings,
    MissingAction,
    OutlierAction,
    OutlierRule,
    Scaling,
)


@dataclass(frozen=True)
class Rules:
    """The settings of one column; `stated` names the keys that stand under the column itself."""

    outliers: OutlierAction
    outlier_rule: OutlierRule
    outlier_factor: float
    missing: MissingAction
    fill: str | float | None
    indicator: bool | None
    scaling: Scaling
    rare_share: float
    stated: frozenset[str] = frozenset()


def rules_of(column: Column, settings: CleanSettings) -> Rules:
    """The rules that hold for a feature.

    Outliers are a matter of numbers and rare values of categories; a number that is missing is left to the
    model unless the settings say otherwise, and a missing category is a category of its own.
    """
    own = settings.columns.get(column.name, ColumnCleanSettings())
    categorical = column.type is ColumnType.categorical
    return Rules(
        outliers=(own.outliers or settings.outliers) if column.type is ColumnType.numeric else "keep",
        outlier_rule=own.outlier_rule or settings.outlier_rule,
        outlier_factor=own.outlier_factor or settings.outlier_factor,
        missing=own.missing or ("own_category" if categorical else "model"),
        fill=own.fill,
        indicator=own.indicator,
        scaling="none" if categorical else own.scaling or settings.scaling,
        rare_share=(settings.rare_share if own.rare_share is None else own.rare_share)
        if categorical
        else 0.0,
        stated=frozenset(own.model_fields_set),
    )
