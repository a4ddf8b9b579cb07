"""Required columns, at the border where a source comes in."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Contract
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import ibis


def require_columns(table: ibis.Table, contract: Contract, where: str) -> None:
    """UserError that names the source, its absent columns and what may be meant instead."""
    there = [name for name in table.columns if name != ROW]
    absent = [c.name for c in contract.columns if c.required and c.name not in there]
    if not absent:
        return
    near = get_close_matches(absent[0], there, n=1)
    like = f"; {absent[0]!r} may be {near[0]!r} there" if near else ""
    raise UserError(
        where=where,
        found=f"no column {', '.join(map(repr, absent[:5]))}"
        + (f" and {len(absent) - 5} more" * (len(absent) > 5)),
        expected="every column that contract.yaml requires",
        hint=f"add it to the source, or set `required: false` for it in contract.yaml{like}",
    )
