"""LightGBM's trees; the link function is nodes of our own.

All of it is float64: thresholds as the booster has them, leaves, the sum too. In float32, thresholds
would have to be rounded down (x <= t holds for a float32 x exactly if x <= t rounded down does), and the sum
alone was off by 1e-5 on a log target with a heavy tail and 300 trees, by 2e-5 with 2,000. In float64 it is
5e-7, with equal bits in ONNX Runtime 1.20, 1.26 and 1.32. The price: a tenth of the size, and 0 to 8
microseconds for a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fullcycle.core.models.onnx.answers import Chances, Value, chances_of_margins
from fullcycle.core.models.onnx.ensemble import Tree, tree_scores
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix

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
    trees = [_tree(part, tree, targets) for tree in dumped["tree_info"]]
    return tree_scores(graph, matrix, trees, targets)


def _tree(part: Any, dumped: dict[str, Any], targets: int) -> Tree:
    numbered = list(_numbered(dumped["tree_structure"]))
    splits = [node if "split_index" in node else None for node, _, _ in numbered]
    for node in splits:
        if node is not None and (node["decision_type"] != "<=" or node["missing_type"] == "Zero"):
            raise ExportError(
                part,
                f"a split of type {node['decision_type']} with missing_type {node['missing_type']}",
                "numeric splits: categories are encoded before the model, and zero_as_missing is off",
            )
    leaves = [
        0.0 if node is not None else float(each["leaf_value"])
        for node, (each, _, _) in zip(splits, numbered, strict=True)
    ]
    return Tree(
        feature=np.array([0 if node is None else int(node["split_feature"]) for node in splits]),
        threshold=np.array([0.0 if node is None else _threshold(node) for node in splits]),
        left=np.array([left or -1 for _, left, _ in numbered]),
        right=np.array([right or -1 for _, _, right in numbered]),
        missing_left=np.array([node is not None and _missing_goes_left(node) for node in splits]),
        values=np.array(leaves).reshape(-1, 1),
        targets=(int(dumped["tree_index"]) % targets,),
    )


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
