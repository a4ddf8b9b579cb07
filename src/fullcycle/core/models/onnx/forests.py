"""Forests of scikit-learn: the mean of trees, whose thresholds are float64 and whose rows are float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from fullcycle.core.models.onnx.answers import Chances, Value
from fullcycle.core.models.onnx.ensemble import Tree, tree_scores
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix


def export_forest_regressor(graph: Graph, part: Any, matrix: Matrix) -> Value:
    """The mean of the trees' leaves."""
    return Value(_mean(graph, part, matrix, 1).name)


def export_forest_classifier(graph: Graph, part: Any, matrix: Matrix) -> Chances:
    """The mean of the trees' shares of classes; of the last class where there are two."""
    names = tuple(map(str, part.classes_))
    mean = _mean(graph, part, matrix, len(names) if len(names) > 2 else 1)
    return Chances(mean.name, names)


def _mean(graph: Graph, part: Any, matrix: Matrix, targets: int) -> Matrix:
    if part.n_outputs_ != 1:
        raise ExportError(part, f"{part.n_outputs_} targets", "one target")
    trees = [_tree(part, each.tree_, targets) for each in part.estimators_]
    # scikit-learn casts what a forest is asked to float32, so that wider columns lose their tail here too.
    return tree_scores(graph, graph.cast(matrix, "float32"), trees, targets)


def _tree(part: Any, tree: Any, targets: int) -> Tree:
    values = tree.value[:, 0, :]
    if hasattr(part, "classes_"):
        values = values / values.sum(axis=1, keepdims=True)
    return Tree(
        feature=tree.feature.astype(np.int64),
        threshold=tree.threshold.astype(np.float64),
        left=tree.children_left.astype(np.int64),
        right=tree.children_right.astype(np.int64),
        missing_left=tree.missing_go_to_left.astype(bool),
        values=values[:, -targets:] / len(part.estimators_),
        targets=tuple(range(targets)),
    )
