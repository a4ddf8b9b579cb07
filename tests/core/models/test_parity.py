"""The proof accepts what is equal and refuses what is not, by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import EXIT_CHECK_FAILED, CheckFailed
from fullcycle.core.models.adversarial import adversarial_frame, coerced_frame
from fullcycle.core.models.estimators import ModelInput, to_float32
from fullcycle.core.models.onnx import ExportError, export_onnx, serialize
from fullcycle.core.models.onnx.export import MODELS
from fullcycle.core.models.parity import estimator_name, prove

ROWS = 400


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(1)
    numbers = random.normal(size=(ROWS, 2))
    numbers[random.random(numbers.shape) < 0.25] = np.nan
    plans = random.choice(np.array(["basic", "premium", None], dtype=object), ROWS)
    return pd.DataFrame(
        {"age": numbers[:, 0], "spent": numbers[:, 1], "plan": pd.Series(plans, dtype=object)}
    )


@pytest.fixture(scope="module")
def target(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    noise = np.random.default_rng(2).normal(0, 0.7, ROWS)
    score = frame["age"].fillna(0.8) + (frame["plan"] == "basic") + noise
    return np.where(score > 0.6, "yes", "no").astype(object)


def contract(task: Task = Task.binary) -> Contract:
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    return Contract(
        task=task,
        classes=None if task is Task.regression else ("no", "yes"),
        columns=(
            Column(name="age", type=ColumnType.numeric),
            Column(name="spent", type=ColumnType.numeric),
            Column(name="plan", type=ColumnType.categorical),
            Column(name="target", type=kind, role=Role.target),
        ),
    )


def pipeline(model: Any, number: Any = "passthrough") -> Pipeline:
    blocks = [
        ("number", number, ["age", "spent"]),
        ("category", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["plan"]),
    ]
    return Pipeline(
        [
            ("input", ModelInput(numbers=("age", "spent"), strings=("plan",))),
            ("columns", ColumnTransformer(blocks)),
            ("door", FunctionTransformer(to_float32)),
            ("model", model),
        ]
    )


def imputer() -> SimpleImputer:
    return SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)


def logistic() -> Pipeline:
    return pipeline(LogisticRegression(), imputer())


def altered(model: bytes, change: Callable[[onnx.ModelProto], None]) -> bytes:
    """A graph with something wrong in it."""
    made = onnx.load_from_string(model)
    change(made)
    return serialize(made)


def shift_float64_constants(by: float) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        for tensor in model.graph.initializer:
            if tensor.data_type == onnx.TensorProto.DOUBLE and len(tensor.dims) == 2 and tensor.dims[0] > 1:
                values = onnx.numpy_helper.to_array(tensor) + by
                tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))

    return change


@pytest.fixture
def plain_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests go through skl2onnx, as they would without an exporter of ours."""
    for kind in (RandomForestClassifier, RandomForestRegressor):
        monkeypatch.delitem(MODELS, kind)


@pytest.mark.usefixtures("plain_converter")
def test_a_random_forest_on_missing_values_is_refused_with_estimator_rows_and_versions(
    frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = pipeline(RandomForestClassifier(20, random_state=0)).fit(frame, target)
    model = serialize(export_onnx(fitted, contract()))
    with pytest.raises(CheckFailed) as refused:
        prove(fitted, model, frame, contract(), "train")
    message = str(refused.value)
    assert message.startswith("proof of RandomForestClassifier on train rows: found ")
    assert "of 400 rows that ONNX Runtime answers differently: row " in message
    assert "age=nan" in message
    assert "plan=" in message
    for library in ("onnxruntime", "scikit-learn", "lightgbm"):
        assert f"{library} {version(library)}" in message
    assert "fullcycle run prepare" in message
    assert refused.value.exit_code == EXIT_CHECK_FAILED


@pytest.mark.usefixtures("plain_converter")
def test_a_random_forest_that_predicts_a_number_on_missing_values_is_refused_too(frame: pd.DataFrame) -> None:
    amount = 100 * frame["age"].fillna(3).to_numpy()
    fitted = pipeline(RandomForestRegressor(20, random_state=0)).fit(frame, amount)
    model = serialize(export_onnx(fitted, contract(Task.regression)))
    with pytest.raises(CheckFailed, match="proof of RandomForestRegressor"):
        prove(fitted, model, frame, contract(Task.regression), "train")


def test_a_random_forest_on_missing_values_is_proven_with_nodes_of_our_own(
    frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = pipeline(RandomForestClassifier(20, random_state=0)).fit(frame, target)
    model = serialize(export_onnx(fitted, contract()))
    assert prove(fitted, model, frame, contract(), "train").passed
    assert prove(fitted, model, adversarial_frame(contract(), frame), contract(), "adversarial").passed


def test_a_random_forest_behind_an_imputer_with_indicators_is_proven(
    frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = pipeline(RandomForestClassifier(20, random_state=0), imputer()).fit(frame, target)
    model = serialize(export_onnx(fitted, contract()))
    assert prove(fitted, model, frame, contract(), "train").passed
    assert prove(fitted, model, adversarial_frame(contract(), frame), contract(), "adversarial").passed


@pytest.mark.parametrize("ensemble", [True, False])
def test_a_calibrated_classifier_exported_by_the_converter_is_refused(
    ensemble: bool, frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    inner = RandomForestClassifier(20, min_samples_leaf=10, random_state=0)
    calibrated = CalibratedClassifierCV(inner, method="isotonic", cv=3, ensemble=ensemble)
    fitted = pipeline(calibrated, imputer()).fit(frame, target)
    model = serialize(export_onnx(fitted, contract()))
    with pytest.raises(CheckFailed, match=r"proof of CalibratedClassifierCV on train rows: found .* row "):
        prove(fitted, model, frame, contract(), "train")


def test_a_model_that_no_converter_knows_is_refused_at_export(
    frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = pipeline(HistGradientBoostingClassifier(max_iter=3)).fit(frame, target)
    with pytest.raises(ExportError, match=r"HistGradientBoostingClassifier.*no conversion by skl2onnx"):
        export_onnx(fitted, contract())


def test_one_wrong_row_of_many_is_named_by_its_index(
    frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = logistic().fit(frame, target)
    model = serialize(export_onnx(fitted, contract()))
    named = frame.set_axis(frame.index + 5000)

    class LiesOnOneRow:
        classes_ = fitted.classes_

        def predict(self, X: pd.DataFrame) -> Any:
            return fitted.predict(X)

        def predict_proba(self, X: pd.DataFrame) -> Any:
            shift = np.where(X.index == 5123, 2e-5, 0)[:, None]
            return fitted.predict_proba(X) + shift * [-1, 1]

    with pytest.raises(CheckFailed, match=r"LiesOnOneRow .*1 of 400 rows .*: row 5123 is \["):
        prove(LiesOnOneRow(), model, named, contract(), "test")


@pytest.mark.parametrize(("shift", "accepted"), [(1e-7, True), (1e-3, False)])
def test_a_weight_that_is_a_little_off_is_found(
    shift: float, accepted: bool, frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = logistic().fit(frame, target)
    model = altered(serialize(export_onnx(fitted, contract())), shift_float64_constants(shift))
    if accepted:
        assert prove(fitted, model, frame, contract(), "train").largest_error < 1e-5
    else:
        with pytest.raises(CheckFailed):
            prove(fitted, model, frame, contract(), "train")


def test_equal_probabilities_with_another_label_are_refused(
    frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = logistic().fit(frame, target)

    def swap_classes(model: onnx.ModelProto) -> None:
        for tensor in model.graph.initializer:
            if list(tensor.string_data) == [b"yes"]:
                tensor.string_data[0] = b"no"

    model = altered(serialize(export_onnx(fitted, contract())), swap_classes)
    with pytest.raises(CheckFailed, match="proof of LogisticRegression"):
        prove(fitted, model, frame, contract(), "train")


def test_an_answer_that_is_not_a_number_is_never_proven(
    frame: pd.DataFrame, target: np.ndarray[Any, Any]
) -> None:
    fitted = logistic().fit(frame, target)
    model = altered(serialize(export_onnx(fitted, contract())), shift_float64_constants(np.nan))
    with pytest.raises(CheckFailed, match="nan"):
        prove(fitted, model, frame, contract(), "train")


def test_a_number_that_is_none_is_never_proven(frame: pd.DataFrame) -> None:
    wanted = contract(Task.regression)
    fitted = pipeline(Ridge(), imputer()).fit(frame, frame["age"].fillna(3).to_numpy())
    model = altered(serialize(export_onnx(fitted, wanted)), shift_float64_constants(np.nan))
    with pytest.raises(CheckFailed, match=r"400 of 400 rows .* and nan in the graph"):
        prove(fitted, model, frame, wanted, "train")


def test_a_large_table_is_proven_to_its_last_row(
    frame: pd.DataFrame, target: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = logistic().fit(frame, target)
    model = serialize(export_onnx(fitted, contract()))
    monkeypatch.setattr("fullcycle.core.models.parity.ROWS_AT_ONCE", 150)
    assert prove(fitted, model, frame, contract(), "train").rows == ROWS
    lying = frame.copy()
    lying["age"] = lying["age"].astype(float)

    class LiesAtTheEnd:
        classes_ = fitted.classes_
        predict = staticmethod(fitted.predict)

        def predict_proba(self, X: pd.DataFrame) -> Any:
            return fitted.predict_proba(X) + np.where(X.index == ROWS - 1, 1e-3, 0)[:, None]

    with pytest.raises(CheckFailed, match="row 399"):
        prove(LiesAtTheEnd(), model, lying, contract(), "train")


def test_adversarial_rows_hold_what_they_promise(frame: pd.DataFrame) -> None:
    hard = adversarial_frame(contract(), frame)
    assert hard.iloc[0].isna().all()
    for value in (1e30, 1e300, -1e300):
        assert (hard["age"] == value).any()
    assert (np.signbit(hard["age"]) & (hard["age"] == 0)).any()
    assert hard["plan"].eq("").any()
    assert hard["plan"].eq("no such category").any()
    assert hard["plan"].str.len().max() >= 20_000
    pd.testing.assert_frame_equal(hard, adversarial_frame(contract(), frame))


def test_adversarial_moments_lie_before_1970_and_after_2038() -> None:
    dated = Contract(
        task=Task.regression,
        columns=(
            Column(name="at", type=ColumnType.datetime),
            Column(name="y", type=ColumnType.numeric, role=Role.target),
        ),
    )
    hard = adversarial_frame(dated, coerced_frame(dated, {"at": [0, None]}))["at"]
    assert hard.isna().any()
    assert hard.min() < pd.Timestamp("1970-01-01").as_unit("us")
    assert hard.max() > pd.Timestamp("2038-01-19").as_unit("us")


def test_an_estimator_is_named_through_its_wrappers() -> None:
    assert estimator_name(logistic()) == "LogisticRegression"
