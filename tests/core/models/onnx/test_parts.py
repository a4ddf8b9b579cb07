"""Each part alone: what the graph makes of hard rows is what scikit-learn makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)
from tests.tiers import examples

from fullcycle.core.contract.model import Task
from fullcycle.core.models.estimators import QuantileClipper, to_float32

FitParts = Callable[..., Pipeline]
RunParts = Callable[..., np.ndarray[Any, Any]]

IMPUTER = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)

NUMBERS = {
    "as they are": "passthrough",
    "imputed with indicators": IMPUTER,
    "imputed by the mean without": SimpleImputer(strategy="mean"),
    "imputed by the most frequent": SimpleImputer(strategy="most_frequent", keep_empty_features=True),
    "clipped": QuantileClipper(),
    "imputed, clipped and scaled": Pipeline(
        [("i", IMPUTER), ("c", QuantileClipper()), ("s", StandardScaler())]
    ),
    "scaled without centre": Pipeline([("c", QuantileClipper()), ("s", StandardScaler(with_mean=False))]),
    "centred only": Pipeline([("c", QuantileClipper()), ("s", StandardScaler(with_std=False))]),
    "narrowed": FunctionTransformer(to_float32),
}

CATEGORIES = {
    "one-hot with rare ones pooled": OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20),
    "one-hot with few columns": OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3),
    "one-hot with unknown ones ignored": OneHotEncoder(handle_unknown="ignore"),
    "one-hot without the first": OneHotEncoder(handle_unknown="ignore", drop="first"),
    "one-hot without the first, rare ones pooled": OneHotEncoder(
        handle_unknown="infrequent_if_exist", drop="first", min_frequency=20
    ),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    "ordinal with NaN": OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=-7
    ),
    "ordinal with rare ones pooled": OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=20
    ),
    "ordinal behind an imputer": Pipeline(
        [
            ("impute", SimpleImputer(missing_values="", strategy="most_frequent")),
            ("encode", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
        ]
    ),
    "one-hot, then scaled": Pipeline(
        [
            ("encode", OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
            ("scale", StandardScaler()),
        ]
    ),
}


def assert_same(parts: Pipeline, graph: np.ndarray[Any, Any], frame: pd.DataFrame) -> None:
    with np.errstate(all="ignore"):
        expected = parts.transform(frame)
    dense = expected.toarray() if hasattr(expected, "toarray") else np.asarray(expected)
    np.testing.assert_allclose(graph, dense, rtol=1e-6, atol=1e-6)


@pytest.fixture(scope="session", params=NUMBERS, ids=NUMBERS.keys())
def number_parts(request: pytest.FixtureRequest, fit_parts: FitParts) -> Pipeline:
    return fit_parts(number=NUMBERS[request.param])


@pytest.fixture(scope="session", params=CATEGORIES, ids=CATEGORIES.keys())
def category_parts(request: pytest.FixtureRequest, fit_parts: FitParts) -> Pipeline:
    return fit_parts(number="drop", category=CATEGORIES[request.param])


@pytest.fixture(scope="session", params=list(Task))
def target_parts(request: pytest.FixtureRequest, fit_parts: FitParts) -> Pipeline:
    return fit_parts(number="drop", category=TargetEncoder(), task=request.param)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_numbers_are_treated_in_the_graph_as_in_scikit_learn(
    data: st.DataObject,
    number_parts: Pipeline,
    run_parts: RunParts,
    hard_frames: st.SearchStrategy[pd.DataFrame],
) -> None:
    frame = data.draw(hard_frames)
    assert_same(number_parts, run_parts(number_parts, frame), frame)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_categories_are_encoded_in_the_graph_as_in_scikit_learn(
    data: st.DataObject,
    category_parts: Pipeline,
    run_parts: RunParts,
    hard_frames: st.SearchStrategy[pd.DataFrame],
) -> None:
    frame = data.draw(hard_frames)
    assert_same(category_parts, run_parts(category_parts, frame), frame)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_target_encodings_are_the_same_in_the_graph_for_every_task(
    data: st.DataObject,
    target_parts: Pipeline,
    run_parts: RunParts,
    hard_frames: st.SearchStrategy[pd.DataFrame],
) -> None:
    frame = data.draw(hard_frames)
    assert_same(target_parts, run_parts(target_parts, frame), frame)


def test_training_rows_go_through_every_part_unchanged(
    rows: pd.DataFrame, number_parts: Pipeline, category_parts: Pipeline, run_parts: RunParts
) -> None:
    for parts in (number_parts, category_parts):
        assert_same(parts, run_parts(parts, rows), rows)
