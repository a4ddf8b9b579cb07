"""The settings of clean: what becomes of rows, outliers, gaps and scales."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fullcycle.core.project.section import Section

OutlierAction = Literal["keep", "flag", "clip", "null", "drop_row"]
OutlierRule = Literal["iqr", "mad"]
MissingAction = Literal["model", "median", "most_frequent", "constant", "own_category"]
Scaling = Literal["auto", "standard", "robust", "quantile", "none"]


class ColumnCleanSettings(Section):
    """What differs for one column; what isn't said is as for all."""

    outliers: OutlierAction | None = None
    outlier_rule: OutlierRule | None = None
    outlier_factor: float | None = Field(None, gt=0)
    missing: MissingAction | None = None
    fill: str | float | None = Field(None, description="The value of `missing: constant`")
    indicator: bool | None = Field(None, description="Whether the model is told that a value was missing")
    scaling: Scaling | None = None
    rare_share: float | None = Field(None, ge=0, lt=1, description="As clean.rare_share")


class CleanSettings(Section):
    """What clean does with what it finds. Limits are learned on training rows only."""

    duplicates: Literal["drop", "keep"] = "drop"
    duplicate_keys: Literal["report", "keep_first"] = "report"
    contradictions: Literal["report", "drop"] = "report"
    near_duplicates: Literal["report", "drop"] = Field(
        "report", description="Rows that nearly repeat another one; of those the first stays"
    )
    outliers: OutlierAction = Field("keep", description="What is done about numbers outside the fences")
    outlier_rule: OutlierRule = Field("iqr", description="Quartiles, or the median absolute deviation")
    outlier_factor: float = Field(
        3.0, gt=0, description="Fences lie this many interquartile ranges (or deviations) outside"
    )
    scaling: Scaling = Field("auto", description="Of numbers in linear models; auto follows skew and tails")
    rare_share: float = Field(
        0.0, ge=0, lt=1, description="Categories of fewer rows than this share are one category in the model"
    )
    columns: dict[str, ColumnCleanSettings] = Field(
        {}, description="What differs for a column, such as `income: {outliers: clip, missing: median}`"
    )
