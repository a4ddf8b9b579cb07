"""Small fitted candidates over every kind of column, and rows that Hypothesis makes hard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from hypothesis import strategies as st
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task, graph_input
from fullcycle.core.models.adversarial import HARD_NUMBERS, HARD_STRINGS, coerced_frame
from fullcycle.core.models.estimators import (
    BlendClassifier,
    BlendRegressor,
    ModelInput,
    QuantileClipper,
    SigmoidCalibrated,
    to_float32,
)
from fullcycle.core.models.onnx.export import export_matrix
from fullcycle.core.models.onnx.graph import Graph, serialize
from fullcycle.core.models.onnx.inputs import declare_inputs
from fullcycle.core.models.parity import graph_feeds

ROWS = 600
CITIES = ("Berlin", "Владивосток", "São Paulo", "tiny", "")
PLANS = ("basic", "premium", "01", "1")


@pytest.fixture(scope="session")
def contract() -> Callable[..., Contract]:
    """A contract with a column of every kind, some with names that are no identifiers."""

    def make(task: Task = Task.binary, classes: tuple[str, ...] | None = None) -> Contract:
        default = {Task.binary: ("no", "yes"), Task.multiclass: ("high", "low", "mid"), Task.regression: None}
        target_type = ColumnType.numeric if task is Task.regression else ColumnType.categorical
        return Contract(
            task=task,
            classes=classes or default[task],
            columns=(
                Column(name="order", type=ColumnType.numeric, range=(-3.0, 99.0)),
                Column(name="city <b>", type=ColumnType.categorical),
                Column(name="income", type=ColumnType.numeric, range=(0.0, 4e9)),
                Column(name="member?", type=ColumnType.boolean),
                Column(name="gather_1", type=ColumnType.numeric, range=(0.0, 1.0)),
                Column(name="вошёл", type=ColumnType.datetime),
                Column(name='plan "x"', type=ColumnType.categorical),
                Column(name="target", type=target_type, role=Role.target),
            ),
        )

    return make


@pytest.fixture(scope="session")
def rows(contract: Callable[..., Contract]) -> pd.DataFrame:
    """600 coerced rows with gaps in every column."""
    random = np.random.default_rng(7)
    moments = (random.integers(1_300_000_000, 1_700_000_000, ROWS) * 1_000_000).astype(object)
    columns = {
        "order": random.normal(40, 20, ROWS).round(2).astype(object),
        "city <b>": random.choice(np.array(CITIES[:4], dtype=object), ROWS, p=[0.5, 0.3, 0.19, 0.01]),
        "income": (random.integers(0, 4_000_000_000, ROWS).astype(float)).astype(object),
        "member?": random.choice(np.array([True, False], dtype=object), ROWS),
        "gather_1": random.random(ROWS).astype(object),
        "вошёл": moments,
        'plan "x"': random.choice(np.array(PLANS, dtype=object), ROWS),
    }
    for values in columns.values():
        values[random.random(ROWS) < 0.1] = None
    return coerced_frame(contract(), columns)


@pytest.fixture(scope="session")
def target(rows: pd.DataFrame) -> Callable[[Task], np.ndarray[Any, Any]]:
    """Answers that the columns have something to do with."""

    def make(task: Task) -> np.ndarray[Any, Any]:
        score = rows["order"].fillna(30) / 20 + rows["city <b>"].eq("Berlin") + rows["income"].fillna(0) / 4e9
        if task is Task.regression:
            return np.asarray(score * 1000 + 5000, dtype=float)
        if task is Task.binary:
            return np.where(score > score.median(), "yes", "no").astype(object)
        return np.array(["low", "mid", "high"], dtype=object)[pd.qcut(score, 3, labels=False)]

    return make


def numbers_of(contract: Contract) -> list[str]:
    return [column.name for column in contract.features if column.type is not ColumnType.categorical]


def strings_of(contract: Contract) -> list[str]:
    return [column.name for column in contract.features if column.type is ColumnType.categorical]


def model_input(contract: Contract) -> ModelInput:
    def named(kind: ColumnType) -> tuple[str, ...]:
        return tuple(column.name for column in contract.features if column.type is kind)

    return ModelInput(
        numbers=named(ColumnType.numeric),
        booleans=named(ColumnType.boolean),
        datetimes=named(ColumnType.datetime),
        strings=named(ColumnType.categorical),
        wide=tuple(each.name for each in map(graph_input, contract.features) if each.dtype == "float64"),
    )


def columns(contract: Contract, number: Any, category: Any) -> ColumnTransformer:
    return ColumnTransformer(
        [("number", number, numbers_of(contract)), ("category", category, strings_of(contract))]
    )


def imputer() -> SimpleImputer:
    return SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)


def one_hot() -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20, max_categories=30)


def ordinal() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


def build_linear(contract: Contract) -> Pipeline:
    number = Pipeline([("impute", imputer()), ("clip", QuantileClipper()), ("scale", StandardScaler())])
    model = Ridge() if contract.task is Task.regression else LogisticRegression(max_iter=500)
    steps = [
        ("input", model_input(contract)),
        ("columns", columns(contract, number, one_hot())),
        ("model", model),
    ]
    return Pipeline(steps)


def build_lightgbm(contract: Contract, model: Any = None, category: Any = None) -> Pipeline:
    options: dict[str, Any] = {
        "n_estimators": 40,
        "min_child_samples": 5,
        "n_jobs": 1,
        "verbose": -1,
        "deterministic": True,
        "force_row_wise": True,
    }
    kind = LGBMRegressor if contract.task is Task.regression else LGBMClassifier
    return Pipeline(
        [
            ("input", model_input(contract)),
            ("columns", columns(contract, "passthrough", category or ordinal())),
            ("door", FunctionTransformer(to_float32)),
            ("model", model or kind(**options)),
        ]
    )


def build_blend(contract: Contract) -> Any:
    kind = BlendRegressor if contract.task is Task.regression else BlendClassifier
    return kind([("linear", build_linear(contract)), ("lightgbm", build_lightgbm(contract))], (0.3, 0.9))


def build_log_target(contract: Contract) -> TransformedTargetRegressor:
    return TransformedTargetRegressor(build_blend(contract), func=np.log1p, inverse_func=np.expm1)


BUILDERS: dict[str, Callable[[Contract], Any]] = {
    "linear": build_linear,
    "lightgbm": build_lightgbm,
    "blend": build_blend,
    "log_target": build_log_target,
}


@pytest.fixture(scope="session")
def fitted(
    contract: Callable[..., Contract], rows: pd.DataFrame, target: Callable[[Task], np.ndarray[Any, Any]]
) -> Callable[..., Any]:
    """A fitted candidate by name and task, each fitted once."""
    kept: dict[tuple[str, Task], Any] = {}

    def fit(name: str, task: Task) -> Any:
        if (name, task) not in kept:
            candidate = BUILDERS[name](contract(task)).fit(rows, target(task))
            classifier = task is not Task.regression
            kept[name, task] = SigmoidCalibrated(candidate, 1.3, -0.2, 0.4) if classifier else candidate
        return kept[name, task]

    return fit


@pytest.fixture(scope="session")
def fit_parts(
    contract: Callable[..., Contract], rows: pd.DataFrame, target: Callable[[Task], np.ndarray[Any, Any]]
) -> Callable[..., Pipeline]:
    """ModelInput and a ColumnTransformer, fitted without a model."""

    def fit(number: Any = "passthrough", category: Any = "drop", task: Task = Task.binary) -> Pipeline:
        made = contract(task)
        return Pipeline([("input", model_input(made)), ("columns", columns(made, number, category))]).fit(
            rows, target(task)
        )

    return fit


@pytest.fixture(scope="session")
def run_parts(contract: Callable[..., Contract]) -> Callable[..., np.ndarray[Any, Any]]:
    """The same parts as a graph, asked for the matrix that a model would get; sessions are kept."""
    sessions: dict[int, tuple[Pipeline, Any]] = {}

    def run(parts: Pipeline, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        made = contract()
        if id(parts) not in sessions:
            graph = Graph()
            inputs = declare_inputs(graph, made)
            matrix = export_matrix(graph, [step for _, step in parts.steps], inputs)
            matrix = graph.cast(matrix, "float64")
            graph.add_output("matrix", matrix.name, "float64", ["N", matrix.width])
            session = onnxruntime.InferenceSession(serialize(graph.model()))
            sessions[id(parts)] = (parts, session)
        answer: np.ndarray[Any, Any] = sessions[id(parts)][1].run(None, graph_feeds(frame, made))[0]
        return answer

    return run


@pytest.fixture(scope="session")
def hard_frames(contract: Callable[..., Contract]) -> st.SearchStrategy[pd.DataFrame]:
    """One to twenty coerced rows: missing, unseen and extreme values among ordinary ones."""
    numbers = st.one_of(
        st.none(), st.sampled_from(HARD_NUMBERS), st.floats(allow_nan=False, allow_infinity=False)
    )
    texts = st.one_of(
        st.none(), st.sampled_from([*HARD_STRINGS, *CITIES, *PLANS]), st.text(min_size=1, max_size=8)
    )
    moments = st.one_of(st.none(), st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
    kinds = {
        ColumnType.numeric: numbers,
        ColumnType.boolean: st.sampled_from([None, True, False]),
        ColumnType.datetime: moments,
        ColumnType.categorical: texts,
    }
    made = contract()
    row = st.fixed_dictionaries({column.name: kinds[column.type] for column in made.features})
    return st.lists(row, min_size=1, max_size=20).map(
        lambda found: coerced_frame(made, {name: [each[name] for each in found] for name in found[0]})
    )
