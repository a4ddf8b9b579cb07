"""From the graph's inputs to the frame that `ModelInput` makes: the door of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fullcycle.core.contract.model import Contract, GraphInput, graph_input
from fullcycle.core.models.estimators import DATETIME_MISSING, DAY_US, ModelInput
from fullcycle.core.models.onnx.graph import ONNX_TYPES, ExportError, Graph, Matrix, MatrixType

ANSWERS = ("label", "probabilities", "prediction")


@dataclass(frozen=True)
class Strings:
    """String columns of a frame, "" where missing; not yet in one tensor."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """The columns after `ModelInput`: numbers in two matrices by type, strings by name."""

    narrow: tuple[str, ...]
    wide: tuple[str, ...]
    strings: tuple[str, ...]
    narrow_matrix: Matrix | None
    wide_matrix: Matrix | None


def declare_inputs(graph: Graph, contract: Contract) -> tuple[GraphInput, ...]:
    """One input [N, 1] for each feature, in the contract's order (DECISIONS 18)."""
    inputs = tuple(graph_input(column) for column in contract.features)
    taken = [each.name for each in inputs if each.name in ANSWERS]
    if taken:
        raise ExportError(
            f"column {taken[0]}",
            "the name of an answer of the graph",
            f"any name but {', '.join(ANSWERS)}: rename the column in the source",
        )
    for each in inputs:
        graph.add_input(each.name, each.dtype)
    return inputs


def export_model_input(graph: Graph, part: ModelInput, inputs: Sequence[GraphInput]) -> Frame:
    """Numbers and booleans joined as float32, wide numbers and days since 1970 as float64."""
    dtypes: dict[str, str] = {each.name: each.dtype for each in inputs}
    _check_dtypes(part, dtypes)
    used = part.numbers + part.booleans
    narrow = tuple(name for name in dtypes if name in used and name not in part.wide)
    wide = tuple(name for name in dtypes if name in part.wide)
    moments = tuple(name for name in dtypes if name in part.datetimes)
    wide_parts = [part for part in (_joined(graph, wide, "float64"), _days(graph, moments)) if part]
    return Frame(
        narrow=narrow,
        wide=wide + moments,
        strings=tuple(part.strings),
        narrow_matrix=_joined(graph, narrow, "float32"),
        wide_matrix=graph.side_by_side(wide_parts) if wide_parts else None,
    )


def select(graph: Graph, frame: Frame, names: Sequence[str]) -> Strings | Matrix:
    """Columns by name: strings as they are, numbers as one matrix (float64 if one of them is)."""
    if set(names) <= set(frame.strings):
        return Strings(tuple(names))
    if set(names) & set(frame.strings):
        raise ExportError(
            "ColumnTransformer", "a block of numbers and strings together", "blocks of one kind"
        )
    if set(names) <= set(frame.narrow):
        assert frame.narrow_matrix is not None
        return graph.columns(frame.narrow_matrix, [frame.narrow.index(name) for name in names])
    parts = [matrix for matrix in (frame.narrow_matrix, frame.wide_matrix) if matrix is not None]
    order = frame.narrow + frame.wide
    return graph.columns(graph.side_by_side(parts), [order.index(name) for name in names])


def _check_dtypes(part: ModelInput, dtypes: dict[str, str]) -> None:
    expected = dict.fromkeys(part.numbers, "float32") | dict.fromkeys(part.wide, "float64")
    expected |= dict.fromkeys(part.booleans, "float32") | dict.fromkeys(part.datetimes, "int64")
    expected |= dict.fromkeys(part.strings, "string")
    for name, dtype in expected.items():
        if dtypes.get(name) != dtype:
            raise ExportError(
                part,
                f"column {name} fitted as {dtype}, {dtypes.get(name, 'absent')} in the contract",
                "the same",
            )


def _joined(graph: Graph, names: Sequence[str], dtype: MatrixType) -> Matrix | None:
    if not names:
        return None
    return Matrix(_side_by_side(graph, names), len(names), dtype)


def _side_by_side(graph: Graph, names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else graph.add("Concat", *names, axis=1)


def _days(graph: Graph, names: Sequence[str]) -> Matrix | None:
    """Microseconds as days in float64, NaN where missing: the same division as in `ModelInput`."""
    if not names:
        return None
    micros = _side_by_side(graph, names)
    missing = graph.add("Equal", micros, graph.constant(DATETIME_MISSING, "int64"))
    days = graph.add(
        "Div", graph.add("Cast", micros, to=ONNX_TYPES["float64"]), graph.constant(float(DAY_US), "float64")
    )
    return Matrix(graph.add("Where", missing, graph.constant(np.nan, "float64"), days), len(names), "float64")
