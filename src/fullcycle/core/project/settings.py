"""The settings of `fullcycle.yaml`: the one file that a person edits.

Pure data with defaults. Reading the file, with errors that name lines, is `settings_file`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SETTINGS_VERSION = 1

Share = Annotated[float, Field(gt=0, lt=1)]
ModelName = Literal["linear", "lightgbm", "blend"]
MetricName = Literal["roc_auc", "log_loss", "average_precision", "accuracy", "f1_macro", "r2", "rmse", "mae"]


class Section(BaseModel):
    """A part of the settings: an unknown key is an error, a value cannot be changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSettings(Section):
    """Where the raw table comes from and how a text file is read (`auto` is detected and recorded)."""

    source: str = Field(description="Path of the table, relative to the project: CSV (also .gz) or Parquet")
    encoding: str = Field("auto", description="Encoding of a text file, such as utf-8 or cp1251")
    separator: str = Field("auto", description="Separator of a text file")
    decimal: Literal["auto", ".", ","] = Field("auto", description="Decimal mark of numbers in a text file")
    columns_at_most: int = Field(1000, gt=0, description="More feature columns than this are refused")


class SplitSettings(Section):
    """How the test set is sealed off. `auto`: by time or group where the contract has one, else stratified."""

    kind: Literal["auto", "random", "stratified", "group", "time"] = "auto"
    test: str | None = Field(None, description="A test file of your own, relative to the project")
    test_share: Share = 0.2


class CleanSettings(Section):
    """What clean does with what it finds. Limits are learned on training rows only."""

    duplicates: Literal["drop", "keep"] = "drop"
    duplicate_keys: Literal["report", "keep_first"] = "report"
    contradictions: Literal["report", "drop"] = "report"
    outliers: Literal["keep", "clip", "drop_row"] = "keep"
    outlier_factor: float = Field(3.0, gt=0, description="Fences lie this many interquartile ranges outside")


class ExploreSettings(Section):
    """How much of the analysis is drawn."""

    bins: int = Field(20, ge=4, le=100)
    scatter_rows: int = Field(1000, ge=50, description="Rows sampled for scatter plots")


class ExperimentSettings(Section):
    """The search: ended by its trials first, by time as a ceiling."""

    metric: MetricName | None = Field(None, description="Default: roc_auc, log_loss or r2, by the task")
    models: list[ModelName] = Field(default=["linear", "lightgbm", "blend"], min_length=1)
    folds: int = Field(5, ge=2, le=20)
    trials: int = Field(16, ge=1, description="Optuna trials for all models together")
    time_budget_s: float = Field(40.0, gt=0)
    batch: int = Field(4, ge=1, description="Trials asked for at once; a fixed number keeps results equal")
    workers: int = Field(2, ge=1)
    rows_at_most: int = Field(50_000, ge=100, description="Rows that the search sees; the refit sees all")


class VerifySettings(Section):
    """How the sealed test set is judged."""

    bootstrap: int = Field(1000, ge=100)
    confidence: Share = 0.95


class Gate(Section):
    """A check that a bundle must pass before release: the metric on the test set, against a bound."""

    metric: MetricName
    at_least: float | None = None
    at_most: float | None = None


class ServeSettings(Section):
    """The API's limits."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1)
    rows_at_most: int = Field(1000, ge=1)
    body_mb_at_most: float = Field(10.0, gt=0)


class TrackingSettings(Section):
    """Where runs are logged: an MLflow server by URL, or the project's own SQLite store."""

    uri: str = "sqlite:///mlflow.db"


class Settings(Section):
    """Everything in `fullcycle.yaml`."""

    version: Literal[1] = SETTINGS_VERSION
    name: str = Field(min_length=1)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    languages: list[Literal["en", "ru"]] = Field(default=["en", "ru"], min_length=1)
    data: DataSettings
    split: SplitSettings = SplitSettings()
    clean: CleanSettings = CleanSettings()
    explore: ExploreSettings = ExploreSettings()
    experiment: ExperimentSettings = ExperimentSettings()
    verify: VerifySettings = VerifySettings()
    gates: list[Gate] = []
    serve: ServeSettings = ServeSettings()
    tracking: TrackingSettings = TrackingSettings()
