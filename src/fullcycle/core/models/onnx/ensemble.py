"""Trees of any library as one TreeEnsembleRegressor of raw scores, in float64 (docs/decisions/graph.md).

The runtime hands the sum on as float32, and of a log price of 12 that would lose half a dollar in a million.
So each tree gives the middle of its leaves to an offset, added in float64, and keeps leaves around 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from fullcycle.core.models.onnx.graph import ML, Graph, Matrix

Comparison = Literal["BRANCH_LEQ", "BRANCH_LT"]


@dataclass(frozen=True)
class Tree:
    """One tree as arrays over its nodes, the root first.

    A leaf has `left` -1. `values` (nodes, targets of the tree) are read at leaves, and `targets` says to
    which of the ensemble's sums they are added.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    values: NDArray[np.float64]
    targets: tuple[int, ...]


def tree_scores(
    graph: Graph, matrix: Matrix, trees: Iterable[Tree], targets: int, comparison: Comparison = "BRANCH_LEQ"
) -> Matrix:
    """The sums of all trees, float64 of shape [N, targets]."""
    parts, offsets = _Parts(comparison), np.zeros(targets)
    for number, tree in enumerate(trees):
        offsets[list(tree.targets)] += parts.add(number, tree)
    rows = graph.cast(matrix, "float64").name
    rest = graph.add("TreeEnsembleRegressor", rows, domain=ML, n_targets=targets, **parts.attributes())
    scores = graph.cast(Matrix(rest, targets, "float32"), "float64").name
    return Matrix(graph.add("Add", scores, graph.constant([offsets], "float64")), targets, "float64")


class _Parts:
    """The flat lists that TreeEnsembleRegressor takes."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.nodes: list[Sequence[Sequence[Any]]] = []
        self.leaves: list[Sequence[Sequence[Any]]] = []

    def add(self, number: int, tree: Tree) -> NDArray[np.float64]:
        """Put a tree's nodes into the lists; returns the middle of its leaves for each of its targets."""
        count, leaf = len(tree.left), tree.left < 0
        middle = (tree.values[leaf].min(axis=0) + tree.values[leaf].max(axis=0)) / 2
        zero = np.where(leaf, 0, 1)
        self.nodes.append(
            (
                [number] * count,
                list(range(count)),
                (tree.feature * zero).tolist(),
                [("LEAF" if each else self.comparison) for each in leaf],
                np.where(leaf, 0.0, tree.threshold).tolist(),
                (tree.left * zero).tolist(),
                (tree.right * zero).tolist(),
                (tree.missing_left & ~leaf).astype(int).tolist(),
            )
        )
        places, width = np.flatnonzero(leaf), len(tree.targets)
        self.leaves.append(
            (
                [number] * (len(places) * width),
                np.repeat(places, width).tolist(),
                list(tree.targets) * len(places),
                (tree.values[leaf] - middle).ravel().tolist(),
            )
        )
        return np.asarray(middle)

    def attributes(self) -> dict[str, Any]:
        tree_ids, node_ids, features, modes, values, lefts, rights, missing = _joined(self.nodes)
        leaf_trees, leaf_nodes, leaf_targets, weights = _joined(self.leaves)
        return {
            "nodes_treeids": tree_ids,
            "nodes_nodeids": node_ids,
            "nodes_featureids": features,
            "nodes_modes": modes,
            "nodes_values_as_tensor": _float64("nodes_values", values),
            "nodes_truenodeids": lefts,
            "nodes_falsenodeids": rights,
            "nodes_missing_value_tracks_true": missing,
            "target_treeids": leaf_trees,
            "target_nodeids": leaf_nodes,
            "target_ids": leaf_targets,
            "target_weights_as_tensor": _float64("target_weights", weights),
        }


def _joined(parts: Sequence[Sequence[Sequence[Any]]]) -> list[list[Any]]:
    return [[each for part in column for each in part] for column in zip(*parts, strict=True)]


def _float64(name: str, values: Sequence[float]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype=np.float64), name)
