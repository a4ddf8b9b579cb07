"""Linear models: one Gemm in float64, so that large inputs that cancel each other still do."""

from __future__ import annotations

from typing import Any

import numpy as np

from fullcycle.core.models.onnx.answers import Chances, Value, chances_of_margins
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix


def export_linear_regression(graph: Graph, part: Any, matrix: Matrix) -> Value:
    """Ridge and its relatives: one target."""
    weights = np.atleast_2d(part.coef_)
    if weights.shape[0] != 1:
        raise ExportError(part, f"{weights.shape[0]} targets", "one target")
    return Value(_margins(graph, matrix, weights, part.intercept_).name)


def export_logistic_regression(graph: Graph, part: Any, matrix: Matrix) -> Chances:
    """Log-odds of the last of two classes, or one score for each of several."""
    weights = np.asarray(part.coef_)
    if len(part.classes_) > 2 and _one_against_rest(part):
        raise ExportError(part, "one model for each class against the rest", "a multinomial model")
    return chances_of_margins(graph, _margins(graph, matrix, weights, part.intercept_), part.classes_)


def _one_against_rest(part: Any) -> bool:
    """liblinear never fits a multinomial model; `multi_class` left scikit-learn with 1.8."""
    return getattr(part, "multi_class", None) == "ovr" or part.solver == "liblinear"


def _margins(graph: Graph, matrix: Matrix, weights: Any, intercept: Any) -> Matrix:
    rows = graph.cast(matrix, "float64").name
    bias = np.broadcast_to(np.asarray(intercept, dtype=np.float64).reshape(1, -1), (1, len(weights)))
    name = graph.add("Gemm", rows, graph.constant(weights.T, "float64"), graph.constant(bias, "float64"))
    return Matrix(name, len(weights), "float64")
