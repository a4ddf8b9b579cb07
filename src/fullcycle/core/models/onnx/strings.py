"""Categories as numbers: one lookup of all strings, then tables filled by the fitted encoder itself.

The encoder's meaning (unknown, rare, missing) is never written a second time: the fitted encoder is run on
every entry of its vocabulary and on one string it has not seen, and what it answers is the table.

One lookup holds the union of the vocabularies of several columns, so that a row costs one node and not
forty; columns are grouped so that a table (columns x vocabulary) stays small.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from fullcycle.core.models.onnx.graph import ML, ExportError, Graph, Matrix
from fullcycle.core.models.onnx.inputs import Strings

TABLE_ENTRIES_AT_MOST = 2**17  # 1 MB of int64 for each group of columns


@dataclass(frozen=True)
class Group:
    """Columns that share a lookup, by their position in the block; id 0 stands for any other string."""

    positions: tuple[int, ...]
    vocabulary: tuple[str, ...]


def export_encoder(graph: Graph, steps: Sequence[Any], strings: Strings) -> Matrix:
    """A block of string columns through `steps`: an encoder, perhaps behind a SimpleImputer."""
    encoder: Any = steps[-1]
    for step in steps[:-1]:
        if not isinstance(step, SimpleImputer) or step.add_indicator:
            raise ExportError(
                step, "this before an encoder of categories", "nothing, or a plain SimpleImputer"
            )
    sources = _sources(encoder)
    parts, order = [], []
    for group in group_columns([[str(entry) for entry in entries] for entries in encoder.categories_]):
        answers = _run_on_vocabulary(steps, strings, group)
        outputs = np.flatnonzero(np.isin(sources, group.positions))
        local = np.array([group.positions.index(source) for source in sources[outputs]], dtype=np.int64)
        ids = _lookup(graph, strings, group)
        emit = _one_hot if isinstance(encoder, OneHotEncoder) else _values
        parts.append(emit(graph, ids, local, answers[:, outputs], len(group.positions)))
        order.extend(outputs.tolist())
    return graph.columns(graph.side_by_side(parts), np.argsort(order).tolist())


def group_columns(vocabularies: Sequence[Sequence[str]]) -> list[Group]:
    """Neighbouring columns together while columns x united vocabulary stays under the limit.

    >>> [group.positions for group in group_columns([["a", "b"], ["b"], ["c"]])]
    [(0, 1, 2)]
    """
    groups: list[Group] = []
    positions: list[int] = []
    united: set[str] = set()
    for position, vocabulary in enumerate(vocabularies):
        wider = united | {"", *vocabulary}
        if positions and (len(positions) + 1) * (len(wider) + 1) > TABLE_ENTRIES_AT_MOST:
            groups.append(Group(tuple(positions), tuple(sorted(united))))
            positions, wider = [], {"", *vocabulary}
        positions, united = [*positions, position], wider
    return [*groups, Group(tuple(positions), tuple(sorted(united)))] if positions else groups


def _sources(encoder: Any) -> NDArray[np.int64]:
    """For each output column of an encoder, the position of the input column it comes from."""
    widths = WIDTHS.get(type(encoder))
    if widths is not None:
        return np.repeat(np.arange(len(encoder.categories_)), widths(encoder))
    known = ", ".join(kind.__name__ for kind in WIDTHS)
    raise ExportError(encoder, "an encoder of categories without an exporter", f"one of {known}")


def _one_hot_widths(encoder: OneHotEncoder) -> list[int]:
    infrequent = getattr(encoder, "infrequent_categories_", [None] * len(encoder.categories_))
    dropped = encoder.drop_idx_ if encoder.drop_idx_ is not None else [None] * len(encoder.categories_)
    return [
        len(entries) - (len(rare) - 1 if rare is not None else 0) - (drop is not None)
        for entries, rare, drop in zip(encoder.categories_, infrequent, dropped, strict=True)
    ]


def _target_widths(encoder: TargetEncoder) -> list[int]:
    return [len(encoder.classes_) if encoder.target_type_ == "multiclass" else 1] * len(encoder.categories_)


WIDTHS: dict[type, Callable[[Any], list[int]]] = {
    OneHotEncoder: _one_hot_widths,
    OrdinalEncoder: lambda encoder: [1] * len(encoder.categories_),
    TargetEncoder: _target_widths,
}


def _run_on_vocabulary(steps: Sequence[Any], strings: Strings, group: Group) -> NDArray[np.float64]:
    """What the fitted steps answer for each id, in every column: shape (1 + vocabulary, outputs)."""
    entries = pd.Series([_unseen(group.vocabulary), *group.vocabulary], dtype=object)
    values: Any = pd.DataFrame(dict.fromkeys(strings.columns, entries))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "unknown categories were found" is what we are here to see
            for step in steps:
                values = step.transform(values)
    except ValueError as error:
        raise ExportError(
            steps[-1], f"a failure on an unseen category ({error})", "handle_unknown"
        ) from error
    dense = values.toarray() if hasattr(values, "toarray") else values
    return np.asarray(dense, dtype=np.float64)


def _unseen(vocabulary: Sequence[str]) -> str:
    """A string that is no entry of a vocabulary."""
    unseen = "unseen"
    while unseen in vocabulary:
        unseen += "_"
    return unseen


def _lookup(graph: Graph, strings: Strings, group: Group) -> str:
    """Ids of shape [N, columns of the group]."""
    names = [strings.columns[position] for position in group.positions]
    joined = names[0] if len(names) == 1 else graph.add("Concat", *names, axis=1)
    return graph.add(
        "LabelEncoder",
        joined,
        domain=ML,
        keys_strings=list(group.vocabulary),
        values_int64s=list(range(1, len(group.vocabulary) + 1)),
        default_int64=0,
    )


def _one_hot(
    graph: Graph, ids: str, sources: NDArray[np.int64], answers: NDArray[np.float64], columns: int
) -> Matrix:
    """0/1 columns: ids to the code of a column (0 is all zeros), then compared with each output's code."""
    codes_of_outputs = np.concatenate(
        [np.arange(1, count + 1) for count in np.bincount(sources, minlength=columns)]
    )
    codes = np.zeros((columns, len(answers)), dtype=np.int64)
    entries, outputs = np.nonzero(answers)
    codes[sources[outputs], entries] = codes_of_outputs[outputs]
    found = graph.add(
        "Gather", graph.constant(codes.ravel(), "int64"), _offset(graph, ids, columns, len(answers))
    )
    spread = graph.add("Gather", found, graph.constant(sources, "int64"), axis=1)
    equal = graph.add("Equal", spread, graph.constant([codes_of_outputs], "int64"))
    return Matrix(equal, len(sources), "bool")


def _values(
    graph: Graph, ids: str, sources: NDArray[np.int64], answers: NDArray[np.float64], columns: int
) -> Matrix:
    """A float64 for each output, looked up by the id of its source column."""
    if len(sources) != columns or (sources != np.arange(columns)).any():
        ids = graph.add("Gather", ids, graph.constant(sources, "int64"), axis=1)
    table = graph.constant(answers.T.ravel(), "float64")
    name = graph.add("Gather", table, _offset(graph, ids, len(sources), len(answers)))
    return Matrix(name, len(sources), "float64")


def _offset(graph: Graph, ids: str, columns: int, entries: int) -> str:
    """Ids as positions in a table that holds one column after the other."""
    if columns == 1:
        return ids
    return graph.add("Add", ids, graph.constant([np.arange(columns) * entries], "int64"))
