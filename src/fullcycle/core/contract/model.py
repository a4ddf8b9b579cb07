"""The contract: what a row must be. Pure data; compiling it is `table` (Ibis) and `row` (requests).

Coerced values, on both sides: numeric -> float64, categorical and text -> string (NFC), boolean -> bool,
datetime -> microseconds since 1970 UTC; missing -> null. Never NaN, never an empty string.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

CONTRACT_VERSION: Literal[1] = 1
FLOAT32_EXACT = 2.0**24  # whole numbers up to here survive float32; larger magnitudes travel as float64


class ColumnType(StrEnum):
    """How a value is read."""

    numeric = "numeric"
    categorical = "categorical"
    boolean = "boolean"
    datetime = "datetime"
    text = "text"


class Role(StrEnum):
    """What a column is for. Only `feature` reaches a model."""

    feature = "feature"
    target = "target"
    identifier = "identifier"
    group = "group"
    time = "time"
    constant = "constant"
    ignore = "ignore"


class Task(StrEnum):
    """What is predicted."""

    binary = "binary"
    multiclass = "multiclass"
    regression = "regression"


class Part(BaseModel):
    """A frozen piece of the contract; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentinel(Part):
    """A value that looks like a code for "missing" (-999): proposed with its count, never just applied."""

    value: str
    rows: int


class Column(Part):
    """One column. `allowed` and `range` are what was seen: another value is answered and marked,
    unless a person sets `strict: true`, which rejects it (DECISIONS 13)."""

    name: str
    type: ColumnType
    role: Role = Role.feature
    required: bool = True
    missing: tuple[str, ...] = Field((), description="Texts read as missing, beside the empty one")
    decimal: Literal[".", ","] = "."
    formats: tuple[str, ...] = Field((), description="Date forms: iso, dmy, mdy, ymd, epoch_s, epoch_ms")
    strip: bool = True
    lower: bool = False
    spelling: dict[str, str] = Field(
        default_factory=dict, description="Variants of a category and what they mean"
    )
    allowed: tuple[str, ...] | None = None
    range: tuple[float, float] | None = None
    strict: bool = False
    personal: bool = False
    leak: Literal["drop", "keep"] | None = None
    leak_reason: str | None = None
    proposed_missing: tuple[Sentinel, ...] = ()

    @model_validator(mode="after")
    def _keep_needs_reason(self) -> Column:
        if self.leak == "keep" and not self.leak_reason:
            raise ValueError("leak: keep needs a leak_reason")
        return self


class Contract(Part):
    """What a row must be, learned once, then reviewed like code."""

    version: Literal[1] = CONTRACT_VERSION
    task: Task
    classes: tuple[str, ...] | None = Field(
        None, description="Classes in order; the last of two is the positive one"
    )
    columns: tuple[Column, ...]

    @model_validator(mode="after")
    def _one_target(self) -> Contract:
        targets = [column.name for column in self.columns if column.role is Role.target]
        if len(targets) != 1:
            raise ValueError(f"exactly one column must have role target, found {targets or 'none'}")
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("two columns have the same name")
        return self

    @property
    def target(self) -> Column:
        """The column that is predicted."""
        return next(column for column in self.columns if column.role is Role.target)

    @property
    def features(self) -> tuple[Column, ...]:
        """Columns that reach the model, in the contract's order: no text, and no decided leak."""
        return tuple(
            column
            for column in self.columns
            if column.role is Role.feature and column.type is not ColumnType.text and column.leak != "drop"
        )

    @property
    def group(self) -> Column | None:
        """The column whose rows must stay together in every split and inner fold."""
        return next((column for column in self.columns if column.role is Role.group), None)

    @property
    def time(self) -> Column | None:
        """The column that orders rows: training is always earlier than judging."""
        return next((column for column in self.columns if column.role is Role.time), None)

    @property
    def key(self) -> Column | None:
        """The first identifier, if there is one."""
        return next((column for column in self.columns if column.role is Role.identifier), None)

    def column(self, name: str) -> Column:
        """The column of that name, or KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


class GraphInput(Part):
    """One input of `model.onnx`: shape [N, 1], named as its column (DECISIONS 18).

    Missing is NaN for numbers and booleans, "" for strings, -2**63 for datetimes (microseconds UTC).
    """

    name: str
    type: ColumnType
    dtype: Literal["float32", "float64", "string", "int64"]


def graph_input(column: Column) -> GraphInput:
    """How a feature column enters the graph."""
    dtype: Literal["float32", "float64", "string", "int64"]
    match column.type:
        case ColumnType.numeric:
            wide = column.range is not None and max(map(abs, column.range)) > FLOAT32_EXACT
            dtype = "float64" if wide else "float32"
        case ColumnType.boolean:
            dtype = "float32"
        case ColumnType.datetime:
            dtype = "int64"
        case _:
            dtype = "string"
    return GraphInput(name=column.name, type=column.type, dtype=dtype)
