"""The settings of `fullcycle.yaml`: the one file that a person edits.

Pure data with defaults. Reading the file, with errors that name lines, is `settings_file`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from fullcycle.core.project.abtest_settings import AbTest
from fullcycle.core.project.automation_settings import CiSettings, Targets, UseSettings
from fullcycle.core.project.claims import Gate, Hypothesis, ValueSettings
from fullcycle.core.project.clean_settings import CleanSettings
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.monitor_settings import MonitorSettings
from fullcycle.core.project.proposal_settings import ProposalSettings, SuggestedFeature
from fullcycle.core.project.risk_settings import Risk
from fullcycle.core.project.route_settings import ReleaseSettings, RouteSettings
from fullcycle.core.project.section import MetricName, ModelName, Section, Share
from fullcycle.core.project.verify_settings import VerifySettings


class AsOf(Section):
    """A join by latest earlier time: a row gets the joined row before it, never a later one."""

    left: str = Field(description="Column of the table with the moment of each row")
    right: str = Field(description="Column of the joined table with the moment of each row")
    within_s: float | None = Field(None, gt=0, description="Seconds after which a joined row is too old")


class Join(Section):
    """A second table whose columns are put beside the rows of the first.

    A join never multiplies or drops rows: that is an error with counts and examples.
    """

    source: str = Field(description="Where the joined table comes from, as data.source")
    on: dict[str, str] = Field(
        min_length=1, description="Key: columns of the table so far, and what the joined table calls them"
    )
    how: Literal["left", "inner"] = Field(
        "left", description="left: a row may have no match; inner: each row must have one"
    )
    cardinality: Literal["many_to_one", "one_to_one"] = Field(
        "many_to_one", description="Whether a joined row may match several rows of the table"
    )
    as_of: AsOf | None = None
    columns: list[str] | None = Field(None, description="Columns to take; default: all but the key")
    prefix: str = Field("", description="Put before the names of the columns that are taken")
    table: str | None = Field(None, description="As data.table")
    query: str | None = Field(None, description="As data.query")


class DataSettings(Section):
    """Where the raw table comes from and how a text file is read (`auto` is detected and recorded)."""

    source: str = Field(
        description="A path relative to the project, a glob, or a URI: https://, s3://, postgres://, "
        "duckdb:FILE, sqlite:FILE, kaggle:OWNER/DATASET/FILE, uci:ID; ${NAME} is taken from the environment"
    )
    table: str | None = Field(None, description="Table of a database, or sheet of an Excel file")
    query: str | None = Field(None, description="SELECT that a database answers, instead of a table")
    joins: list[Join] = []
    labels: str | None = Field(
        None, description="Labels that people gave, put over the target; `fullcycle label import` writes them"
    )
    encoding: str = Field("auto", description="Encoding of a text file, such as utf-8 or cp1251")
    separator: str = Field("auto", description="Separator of a text file")
    decimal: Literal["auto", ".", ","] = Field("auto", description="Decimal mark of numbers in a text file")
    columns_at_most: int = Field(1000, gt=0, description="More feature columns than this are refused")


class SplitSettings(Section):
    """How the test set is sealed off. `auto`: by time or group if the contract has one, else stratified."""

    kind: Literal["auto", "random", "stratified", "group", "time"] = "auto"
    test: str | None = Field(None, description="A test file of your own, relative to the project")
    test_share: Share = Field(0.2, description="Share of rows sealed off, between 0 and 1")


class ExploreSettings(Section):
    """How much of the analysis is drawn."""

    bins: int = Field(20, ge=4, le=100, description="Bins of a histogram, 4 to 100")
    scatter_rows: int = Field(1000, ge=50, description="Rows sampled for scatter plots")


class ExperimentSettings(Section):
    """The search: ended by its trials first, by time as a ceiling."""

    metric: MetricName | None = Field(None, description="Default: roc_auc, log_loss or r2, by the task")
    models: list[ModelName] = Field(
        default=["linear", "lightgbm", "mlp", "ensemble"],
        min_length=1,
        description="Models that compete; a person's own by import path: package.module:build",
    )
    folds: int = Field(5, ge=2, le=20, description="Folds of cross-validation, 2 to 20")
    trials: int = Field(16, ge=1, description="Optuna trials for all models together")
    time_budget_s: float = Field(
        40.0, gt=0, description="Seconds of the search: a trial that would pass them is not begun"
    )
    batch: int = Field(4, ge=1, description="Trials asked for at once; a fixed number keeps results equal")
    workers: int = Field(2, ge=1, description="Trials that run side by side; results don't depend on it")
    learning_curve: bool = Field(
        True, description="Whether it is measured what half of the rows, a quarter and an eighth would do"
    )
    engine: Literal["local", "dask"] = Field(
        "local", description="Where trials run: threads of this process, or Dask (the extra `dask`)"
    )
    dask_address: str | None = Field(
        None, description="Scheduler of a Dask cluster, tcp://HOST:PORT; default: one on this machine"
    )
    rows_at_most: int = Field(50_000, ge=100, description="Rows that the search sees; the refit sees all")
    propose_features: bool = Field(
        False, description="Also look for features to suggest, as `proposals` says"
    )

    @field_validator("models", mode="before")
    @classmethod
    def _older_words(cls, models: Any) -> Any:
        """`blend` became `ensemble`: files that say the older word go on working."""
        if not isinstance(models, list):
            return models
        return ["ensemble" if each == "blend" else each for each in models]


class PrepareSettings(Section):
    """Which form of the model is deployed: the search's champion, or the one that this budget asks for."""

    variants: bool = Field(
        True, description="Build and measure simpler forms beside the champion; false takes it as it is"
    )
    intervals: Share | None = Field(
        None,
        description="Share of rows that the intervals of a number hold, such as 0.9; default: no intervals",
    )
    latency_p99_ms: float | None = Field(
        None, gt=0, description="99 of 100 single rows are answered within, milliseconds"
    )
    size_mb: float | None = Field(None, gt=0, description="Size of the graph at most, megabytes")
    quality_loss_at_most: float | None = Field(
        None,
        ge=0,
        description="In the metric's unit, against the champion out of fold: the smallest graph that loses "
        "no more is taken",
    )


class ServeSettings(Section):
    """The API's limits."""

    host: str = Field("127.0.0.1", description="Address to listen on; 127.0.0.1 is this machine alone")
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, description="Processes that answer")
    rows_at_most: int = Field(1000, ge=1, description="Rows in one request")
    explained_rows_at_most: int = Field(50, ge=1, description="Rows in one request for explanations")
    body_mb_at_most: float = Field(10.0, gt=0, description="Size of one request, megabytes")
    waiting_at_most: int = Field(
        256, ge=1, description="Requests under way in one worker; more get 503 and are asked to come again"
    )
    model_name: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]*$", description="At /v2/models/NAME; default: as in MLflow's registry"
    )
    requests_per_s: float | None = Field(
        None, gt=0, description="Of one key or address, on the long run, at all workers; more get 429"
    )
    requests_at_once: int = Field(100, ge=1, description="At once, if requests_per_s is set")
    keys_file: str | None = Field(
        None,
        description="Hashes that `fullcycle keys new` writes; default: keys.txt, if it is there",
    )
    hosts: list[str] | None = Field(
        None,
        description="Names under which clients may ask (header host, without port); default: any, but this "
        "machine's own on a loopback address where nobody is asked for a key",
    )
    without_key: bool = Field(False, description="Ask nobody for a key, though other machines may ask")
    log_format: Literal["console", "json"] = Field("console", description="Lines of the server's log")
    log_requests: Literal["all", "problems", "none"] = Field(
        "problems", description="Which requests get a line in the server's log"
    )
    routes: RouteSettings = RouteSettings()


class TrackingSettings(Section):
    """Where runs are logged: an MLflow server by URL, or the project's own SQLite store."""

    uri: str = Field("sqlite:///mlflow.db", description="Any URI that MLflow understands, or wandb:PROJECT")


class LookupSettings(Section):
    """A small table that features look values up in; it travels inside the model's graph."""

    source: str = Field(description="Where the table comes from, as data.source")
    key: str = Field(description="Its column that is looked up; each value may stand there once")
    columns: list[str] | None = Field(None, description="Columns to take; default: all")
    table: str | None = Field(None, description="As data.table")
    query: str | None = Field(None, description="As data.query")


class Settings(Section):
    """Everything in `fullcycle.yaml`."""

    version: Literal[1] = 1
    name: str = Field(min_length=1, description="What the project is called in reports")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Every random choice follows from it")
    languages: list[Literal["en", "ru"]] = Field(
        default=["en", "ru"], min_length=1, description="Languages of the reports"
    )
    data: DataSettings
    features: dict[str, str] = Field(
        default={}, description="Expressions over columns by the name of the feature: ratio: amount / days"
    )
    suggested_features: dict[str, SuggestedFeature] = Field(
        default={}, description="Written by `fullcycle features propose`; nothing uses them until accepted"
    )
    rejected_features: dict[str, str] = Field(
        default={}, description="Expressions that `fullcycle features reject` keeps from being proposed again"
    )
    lookups: dict[str, LookupSettings] = Field(
        default={}, description="Tables by name, for lookup(NAME, key).column"
    )
    split: SplitSettings = SplitSettings()
    clean: CleanSettings = CleanSettings()
    explore: ExploreSettings = ExploreSettings()
    experiment: ExperimentSettings = ExperimentSettings()
    proposals: ProposalSettings = ProposalSettings()
    prepare: PrepareSettings = PrepareSettings()
    verify: VerifySettings = VerifySettings()
    gates: list[Gate] = Field(default=[], description="As success; the older name")
    success: list[Gate] = Field(
        default=[], description="What the model must reach on the test set: {metric: roc_auc, at_least: 0.8}"
    )
    value: ValueSettings | None = Field(
        None, description="What answers are worth: {unit: EUR, gain: {tp: 40, fp: -5, fn: -40}}"
    )
    hypotheses: dict[str, Hypothesis] = Field(
        default={}, description="Claims by name; `fullcycle experiment --hypothesis NAME` decides one"
    )
    abtests: dict[str, AbTest] = Field(
        default={}, description="A/B tests by name; `fullcycle abtest design NAME --save` fixes one"
    )
    release: ReleaseSettings = ReleaseSettings()
    serve: ServeSettings = ServeSettings()
    log: LogSettings = LogSettings()
    monitor: MonitorSettings = MonitorSettings()
    risks: dict[str, Risk] = Field(
        default={}, description="What may fail, by name; `fullcycle monitor risks` proposes some"
    )
    tracking: TrackingSettings = TrackingSettings()
    use: UseSettings = UseSettings()
    targets: Targets = Targets()
    ci: CiSettings = CiSettings()

    @property
    def criteria(self) -> dict[tuple[str | int, ...], Gate]:
        """Every gate of the project's own, by its key in the file."""
        named: dict[str, list[Gate]] = {"gates": self.gates, "success": self.success}
        return {(name, place): gate for name, gates in named.items() for place, gate in enumerate(gates)}

    @field_validator("hypotheses", mode="before")
    @classmethod
    def _by_id(cls, given: Any) -> Any:
        """A list whose entries have an `id` says the same as a mapping."""
        if not isinstance(given, list) or not all(isinstance(each, dict) and "id" in each for each in given):
            return given
        names = [str(each["id"]) for each in given]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two hypotheses with the id {twice[0]!r}")
        return {str(each["id"]): {key: value for key, value in each.items() if key != "id"} for each in given}
