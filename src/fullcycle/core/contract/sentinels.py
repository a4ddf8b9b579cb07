"""Numbers that may stand for "missing": the lowest or highest, apart from the others, or impossible ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Sentinel
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding

if TYPE_CHECKING:
    from fullcycle.core.contract.survey import ColumnSurvey

SENTINEL_ROWS = 2  # of a low number that is common elsewhere, such as -1
SIGNED_BELOW = 10.0  # -1 and 1, or -9 to 9, are marks on a scale
IMPOSSIBLE_SHARE = 0.05  # of the numbers at most are slips; more say that the name means something else


def sentinels_of(column: ColumnSurvey) -> tuple[Sentinel, ...]:
    """The lowest or highest number, where it is a usual code and stands apart from the others."""
    found = []
    low, above, high, below = column.low, column.above_low, column.high, column.below_high
    if column.low_rows and above is not None and low is not None and _stands_below(column):
        rare_elsewhere = low <= -99
        if rare_elsewhere or column.low_rows >= SENTINEL_ROWS:
            found.append(Sentinel(value=f"{low:.0f}", rows=column.low_rows))
    if column.high_rows >= SENTINEL_ROWS and below is not None and high is not None and below * 2 <= high:
        found.append(Sentinel(value=f"{high:.0f}", rows=column.high_rows))
    known = {sentinel.value for sentinel in found}
    few = sum(column.impossible.values()) <= IMPOSSIBLE_SHARE * column.numbers
    impossible = [Sentinel(value=f"{value:.17g}", rows=rows) for value, rows in column.impossible.items()]
    return (*found, *(sentinel for sentinel in impossible if few and sentinel.value not in known))


def _stands_below(column: ColumnSurvey) -> bool:
    """Whether the lowest number is far from the others: none of them is negative, or all are closer together.

    On a scale with a sign, such as -1, 0 and 1, it is one of them.
    """
    low, above, high = column.low, column.above_low, column.high
    if low is None or above is None or high is None or high <= -low < SIGNED_BELOW:
        return False
    return above >= 0 or above - low > high - above


def suspects(name: str, sentinels: Sequence[Sentinel]) -> list[Finding]:
    """A warning for each."""
    return [
        finding(Code.sentinel_suspect, Severity.warning, name, value=suspect.value, rows=suspect.rows)
        for suspect in sentinels
    ]
