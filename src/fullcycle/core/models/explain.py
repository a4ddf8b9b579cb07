"""A feature laid open: its expression, both compiled forms, and what both make of ten rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from onnx import helper

from fullcycle.core.bundle.feeds import DATETIME_MISSING, feeds
from fullcycle.core.bundle.runtime import OnnxRuntime
from fullcycle.core.contract.model import ColumnType, Contract
from fullcycle.core.engines.tables import ROW, connect, from_arrow
from fullcycle.core.features.compile import with_features
from fullcycle.core.features.tree import Found, Kind, Node, columns_of, parts
from fullcycle.core.features.write import written
from fullcycle.core.models.derived import derived_features
from fullcycle.core.models.frame import as_coerced
from fullcycle.core.models.onnx.features import DTYPES, export_derived
from fullcycle.core.models.onnx.graph import Graph

if TYPE_CHECKING:
    import onnx
    import pyarrow as pa

EPOCH = datetime(1970, 1, 1)  # without a zone, as tables have it


@dataclass(frozen=True)
class Explained:
    """`rows` hold the values of the columns that are read, then `table` and `graph`: the two answers."""

    name: str
    expression: str
    kind: str
    columns: tuple[str, ...]
    lookups: tuple[str, ...]
    parsed: str
    table: str
    graph: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]


def explain(contract: Contract, name: str, rows: pa.Table) -> Explained:
    """`rows` are coerced rows of the contract, with the row number."""
    step = derived_features(contract)
    assert step is not None
    trees = step.trees()
    node = trees[name]
    model = _graph(contract, name)
    return Explained(
        name=name,
        expression=next(each.expression for each in contract.derived if each.name == name),
        kind=node.kind.value,
        columns=columns_of(node),
        lookups=tuple(dict.fromkeys(part.lookup for part in parts(node) if isinstance(part, Found))),
        parsed=written(node),
        table=_sql(contract, name, node),
        graph=tuple(map(_line, model.graph.node)),
        rows=tuple(_both(contract, name, node, model, rows)),
    )


def _sql(contract: Contract, name: str, node: Node) -> str:
    """What DuckDB is asked, over a table of the columns that the feature reads."""
    from fullcycle.core.contract.cells import TYPES

    schema = {column: TYPES[contract.column(column).type] for column in columns_of(node)}
    step = derived_features(contract)
    lookups = {} if step is None else step.tables()
    tables = {
        each: ibis.table(ibis.memtable(lookup.table).schema(), name=each) for each, lookup in lookups.items()
    }
    asked = with_features(ibis.table(schema, name="rows"), {name: node}, tables)
    return str(ibis.to_sql(asked.select(name), dialect="duckdb"))


def _graph(contract: Contract, name: str) -> onnx.ModelProto:
    """The nodes of one feature alone."""
    up_to = [each.name for each in contract.derived].index(name) + 1
    alone = contract.model_copy(update={"derived": contract.derived[:up_to]})
    step = derived_features(alone)
    assert step is not None
    graph = Graph()
    for given in alone.inputs:
        graph.add_input(given.name, given.dtype)
    export_derived(graph, step, alone.inputs)
    tensor = next(node.input[0] for node in graph.nodes if list(node.output) == [name])
    graph.nodes = _needed(graph.nodes, tensor)
    graph.add_output(name, tensor, DTYPES.get(step.trees()[name].kind, "float64"), ["N", 1])
    used = {wanted for node in graph.nodes for wanted in node.input}
    graph.inputs = [given for given in graph.inputs if given.name in used]
    graph.constants = {key: value for key, value in graph.constants.items() if value.name in used}
    return graph.model()


def _needed(nodes: list[Any], tensor: str) -> list[Any]:
    """Nodes that a tensor is made from, in their order."""
    wanted, kept = {tensor}, []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    return kept[::-1]


def _line(node: Any) -> str:
    attributes = [f"{each.name}={_short(helper.get_attribute_value(each))}" for each in node.attribute]
    return f"{', '.join(node.output)} = {node.op_type}({', '.join([*node.input, *attributes])})"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _both(
    contract: Contract, name: str, node: Node, model: onnx.ModelProto, rows: pa.Table
) -> list[dict[str, Any]]:
    step = derived_features(contract)
    assert step is not None
    lookups = {each: from_arrow(lookup.table) for each, lookup in step.tables().items()}
    made = with_features(from_arrow(rows), {name: node}, lookups).order_by(ROW)
    by_table = [_shown(value) for value in connect().to_pyarrow(made.select(name))[name].to_pylist()]
    by_graph = _answers(contract, name, node.kind, model, rows)
    read = {column: rows[column].to_pylist() for column in columns_of(node)}
    return [
        {column: _shown(values[at]) for column, values in read.items()}
        | {"table": by_table[at], "graph": by_graph[at]}
        for at in range(rows.num_rows)
    ]


def _answers(contract: Contract, name: str, kind: Kind, model: onnx.ModelProto, rows: pa.Table) -> list[Any]:
    session = OnnxRuntime().open(model.SerializeToString(), threads=1)
    wanted = {given.name for given in session.get_inputs()}
    inputs = [given for given in contract.inputs if given.name in wanted]
    columns: Mapping[str, Any] = {
        given.name: _plain(as_coerced(rows[given.name], contract.column(given.name)), given.type)
        for given in inputs
    }
    [answer] = session.run([name], feeds(inputs, columns))
    return [_from_tensor(value, kind) for value in answer.ravel().tolist()]


def _plain(values: Any, kind: ColumnType) -> Any:
    if kind is not ColumnType.boolean:
        return values
    return [None if value is None else float(value) for value in values]


def _from_tensor(value: Any, kind: Kind) -> Any:
    if kind is Kind.text:
        return value or None
    if kind is Kind.time:
        return None if value == DATETIME_MISSING else (EPOCH + timedelta(microseconds=value)).isoformat()
    if np.isnan(value):
        return None
    return bool(value) if kind is Kind.boolean else value


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
