"""Lookup tables: a small table joined by one key, the only thing of a feature that stands outside it.

The whole table is stored inside the graph: keys to places by a LabelEncoder, places to values by a Gather
whose last entry is the missing value.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fullcycle.core.contract.grammar import clean_text
from fullcycle.core.errors import UserError
from fullcycle.core.features.nodes import Nodes, Tensor
from fullcycle.core.features.tree import Found, Kind

if TYPE_CHECKING:
    import pyarrow as pa

CELLS_AT_MOST = 200_000  # of one lookup; a number takes 8 bytes in the graph
ML = "ai.onnx.ml"


@dataclass(frozen=True, eq=False)
class Lookup:
    """A table whose first column is the key: text, each value once. Other columns are text or float64."""

    name: str
    table: pa.Table

    @property
    def key(self) -> str:
        return str(self.table.column_names[0])

    def columns(self) -> dict[str, tuple[str | float | None, ...]]:
        """As the contract keeps it: plain columns, the key first."""
        return {name: tuple(values) for name, values in self.table.to_pydict().items()}

    def kinds(self) -> tuple[Kind, dict[str, Kind]]:
        """The kind of the key, and of the columns that can be looked up."""
        import pyarrow as pa

        texts = {field.name: pa.types.is_string(field.type) for field in self.table.schema}
        return Kind.text, {
            name: Kind.text if text else Kind.number for name, text in texts.items() if name != self.key
        }

    def into_graph(self, nodes: Nodes, part: Found, key: Tensor) -> Tensor:
        """The value of a column by key, missing where the key is missing or unknown."""
        keys = [str(value) for value in self.table[self.key].to_pylist()]
        place = nodes.add(
            "LabelEncoder",
            key.name,
            domain=ML,
            keys_strings=keys,
            values_int64s=list(range(len(keys))),
            default_int64=len(keys),
        )
        values = self.table[part.column].to_pylist()
        if part.kind is Kind.text:
            listed = nodes.constant([value or "" for value in (*values, None)], "string")
        else:
            numbers = [np.nan if value is None else value for value in (*values, None)]
            listed = nodes.constant(numbers, "float64")
        return Tensor(nodes.add("Gather", listed, place, axis=0), part.kind)


def lookup_of(name: str, table: pa.Table, key: str, where: str) -> Lookup:
    """A lookup from an Arrow table; rows without a key are left out.

    Raises UserError for a key that is absent or repeated, for columns that are neither numbers nor texts, and
    for a table that is too large to travel in a graph.
    """
    if key not in table.column_names:
        raise UserError(
            where=where,
            found=f"no column {key!r} in the table of lookup {name}",
            expected="its key, one of " + ", ".join(table.column_names[:20]),
        )
    cells = table.num_rows * table.num_columns
    if cells > CELLS_AT_MOST:
        raise UserError(
            where=where,
            found=f"{table.num_rows:,} rows x {table.num_columns} columns in lookup {name}",
            expected=f"at most {CELLS_AT_MOST:,} cells, as the table travels inside the graph",
            hint="name fewer columns in `columns`, or join the table to the data with `data.joins`",
        )
    ordered = [key, *(column for column in table.column_names if column != key)]
    plain = table.select(ordered)
    for at, column in enumerate(ordered):
        plain = plain.set_column(at, column, _plain(plain[column], column, name, where, is_key=column == key))
    return Lookup(name, _checked_keys(plain, name, where).sort_by(key))


def _plain(values: Any, column: str, name: str, where: str, *, is_key: bool) -> Any:
    """Texts as they are, "" as missing, and numbers as float64; whole numbers of a key without ".0"."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        # pyarrow's own utf8_normalize takes letters apart where NFC puts them together.
        return pa.array([(value and clean_text(value)) or None for value in values.to_pylist()], pa.string())
    if is_key and pa.types.is_integer(kind):
        return values.cast(pa.string())
    if not is_key and (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        numbers = values.cast(pa.float64())
        return pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))
    raise UserError(
        where=where,
        found=f"column {column} of type {kind} in lookup {name}",
        expected="a text or a whole number as the key" if is_key else "numbers or texts",
        hint="leave it out: name the others in `columns`",
    )


def _checked_keys(table: pa.Table, name: str, where: str) -> pa.Table:
    import pyarrow.compute as pc

    keys = table.column(0).to_pylist()
    known = table.filter(pc.and_(pc.is_valid(table.column(0)), pc.not_equal(table.column(0), "")))
    repeated = [key for key, rows in Counter(keys).items() if rows > 1 and key]
    if repeated:
        raise UserError(
            where=where,
            found=f"{len(repeated)} keys that several rows of lookup {name} have, such as {repeated[0]!r}",
            expected="each key once: a lookup gives one value",
        )
    return known
