"""The parts that work on numbers, written as scikit-learn computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from fullcycle.core.models.estimators import QuantileClipper
from fullcycle.core.models.onnx.graph import CannotExport, Graph, Matrix


def export_imputer(graph: Graph, part: SimpleImputer, matrix: Matrix) -> Matrix:
    """What was learned where NaN stands, then a 0/1 column for each column that had NaN in training."""
    if not (isinstance(part.missing_values, float) and np.isnan(part.missing_values)):
        raise CannotExport(part, f"missing_values={part.missing_values!r}", "NaN")
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
    if part.mean_ is not None and part.with_mean:
        scaled = Matrix(graph.add("Sub", scaled.name, _row(graph, part.mean_)), matrix.width, "float64")
    if part.scale_ is not None and part.with_std:
        scaled = Matrix(graph.add("Div", scaled.name, _row(graph, part.scale_)), matrix.width, "float64")
    return scaled


def export_clipper(graph: Graph, part: QuantileClipper, matrix: Matrix) -> Matrix:
    """Clipped in float32 by comparison: whether Min and Max pass NaN on depends on the runtime."""
    narrow = graph.cast(matrix, "float32")
    upper = graph.constant([part.upper_], "float32")
    lower = graph.constant([part.lower_], "float32")
    below = graph.add("Where", graph.add("Greater", narrow.name, upper), upper, narrow.name)
    return Matrix(graph.add("Where", graph.add("Less", below, lower), lower, below), matrix.width, "float32")


def _row(graph: Graph, values: Any) -> str:
    return graph.constant([np.asarray(values, dtype=np.float64)], "float64")


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
