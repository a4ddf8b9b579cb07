"""The parts that work on numbers, written as scikit-learn computes them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer, RobustScaler, StandardScaler

from fullcycle.core.models.estimators import FLOAT32_MAX, QuantileClipper, to_float32
from fullcycle.core.models.limits import OutlierFences, QuantileScaler
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


def export_robust_scaler(graph: Graph, part: RobustScaler, matrix: Matrix) -> Matrix:
    """Less the median, over the interquartile range, in float64."""
    scaled = graph.cast(matrix, "float64").name
    if part.with_centering:
        scaled = graph.add("Sub", scaled, _row(graph, part.center_))
    if part.with_scaling:
        scaled = graph.add("Div", scaled, _row(graph, part.scale_))
    return Matrix(scaled, matrix.width, "float64")


def export_quantile_scaler(graph: Graph, part: QuantileScaler, matrix: Matrix) -> Matrix:
    """Straight lines between knots, as a sum of ramps that each climb from 0 to the height of their line.

    A column has as many ramps as the longest needs; the others have height 0.
    """
    scaled = [position for position, places in enumerate(part.places_) if len(places)]
    if not scaled:
        return matrix
    plain = [position for position in range(matrix.width) if position not in scaled]
    wide = graph.cast(matrix, "float64")
    parts = [Matrix(_ramps(graph, part, graph.columns(wide, scaled), scaled), len(scaled), "float64")]
    if plain:
        parts.append(graph.columns(wide, plain))
    order = np.argsort([*scaled, *plain]).tolist()
    return graph.columns(graph.side_by_side(parts), order)


def _ramps(graph: Graph, part: QuantileScaler, matrix: Matrix, columns: list[int]) -> str:
    most = max(len(part.places_[column]) for column in columns) - 1
    starts, widths, heights = np.zeros((3, 1, len(columns), most))
    widths[:] = 1.0
    for row, column in enumerate(columns):
        places, scores = part.places_[column], part.scores_[column]
        ramps = len(places) - 1
        starts[0, row, :ramps], widths[0, row, :ramps] = places[:-1], np.diff(places)
        heights[0, row, :ramps] = np.diff(scores)
    deep = graph.add("Unsqueeze", matrix.name, graph.constant([2], "int64"))
    climbed = graph.add("Sub", deep, graph.constant(starts, "float64"))
    share = graph.add("Div", climbed, graph.constant(widths, "float64"))
    bounds = (graph.constant(bound, "float64") for bound in (0.0, 1.0))
    climbs = graph.add("Mul", graph.add("Clip", share, *bounds), graph.constant(heights, "float64"))
    total = graph.add("ReduceSum", climbs, graph.constant([2], "int64"), keepdims=0)
    return graph.add("Add", total, _row(graph, [part.scores_[column][0] for column in columns]))


def export_components(graph: Graph, part: PCA, matrix: Matrix) -> Matrix:
    """Centred and turned onto the principal components, in float64."""
    if part.whiten:
        raise ExportError(part, "whiten=True", "whiten=False")
    centred = graph.add("Sub", graph.cast(matrix, "float64").name, _row(graph, part.mean_))
    turned = graph.add("MatMul", centred, graph.constant(part.components_.T, "float64"))
    return Matrix(turned, int(part.n_components_), "float64")


def export_fences(graph: Graph, part: OutlierFences, matrix: Matrix) -> Matrix:
    """Clipped as `export_clipper` does; or compared in float64: a 0/1 column each, or NaN outside."""
    if part.action == "clip":
        return export_clipper(graph, part, matrix)
    wide = graph.cast(matrix, "float64").name
    below = graph.add("Less", wide, _row(graph, part.lower_))
    outside = graph.add("Or", below, graph.add("Greater", wide, _row(graph, part.upper_)))
    if part.action == "flag":
        return Matrix(outside, matrix.width, "bool")
    nothing = graph.constant(np.nan, matrix.dtype)
    return Matrix(graph.add("Where", outside, nothing, matrix.name), matrix.width, matrix.dtype)


def export_clipper(graph: Graph, part: QuantileClipper | OutlierFences, matrix: Matrix) -> Matrix:
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
