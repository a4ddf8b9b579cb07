"""Importance is asked of the graph, by the experiment's metric, and bounded in cost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.models.importance import ASKED_AT_MOST, permutation_importance, rows_for, score_of


class Sum:
    """A graph that adds its columns, and counts the rows it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(name="prediction")]

    def get_inputs(self) -> list[Any]:
        return []

    def run(self, output_names: Any, input_feed: dict[str, np.ndarray[Any, Any]]) -> list[Any]:
        self.asked += len(next(iter(input_feed.values())))
        return [sum(input_feed.values())]


def contract(task: Task, classes: tuple[str, ...] | None = None) -> Contract:
    return Contract(
        task=task,
        classes=classes,
        columns=(
            Column(name="x", type=ColumnType.numeric),
            Column(name="y", type=ColumnType.numeric, role=Role.target),
        ),
    )


def fed(columns: int, rows: int) -> dict[str, np.ndarray[Any, Any]]:
    random = np.random.default_rng(0)
    return {f"c{at}": random.normal(size=(rows, 1)) * (columns - at) for at in range(columns)}


def test_columns_come_by_how_much_they_matter() -> None:
    columns = fed(4, 500) | {"none": np.zeros((500, 1))}
    truth = sum(columns.values()).ravel()
    found = permutation_importance(Sum(), columns, score_of("rmse", truth, contract(Task.regression)), 1)
    assert [each.column for each in found] == ["c0", "c1", "c2", "c3", "none"]
    assert found[0].fall > found[3].fall > found[4].fall == 0


def test_the_same_seed_gives_the_same_importance() -> None:
    columns = fed(3, 300)
    score = score_of("r2", sum(columns.values()).ravel(), contract(Task.regression))
    first, second, other = (permutation_importance(Sum(), columns, score, seed) for seed in (1, 1, 2))
    assert first == second != other


@pytest.mark.parametrize("columns", [1, 19, 73, 900])
def test_the_cost_is_bounded_whatever_the_number_of_columns(columns: int) -> None:
    graph = Sum()
    rows = rows_for(columns)
    permutation_importance(graph, fed(columns, rows), lambda answers: 0.0, 1)
    assert 200 <= rows <= 2000
    assert graph.asked <= max(ASKED_AT_MOST, 200 * columns) + rows


@pytest.mark.parametrize(
    ("metric", "better", "worse"),
    [
        ("roc_auc", [[0.9, 0.1], [0.2, 0.8]], [[0.1, 0.9], [0.8, 0.2]]),
        ("log_loss", [[0.9, 0.1], [0.2, 0.8]], [[0.5, 0.5], [0.5, 0.5]]),
    ],
)
def test_a_score_is_the_better_the_higher_whatever_the_metric(metric: str, better: Any, worse: Any) -> None:
    score = score_of(metric, np.array(["no", "yes"]), contract(Task.binary, ("no", "yes")))
    assert score({"probabilities": np.array(better)}) > score({"probabilities": np.array(worse)})


def test_metrics_of_labels_read_the_label_of_the_graph() -> None:
    score = score_of("accuracy", np.array(["no", "yes", "yes"]), contract(Task.binary, ("no", "yes")))
    assert score({"label": np.array(["no", "yes", "no"], dtype=object)}) == pytest.approx(2 / 3)
