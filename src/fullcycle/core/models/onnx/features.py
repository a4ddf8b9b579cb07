"""Derived features inside the graph: tensors that bear their names, for whatever comes after."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import helper

from fullcycle.core.contract.model import GraphInput
from fullcycle.core.features.compile import into_graph
from fullcycle.core.features.nodes import Tensor
from fullcycle.core.features.tree import KIND_OF, Kind
from fullcycle.core.models.derived import DerivedFeatures
from fullcycle.core.models.onnx.graph import ONNX_TYPES, Graph
from fullcycle.core.models.onnx.inputs import Made

OPSET_OF_TEXTS = 20  # the first with StringConcat; Equal of texts came with 19
DTYPES = {Kind.text: "string", Kind.time: "int64"}


def export_derived(graph: Graph, part: DerivedFeatures, inputs: Sequence[GraphInput]) -> Made:
    """Nodes for each feature, and what comes of them."""
    trees = part.trees()
    graph.reserved |= set(trees)
    graph.opset = max(graph.opset, OPSET_OF_TEXTS)
    columns = {each.name: _column(graph, each) for each in inputs if each.name in (part.kinds or {})}
    made = into_graph(graph, trees, columns, part.tables())
    for name, tensor in made.items():
        if name not in graph.named:  # an ensemble has every feature in each of its members
            graph.nodes.append(helper.make_node("Identity", [tensor.name], [name], name=f"feature_{name}"))
            graph.named.add(name)
    dtypes = {name: DTYPES.get(tensor.kind, "float64") for name, tensor in made.items()}
    return Made(dtypes, tuple(part.kinds or {}))


def _column(graph: Graph, given: GraphInput) -> Tensor:
    """An input as expressions take it. The contract lets no infinite number in."""
    kind = KIND_OF[given.type]
    if kind is Kind.boolean:
        return Tensor(graph.add("Cast", given.name, to=ONNX_TYPES["float64"]), kind)
    return Tensor(given.name, kind)
