"""The parts that work on numbers, written as scikit-learn computes them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from fullcycle.core.models.estimators import FLOAT32_MAX, QuantileClipper, to_float32
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix


def export_imputer(graph: Graph, part: SimpleImputer, matrix: Matrix) -> Matrix:
    """What was learned where NaN stands, then a 0/1 column for each column that had NaN in training."""
    if not (isinstance(part.missing_values, float) and np.isnan(part.missing_values)):
        raise ExportError(part, f"missing_values={part.missing_values!r}", "NaN")
    kept = [i for i, value in enumerate(part.statistics_) if not _is_nan(value)]
    absent = graph.add("IsNaN", matrix.name)
    filled = graph.add("Where", absent, graph.constant([part.statistics_], matrix.dtype), matrix.name)
    imputed = graph.columns(Matrix(filled, matrix.width, matrix.dtype), kept)
    if not part.add_indicator:
        return imputed
    flags = [int(position) for position in part.indicator_.features_]
    if not flags:
        return imputed
    return graph.side_by_side([imputed, graph.columns(Matrix(absent, matrix.width, "bool"), flags)])


def export_scaler(graph: Graph, part: StandardScaler, matrix: Matrix) -> Matrix:
    """Centred and scaled in float64: the mean of a year, rounded to float32, would already be felt."""
    scaled = graph.cast(matrix, "float64")
    if part.with_mean:
        scaled = Matrix(
            graph.add("Sub", scaled.name, _row(graph, _centre(part, matrix))), matrix.width, "float64"
        )
    if part.with_std:
        scaled = Matrix(graph.add("Div", scaled.name, _row(graph, part.scale_)), matrix.width, "float64")
    return scaled


def export_clipper(graph: Graph, part: QuantileClipper, matrix: Matrix) -> Matrix:
    """Clipped in float32 by comparison: whether Min and Max pass NaN on depends on the runtime."""
    narrow = graph.cast(matrix, "float32")
    upper = graph.constant([part.upper_], "float32")
    lower = graph.constant([part.lower_], "float32")
    below = graph.add("Where", graph.add("Greater", narrow.name, upper), upper, narrow.name)
    return Matrix(graph.add("Where", graph.add("Less", below, lower), lower, below), matrix.width, "float32")


def export_door(graph: Graph, part: FunctionTransformer, matrix: Matrix) -> Matrix:
    """The cast at the model's door, `to_float32`: what lies beyond float32 saturates."""
    if part.func is not to_float32:
        raise ExportError(part, f"the function {getattr(part.func, '__name__', part.func)}", "to_float32")
    if matrix.dtype != "float64":
        return matrix
    highest = graph.constant(FLOAT32_MAX, "float64")
    lowest = graph.constant(-FLOAT32_MAX, "float64")
    below = graph.add("Where", graph.add("Greater", matrix.name, highest), highest, matrix.name)
    inside = graph.add("Where", graph.add("Less", below, lowest), lowest, below)
    return graph.cast(Matrix(inside, matrix.width, "float64"), "float32")


def _centre(part: StandardScaler, matrix: Matrix) -> Any:
    """The mean as the installed scikit-learn subtracts it.

    A newer one rounds the mean to float32 before it meets float32 (days since 1970 lose a minute), an
    older one does not. So the fitted scaler is asked what it leaves of its own rounded mean.
    """
    if matrix.dtype != "float32":
        return part.mean_
    rounded = np.asarray(part.mean_, dtype=np.float32).reshape(1, -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a scaler fitted on a frame would like names
        left = part.transform(rounded.copy())[0].astype(np.float64)
    return rounded[0].astype(np.float64) - left * (part.scale_ if part.with_std else 1.0)


def _row(graph: Graph, values: Any) -> str:
    return graph.constant([np.asarray(values, dtype=np.float64)], "float64")


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
