"""The contract: what a row must be. Pure data; compiling it is `table` (Ibis) and `row` (requests).

Coerced values, on both sides: numeric -> float64, categorical and text -> string (NFC), boolean -> bool,
datetime -> microseconds since 1970 UTC; missing -> null. Never NaN, never an empty string.
"""

from __future__ import annotations

from collections.abc import Collection
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
    thousands: Literal[",", ".", " ", "'"] | None = Field(
        None, description="Mark between groups of three digits: 1,234,567"
    )
    unit: str = Field("", description="Written before or after a number and left out: $, %, руб.")
    negative: tuple[Literal["brackets", "trailing", "dash"], ...] = Field(
        (), description="How -5 is written, beside -5: (5) is brackets, 5- is trailing, \u22125 is dash"
    )
    zero: str = Field("", description="A text that means zero, as accountants write -")
    formats: tuple[str, ...] = Field(
        (),
        description="Date forms: iso, dmy, mdy, ymd, dmy2, mdy2, dmy_name, mdy_name, "
        "epoch_s, epoch_ms, epoch_us, epoch_ns",
    )
    proposed_formats: tuple[str, ...] = Field(
        (), description="Numbers that may be moments: if they are, set type to datetime and formats to this"
    )
    strip: bool = True
    lower: bool = False
    spelling: dict[str, str] = Field(
        default_factory=dict, description="Variants of a category and what they mean"
    )
    proposed_spelling: dict[str, str] = Field(
        default_factory=dict, description="Texts that may be variants: move one to spelling if it is"
    )
    copy_of: str | None = Field(None, description="The column that says the same; then role is ignore")
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


class Derived(Part):
    """A feature: an expression over columns, computed inside the graph. `columns` are those that it reads."""

    name: str
    type: ColumnType
    expression: str
    columns: tuple[str, ...]


class Contract(Part):
    """What a row must be, learned once, then reviewed like code. `derived` comes from `fullcycle.yaml`."""

    version: Literal[1] = CONTRACT_VERSION
    task: Task
    classes: tuple[str, ...] | None = Field(
        None, description="Classes in order; the last of two is the positive one"
    )
    columns: tuple[Column, ...]
    derived: tuple[Derived, ...] = ()
    lookups: dict[str, dict[str, tuple[str | float | None, ...]]] = Field(
        default_factory=dict, description="Tables that derived features look values up in, the key first"
    )

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
        """Columns that the graph takes, in the contract's order: those that a model sees as they are, and
        those that a derived feature reads."""
        read = self._read_by_derived
        return tuple(c for c in self.columns if _is_feature(c) or c.name in read)

    @property
    def modelled(self) -> tuple[Column, ...]:
        """What the model sees: columns of role feature (no text, no decided leak), then derived features."""
        made = (Column(name=each.name, type=each.type) for each in self.derived)
        return (*(column for column in self.columns if _is_feature(column)), *made)

    @property
    def inputs(self) -> tuple[GraphInput, ...]:
        """The graph's inputs: `features`, where a number that a derived feature reads keeps its digits."""
        read = self._read_by_derived
        return tuple(graph_input(column, exact=column.name in read) for column in self.features)

    @property
    def _read_by_derived(self) -> set[str]:
        return {name for each in self.derived for name in each.columns}

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

    def selected(self, names: Collection[str]) -> Contract:
        """The contract of a model that sees these columns, and what is derived: the others are ignored."""
        left_out = {column.name for column in self.columns if _is_feature(column)} - set(names)
        columns = tuple(
            column.model_copy(update={"role": Role.ignore}) if column.name in left_out else column
            for column in self.columns
        )
        return self.model_copy(update={"columns": columns})

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


def _is_feature(column: Column) -> bool:
    return column.role is Role.feature and column.type is not ColumnType.text and column.leak != "drop"


def graph_input(column: Column, *, exact: bool = False) -> GraphInput:
    """How a feature column enters the graph; `exact` asks for float64 whatever its range."""
    dtype: Literal["float32", "float64", "string", "int64"]
    match column.type:
        case ColumnType.numeric:
            wide = column.range is not None and max(map(abs, column.range)) > FLOAT32_EXACT
            dtype = "float64" if wide or exact else "float32"
        case ColumnType.boolean:
            dtype = "float32"
        case ColumnType.datetime:
            dtype = "int64"
        case _:
            dtype = "string"
    return GraphInput(name=column.name, type=column.type, dtype=dtype)
