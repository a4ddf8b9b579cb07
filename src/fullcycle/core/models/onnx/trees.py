"""LightGBM as one TreeEnsembleRegressor of raw scores; the link function is nodes of our own.

All of it is float64: thresholds as the booster has them, leaves, the sum too. In float32, thresholds
would have to be rounded down (x <= t holds for a float32 x exactly if x <= t rounded down does), and the sum
alone was off by 1e-5 on a log target with a heavy tail and 300 trees, by 2e-5 with 2,000. In float64 it is
5e-7, with equal bits in ONNX Runtime 1.20, 1.26 and 1.32. The price: a tenth of the size, and 0 to 8
microseconds for a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from fullcycle.core.models.onnx.answers import Chances, Value, chances_of_margins
from fullcycle.core.models.onnx.graph import ML, ExportError, Graph, Matrix

IDENTITY_OBJECTIVES = {"regression", "regression_l1", "huber", "fair", "quantile", "mape"}
DUMPED_INFINITY = 1e300  # LightGBM's JSON has no other word for it
EXP_OBJECTIVES = {"poisson", "gamma", "tweedie"}


def export_lightgbm_regressor(graph: Graph, part: Any, matrix: Matrix) -> Value:
    """The sum of the trees, through exp for objectives with a log link."""
    objective, *options = _objective(part)
    if objective not in IDENTITY_OBJECTIVES | EXP_OBJECTIVES or "sqrt" in options:
        raise ExportError(part, f"objective {' '.join([objective, *options])}")
    scores = _scores(graph, part, matrix).name
    return Value(graph.add("Exp", scores) if objective in EXP_OBJECTIVES else scores)


def export_lightgbm_classifier(graph: Graph, part: Any, matrix: Matrix) -> Chances:
    """Sigmoid of the sum for two classes, softmax of a sum for each of several."""
    objective, *options = _objective(part)
    if objective not in ("binary", "multiclass"):
        raise ExportError(part, f"objective {objective}", "binary or multiclass")
    scores = _scores(graph, part, matrix)
    stretch = [float(option.removeprefix("sigmoid:")) for option in options if option.startswith("sigmoid:")]
    if objective == "binary" and stretch not in ([], [1.0]):
        raise ExportError(part, f"sigmoid={stretch[0]}", "1")
    return chances_of_margins(graph, scores, part.classes_)


def _objective(part: Any) -> list[str]:
    """The objective with its options, as the booster writes it: `binary sigmoid:1`."""
    return str(part.booster_.dump_model(num_iteration=1)["objective"]).split()


def _scores(graph: Graph, part: Any, matrix: Matrix) -> Matrix:
    best = part.best_iteration_ if part.best_iteration_ else -1
    dumped = part.booster_.dump_model(num_iteration=best)
    if dumped["average_output"]:
        raise ExportError(part, "boosting_type=rf", "gbdt")
    targets = int(dumped["num_tree_per_iteration"])
    ensemble = _Ensemble(part, targets)
    attributes = ensemble.attributes(dumped["tree_info"])
    rows = graph.cast(matrix, "float64").name
    rest = graph.add("TreeEnsembleRegressor", rows, domain=ML, **attributes)
    scores = graph.cast(Matrix(rest, targets, "float32"), "float64").name
    offsets = graph.constant([ensemble.offsets], "float64")
    return Matrix(graph.add("Add", scores, offsets), targets, "float64")


class _Ensemble:
    """The flat lists that TreeEnsembleRegressor takes.

    The runtime hands the sum on as float32, and of a log price of 12 that would lose half a dollar in a
    million. So each tree gives its middle to `offsets`, added in float64, and keeps leaves around 0.
    """

    def __init__(self, part: Any, targets: int) -> None:
        self.part, self.targets = part, targets
        self.offsets = [0.0] * targets
        self.nodes: list[tuple[int, int, int, str, float, int, int, int]] = []
        self.leaves: list[tuple[int, int, int, float]] = []

    def attributes(self, trees: list[dict[str, Any]]) -> dict[str, Any]:
        for tree in trees:
            number = int(tree["tree_index"])
            numbered = list(_numbered(tree["tree_structure"]))
            middle = _middle([node["leaf_value"] for node, _, _ in numbered if "split_index" not in node])
            self.offsets[number % self.targets] += middle
            for position, (node, left, right) in enumerate(numbered):
                if "split_index" in node:
                    self._add_split((number, position), node, (left, right))
                else:
                    self._add_leaf((number, position), node["leaf_value"] - middle)
        tree_ids, node_ids, features, modes, values, lefts, rights, missing = zip(*self.nodes, strict=True)
        leaf_trees, leaf_nodes, leaf_targets, weights = zip(*self.leaves, strict=True)
        return {
            "n_targets": self.targets,
            "nodes_treeids": list(tree_ids),
            "nodes_nodeids": list(node_ids),
            "nodes_featureids": list(features),
            "nodes_modes": list(modes),
            "nodes_values_as_tensor": _float64("nodes_values", values),
            "nodes_truenodeids": list(lefts),
            "nodes_falsenodeids": list(rights),
            "nodes_missing_value_tracks_true": list(missing),
            "target_treeids": list(leaf_trees),
            "target_nodeids": list(leaf_nodes),
            "target_ids": list(leaf_targets),
            "target_weights_as_tensor": _float64("target_weights", weights),
        }

    def _add_leaf(self, where: tuple[int, int], value: float) -> None:
        tree, position = where
        self.nodes.append((tree, position, 0, "LEAF", 0.0, 0, 0, 0))
        self.leaves.append((tree, position, tree % self.targets, value))

    def _add_split(self, where: tuple[int, int], node: dict[str, Any], children: tuple[int, int]) -> None:
        if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
            raise ExportError(
                self.part,
                f"a split of type {node['decision_type']} with missing_type {node['missing_type']}",
                "numeric splits: categories are encoded before the model, and zero_as_missing is off",
            )
        feature, goes_left = int(node["split_feature"]), int(_missing_goes_left(node))
        threshold = _threshold(node)
        self.nodes.append((*where, feature, "BRANCH_LEQ", threshold, *children, goes_left))


def _middle(leaves: list[float]) -> float:
    return float(min(leaves) + max(leaves)) / 2


def _float64(name: str, values: Sequence[float]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype=np.float64), name)


def _threshold(node: dict[str, Any]) -> float:
    """A split that parts missing values from all others has an infinite threshold, dumped as 1e300."""
    threshold = float(node["threshold"])
    return float(np.copysign(np.inf, threshold)) if abs(threshold) >= DUMPED_INFINITY else threshold


def _missing_goes_left(node: dict[str, Any]) -> bool:
    """LightGBM reads NaN as 0 in a column that had none in training."""
    if node["missing_type"] == "None":
        return bool(node["threshold"] >= 0.0)
    return bool(node["default_left"])


def _numbered(root: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int, int]]:
    """The nodes of a tree in breadth, each with the positions of its children (0 for a leaf)."""
    waiting, following = [root], 1
    for node in waiting:
        if "split_index" not in node:
            yield node, 0, 0
            continue
        waiting += [node["left_child"], node["right_child"]]
        yield node, following, following + 1
        following += 2
