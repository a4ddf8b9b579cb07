"""A model that has no exporter of ours goes through skl2onnx, and stands or falls by the proof.

Known to be silently wrong there: random forests on missing values, CalibratedClassifierCV (DECISIONS 22).
"""

from __future__ import annotations

import warnings
from typing import Any

from onnx import compose
from sklearn.base import is_classifier

from fullcycle.core.models.onnx.answers import Answer, Chances, Value
from fullcycle.core.models.onnx.graph import ML, ONNX_TYPES, OPSET, OPSET_ML, ExportError, Graph, Matrix


def export_foreign(graph: Graph, part: Any, matrix: Matrix) -> Answer:
    """The nodes that skl2onnx makes of a fitted classifier or regressor, within our graph."""
    body = _converted(part, matrix.width)
    prefix = graph.fresh_prefix(type(part).__name__)
    rows = graph.cast(matrix, "float32").name
    body = compose.add_prefix_graph(body, prefix, rename_inputs=True)
    _inline(graph, body, rows)
    if not is_classifier(part):
        return Value(graph.add("Cast", f"{prefix}variable", to=ONNX_TYPES["float64"]))
    chances = graph.add("Cast", f"{prefix}probabilities", to=ONNX_TYPES["float64"])
    if len(part.classes_) == 2:
        chances = graph.add("Gather", chances, graph.constant([1], "int64"), axis=1)
    return Chances(chances, tuple(map(str, part.classes_)))


def _converted(part: Any, width: int) -> Any:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    options = {id(part): {"zipmap": False}} if is_classifier(part) else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = convert_sklearn(
                part,
                initial_types=[("rows", FloatTensorType([None, width]))],
                target_opset={"": OPSET, ML: OPSET_ML},
                options=options,
            )
    except Exception as error:  # a converter may raise anything; whatever it is, there is no graph
        raise ExportError(part, f"no conversion by skl2onnx ({_first_line(error)})") from error
    return model.graph


def _first_line(error: Exception) -> str:
    """Converters print whole nodes; the first line says what is wrong."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _inline(graph: Graph, body: Any, rows: str) -> None:
    entry = body.input[0].name
    for tensor in body.initializer:
        graph.constants[tensor.name] = tensor
    for node in body.node:
        for position, name in enumerate(node.input):
            if name == entry:
                node.input[position] = rows
        graph.nodes.append(node)
