"""From the graph's inputs to the frame that `ModelInput` makes: the door of the graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fullcycle.core.contract.model import Contract, GraphInput
from fullcycle.core.models.estimators import DATETIME_MISSING, DAY_US, FLOAT32_MAX, ModelInput
from fullcycle.core.models.onnx.graph import ONNX_TYPES, ExportError, Graph, Matrix, MatrixType

ANSWERS = ("label", "probabilities", "prediction", "prediction_low", "prediction_high")


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
    inputs = contract.inputs
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


@dataclass(frozen=True)
class Made:
    """Derived features: the types of their tensors by name, and the columns that they read in float64."""

    dtypes: Mapping[str, str]
    read: Collection[str]


NOTHING_MADE = Made({}, ())


def export_model_input(
    graph: Graph, part: ModelInput, inputs: Sequence[GraphInput], made: Made = NOTHING_MADE
) -> Frame:
    """Numbers and booleans joined as float32, wide numbers and days since 1970 as float64.

    Derived features are tensors of their names. What is float64 for them alone gets its one cast here
    (DECISIONS 24).
    """
    dtypes: dict[str, str] = {each.name: each.dtype for each in inputs} | dict(made.dtypes)
    _check_dtypes(part, dtypes, {*made.dtypes, *made.read})
    used = [name for name in dtypes if name in part.numbers + part.booleans and name not in part.wide]
    narrow = tuple(name for name in used if dtypes[name] == "float32")
    exact = tuple(name for name in used if dtypes[name] == "float64")
    wide = tuple(name for name in dtypes if name in part.wide)
    moments = tuple(name for name in dtypes if name in part.datetimes)
    narrow_parts = [part for part in (_joined(graph, narrow, "float32"), _narrowed(graph, exact)) if part]
    wide_parts = [part for part in (_joined(graph, wide, "float64"), _days(graph, moments)) if part]
    return Frame(
        narrow=narrow + exact,
        wide=wide + moments,
        strings=tuple(part.strings),
        narrow_matrix=graph.side_by_side(narrow_parts) if narrow_parts else None,
        wide_matrix=graph.side_by_side(wide_parts) if wide_parts else None,
    )


def _narrowed(graph: Graph, names: Sequence[str]) -> Matrix | None:
    """float64 as float32; what lies beyond its range saturates, as in `ModelInput`."""
    if not names:
        return None
    joined = _side_by_side(graph, names)
    low, high = (graph.constant(bound, "float64") for bound in (-FLOAT32_MAX, FLOAT32_MAX))
    # Whether Clip passes NaN on depends on the runtime.
    inside = graph.add("Where", graph.add("IsNaN", joined), joined, graph.add("Clip", joined, low, high))
    return Matrix(graph.add("Cast", inside, to=ONNX_TYPES["float32"]), len(names), "float32")


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


def _check_dtypes(part: ModelInput, dtypes: dict[str, str], exact: Collection[str]) -> None:
    numbers = {name: ("float32", "float64")[: 1 + (name in exact)] for name in part.numbers + part.booleans}
    expected: dict[str, tuple[str, ...]] = dict(numbers)
    expected |= dict.fromkeys(part.wide, ("float64",)) | dict.fromkeys(part.datetimes, ("int64",))
    expected |= dict.fromkeys(part.strings, ("string",))
    for name, known in expected.items():
        if dtypes.get(name) not in known:
            raise ExportError(
                part,
                f"column {name} fitted as {known[0]}, {dtypes.get(name, 'absent')} in the contract",
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
