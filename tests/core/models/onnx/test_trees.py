"""LightGBM in the graph: thresholds, missing values and sums as the booster has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor

from fullcycle.core.models.onnx.answers import Chances, add_answers
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix, serialize
from fullcycle.core.models.onnx.trees import export_lightgbm_classifier, export_lightgbm_regressor

OPTIONS: dict[str, Any] = {"n_estimators": 30, "min_child_samples": 2, "n_jobs": 1, "verbose": -1}
FLOAT32_MAX = float(np.finfo(np.float32).max)


def ask(model: Any, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The first answer of a graph that holds nothing but the model, on rows of three columns."""
    graph = Graph()
    names = [graph.add_input(name, str(rows.dtype)) for name in "abc"]
    matrix = Matrix(graph.add("Concat", *names, axis=1), 3, rows.dtype.name)
    classifier = isinstance(model, LGBMClassifier)
    answer = (export_lightgbm_classifier if classifier else export_lightgbm_regressor)(graph, model, matrix)
    add_answers(graph, answer, answer.classes if isinstance(answer, Chances) else None)
    session = onnxruntime.InferenceSession(serialize(graph.model()))
    fed = {name: rows[:, [position]] for position, name in enumerate("abc")}
    found: np.ndarray[Any, Any] = session.run(None, fed)[0]
    return found


def training(gaps: bool) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    random = np.random.default_rng(3)
    rows = random.normal(size=(400, 3)).astype(np.float32)
    score = rows[:, 0] + np.sin(3 * rows[:, 1])
    if gaps:
        rows[random.random(rows.shape) < 0.2] = np.nan
    return rows, score


def questions() -> np.ndarray[Any, Any]:
    random = np.random.default_rng(4)
    rows = random.normal(size=(500, 3)).astype(np.float32)
    rows[random.random(rows.shape) < 0.3] = np.nan
    hard = np.array([np.nan, 0, -0.0, 1e-45, FLOAT32_MAX, -FLOAT32_MAX, np.inf, -np.inf], dtype=np.float32)
    return np.vstack([rows, np.stack(np.meshgrid(hard, hard, hard), axis=-1).reshape(-1, 3)])


@pytest.mark.parametrize("gaps", [True, False], ids=["gaps in training", "no gaps in training"])
@pytest.mark.parametrize("use_missing", [True, False])
def test_missing_values_take_the_branch_that_the_booster_takes(gaps: bool, use_missing: bool) -> None:
    rows, score = training(gaps)
    model = LGBMRegressor(**OPTIONS, use_missing=use_missing).fit(rows, score)
    np.testing.assert_allclose(
        ask(model, questions())[:, 0], model.predict(questions()), rtol=1e-6, atol=1e-6
    )


def neighbours(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The values, and the next ones of their type on either side."""
    one = values.dtype.type
    return np.concatenate([values, np.nextafter(values, one(np.inf)), np.nextafter(values, one(-np.inf))])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_threshold_parts_neighbouring_numbers_as_in_the_booster(dtype: str) -> None:
    rows, score = training(gaps=False)
    model = LGBMRegressor(**OPTIONS).fit(rows.astype(dtype), score)
    thresholds = model.booster_.trees_to_dataframe()["threshold"].dropna().to_numpy(dtype=float)
    around = neighbours(thresholds.astype(dtype))
    asked = np.column_stack([around, np.roll(around, 1), np.roll(around, 2)])
    np.testing.assert_allclose(ask(model, asked)[:, 0], model.predict(asked), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("trees", [300, 1500])
def test_a_log_target_with_a_heavy_tail_keeps_its_digits(trees: int) -> None:
    rows, score = training(gaps=True)
    model = LGBMRegressor(**OPTIONS | {"n_estimators": trees, "learning_rate": 0.02}).fit(
        rows, 5 * score + 12
    )
    found, expected = np.exp(ask(model, questions())[:, 0].astype(float)), np.exp(model.predict(questions()))
    assert np.abs(found / expected - 1).max() < 3e-6  # the answer alone, a float32 around 20, has 1e-6


def test_large_answers_keep_their_digits() -> None:
    rows, score = training(gaps=True)
    model = LGBMRegressor(**OPTIONS | {"n_estimators": 300}).fit(rows, score + 1e5)
    found = ask(model, questions()).ravel().astype(float)
    # The answer is a float32; a sum of 300 trees in float32 would be off by ten times as much.
    assert np.abs(found / model.predict(questions()) - 1).max() < 1e-7


@pytest.mark.parametrize("objective", ["regression_l1", "huber", "poisson", "gamma", "tweedie", "quantile"])
def test_links_of_regression_objectives_are_in_the_graph(objective: str) -> None:
    rows, score = training(gaps=True)
    model = LGBMRegressor(**OPTIONS, objective=objective).fit(rows, np.exp(score))
    np.testing.assert_allclose(ask(model, questions())[:, 0], model.predict(questions()), rtol=1e-5)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_probabilities_of_classes_are_those_of_the_booster(classes: int) -> None:
    rows, score = training(gaps=True)
    labels = np.digitize(score, np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1])).astype(str)
    model = LGBMClassifier(**OPTIONS).fit(rows, labels)
    np.testing.assert_allclose(ask(model, questions()), model.predict_proba(questions()), atol=1e-6)


def test_early_stopping_leaves_the_trees_up_to_the_best() -> None:
    from lightgbm import early_stopping

    rows, score = training(gaps=True)
    model = LGBMRegressor(**OPTIONS | {"n_estimators": 300})
    model.fit(rows[:300], score[:300], eval_set=[(rows[300:], score[300:])], callbacks=[early_stopping(3)])
    assert model.best_iteration_ < 300
    np.testing.assert_allclose(
        ask(model, questions())[:, 0], model.predict(questions()), rtol=1e-6, atol=1e-6
    )


def test_a_booster_that_found_nothing_to_split_answers_a_constant() -> None:
    rows, score = training(gaps=False)
    model = LGBMRegressor(**OPTIONS | {"min_child_samples": 1000}).fit(rows, score)
    np.testing.assert_allclose(ask(model, questions())[:, 0], model.predict(questions()), atol=1e-6)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"zero_as_missing": True}, "missing_type Zero"),
        ({"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "boosting_type=rf"),
        ({"reg_sqrt": True}, "sqrt"),
    ],
)
def test_a_setting_without_a_form_in_the_graph_is_refused_by_name(
    options: dict[str, Any], found: str
) -> None:
    rows, score = training(gaps=True)
    rows[:50] = 0
    model = LGBMRegressor(**OPTIONS, **options).fit(rows, score)
    with pytest.raises(ExportError, match=found) as refused:
        ask(model, questions())
    assert "LGBMRegressor" in str(refused.value)


def test_native_categories_of_lightgbm_are_refused() -> None:
    rows, score = training(gaps=False)
    rows[:, 2] = np.random.default_rng(5).integers(0, 6, len(rows))
    model = LGBMRegressor(**OPTIONS).fit(rows, score + 3 * (rows[:, 2] == 2), categorical_feature=[2])
    with pytest.raises(ExportError, match="categories are encoded before the model"):
        ask(model, questions())
