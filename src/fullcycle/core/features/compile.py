"""The two compilers. Both walk the same tree and take each operation's form from the same table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import ibis

from fullcycle.core.contract.cells import TYPES
from fullcycle.core.features.functions import finite
from fullcycle.core.features.lookups import Lookup
from fullcycle.core.features.nodes import DOUBLE, GraphBuilder, Nodes, Tensor
from fullcycle.core.features.operations import OPERATIONS, Operation, fits
from fullcycle.core.features.tree import (
    TYPE_OF,
    Call,
    Constant,
    Found,
    Kind,
    Leaf,
    Node,
    children,
    columns_of,
    parts,
)

TABLE_TYPES = {kind: TYPES[column] for kind, column in TYPE_OF.items()} | {
    Kind.duration: TYPES[TYPE_OF[Kind.number]]
}
EPOCH = datetime(1970, 1, 1)


def operation_of(call: Call) -> Operation:
    """The entry of the table that a call means."""
    kinds = [argument.kind for argument in call.arguments]
    return next(
        operation
        for promote in (False, True)
        for operation in OPERATIONS[call.operation]
        if fits(operation, kinds, promote=promote)
    )


# --- tables


def with_features(
    table: ibis.Table, features: Mapping[str, Node], lookups: Mapping[str, ibis.Table] | None = None
) -> ibis.Table:
    """The table with a column for each feature, null where missing.

    Each part of an expression is a column of a select of its own, on top of the parts that it is made of: in
    one select a part would be written out as often as it is used, and the text would double with each level.
    """
    wanted = list(dict.fromkeys(part for node in features.values() for part in parts(node)))
    made = {part: f"_part{at}" for at, part in enumerate(wanted) if not isinstance(part, Leaf | Constant)}
    depth = _depths(wanted)
    kept = list(table.columns)
    for level in range(1, max((depth[part] for part in made), default=0) + 1):
        now = [part for part in made if depth[part] == level]
        for part in now:
            if isinstance(part, Found):
                table = _looked_up(table, part, made, (lookups or {})[part.lookup])
        table = table.mutate(
            **{made[part]: _in_table(table, part, made) for part in now if isinstance(part, Call)}
        )
    return table.select(
        *(table[name] for name in kept if name not in features),
        **{name: _of(table, node, made).cast(TABLE_TYPES[node.kind]) for name, node in features.items()},
    )


def _depths(wanted: Sequence[Node]) -> dict[Node, int]:
    depth: dict[Node, int] = {}
    for part in wanted:  # parts come before what is made of them
        below = [depth[each] for each in children(part)]
        depth[part] = 1 + max(below) if below else 0
    return depth


def _of(table: ibis.Table, part: Node, made: Mapping[Node, str]) -> Any:
    if isinstance(part, Leaf):
        return table[part.name]
    if isinstance(part, Constant):
        return ibis.literal(part.value, TABLE_TYPES[part.kind])
    return table[made[part]]


def _in_table(table: ibis.Table, call: Call, made: Mapping[Node, str]) -> Any:
    operation = operation_of(call)
    arguments = []
    for at, argument in enumerate(call.arguments):
        if operation.name == "round" and at == 1 and isinstance(argument, Constant):
            arguments.append(int(float(argument.value)))  # type: ignore[arg-type]
            continue
        value = _of(table, argument, made)
        wanted = operation.takes[at] if at < len(operation.takes) else operation.more
        arguments.append(value.cast("float64") if wanted is Kind.number else value)
    value = operation.table(*arguments)
    return finite(value) if operation.gives in (Kind.number, Kind.duration) else value


def _looked_up(table: ibis.Table, part: Found, made: dict[Node, str], lookup: ibis.Table) -> ibis.Table:
    name = made[part]
    pairs = lookup.select(**{f"{name}_key": lookup[lookup.columns[0]], name: lookup[part.column]})
    joined = table.mutate(**{f"{name}_by": _of(table, part.key, made)})
    found = joined.left_join(pairs, joined[f"{name}_by"] == pairs[f"{name}_key"])
    return found.drop(f"{name}_by", f"{name}_key")


# --- the graph


def into_graph(
    graph: GraphBuilder,
    features: Mapping[str, Node],
    columns: Mapping[str, Tensor],
    lookups: Mapping[str, Lookup] | None = None,
) -> dict[str, Tensor]:
    """A tensor for each feature; what is infinite is NaN. `columns` are tensors of what is used."""
    nodes = Nodes(graph)
    made: dict[Node, Tensor] = {}
    for node in features.values():
        for part in parts(node):
            if part not in made:
                made[part] = _in_graph(nodes, part, made, columns, lookups or {})
    return {
        name: nodes.for_each_row(nodes.whole(made[node]), columns[columns_of(node)[0]].name)
        for name, node in features.items()
    }


def _in_graph(
    nodes: Nodes,
    part: Node,
    made: Mapping[Node, Tensor],
    columns: Mapping[str, Tensor],
    lookups: Mapping[str, Lookup],
) -> Tensor:
    match part:
        case Leaf(name=name):
            return columns[name]
        case Constant():
            return _constant(nodes, part)
        case Found(lookup=name, key=key):
            return lookups[name].into_graph(nodes, part, made[key])
        case Call(arguments=arguments):
            built = operation_of(part).graph(nodes, *(made[argument] for argument in arguments))
            return Tensor(built.name, part.kind, finite=built.finite, present=built.present)
    raise TypeError(f"no form in the graph: {part}")


def _constant(nodes: Nodes, part: Constant) -> Tensor:
    value = part.value
    if isinstance(value, str):
        return Tensor(nodes.text(value), part.kind, present=True, literal=value)
    if isinstance(value, datetime):
        micros = (value - EPOCH) // (datetime.resolution)
        return Tensor(nodes.int64(micros), part.kind, present=True)
    return Tensor(nodes.double(float(value)), part.kind, present=True, literal=float(value))


__all__ = ["DOUBLE", "into_graph", "operation_of", "with_features"]
