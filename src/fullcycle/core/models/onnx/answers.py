"""What a model answers inside the graph, in float64 until the last cast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fullcycle.core.models.onnx.graph import ONNX_TYPES, Graph, Matrix

THRESHOLD = 0.5


@dataclass(frozen=True)
class Value:
    """A number for each row: float64 of shape [N, 1]; `low` and `high` bound its interval, if any."""

    name: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Chances:
    """Probabilities of `classes`, float64: of the last class, [N, 1], where there are two, else [N, k]."""

    name: str
    classes: tuple[str, ...]
    threshold: float = THRESHOLD

    @property
    def binary(self) -> bool:
        return len(self.classes) == 2


Answer = Value | Chances


def chances_of_margins(graph: Graph, margins: Matrix, classes: Sequence[object]) -> Chances:
    """Probabilities from log-odds [N, 1] by the sigmoid, or from scores [N, k] by softmax."""
    scores = graph.cast(margins, "float64").name
    names = tuple(map(str, classes))
    name = graph.add("Sigmoid", scores) if len(names) == 2 else graph.add("Softmax", scores, axis=1)
    return Chances(name, names)


def weighted_mean(graph: Graph, names: Sequence[str], weights: Sequence[float]) -> str:
    """The mean of tensors of one shape: the weights are divided by their sum first."""
    shares = np.asarray(weights, dtype=np.float64) / np.sum(weights)
    parts = [
        graph.add("Mul", name, graph.constant(share, "float64"))
        for name, share in zip(names, shares, strict=True)
    ]
    total = parts[0]
    for part in parts[1:]:
        total = graph.add("Add", total, part)
    return total


def add_answers(graph: Graph, answer: Answer, classes: tuple[str, ...] | None) -> None:
    """The outputs of DECISIONS 18: `probabilities`, in the contract's order of classes, and `label`; or
    `prediction`."""
    if isinstance(answer, Value):
        prediction = graph.cast(Matrix(answer.name, 1, "float64"), "float32")
        graph.add_output("prediction", prediction.name, "float32", ["N", 1])
        for word, bound in (("low", answer.low), ("high", answer.high)):
            if bound:
                cast = graph.cast(Matrix(bound, 1, "float64"), "float32")
                graph.add_output(f"prediction_{word}", cast.name, "float32", ["N", 1])
        return
    columns = _both_columns(graph, answer) if answer.binary else answer.name
    ordered = _in_order_of(graph, columns, answer.classes, classes or answer.classes)
    probabilities = graph.add("Cast", ordered, to=ONNX_TYPES["float32"])
    graph.add_output("probabilities", probabilities, "float32", ["N", len(classes or answer.classes)])
    graph.add_output("label", _label(graph, answer), "string", ["N"])


def _both_columns(graph: Graph, answer: Chances) -> str:
    other = graph.add("Sub", graph.constant(1.0, "float64"), answer.name)
    return graph.add("Concat", other, answer.name, axis=1)


def _in_order_of(graph: Graph, columns: str, known: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """Columns of the classes that are wanted; one that no training row had gets probability 0."""
    if known == wanted:
        return columns
    first = graph.add("Gather", columns, graph.constant([0], "int64"), axis=1)
    with_zero = graph.add("Concat", columns, graph.add("Sub", first, first), axis=1)
    positions = [known.index(name) if name in known else len(known) for name in wanted]
    return graph.add("Gather", with_zero, graph.constant(positions, "int64"), axis=1)


def _label(graph: Graph, answer: Chances) -> str:
    """The class at or above the threshold, or the likeliest of several: a tensor of shape [N]."""
    if not answer.binary:
        best = graph.add("ArgMax", answer.name, axis=1, keepdims=0)
        return graph.add("Gather", graph.constant(answer.classes, "string"), best)
    at_least = graph.add("GreaterOrEqual", answer.name, graph.constant(answer.threshold, "float64"))
    flat = graph.add("Reshape", at_least, graph.constant([-1], "int64"))
    other, positive = (graph.constant([name], "string") for name in answer.classes)
    return graph.add("Where", flat, positive, other)
