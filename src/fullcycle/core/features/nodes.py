"""Nodes of the graph in the words of expressions: tensors of shape [N, 1] whose missing value is in them.

Missing is NaN for numbers, booleans (0 and 1) and durations, all float64; "" for text; INT64_MIN for times,
int64 microseconds since 1970 UTC. A number may be infinite until somebody asks whether it is missing: `whole`
makes NaN of it then. Each node costs a single row half a microsecond, Where more than twice as much as Add:
so a number carries its gap into a result by adding 0 times itself, which is NaN of NaN and of infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from fullcycle.core.features.tree import Kind

NO_TIME = np.iinfo(np.int64).min
DOUBLE, INT64 = 11, 7  # onnx.TensorProto's numbers, so that nothing here imports onnx
NUMBERS = (Kind.number, Kind.boolean, Kind.duration)  # what is float64 in the graph


class GraphBuilder(Protocol):
    """What `core.models.onnx.graph.Graph` offers: equal nodes are made once."""

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str: ...
    def constant(self, value: Any, dtype: str) -> str: ...


@dataclass(frozen=True)
class Tensor:
    """A value in the graph. `finite` says that no row can be infinite; `present` that none can be missing.

    `condition` is a bool tensor that is true where a boolean is, and whatever comes where it is missing.
    """

    name: str
    kind: Kind
    finite: bool = True
    present: bool = False
    literal: float | str | None = None
    condition: str | None = None


class Nodes:
    """Builds tensors. Every method adds nodes to the graph and gives back what they make."""

    def __init__(self, graph: GraphBuilder) -> None:
        self.graph = graph
        self.fixed: set[str] = set()  # tensors that no column has a part in: one value for all rows

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        made = self.graph.add(operator, *inputs, **attributes)
        if self.fixed.issuperset(inputs):
            self.fixed.add(made)
        return made

    def constant(self, value: Any, dtype: str) -> str:
        name = self.graph.constant(value, dtype)
        self.fixed.add(name)
        return name

    def double(self, value: float) -> str:
        return self.constant(float(value), "float64")

    def int64(self, value: int) -> str:
        return self.constant(value, "int64")

    def text(self, value: str) -> str:
        return self.constant(value, "string")

    def for_each_row(self, value: Tensor, column: str) -> Tensor:
        """The value in the shape of a column, where one value stands for all rows."""
        if value.name not in self.fixed:
            return value
        shape = self.graph.add("Shape", column)
        return replace(value, name=self.graph.add("Expand", value.name, shape))

    @property
    def nan(self) -> str:
        return self.double(float("nan"))

    def number(self, name: str, *, finite: bool = False, kind: Kind = Kind.number) -> Tensor:
        return Tensor(name, kind, finite=finite)

    def whole(self, value: Tensor) -> Tensor:
        """The same with NaN where it is infinite."""
        if value.finite or value.kind not in NUMBERS:
            return value
        return Tensor(self.add("Add", value.name, self.gap(value)), value.kind)

    def gap(self, value: Tensor) -> str:
        """0 where there is a value, NaN where it is missing or infinite: of numbers, booleans, durations."""
        return self.add("Mul", value.name, self.double(0.0))

    def missing(self, value: Tensor) -> str | None:
        """A bool tensor, true where the value is missing or infinite; None where that can't be."""
        if value.present:
            return None
        match value.kind:
            case Kind.text:
                return self.add("Equal", value.name, self.text(""))
            case Kind.time:
                return self.add("Equal", value.name, self.int64(NO_TIME))
        return self.add("IsNaN", value.name if value.finite else self.gap(value))

    def any_missing(self, *values: Tensor) -> str | None:
        """Whether one of them is missing; None where none can be."""
        masks = [mask for value in values if (mask := self.missing(value)) is not None]
        found = masks[0] if masks else None
        for mask in masks[1:]:
            found = self.add("Or", str(found), mask)
        return found

    def none_of(self, kind: Kind) -> str:
        """The missing value of a kind, a constant."""
        if kind is Kind.text:
            return self.text("")
        return self.int64(NO_TIME) if kind is Kind.time else self.nan

    def unless(self, mask: str | None, name: str, kind: Kind) -> Tensor:
        """The tensor with the missing value where the mask is true."""
        if mask is not None:
            name = self.add("Where", mask, self.none_of(kind), name)
        return Tensor(name, kind, present=mask is None)

    def strict(self, name: str, kind: Kind, *inputs: Tensor) -> Tensor:
        """The tensor, missing where one of the inputs is missing or infinite."""
        by_sum = [each for each in inputs if kind in NUMBERS and each.kind in NUMBERS and not each.present]
        for each in by_sum:
            name = self.add("Add", name, self.gap(each))
        made = self.unless(self.any_missing(*(each for each in inputs if each not in by_sum)), name, kind)
        return replace(made, present=made.present and not by_sum)

    def truth(self, condition: str, *inputs: Tensor) -> Tensor:
        """A bool tensor as 0 and 1, missing where one of the inputs is."""
        number = self.add("Cast", condition, to=DOUBLE)
        return replace(self.strict(number, Kind.boolean, *inputs), condition=condition)

    def holds(self, boolean: Tensor) -> str:
        """A bool tensor, true where the boolean is 1, false where it is 0, either where it is missing."""
        return boolean.condition or self.add("Equal", boolean.name, self.double(1.0))

    def listed(self, value: Tensor, texts: Sequence[str], *, inside: bool) -> Tensor:
        """Whether a text is one of some (or none of them): one look into a table, in which "" is missing."""
        found = self.add(
            "LabelEncoder",
            value.name,
            domain="ai.onnx.ml",
            keys_strings=["", *texts],
            values_floats=[float("nan"), *[float(inside)] * len(texts)],
            default_float=float(not inside),
        )
        return Tensor(self.add("Cast", found, to=DOUBLE), Kind.boolean, present=value.present)
