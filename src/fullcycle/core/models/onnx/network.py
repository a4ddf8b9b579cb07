"""Multi-layer perceptrons: a Gemm and an activation for each layer, in float64."""

from __future__ import annotations

from typing import Any

from fullcycle.core.models.onnx.answers import Chances, Value, chances_of_margins
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix

ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid", "identity": "Identity"}


def export_network_regressor(graph: Graph, part: Any, matrix: Matrix) -> Value:
    if part.n_outputs_ != 1:
        raise ExportError(part, f"{part.n_outputs_} targets", "one target")
    if part.out_activation_ != "identity":
        raise ExportError(part, f"the loss {part.loss}", "squared_error")
    return Value(_layers(graph, part, matrix).name)


def export_network_classifier(graph: Graph, part: Any, matrix: Matrix) -> Chances:
    return chances_of_margins(graph, _layers(graph, part, matrix), part.classes_)


def _layers(graph: Graph, part: Any, matrix: Matrix) -> Matrix:
    """All layers, the last without its activation."""
    value = graph.cast(matrix, "float64").name
    last = len(part.coefs_) - 1
    for number, (weights, bias) in enumerate(zip(part.coefs_, part.intercepts_, strict=True)):
        constants = graph.constant(weights, "float64"), graph.constant([bias], "float64")
        value = graph.add("Gemm", value, *constants)
        if number < last:
            value = graph.add(ACTIVATIONS[part.activation], value)
    return Matrix(value, int(part.coefs_[-1].shape[1]), "float64")
