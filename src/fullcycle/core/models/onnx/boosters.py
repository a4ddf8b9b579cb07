"""XGBoost and CatBoost, from the JSON in which each keeps its trees."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fullcycle.core.models.onnx.answers import Chances, Value, chances_of_margins
from fullcycle.core.models.onnx.ensemble import Comparison, Tree, tree_scores
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix

XGBOOST_LINKS = {"reg:squarederror", "binary:logistic", "multi:softprob", "multi:softmax"}


def export_booster_regressor(graph: Graph, part: Any, matrix: Matrix) -> Value:
    return Value(_scores(graph, part, matrix).name)


def export_booster_classifier(graph: Graph, part: Any, matrix: Matrix) -> Chances:
    return chances_of_margins(graph, _scores(graph, part, matrix), part.classes_)


def _scores(graph: Graph, part: Any, matrix: Matrix) -> Matrix:
    rows = graph.cast(matrix, "float32")  # both libraries see float32, whatever they are given
    xgboost = type(part).__name__.startswith("XGBoost")
    trees, start = _xgboost(part) if xgboost else _catboost(part)
    comparison: Comparison = "BRANCH_LT" if xgboost else "BRANCH_LEQ"
    scores = tree_scores(graph, rows, trees, len(start), comparison)
    return Matrix(graph.add("Add", scores.name, graph.constant([start], "float64")), scores.width, "float64")


def _xgboost(part: Any) -> tuple[list[Tree], list[float]]:
    """The trees, and the score that each sum starts from."""
    learner = json.loads(part.fitted_.get_booster().save_raw("json"))["learner"]
    objective = learner["objective"]["name"]
    if objective not in XGBOOST_LINKS:
        raise ExportError(part, f"objective {objective}", f"one of {', '.join(sorted(XGBOOST_LINKS))}")
    model = learner["gradient_booster"]["model"]
    targets = max(1, int(learner["learner_model_param"]["num_class"]))
    start = np.asarray(json.loads(learner["learner_model_param"]["base_score"]), dtype=np.float64)
    start = np.broadcast_to(start.ravel(), (targets,))
    if objective == "binary:logistic":
        start = np.log(start) - np.log1p(-start)
    trees = [
        _xgboost_tree(tree, int(target))
        for tree, target in zip(model["trees"], model["tree_info"], strict=True)
    ]
    return trees, start.tolist()


def _xgboost_tree(tree: dict[str, Any], target: int) -> Tree:
    conditions = np.array(tree["split_conditions"], dtype=np.float32).astype(np.float64)
    return Tree(
        feature=np.array(tree["split_indices"], dtype=np.int64),
        threshold=conditions,  # of a leaf: its value
        left=np.array(tree["left_children"], dtype=np.int64),
        right=np.array(tree["right_children"], dtype=np.int64),
        missing_left=np.array(tree["default_left"], dtype=bool),
        values=conditions.reshape(-1, 1),
        targets=(target,),
    )


def _catboost(part: Any) -> tuple[list[Tree], list[float]]:
    """Symmetric trees: one split a level, the first is the lowest bit of a leaf's number."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        part.fitted_.save_model(str(path), format="json")
        model = json.loads(path.read_text())
    scale, bias = model["scale_and_bias"]
    treatment = {
        each["feature_index"]: (each["flat_feature_index"], each["nan_value_treatment"])
        for each in model["features_info"]["float_features"]
    }
    trees = [_catboost_tree(part, tree, treatment, len(bias), scale) for tree in model["oblivious_trees"]]
    return trees, [float(each) for each in bias]


def _catboost_tree(
    part: Any, tree: dict[str, Any], treatment: dict[int, tuple[int, str]], targets: int, scale: float
) -> Tree:
    splits = list(reversed(tree["splits"] or []))
    if any(split["split_type"] != "FloatFeature" for split in splits):
        raise ExportError(part, "a split of a category", "numbers: categories are encoded before the model")
    nodes = list(_levels(splits))
    inner = len(nodes)
    leaves = 1 << len(splits)
    fill = [0] * leaves
    values = np.array(tree["leaf_values"], dtype=np.float64).reshape(leaves, targets) * scale
    children = np.arange(inner)
    none = np.full(leaves, -1)
    return Tree(
        feature=np.array([*(treatment[split["float_feature_index"]][0] for split in nodes), *fill]),
        threshold=np.array([*(float(np.float32(split["border"])) for split in nodes), *fill], dtype=float),
        left=np.concatenate([2 * children + 1, none]),
        right=np.concatenate([2 * children + 2, none]),
        missing_left=np.array(
            [*(treatment[split["float_feature_index"]][1] != "AsTrue" for split in nodes), *fill], dtype=bool
        ),
        values=np.vstack([np.zeros((inner, targets)), values]),
        targets=tuple(range(targets)),
    )


def _levels(splits: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The split of each inner node in breadth, the highest bit at the root: leaves come out in order."""
    for depth, split in enumerate(splits):
        yield from [split] * (1 << depth)
