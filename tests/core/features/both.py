"""Both compilers on the same rows: a table through Ibis, the graph through ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
from onnx import helper

from fullcycle.core.engines.tables import connect, from_arrow
from fullcycle.core.features.compile import into_graph, with_features
from fullcycle.core.features.lookups import Lookup
from fullcycle.core.features.nodes import NO_TIME, Tensor
from fullcycle.core.features.tree import Kind, Node
from fullcycle.core.models.onnx.graph import ONNX_TYPES, Graph

ARROW = {
    Kind.number: pa.float64(),
    Kind.boolean: pa.bool_(),
    Kind.text: pa.string(),
    Kind.time: pa.timestamp("us"),
}
INPUTS = {Kind.number: "float64", Kind.boolean: "float64", Kind.text: "string", Kind.time: "int64"}
Rows = Mapping[str, Sequence[Any]]
EPOCH = datetime(1970, 1, 1)


def from_table(
    features: Mapping[str, Node],
    rows: Rows,
    kinds: Mapping[str, Kind],
    lookups: Mapping[str, Lookup] | None = None,
) -> dict[str, list[Any]]:
    """What DuckDB makes of the rows; None is missing, times are microseconds."""
    table = pa.table(
        {"_row": range(len(next(iter(rows.values()))))}
        | {n: pa.array(v, ARROW[kinds[n]]) for n, v in rows.items()}
    )
    small = {name: from_arrow(lookup.table) for name, lookup in (lookups or {}).items()}
    made = with_features(from_arrow(table), features, small).order_by("_row")
    answers = connect().to_pyarrow(made.select(*features))
    return {name: [_plain(value) for value in answers[name].to_pylist()] for name in features}


def _plain(value: Any) -> Any:
    return (value - EPOCH) // datetime.resolution if isinstance(value, datetime) else value


def from_graph(
    features: Mapping[str, Node],
    rows: Rows,
    kinds: Mapping[str, Kind],
    lookups: Mapping[str, Lookup] | None = None,
) -> dict[str, list[Any]]:
    """What ONNX Runtime makes of them, in the same form."""
    session = onnxruntime.InferenceSession(graph_of(features, kinds, lookups or {}).SerializeToString())
    used = {each.name for each in session.get_inputs()}
    feeds = {name: feed(values, kinds[name]) for name, values in rows.items() if name in used}
    answers = session.run(list(features), feeds)
    return {
        name: [_from_tensor(value, node.kind) for value in np.asarray(answer).ravel().tolist()]
        for (name, node), answer in zip(features.items(), answers, strict=True)
    }


def graph_of(
    features: Mapping[str, Node], kinds: Mapping[str, Kind], lookups: Mapping[str, Lookup]
) -> onnx.ModelProto:
    graph = Graph()
    columns = {
        name: Tensor(graph.add_input(name, INPUTS[kind]), kind, finite=kind is not Kind.number)
        for name, kind in kinds.items()
    }
    for name, made in into_graph(graph, features, columns, lookups).items():
        dtype = {Kind.text: "string", Kind.time: "int64"}.get(made.kind, "float64")
        graph.nodes.append(helper.make_node("Identity", [made.name], [name]))
        graph.outputs.append(helper.make_tensor_value_info(name, ONNX_TYPES[dtype], ["N", 1]))
    body = helper.make_graph(
        graph.nodes, "features", graph.inputs, graph.outputs, list(graph.constants.values())
    )
    return helper.make_model(
        body, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=9
    )


def feed(values: Sequence[Any], kind: Kind) -> Any:
    match kind:
        case Kind.text:
            return np.array([value or "" for value in values], dtype=object).reshape(-1, 1)
        case Kind.time:
            return np.array(
                [NO_TIME if v is None else (v - EPOCH) // datetime.resolution for v in values], dtype=np.int64
            ).reshape(-1, 1)
    return np.array([np.nan if value is None else float(value) for value in values]).reshape(-1, 1)


def _from_tensor(value: Any, kind: Kind) -> Any:
    match kind:
        case Kind.text:
            return value or None
        case Kind.time:
            return None if value == NO_TIME else value
    if np.isnan(value):
        return None
    return bool(value) if kind is Kind.boolean else value
