"""Sums of floats that are the same in any order, and so on any number of threads.

A float added to a float loses bits that depend on what came before. Whole numbers don't: DuckDB adds int64
in 128 bits. So a number in [-1, 1] is counted in steps of 2^-62 and the counts are added. Each row is off by
half a step at most: where the number is above 2^-9 in size, less than its own last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

STEPS = 2.0**62  # 1.0 becomes the largest power of two below the largest int64


def exact_sum(fraction: ir.NumericValue, where: ir.BooleanValue | None = None) -> ir.NumericScalar:
    """The sum of a number in [-1, 1], the same in any order of rows; null without rows."""
    return (fraction * STEPS).cast("int64").sum(where=where).cast("float64") / STEPS


def powers(fraction: ir.NumericValue, highest: int) -> list[ir.NumericValue]:
    """The first to the `highest` power by multiplication: POWER is three times slower."""
    found = [fraction]
    while len(found) < highest:
        found.append(found[-1] * fraction)
    return found
