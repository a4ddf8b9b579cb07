"""Which columns rows are put together by: disjoint keys, each of which nearly tells rows apart.

Two rows that differ in fewer cells than there are keys agree in all of one key at least, so that every such
pair is in one block. A table whose columns say too little for two keys has no near-duplicates that could be
told from rows that are alike by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Column, Contract, Role
from fullcycle.core.engines.functions import hash_of
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import fetch, tall_table

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

MEASURED_ROWS, MEASURED_CELLS = 20_000, 2_000_000
KEYS = 3  # so that two cells may differ
LEAST_COLUMNS = 4  # fewer can't agree in much
SPARE_BITS = 8.0  # columns are added to a key up to the bits that tell all rows apart, and these
LACKING_BITS = 1.0


def compared_columns(contract: Contract) -> tuple[Column, ...]:
    """What makes a row the row it is. An identifier names it anew where it is entered a second time."""
    aside = (Role.identifier, Role.constant, Role.ignore)
    return tuple(column for column in contract.columns if column.role not in aside)


def folded(cell: ir.Value) -> ir.Value:
    """Texts without case and spaces, anything else as it is."""
    return cell.lower().replace(" ", "") if cell.type().is_string() else cell


def sampled(table: ibis.Table, columns: int, rows: int) -> ibis.Table:
    """Every n-th row of a long table: enough to know how a column's values are spread."""
    some = min(MEASURED_ROWS, max(MEASURED_CELLS // max(columns, 1), 1_000))
    return table.filter(table[ROW] % (rows // some) == 0) if rows > some else table


def information(sample: ibis.Table, names: Sequence[str]) -> dict[str, float]:
    """Bits that a column's agreement in two rows is worth: collision entropy (Renyi 1961)."""
    tall = tall_table(sample, {name: hash_of(folded(sample[name])) for name in names})
    counts = tall.group_by("c", "v").aggregate(n=tall.count())
    sizes = counts.group_by("c").aggregate(
        pairs=(counts.n * (counts.n - 1)).sum().cast("float64"), rows=counts.n.sum().cast("float64")
    )
    found = {int(row["c"]): _bits(row["pairs"], row["rows"]) for row in fetch(sizes)}
    return {name: found.get(place, 0.0) for place, name in enumerate(names)}


def _bits(pairs: float, rows: float) -> float:
    """Of a column without any two equal values at least so much is known."""
    return log2(max(rows * (rows - 1), 1.0) / max(pairs, 2.0)) if rows > 1 else 0.0


def blocking_keys(bits: Mapping[str, float], rows: int) -> list[list[str]]:
    """Three disjoint keys, or two, or none if columns say too little."""
    if len(bits) < LEAST_COLUMNS or rows < 2:
        return []
    needed = log2(rows)
    for number in (KEYS, KEYS - 1):
        keys = _dealt(bits, number, needed + SPARE_BITS)
        if all(sum(bits[name] for name in key) >= needed - LACKING_BITS for key in keys):
            return keys
    return []


def _dealt(bits: Mapping[str, float], number: int, enough: float) -> list[list[str]]:
    """Columns dealt out, the one that says most first, each to the key that has least."""
    keys: list[list[str]] = [[] for _ in range(number)]
    for name in sorted(bits, key=lambda name: (-bits[name], name)):
        poorest = min(keys, key=lambda key: sum(bits[each] for each in key))
        if sum(bits[each] for each in poorest) >= enough:
            break
        poorest.append(name)
    return keys
