"""The first step of a candidate whose project has features: columns derived from columns.

Training reads them from the table, where DuckDB has made them (`frame.read_frame`); whoever calls the fitted
pipeline with contract columns alone gets them made here, by the same expression. The graph has its own nodes,
and the proof compares the two on every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from fullcycle.core.contract.model import ColumnType, Contract
from fullcycle.core.features.compile import with_features
from fullcycle.core.features.lookups import Lookup
from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import KIND_OF, Kind, Node

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

Plain = dict[str, dict[str, list[Any]]]  # lookups as what every pickle can hold


class DerivedFeatures(TransformerMixin, BaseEstimator):
    """A coerced frame with a column for each feature; columns that are there already stay as they are.

    `expressions` are texts by name, `kinds` the contract types of the columns that they read, `lookups` the
    columns of each table, its key first.
    """

    def __init__(
        self,
        expressions: dict[str, str] | None = None,
        kinds: dict[str, str] | None = None,
        lookups: Plain | None = None,
    ) -> None:
        self.expressions, self.kinds, self.lookups = expressions, kinds, lookups

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        self.fitted_ = True
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        import pyarrow as pa

        from fullcycle.core.engines.tables import ROW, from_arrow

        if all(name in X.columns for name in self.expressions or {}):
            return X
        columns = {name: _as_arrow(X[name], kind) for name, kind in (self.kinds or {}).items()}
        table = pa.table({**columns, ROW: pa.array(np.arange(len(X), dtype=np.int64))})
        return pd.concat([X, self.frame(from_arrow(table), X.index)], axis=1)

    def frame(self, table: ibis.Table, index: pd.Index) -> pd.DataFrame:
        """The features of a coerced table in the order of its row number: NaN, None or NaT where missing."""
        from fullcycle.core.engines.tables import ROW, connect, from_arrow

        lookups = {name: from_arrow(lookup.table) for name, lookup in self.tables().items()}
        trees = self.trees()
        made = with_features(table.select(ROW, *(self.kinds or {})), trees, lookups).order_by(ROW)
        answers = connect().to_pyarrow(made.select(*trees))
        return pd.DataFrame(
            {name: _as_pandas(answers[name], tree.kind) for name, tree in trees.items()}, index=index
        )

    def trees(self) -> dict[str, Node]:
        """The expressions, parsed; each may use those before it."""
        kinds = {name: KIND_OF[ColumnType(kind)] for name, kind in (self.kinds or {}).items()}
        known = {name: lookup.kinds() for name, lookup in self.tables().items()}
        made: dict[str, Node] = {}
        for name, text in (self.expressions or {}).items():
            made[name] = parse(text, Vocabulary(kinds, lookups=known, features=dict(made)))
        return made

    def tables(self) -> dict[str, Lookup]:
        """The lookups as Arrow tables."""
        import pyarrow as pa

        return {name: Lookup(name, pa.table(columns)) for name, columns in (self.lookups or {}).items()}


def derived_features(contract: Contract) -> DerivedFeatures | None:
    """The step for a contract; None where nothing is derived."""
    if not contract.derived:
        return None
    read = {name for each in contract.derived for name in each.columns}
    return DerivedFeatures(
        expressions={each.name: each.expression for each in contract.derived},
        kinds={column.name: column.type.value for column in contract.columns if column.name in read},
        lookups={
            name: {column: list(values) for column, values in table.items()}
            for name, table in contract.lookups.items()
        },
    )


def _as_pandas(values: pa.ChunkedArray, kind: Kind) -> Any:
    match kind:
        case Kind.number:
            return values.to_numpy()
        case Kind.time:
            return values.cast("timestamp[us]").to_numpy().astype("datetime64[us]")
    return np.array(values.to_pylist(), dtype=object)


def _as_arrow(values: pd.Series, kind: str) -> Any:
    import pyarrow as pa

    types = {"numeric": pa.float64(), "boolean": pa.bool_(), "categorical": pa.string()}
    if kind == "categorical":
        values = values.replace("", None)  # an empty text is missing, as it is in the graph
    array = pa.array(values.to_numpy(), type=types.get(kind, pa.timestamp("us")), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
