"""A row to start from: what a request, a command or a page shows to somebody who has none yet."""

from __future__ import annotations

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import Raw

EXACT = 2.0**53  # whole numbers up to here are themselves as float64


def example_row(bundle: Bundle) -> dict[str, Raw]:
    """The golden row that looks most like a real one: ordinary, few values missing, none unexpected."""
    best: tuple[int, dict[str, Raw]] | None = None
    for golden in bundle.golden.rows:
        if golden.kind != "ordinary":
            continue
        odd = len(bundle.coerce(golden.row).marks) + sum(value is None for value in golden.values)
        if best is None or odd < best[0]:
            best = (odd, {name: _as_typed(value) for name, value in golden.row.items()})
    return best[1] if best else {column.name: None for column in bundle.contract.features}


def _as_typed(value: Raw) -> Raw:
    """A whole number without ".0", as people write it; the contract reads both alike."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < EXACT else value
