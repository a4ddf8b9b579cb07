"""One graph from the contract's raw columns to the calibrated answer, part by part.

Two registries say how: TRANSFORMS for what makes columns of columns, MODELS for what makes an answer.
A new part is a function and a line there; a model without a line goes through skl2onnx. Whatever comes
out is only believed after `core/models/parity` has proven it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, RobustScaler, StandardScaler

from fullcycle.core.contract.model import Contract, GraphInput
from fullcycle.core.models.boosters import (
    CatBoostClassifier,
    CatBoostRegressor,
    XGBoostClassifier,
    XGBoostRegressor,
)
from fullcycle.core.models.derived import DerivedFeatures
from fullcycle.core.models.estimators import (
    PROBABILITY_FLOOR,
    BlendClassifier,
    BlendRegressor,
    ModelInput,
    QuantileClipper,
    SigmoidCalibrated,
)
from fullcycle.core.models.intervals import IntervalRegressor
from fullcycle.core.models.limits import OutlierFences, QuantileScaler
from fullcycle.core.models.onnx.answers import Answer, Chances, Value, add_answers, weighted_mean
from fullcycle.core.models.onnx.boosters import export_booster_classifier, export_booster_regressor
from fullcycle.core.models.onnx.features import export_derived
from fullcycle.core.models.onnx.foreign import export_foreign
from fullcycle.core.models.onnx.forests import export_forest_classifier, export_forest_regressor
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix
from fullcycle.core.models.onnx.inputs import (
    NOTHING_MADE,
    Frame,
    Strings,
    declare_inputs,
    export_model_input,
    select,
)
from fullcycle.core.models.onnx.linear import export_linear_regression, export_logistic_regression
from fullcycle.core.models.onnx.network import export_network_classifier, export_network_regressor
from fullcycle.core.models.onnx.numbers import (
    export_clipper,
    export_components,
    export_door,
    export_fences,
    export_imputer,
    export_quantile_scaler,
    export_robust_scaler,
    export_scaler,
)
from fullcycle.core.models.onnx.strings import WIDTHS, export_encoder
from fullcycle.core.models.onnx.trees import export_lightgbm_classifier, export_lightgbm_regressor
from fullcycle.core.models.stopping import EarlyStoppedClassifier, EarlyStoppedRegressor

TRANSFORMS: dict[type, Callable[[Graph, Any, Matrix], Matrix]] = {
    SimpleImputer: export_imputer,
    StandardScaler: export_scaler,
    RobustScaler: export_robust_scaler,
    QuantileScaler: export_quantile_scaler,
    QuantileClipper: export_clipper,
    OutlierFences: export_fences,
    FunctionTransformer: export_door,
    PCA: export_components,
}


def _export_model(graph: Graph, model: Any, matrix: Matrix) -> Answer:
    return MODELS.get(type(model), export_foreign)(graph, model, matrix)


def _export_stopped(graph: Graph, part: Any, matrix: Matrix) -> Answer:
    return _export_model(graph, part.fitted_, matrix)


def _export_scaled_target(graph: Graph, part: TransformedTargetRegressor, matrix: Matrix) -> Value:
    """What learned a target of mean 0 and deviation 1, back in the target's own unit."""
    scaler = part.transformer_
    if not isinstance(scaler, StandardScaler):
        raise ExportError(part, f"a target behind {type(scaler).__name__}", "StandardScaler")
    scaled = _export_model(graph, part.regressor_, matrix).name
    wide = graph.add("Mul", scaled, graph.constant(scaler.scale_[0], "float64"))
    return Value(graph.add("Add", wide, graph.constant(scaler.mean_[0], "float64")))


MODELS: dict[type, Callable[[Graph, Any, Matrix], Answer]] = {
    LogisticRegression: export_logistic_regression,
    Ridge: export_linear_regression,
    LinearRegression: export_linear_regression,
    Lasso: export_linear_regression,
    ElasticNet: export_linear_regression,
    LGBMClassifier: export_lightgbm_classifier,
    LGBMRegressor: export_lightgbm_regressor,
    ExtraTreesClassifier: export_forest_classifier,
    ExtraTreesRegressor: export_forest_regressor,
    RandomForestClassifier: export_forest_classifier,
    RandomForestRegressor: export_forest_regressor,
    MLPClassifier: export_network_classifier,
    MLPRegressor: export_network_regressor,
    XGBoostClassifier: export_booster_classifier,
    XGBoostRegressor: export_booster_regressor,
    CatBoostClassifier: export_booster_classifier,
    CatBoostRegressor: export_booster_regressor,
    EarlyStoppedClassifier: _export_stopped,
    EarlyStoppedRegressor: _export_stopped,
    TransformedTargetRegressor: _export_scaled_target,
}


def export_onnx(fitted: Any, contract: Contract) -> onnx.ModelProto:
    """The fitted candidate as one ONNX graph with the interface of DECISIONS 18.

    Raises ExportError (a UserError) for a part or a setting that has no form in the graph. The graph is
    not proven yet: `parity.prove` does that.
    """
    graph = Graph()
    inputs = declare_inputs(graph, contract)
    add_answers(graph, _export(graph, fitted, inputs), contract.classes)
    return graph.model()


def _export(graph: Graph, fitted: Any, inputs: Sequence[GraphInput]) -> Answer:
    """A candidate: a pipeline, or what wraps and mixes pipelines."""
    for kind, exporter in CANDIDATES.items():
        if isinstance(fitted, kind):
            return exporter(graph, fitted, inputs)
    expected = ", ".join(kind.__name__ for kind in CANDIDATES)
    raise ExportError(fitted, "a candidate without an exporter", f"one of {expected}")


def _export_pipeline(graph: Graph, fitted: Pipeline, inputs: Sequence[GraphInput]) -> Answer:
    *steps, (_, model) = fitted.steps
    matrix = export_matrix(graph, [step for _, step in steps], inputs)
    return _export_model(graph, model, matrix)


def export_matrix(graph: Graph, steps: Sequence[Any], inputs: Sequence[GraphInput]) -> Matrix:
    """What a pipeline hands to its model: `ModelInput`, a ColumnTransformer, and whatever follows."""
    first, *others = steps
    made = NOTHING_MADE
    if isinstance(first, DerivedFeatures):
        made = export_derived(graph, first, inputs)
        first, *others = others
    if not isinstance(first, ModelInput):
        raise ExportError(first, "this as the first step", "ModelInput")
    value = _export_steps(graph, others, export_model_input(graph, first, inputs, made))
    if not isinstance(value, Matrix):
        raise ExportError(
            "Pipeline", "columns that no step has joined", "a ColumnTransformer before the model"
        )
    return value


def _export_steps(
    graph: Graph, steps: Sequence[Any], value: Frame | Strings | Matrix
) -> Frame | Strings | Matrix:
    """Transformers one after the other; strings stay strings until their encoder."""
    waiting: list[Any] = []
    for step in _flat(steps):
        if isinstance(value, Frame):
            value = _export_columns(graph, step, value)
        elif isinstance(value, Strings):
            waiting.append(step)
            if type(step) in WIDTHS:
                value = export_encoder(graph, waiting, value)
        else:
            value = _export_transform(graph, step, value)
    return value


def _export_transform(graph: Graph, step: Any, matrix: Matrix) -> Matrix:
    exporter = TRANSFORMS.get(type(step))
    if exporter is None:
        expected = ", ".join(kind.__name__ for kind in TRANSFORMS)
        raise ExportError(step, "a transformer of numbers without an exporter", f"one of {expected}")
    return exporter(graph, step, matrix)


def _export_columns(graph: Graph, part: Any, frame: Frame) -> Matrix:
    """The blocks of a ColumnTransformer side by side."""
    if not isinstance(part, ColumnTransformer):
        raise ExportError(part, "this after ModelInput", "a ColumnTransformer")
    matrices = []
    for name, block, columns in part.transformers_:
        if (isinstance(block, str) and block == "drop") or len(columns) == 0:
            continue
        matrix = _export_steps(graph, [block], select(graph, frame, _names(part, columns)))
        if not isinstance(matrix, Matrix):
            raise ExportError(part, f"block {name}, whose strings no encoder has read", "an encoder")
        matrices.append(matrix)
    if not any(matrix.width for matrix in matrices):
        raise ExportError(part, "no column that reaches the model", "at least one")
    return graph.side_by_side(matrices)


def _names(part: ColumnTransformer, columns: Sequence[Any]) -> list[str]:
    """Columns of a block by name; a remainder may be written as positions."""
    known = part.feature_names_in_
    return [str(each if isinstance(each, str) else known[each]) for each in columns]


def _flat(steps: Sequence[Any]) -> list[Any]:
    """Steps with inner pipelines opened and "passthrough" left out."""
    flat: list[Any] = []
    for step in steps:
        if isinstance(step, Pipeline):
            flat += _flat([inner for _, inner in step.steps])
        elif not (step is None or (isinstance(step, str) and step == "passthrough") or _does_nothing(step)):
            flat.append(step)
    return flat


def _does_nothing(step: Any) -> bool:
    """ColumnTransformer replaces "passthrough" by a FunctionTransformer without a function."""
    return isinstance(step, FunctionTransformer) and step.func is None


def _export_blend(graph: Graph, fitted: Any, inputs: Sequence[GraphInput]) -> Answer:
    answers = [_export(graph, member, inputs) for member in fitted.members_]
    mean = weighted_mean(graph, [answer.name for answer in answers], fitted.weights)
    first = answers[0]
    return Chances(mean, first.classes) if isinstance(first, Chances) else Value(mean)


def _export_log_target(
    graph: Graph, fitted: TransformedTargetRegressor, inputs: Sequence[GraphInput]
) -> Value:
    transformer = fitted.transformer_
    if transformer.func is not np.log1p or transformer.inverse_func is not np.expm1:
        raise ExportError(fitted, "another transformation of the target", "log1p and expm1")
    power = graph.add("Exp", _export(graph, fitted.regressor_, inputs).name)
    return Value(graph.add("Sub", power, graph.constant(1.0, "float64")))


def _export_calibrated(graph: Graph, fitted: SigmoidCalibrated, inputs: Sequence[GraphInput]) -> Chances:
    """`calibrate` of estimators.py in nodes, from the clipping to the sigmoid."""
    answer = _export(graph, fitted.fitted, inputs)
    if not isinstance(answer, Chances):
        raise ExportError(fitted, "a regressor inside", "a classifier")
    low, high = (graph.constant(bound, "float64") for bound in (PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR))
    bounded = graph.add("Clip", answer.name, low, high)
    calibrated = _sigmoid if answer.binary else _power
    return Chances(calibrated(graph, bounded, fitted), answer.classes, float(fitted.threshold))


def _sigmoid(graph: Graph, bounded: str, fitted: SigmoidCalibrated) -> str:
    other = graph.add("Log", graph.add("Sub", graph.constant(1.0, "float64"), bounded))
    logit = graph.add("Sub", graph.add("Log", bounded), other)
    stretched = graph.add("Mul", logit, graph.constant(fitted.slope, "float64"))
    return graph.add("Sigmoid", graph.add("Add", stretched, graph.constant(fitted.shift, "float64")))


def _power(graph: Graph, bounded: str, fitted: SigmoidCalibrated) -> str:
    powered = graph.add("Pow", bounded, graph.constant(fitted.slope, "float64"))
    total = graph.add("ReduceSum", powered, graph.constant([1], "int64"), keepdims=1)
    return graph.add("Div", powered, total)


def _export_interval(graph: Graph, fitted: IntervalRegressor, inputs: Sequence[GraphInput]) -> Value:
    """`IntervalRegressor.predict_interval` in nodes."""
    answer = _export(graph, fitted.fitted, inputs).name
    kept = answer
    if np.isfinite(fitted.floor):
        kept = graph.add("Max", answer, graph.constant(fitted.floor, "float64"))
    bounds = []
    for scale, shift in zip(fitted.scales, fitted.shifts, strict=True):
        stretched = graph.add("Mul", kept, graph.constant(scale, "float64"))
        bounds.append(graph.add("Add", stretched, graph.constant(shift, "float64")))
    return Value(answer, *bounds)


CANDIDATES: dict[type, Callable[[Graph, Any, Sequence[GraphInput]], Answer]] = {
    Pipeline: _export_pipeline,
    BlendClassifier: _export_blend,
    BlendRegressor: _export_blend,
    TransformedTargetRegressor: _export_log_target,
    SigmoidCalibrated: _export_calibrated,
    IntervalRegressor: _export_interval,
}
