"""What the graph can't hold is refused at export, by the name of the part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.models.estimators import ModelInput, SigmoidCalibrated
from fullcycle.core.models.onnx import ExportError, export_onnx

MakeContract = Callable[..., Contract]

NUMBERS, STRINGS = ["order", "gather_1"], ["city <b>", 'plan "x"']
INPUT = ModelInput(numbers=("order", "gather_1"), strings=tuple(STRINGS))
PLAIN = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
FILLED = SimpleImputer()


def blocks(number: Any = FILLED, category: Any = PLAIN) -> ColumnTransformer:
    return ColumnTransformer([("number", number, NUMBERS), ("category", category, STRINGS)])


def steps(*parts: Any) -> Pipeline:
    return Pipeline([(f"step_{at}", part) for at, part in enumerate(parts)])


def behind_a_flag() -> Pipeline:
    imputer = SimpleImputer(missing_values="", strategy="most_frequent", add_indicator=True)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return steps(imputer, encoder)


CLASSIFIERS: dict[str, tuple[Any, str]] = {
    "another first step": (
        steps(ColumnTransformer([("number", FILLED, NUMBERS)]), LogisticRegression()),
        "ColumnTransformer: found this as the first step",
    ),
    "a scaler without an exporter": (
        steps(INPUT, blocks(steps(FILLED, MinMaxScaler())), LogisticRegression()),
        "MinMaxScaler: found a transformer of numbers without an exporter",
    ),
    "a function of a person": (
        steps(INPUT, blocks(steps(FILLED, FunctionTransformer(np.abs))), LogisticRegression()),
        "FunctionTransformer: found the function absolute",
    ),
    "an imputer of another mark": (
        steps(INPUT, blocks(steps(FILLED, SimpleImputer(missing_values=-1))), LogisticRegression()),
        "SimpleImputer: found missing_values=-1",
    ),
    "an encoder that fails on an unseen category": (
        steps(INPUT, blocks(category=OneHotEncoder(sparse_output=False)), LogisticRegression()),
        "OneHotEncoder: found a failure on an unseen category",
    ),
    "an imputer with indicators before an encoder": (
        steps(INPUT, blocks(category=behind_a_flag()), LogisticRegression()),
        "SimpleImputer: found this before an encoder of categories",
    ),
    "numbers and strings in one block": (
        steps(INPUT, ColumnTransformer([("all", PLAIN, [*NUMBERS, *STRINGS])]), LogisticRegression()),
        "ColumnTransformer: found a block of numbers and strings together",
    ),
    "nothing: liblinear is fine for two classes": (
        steps(INPUT, blocks(), LogisticRegression(solver="liblinear")),
        "",
    ),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_part_without_a_form_in_the_graph_is_refused_by_name(
    name: str, rows: pd.DataFrame, target: Callable[[Task], Any], contract: MakeContract
) -> None:
    candidate, message = CLASSIFIERS[name]
    filled = rows.fillna({"order": 1.0, "gather_1": 0.5})
    fitted = candidate.fit(filled, target(Task.binary))
    if not message:
        assert export_onnx(fitted, contract()).graph.node
        return
    with pytest.raises(ExportError) as refused:
        export_onnx(fitted, contract())
    assert f"export to ONNX, {message}" in str(refused.value)
    assert "fullcycle run prepare" in str(refused.value)


def test_a_bare_model_is_no_candidate(
    rows: pd.DataFrame, target: Callable[[Task], Any], contract: MakeContract
) -> None:
    model = LogisticRegression().fit(rows[["order"]].fillna(0), target(Task.binary))
    with pytest.raises(ExportError, match="LogisticRegression: found a candidate without an exporter"):
        export_onnx(model, contract())


def test_another_transformation_of_the_target_is_refused(
    rows: pd.DataFrame, target: Callable[[Task], Any], contract: MakeContract
) -> None:
    wrapped = TransformedTargetRegressor(
        steps(INPUT, blocks(), Ridge()), func=np.sqrt, inverse_func=np.square
    )
    with pytest.raises(ExportError, match="expected: log1p and expm1"):
        export_onnx(wrapped.fit(rows, target(Task.regression)), contract(Task.regression))


def test_a_regressor_is_not_calibrated(
    rows: pd.DataFrame, target: Callable[[Task], Any], contract: MakeContract
) -> None:
    fitted = steps(INPUT, blocks(), Ridge()).fit(rows, target(Task.regression))
    with pytest.raises(ExportError, match="SigmoidCalibrated: found a regressor inside"):
        export_onnx(SigmoidCalibrated(fitted), contract(Task.regression))


def test_two_targets_at_once_are_refused(
    rows: pd.DataFrame, target: Callable[[Task], Any], contract: MakeContract
) -> None:
    both = np.column_stack([target(Task.regression)] * 2)
    with pytest.raises(ExportError, match="Ridge: found 2 targets"):
        export_onnx(steps(INPUT, blocks(), Ridge()).fit(rows, both), contract(Task.regression))


def test_a_contract_that_widened_a_column_since_the_fit_is_refused(
    rows: pd.DataFrame, target: Callable[[Task], Any], contract: MakeContract
) -> None:
    fitted = steps(INPUT, blocks(), LogisticRegression()).fit(rows, target(Task.binary))
    made = contract()
    wider = tuple(
        column.model_copy(update={"range": (0.0, 1e12)}) if column.name == "order" else column
        for column in made.columns
    )
    with pytest.raises(ExportError, match="column order fitted as float32, float64 in the contract"):
        export_onnx(fitted, made.model_copy(update={"columns": wider}))
