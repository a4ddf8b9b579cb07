"""Sums of floats that are the same in any order, and so on any number of threads.

A float added to a float loses bits that depend on what came before. Whole numbers don't: DuckDB adds int64
in 128 bits. So a number in [-1, 1] is counted in steps of 2^-62 and the counts are added. Each row is off by
half a step at most: where the number is above 2^-9 in size, less than its own last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis.expr.types as ir

STEPS = 2.0**62  # 1.0 becomes the largest power of two below the largest int64
HALF = 31  # bits: sums of so many halves of 62 stay within 64

Fraction = TypeVar("Fraction", "ir.NumericValue", NDArray[np.float64])


def exact_sum(fraction: ir.NumericValue, where: ir.BooleanValue | None = None) -> ir.NumericScalar:
    """The sum of a number in [-1, 1], the same in any order of rows; null without rows."""
    return (fraction * STEPS).cast("int64").sum(where=where).cast("float64") / STEPS


def exact_total(fractions: NDArray[np.float64]) -> float:
    """The same sum of an array, shape (n,), for n below 2^32; 0 without numbers."""
    steps = np.rint(fractions * STEPS).astype(np.int64)
    high, low = int((steps >> HALF).sum()), int((steps & (2**HALF - 1)).sum())
    return float((high << HALF) + low) / STEPS


def powers(fraction: Fraction, highest: int) -> list[Fraction]:
    """The first to the `highest` power by multiplication: POWER is three times slower."""
    found = [fraction]
    while len(found) < highest:
        found.append(found[-1] * fraction)
    return found
