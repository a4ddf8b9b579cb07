"""Building an ONNX graph a node at a time: names, constants, and equal nodes made only once.

Two candidates of an ensemble read the same columns; because a node with the same operator, inputs and
attributes is the same node, they share their preprocessing without knowing of each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from fullcycle.core.errors import UserError

OPSET = 17  # what ONNX Runtime reads since 1.12; every operator that we need is older
OPSET_ML = 3
IR_VERSION = 8
ML = "ai.onnx.ml"

ONNX_TYPES = {
    "float32": onnx.TensorProto.FLOAT,
    "float64": onnx.TensorProto.DOUBLE,
    "int64": onnx.TensorProto.INT64,
    "string": onnx.TensorProto.STRING,
    "bool": onnx.TensorProto.BOOL,
}

MatrixType = Literal["float32", "float64", "bool"]


class ExportError(UserError):
    """A part or a setting of the fitted pipeline that the graph can't hold."""

    def __init__(self, what: object, found: str, expected: str = "") -> None:
        name = what if isinstance(what, str) else type(what).__name__
        super().__init__(
            where=f"export to ONNX, {name}",
            found=found,
            expected=expected,
            hint="choose another model in experiment.models, then run `fullcycle run prepare`",
        )


@dataclass(frozen=True)
class Matrix:
    """A tensor of shape [N, width] in the graph. A bool is 0 or 1, exact in either float type."""

    name: str
    width: int
    dtype: MatrixType


@dataclass
class Graph:
    """A graph under construction; every method that adds a node returns the name of its output."""

    inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    outputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)  # names of features, which tensors of theirs bear
    named: set[str] = field(default_factory=set)  # those of them that have their tensor
    opset: int = OPSET
    _made: dict[str, str] = field(default_factory=dict)

    def own_name(self, word: str) -> str:
        """A name for a tensor of ours that is no column's: columns are called whatever people like."""
        name, columns = word, {each.name for each in self.inputs} | self.reserved
        while any(column.startswith(name) for column in columns):
            name = f"_{name}"
        return name

    def add_input(self, name: str, dtype: str) -> str:
        """An input of shape [N, 1]; all inputs come before the first node."""
        self.inputs.append(helper.make_tensor_value_info(name, ONNX_TYPES[dtype], ["N", 1]))
        return name

    def add_output(self, name: str, source: str, dtype: str, shape: Sequence[str | int]) -> None:
        """Name a tensor as an answer of the graph."""
        self.nodes.append(helper.make_node("Identity", [source], [name], name=f"answer_{name}"))
        self.outputs.append(helper.make_tensor_value_info(name, ONNX_TYPES[dtype], list(shape)))

    def constant(self, value: Any, dtype: str) -> str:
        """A constant tensor; equal ones are kept once."""
        array = np.asarray(value, dtype=object if dtype == "string" else dtype)
        content = repr(array.tolist()).encode() if dtype == "string" else array.tobytes()
        key = f"{dtype}{array.shape}{hashlib.sha256(content).hexdigest()}"
        if key not in self.constants:
            self.constants[key] = _tensor(array, dtype, self.own_name(f"constant_{len(self.constants)}"))
        return str(self.constants[key].name)

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """A node with one output, or the output of the equal node that is there already."""
        key = f"{domain}|{operator}|{inputs}|{sorted(attributes.items())}"
        if key not in self._made:
            output = self.own_name(f"{operator.lower()}_{len(self.nodes)}")
            self.nodes.append(
                helper.make_node(operator, inputs, [output], output, domain=domain, **attributes)
            )
            self._made[key] = output
        return self._made[key]

    def fresh_prefix(self, word: str) -> str:
        """A prefix that no other tensor has, for the nodes of a converter."""
        return self.own_name(f"{word}_{len(self.nodes)}_")

    def cast(self, matrix: Matrix, dtype: MatrixType) -> Matrix:
        """The matrix in another type; itself if it has that type."""
        if matrix.dtype == dtype:
            return matrix
        return Matrix(self.add("Cast", matrix.name, to=ONNX_TYPES[dtype]), matrix.width, dtype)

    def columns(self, matrix: Matrix, positions: Sequence[int]) -> Matrix:
        """Some columns of a matrix, in the order asked for."""
        if list(positions) == list(range(matrix.width)):
            return matrix
        name = self.add("Gather", matrix.name, self.constant(positions, "int64"), axis=1)
        return Matrix(name, len(positions), matrix.dtype)

    def side_by_side(self, parts: Sequence[Matrix]) -> Matrix:
        """Matrices as one: float64 if any part is, as NumPy does it; bools follow the others."""
        parts = [part for part in parts if part.width]
        dtypes = {part.dtype for part in parts}
        dtype: MatrixType = "float64" if "float64" in dtypes else "float32"
        if dtypes == {"bool"}:
            dtype = "bool"
        cast = [self.cast(part, dtype) for part in parts]
        if len(cast) == 1:
            return cast[0]
        width = sum(part.width for part in cast)
        return Matrix(self.add("Concat", *(part.name for part in cast), axis=1), width, dtype)

    def model(self) -> onnx.ModelProto:
        """The finished model: the same fitted pipeline gives the same bytes."""
        body = helper.make_graph(
            self.nodes, "fullcycle", self.inputs, self.outputs, initializer=list(self.constants.values())
        )
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid(ML, OPSET_ML)]
        model = helper.make_model(
            body,
            opset_imports=opsets,
            ir_version=IR_VERSION if self.opset == OPSET else IR_VERSION + 1,
            producer_name="fullcycle",
        )
        onnx.checker.check_model(model)
        return model


def serialize(model: onnx.ModelProto) -> bytes:
    """The bytes of a model, in one fixed order."""
    return bytes(model.SerializeToString(deterministic=True))


def _tensor(array: NDArray[Any], dtype: str, name: str) -> onnx.TensorProto:
    if dtype == "string":
        values: Any = [str(value).encode() for value in array.ravel()]
        return helper.make_tensor(name, onnx.TensorProto.STRING, array.shape, values)
    return numpy_helper.from_array(array, name)
